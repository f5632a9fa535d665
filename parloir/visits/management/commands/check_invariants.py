"""Recount every counter and relation in the database."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from parloir.visits.queries.invariants import broken_invariants


class Command(BaseCommand):
    help = "Recount every counter and relation; one line an invariant; exit 1 if any is not 0."

    def handle(self, *args: object, **options: object) -> None:
        broken = 0
        for name, count in broken_invariants(now=timezone.now()):
            self.stdout.write(f"{name}: {count}")
            broken += count
        if broken:
            raise SystemExit(1)

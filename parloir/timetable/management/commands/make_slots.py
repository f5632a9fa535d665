"""Make the slots of the days to come from the weekly sessions; idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand
from django.utils import timezone

from parloir.timetable.operations import make_slots
from parloir.timetable.rules import HORIZON_DAYS

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Make slots 60 days ahead from the weekly sessions; sold slots are never touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=HORIZON_DAYS, help="how many days ahead (60)")

    def handle(self, *, days: int, **_options: object) -> None:
        made = make_slots(now=timezone.now(), days=days)
        self.stdout.write(
            f"slots: created={made.created} updated={made.updated} removed={made.removed} "
            f"withdrawn={made.withdrawn} kept={made.kept}"
        )

"""Load the referential of establishments: run at set-up and after each release, as often as wished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import REFERENTIAL, read_referential

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Load the 186 prisons and their wings; a booking policy that exists is never changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=REFERENTIAL, help="another referential file (CSV)")

    def handle(self, *, file: Path, **_options: object) -> None:
        try:
            facts = read_referential(file)
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"{file} could not be read: {error}") from error
        loaded = load_establishments(facts=facts, now=timezone.now())
        self.stdout.write(
            f"establishments: created={loaded.created} updated={loaded.updated} unchanged={loaded.unchanged} "
            f"unlisted={loaded.unlisted}; wings created={loaded.wings_created}; "
            f"policies created={loaded.policies_created}"
        )

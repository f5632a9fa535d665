"""Do what must be done before the product starts, and no more than what changed since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from parloir.demo import operations
from parloir.foundation import assets
from parloir.foundation.readiness import what_is_missing

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Compile the translations, collect the static files, migrate, load the demonstration's data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--files-only", action="store_true", help="leave the database alone")

    def handle(self, *args: object, files_only: bool, **options: object) -> None:
        if not files_only:
            _refuse_real_life()
        call_command("compile_translations", verbosity=0)
        if not assets.are_current():
            call_command("collectstatic", verbosity=0, interactive=False)
        if files_only:
            return
        if what_is_missing():
            call_command("migrate", verbosity=0, interactive=False)
        call_command("load_demo")


def _refuse_real_life() -> None:
    try:
        operations.refuse_real_life()
    except operations.NotADemonstrationError as refused:
        raise CommandError(str(refused)) from None

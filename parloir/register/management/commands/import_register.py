"""Apply files of the register's feed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from parloir.register.importer import Counts, import_file


class Command(BaseCommand):
    help = "Apply files of the register’s feed (JSON Lines); rejected lines are listed in FILE.rejected.jsonl."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        counts, read_through = Counts(), True
        for path in files:
            try:
                import_file(path, counts=counts, clock=timezone.now)
            except OSError as error:
                self.stderr.write(f"{path}: {error.strerror}")
                read_through = False
            except DatabaseError as error:
                # Its own message would quote the values of a row.
                self.stderr.write(f"{path}: stopped by the database ({type(error).__name__}); run it again")
                read_through = False
                break
        self.stdout.write(str(counts))
        if not read_through:
            sys.exit(1)

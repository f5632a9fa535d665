"""Write an invented register in the format of the feed, from a few hundred detained people to the nation's 90,000."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand
from django.utils import timezone

from parloir.demo.feed import feed_lines
from parloir.establishments.referential import read_referential

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Write an invented register: the same size, seed and day give the same lines."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--detainees", type=int, default=300, help="how many detained people (300)")
        parser.add_argument("--seed", type=int, default=1, help="what the dice are thrown from (1)")
        parser.add_argument("--output", type=Path, help="where to write; standard output otherwise")
        parser.add_argument("--as-of", type=date.fromisoformat, help="the register's day, YYYY-MM-DD (today)")

    def handle(self, *, detainees: int, seed: int, output: Path | None, as_of: date | None, **_options: object) -> None:
        day = as_of or timezone.now().date()
        lines = feed_lines(detainees=detainees, seed=seed, as_of=day, facts=read_referential())
        with output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout) as file:
            file.writelines(f"{line}\n" for line in lines)

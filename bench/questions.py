"""The search of the help pages: server time of the written queries, page included, one after the other.

Alone: ``python -m parloir.demo.postgres run --data bench-questions -- .venv/bin/python -m bench.questions``.
"""

from __future__ import annotations

import csv
import logging
import os
import time
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
ROUNDS = 5


def measure() -> list[tuple[str, str]]:
    """Load the questions, then time every query by itself and as a page."""
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from parloir.content.documents import read_questions
    from parloir.content.operations import load_questions
    from parloir.content.search import search

    began = time.perf_counter()
    load_questions(facts=read_questions(), now=timezone.now())
    rows = [("questions loaded", f"{time.perf_counter() - began:.1f} s")]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE content_version, content_question, content_word")
    quiet: dict[tuple[str, str], float] = {}
    quiet_page: dict[tuple[str, str], float] = {}
    client = Client(headers={"host": "127.0.0.1"})
    alone, page = [], []
    for _round in range(ROUNDS):
        for language, query in _queries():
            began = time.perf_counter()
            search(query, language)
            alone.append((time.perf_counter() - began) * 1000)
            quiet[language, query] = min(alone[-1], quiet.get((language, query), alone[-1]))
            began = time.perf_counter()
            client.get("/aide/", {"q": query}, headers={"accept-language": language})
            page.append((time.perf_counter() - began) * 1000)
            quiet_page[language, query] = min(page[-1], quiet_page.get((language, query), page[-1]))
    return [
        *rows,
        ("search of the help pages", _said(alone)),
        (f"its best of {ROUNDS}, whatever else the machine did", _said(list(quiet.values()))),
        ("the page of its results", _said(page)),
        (f"its best of {ROUNDS}", _said(list(quiet_page.values()))),
    ]


def _queries() -> list[tuple[str, str]]:
    """Return the written queries; only their time is looked at here."""
    found = []
    for name in ("open", "locked", "second", "third_open", "third_locked", "fourth"):
        with (ROOT / "tests" / "content" / f"queries_{name}.csv").open(encoding="utf-8", newline="") as file:
            found += [(row["language"], row["query"]) for row in csv.DictReader(file)]
    return found


def _said(times: list[float]) -> str:
    return f"median {median(times):.1f} ms, p95 {quantiles(times, n=100)[94]:.1f} ms, {len(times)} queries"


def main() -> None:
    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    for what, figure in measure():
        print(f"{what:<48} {figure}")


if __name__ == "__main__":
    main()

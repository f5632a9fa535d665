"""Run the benchmarks on national sizes: ``make bench``; writes ``bench/results/`` and prints the table.

Options: ``--detainees N`` (default 90,000), ``--rounds N`` (default 3), ``--keep`` (reuse the data of the last run).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from parloir.demo import postgres

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detainees", type=int, default=90_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    if not options.keep:
        postgres.drop(name="bench")
    with postgres.running(name="bench", durable=True) as url:
        os.environ["DATABASE_URL"] = url
        import django

        django.setup()
        logging.disable(logging.CRITICAL)  # thousands of requests would each leave a line between the figures
        from bench import engine, journey, load, national, questions

        rows: list[tuple[str, str]] = []
        if not options.keep:
            rows += national.measure(detainees=options.detainees)
        families = journey.prepare(count=4_000)
        rows += journey.measure(families[:200])
        rows += engine.measure(families[200:400])
        rows += load.measure(families[400:], rounds=options.rounds)
        rows += national.recount()
        rows += questions.measure()
    publish(rows)
    return 0


def publish(rows: list[tuple[str, str]]) -> None:
    """Print the table and keep it."""
    width = max(len(what) for what, _ in rows)
    for what, figure in rows:
        print(f"{what:<{width}}  {figure}")
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(tz=UTC)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = f"# {at:%Y-%m-%d %H:%M} UTC · {machine}\n\nCommand: `make bench ARGS='{' '.join(sys.argv[1:])}'`\n\n"
    table = "".join(f"| {what} | {figure} |\n" for what, figure in rows)
    (RESULTS / "latest.md").write_text(f"{head}| what | figure |\n|---|---|\n{table}")
    (RESULTS / "latest.json").write_text(json.dumps({"at": at.isoformat(), "rows": rows}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    raise SystemExit(main())

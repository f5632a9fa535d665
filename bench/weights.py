"""What public pages weigh: each kind alone, and a first visit with all that it asks for.

Alone: ``python -m parloir.demo.postgres run --data bench-weights -- .venv/bin/python -m bench.weights``.
"""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.test import Client

PAGES = [
    ("home", "/"),
    ("all establishments", "/etablissements/"),
    ("search of establishments", "/etablissements/?q=marseille"),
    ("sheet of an establishment", "/etablissements/ma-dijon/"),
    ("the largest sheet", "/etablissements/cp-fleury-merogis/"),
    ("the map", "/etablissements/carte/"),
    ("map around one", "/etablissements/carte/cp-fleury-merogis/"),
    ("help", "/aide/"),
    ("search of the help", "/aide/?q=linge"),
    ("section of the help", "/aide/visites/"),
    ("answer", "/aide/visites/linge/"),
    ("contact", "/contact/"),
    ("contact of an establishment", "/contact/rendez-vous/ma-dijon/"),
    ("posters", "/affiches/"),
    ("accessibility statement", "/accessibilite/"),
    ("personal data", "/donnees-personnelles/"),
    ("site map", "/plan-du-site/"),
    ("not found", "/rien/"),
]
_ASKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def measure() -> list[str]:
    """Load every establishment and question, then weigh each page and what it asks for, as a browser is sent them."""
    from django.test import Client
    from django.utils import timezone

    from parloir.content.documents import read_questions
    from parloir.content.operations import load_questions
    from parloir.establishments.operations import load_establishments
    from parloir.establishments.referential import read_referential

    load_establishments(facts=read_referential(), now=timezone.now())
    load_questions(facts=read_questions(), now=timezone.now())
    client = Client(headers={"host": "127.0.0.1", "accept-encoding": "gzip, br"})
    rows = ["| page | HTML | compressed | first visit |", "|---|---:|---:|---:|"]
    for name, path in PAGES:
        squeezed = client.get(path)
        plain = client.get(path, headers={"accept-encoding": "identity"}).content
        asked = _asked_by(client, plain.decode())
        total = len(squeezed.content) + sum(asked.values())
        rows.append(f"| {name} | {_kb(len(plain))} | {_kb(len(squeezed.content))} | {_kb(total)} |")
    rows += ["", "| file | compressed |", "|---|---:|"]
    page = client.get("/", headers={"accept-encoding": "identity"}).content.decode()
    return [*rows, *(f"| {_bare(path)} | {_kb(size)} |" for path, size in sorted(_asked_by(client, page).items()))]


def _asked_by(client: Client, html: str) -> dict[str, int]:
    """Return what a page asks for at once: style sheet, scripts, fonts, drawings."""
    return {path: len(b"".join(cast("Iterable[bytes]", client.get(path)))) for path in set(_ASKED.findall(html))}


def _bare(path: str) -> str:
    return re.sub(r"\.[0-9a-f]{12}\.", ".", path.removeprefix("/static/parloir/"))


def _kb(size: int) -> str:
    return f"{size / 1000:.1f} kB"


def main() -> None:
    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print("\n".join(measure()))


if __name__ == "__main__":
    main()

"""What the register's news costs when half of it is about people with visits to come.

Alone, on a small database of its own: ``.venv/bin/python -m bench.news``.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from parloir.establishments.models import Wing

PEOPLE = 1_000
WINGS = 20
PLACES = 5


def main() -> int:
    from parloir.demo import postgres

    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    postgres.drop(name="bench-news")
    with postgres.running(name="bench-news", durable=True) as url:
        os.environ["DATABASE_URL"] = url
        import django

        django.setup()
        logging.disable(logging.CRITICAL)
        from django.core.management import call_command
        from django.utils import timezone

        from parloir.demo import operations

        call_command("migrate", verbosity=0)
        operations.load_places(now=timezone.now())
        for what, figure in measure():
            print(f"{what}  {figure}")
    return 0


def measure() -> list[tuple[str, str]]:
    """Make people of whom half have a visit to come, then tell one line about each, twice."""
    from django.utils import timezone

    now = timezone.now()
    wings = _wings()
    began = now - timedelta(days=10)
    _import(lambda n: _detainee(n, wings[n % WINGS], began))
    _import(lambda n: _permit(n, began))
    _book(wings, now=now)
    far = {"from": f"{now + timedelta(days=50):%Y-%m-%d}", "until": f"{now + timedelta(days=51):%Y-%m-%d}"}
    news: dict[str, Callable[[int], dict[str, Any]]] = {
        "a restriction on other days, visits stay": lambda n: _told("restriction", n, began, kind="no_visits", **far),
        "a hospital stay, visits end": lambda n: _told("movement", n, began, kind="hospital"),
    }
    return [
        (f"{PEOPLE} lines, half about people with a visit: {what}", f"{_import(line):.1f} s")
        for what, line in news.items()
    ]


def _import(line: Callable[[int], dict[str, Any]]) -> float:
    """Import a line about each person; return how many seconds it took."""
    from django.utils import timezone

    from parloir.register.importer import Counts, import_file

    with tempfile.TemporaryDirectory() as folder:
        feed, counts = Path(folder) / "news.jsonl", Counts()
        feed.write_text("".join(f"{json.dumps(line(n))}\n" for n in range(PEOPLE)), encoding="utf-8")
        began = time.perf_counter()
        import_file(feed, counts=counts, clock=timezone.now)
        seconds = time.perf_counter() - began
    if counts.accepted != PEOPLE:
        raise SystemExit(f"the bench's own feed was refused: {counts}")
    return seconds


def _wings() -> list[Wing]:
    from parloir.establishments.models import Wing

    open_online = Wing.objects.filter(establishment__online_booking="open", establishment__time_zone="Europe/Paris")
    return list(open_online.select_related("establishment").order_by("pk")[:WINGS])


def _book(wings: list[Wing], *, now: datetime) -> None:
    """Book one visit for the first half of the people, each in the wing where they are."""
    from parloir.establishments.rules import Channel
    from parloir.people.models import Account
    from parloir.permits.models import Permit, Registration
    from parloir.timetable.models import Slot
    from parloir.visits.operations import Wish, book_visit

    day = (now + timedelta(days=10)).replace(hour=8, minute=0, second=0, microsecond=0)
    for n in range(PEOPLE // 2):
        hour = day + timedelta(hours=n // WINGS // PLACES)
        slot, _ = Slot.objects.get_or_create(
            wing=wings[n % WINGS],
            starts_at=hour,
            defaults={"ends_at": hour + timedelta(minutes=45), "local_date": hour.date(), "capacity": PLACES},
        )
        permit = Permit.objects.get(number=f"BANC-P{n}")
        account = Account.objects.create(
            issuer="bench",
            sub=f"news-{n}",
            birth_name="BANC",
            first_names=["Essai"],
            birth_date="1980-01-01",
            created_at=now,
        )
        Registration.objects.create(account=account, permit=permit, holding="own", registered_at=now)
        wish = Wish(
            detainee_id=permit.detainee_id,
            slot_id=slot.pk,
            permit_ids=frozenset({permit.pk}),
            idempotency_key=f"news-{n}",
        )
        book_visit(booker=account, wish=wish, channel=Channel.ONLINE, now=now)


def _told(kind_of_line: str, n: int, at: datetime, **about: Any) -> dict[str, Any]:
    return {"type": kind_of_line, "at": at.isoformat(), "committal_number": f"BANC-D{n}"} | about


def _detainee(n: int, wing: Wing, at: datetime) -> dict[str, Any]:
    person = {"birth_name": "BANC", "use_name": None, "first_names": ["Essai"], "birth_date": "1980-01-01"}
    place = {"establishment": wing.establishment.slug, "wing": wing.code}
    return _told("detainee", n, at, category="condamne") | place | person


def _permit(n: int, at: datetime) -> dict[str, Any]:
    person = {"birth_name": "BANC", "use_name": None, "first_names": ["Essai"], "birth_date": "1980-01-01"}
    return _told(
        "permit",
        n,
        at,
        number=f"BANC-P{n}",
        status="active",
        suspended_until=None,
        issued_by="chef_etablissement",
        relationship="conjoint",
        visitor={"id": f"BANC-V{n}"} | person,
        valid_from="2020-01-01",
        valid_until=None,
        visits_allowed=None,
        weekdays=None,
        separated=False,
        alone_from_16=False,
    )


if __name__ == "__main__":
    raise SystemExit(main())

"""An invented register of any size, in the format of the feed: the same seed, size and day write the same lines.

Lines are made one family at a time and forgotten, so the size costs no memory.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from parloir.demo.extras import EXTRAS
from parloir.demo.household import household_lines, new_drawing
from parloir.demo.personas import known_permits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parloir.demo.household import Line
    from parloir.demo.people import Detained, KnownPermit
    from parloir.establishments.referential import EstablishmentFacts


def feed_lines(*, detainees: int, seed: int, as_of: date, facts: Sequence[EstablishmentFacts]) -> Iterator[str]:
    """Yield the JSON lines of a register, the personas' first. Every instant precedes ``as_of``."""
    for line in persona_lines(as_of=as_of):
        yield written(line)
    drawing = new_drawing(detainees=detainees, seed=seed, as_of=as_of, facts=facts)
    for index in range(detainees):
        for line in household_lines(drawing, index):
            yield written(line)


def written(line: Line) -> str:
    """Write one line as the feed has it."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def persona_lines(*, as_of: date) -> Iterator[Line]:
    """Yield the lines of the personas and of those who fill places beside them: the same whatever the seed."""
    told: set[str] = set()
    long_ago = datetime.combine(as_of - timedelta(days=60), time(8), tzinfo=UTC)
    for permit in chain(known_permits(), *(extra.permits for extra in EXTRAS)):
        detained = permit.detained
        if detained.number not in told:
            told.add(detained.number)
            yield _line_of(detained, long_ago)
            yield from _transfer_of(detained, as_of)
        yield _line_of_permit(permit, as_of, long_ago + timedelta(minutes=1))


def _line_of(detained: Detained, at: datetime) -> Line:
    return {
        "type": "detainee",
        "at": at.isoformat(),
        "committal_number": detained.number,
        "establishment": detained.establishment,
        "wing": detained.wing,
        "birth_name": detained.birth_name,
        "use_name": None,
        "first_names": list(detained.first_names),
        "birth_date": detained.birth_date.isoformat(),
        "category": detained.category,
    }


def _transfer_of(detained: Detained, as_of: date) -> Iterator[Line]:
    if detained.transfer is None:
        return
    establishment, wing = detained.transfer
    yield {
        "type": "movement",
        "at": datetime.combine(as_of - timedelta(days=2), time(9), tzinfo=UTC).isoformat(),
        "committal_number": detained.number,
        "kind": "transfer",
        "establishment": establishment,
        "wing": wing,
        "new_committal_number": None,
        "disclose_from": (as_of + timedelta(days=detained.disclosed_after_days)).isoformat(),
    }


def _line_of_permit(permit: KnownPermit, as_of: date, at: datetime) -> Line:
    days = permit.suspended_for_days
    return {
        "type": "permit",
        "at": at.isoformat(),
        "number": permit.number,
        "committal_number": permit.detained.number,
        "status": permit.status,
        "suspended_until": None if days is None else (as_of + timedelta(days=days)).isoformat(),
        "issued_by": permit.issued_by,
        "relationship": permit.relationship,
        "visitor": {
            "id": permit.holder.visitor_id,
            "birth_name": permit.holder.birth_name,
            "use_name": permit.holder.use_name or None,
            "first_names": list(permit.holder.first_names),
            "birth_date": permit.holder.birth_date.isoformat(),
        },
        "valid_from": (as_of - timedelta(days=62)).isoformat(),
        "valid_until": None,
        "visits_allowed": permit.visits_allowed,
        "weekdays": None if permit.weekdays is None else list(permit.weekdays),
        "separated": False,
        "alone_from_16": permit.alone_from_16,
    }

"""Lines of the register for tests: each valid by itself, each key overridable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parloir.register.importer import Counts, import_file
from tests.factories import NOW, PolicyFactory, WingFactory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BEFORE = "2026-10-01T08:00:00+02:00"
AT = "2026-11-02T08:00:00+01:00"
LATER = "2026-11-02T08:30:00+01:00"
LATEST = "2026-11-02T09:30:00+01:00"
"""All of them before :data:`~tests.factories.NOW`, which is 10:00 in Paris that day."""

ABSENT = object()


def detainee(**keys: Any) -> dict[str, Any]:
    return _line(
        {
            "type": "detainee",
            "at": AT,
            "committal_number": "123456",
            "establishment": "ma-dijon",
            "wing": "MA/QMA",
            "birth_name": "MARTIN",
            "use_name": None,
            "first_names": ["Paul", "Jean"],
            "birth_date": "1990-04-12",
            "category": "prevenu",
        },
        keys,
    )


def permit(*, visitor: Any = None, **keys: Any) -> dict[str, Any]:
    person = {
        "id": "V000001",
        "birth_name": "DURAND",
        "use_name": "MARTIN",
        "first_names": ["Sophie"],
        "birth_date": "1992-01-30",
    }
    return _line(
        {
            "type": "permit",
            "at": AT,
            "number": "2026001234",
            "committal_number": "123456",
            "status": "active",
            "suspended_until": None,
            "issued_by": "juge_instruction",
            "relationship": "conjoint",
            "visitor": _line(person, visitor or {}),
            "valid_from": "2026-10-01",
            "valid_until": None,
            "visits_allowed": None,
            "weekdays": None,
            "separated": False,
            "alone_from_16": False,
        },
        keys,
    )


def transfer(**keys: Any) -> dict[str, Any]:
    return _line(
        {
            "type": "movement",
            "at": LATER,
            "committal_number": "123456",
            "kind": "transfer",
            "establishment": "cp-varennes-le-grand",
            "wing": "CD/QCD",
            "new_committal_number": None,
            "disclose_from": None,
        },
        keys,
    )


def movement(kind: Any, **keys: Any) -> dict[str, Any]:
    return _line({"type": "movement", "at": LATER, "committal_number": "123456"}, {"kind": kind} | keys)


def restriction(**keys: Any) -> dict[str, Any]:
    return _line(
        {
            "type": "restriction",
            "at": AT,
            "committal_number": "123456",
            "kind": "no_communication",
            "from": "2026-11-02",
            "until": "2026-11-11",
        },
        keys,
    )


def _line(line: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (line | keys).items() if value is not ABSENT}


def make_prisons() -> None:
    """Make the two prisons of the format's example, and two wings in the first."""
    first = PolicyFactory(wing__establishment__slug="ma-dijon", wing__code="MA/QMA").wing
    PolicyFactory(wing=WingFactory(establishment=first.establishment, code="MA/QSL"))
    PolicyFactory(wing__establishment__slug="cp-varennes-le-grand", wing__code="CD/QCD")


@dataclass
class Told:
    """What an import said."""

    counts: str
    rejected: list[tuple[int, str, str]]


class Feed:
    """Imports lines, objects or raw bytes, from a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "feed.jsonl"

    def tell(self, *lines: dict[str, Any] | bytes, now=NOW, clock=None) -> Told:
        self.path.write_bytes(as_bytes(lines))
        counts = Counts()
        import_file(self.path, counts=counts, clock=clock or (lambda: now))
        return Told(str(counts), self.rejected())

    def rejected(self) -> list[tuple[int, str, str]]:
        listed = self.path.with_name("feed.jsonl.rejected.jsonl").read_text().splitlines()
        return [tuple(json.loads(line).values()) for line in listed]


def as_bytes(lines: Iterable[dict[str, Any] | bytes]) -> bytes:
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


def counted(**counts: int) -> str:
    """Return the last line of an import with these counts, and zeros."""
    told = {"accepted": 0, "rejected": 0, "older": 0, "repeated": 0} | counts
    return " ".join([f"lines={sum(told.values())}", *(f"{verdict}={n}" for verdict, n in told.items())])

"""Read the referential file of establishments; its sources are told in ``data/README.md``. No Django here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parloir.establishments.rules import OnlineBooking

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENTIAL = Path(__file__).parent / "data" / "etablissements.csv"
"""The project's own file, the one that operators load."""


@dataclass(frozen=True, kw_only=True)
class EstablishmentFacts:
    """One line of the file. Empty texts and None stand for what no source gives."""

    slug: str
    abbreviation: str
    name: str
    kind: str
    direction: str
    wings: tuple[str, ...]
    online_booking: OnlineBooking
    street: str
    postal_code: str
    postal_city: str
    city: str
    insee: str
    time_zone: str
    phone: str
    latitude: float | None
    longitude: float | None
    position_is: str
    capacity: int | None
    detainees: int | None


def read_referential(path: Path = REFERENTIAL) -> list[EstablishmentFacts]:
    """Return the establishments of a referential file, in its order.

    :raises ValueError: when a number, a time zone or a reason not to book cannot be read.
    :raises KeyError: when a column is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [_facts(line) for line in csv.DictReader(file)]


def _facts(line: Mapping[str, str]) -> EstablishmentFacts:
    """Type one line."""
    return EstablishmentFacts(
        slug=line["slug"],
        abbreviation=line["abbreviation"],
        # The file is typed with straight apostrophes; what people read is not.
        name=line["name"].replace("'", "’"),
        kind=line["kind"],
        direction=line["direction"],
        wings=tuple(line["wings"].split("|")),
        online_booking=OnlineBooking(line["online_booking"] or OnlineBooking.OPEN),
        street=line["street"].replace("'", "’"),
        postal_code=line["postal_code"],
        postal_city=line["postal_city"],
        city=line["city"].replace("'", "’"),
        insee=line["insee"],
        time_zone=ZoneInfo(line["time_zone"]).key,
        phone=line["phone"],
        latitude=float(line["latitude"]) if line["latitude"] else None,
        longitude=float(line["longitude"]) if line["longitude"] else None,
        position_is=line["position_is"],
        capacity=int(line["capacity"]) if line["capacity"] else None,
        detainees=int(line["detainees"]) if line["detainees"] else None,
    )

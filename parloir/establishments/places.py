"""Departments, and which one a town or a postcode is in; sources are told in ``data/README.md``. No Django here."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_POSTCODE = re.compile(r"\d{5}")
_EARTH_KM = 6371
_CORSICA = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}


@dataclass(frozen=True, kw_only=True)
class Department:
    """A department or a territory overseas. Empty texts and None stand for what no source gives."""

    code: str
    name: str
    prefecture: str
    centre: tuple[float, float] | None
    court_of_appeal: str


@cache
def departments() -> dict[str, Department]:
    """Return every department by its code."""
    with (_DATA / "departements.csv").open(encoding="utf-8", newline="") as file:
        return {line["code"]: _department(line) for line in csv.DictReader(file)}


@cache
def nicknames() -> dict[str, str]:
    """Return what people call some prisons, by slug."""
    with (_DATA / "surnoms.csv").open(encoding="utf-8", newline="") as file:
        return {line["slug"]: line["nicknames"] for line in csv.DictReader(file)}


def department_of_town(insee: str) -> Department | None:
    """Return where a town is, by its INSEE code."""
    return departments().get(insee[:3] if insee[:2] in {"97", "98"} else insee[:2])


def department_of_postcode(postcode: str) -> Department | None:
    """Return where a postcode delivers, or None for what is no French postcode.

    A few villages are served by a post office of the next department: a postcode says where within some kilometres.
    """
    digits = postcode.replace(" ", "")
    if not _POSTCODE.fullmatch(digits):
        return None
    if digits[:2] == "20":
        return departments().get(_CORSICA.get(digits[:3], ""))
    return departments().get(digits[:3] if digits[:2] in {"97", "98"} else digits[:2])


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far two places are as the crow flies, from their latitudes and longitudes."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def _department(line: dict[str, str]) -> Department:
    centre = (float(line["latitude"]), float(line["longitude"])) if line["latitude"] else None
    return Department(
        code=line["code"],
        name=line["name"],
        prefecture=line["prefecture"],
        centre=centre,
        court_of_appeal=line["court_of_appeal"],
    )


def country_of_town(insee: str) -> str:
    """Return the two letters of the telephone numbers of a town's territory: « NC », « RE », else « FR »."""
    return _TELEPHONE_COUNTRIES.get(insee[:3], "FR")


_TELEPHONE_COUNTRIES = {
    "971": "GP",
    "972": "MQ",
    "973": "GF",
    "974": "RE",
    "975": "PM",
    "976": "YT",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}

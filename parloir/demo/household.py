"""Invent one detained person and the relatives who hold permits, as lines of the register's feed."""

from __future__ import annotations

from bisect import bisect
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from parloir.demo.names import FAMILY_NAMES, MEN, WOMEN, spaced
from parloir.demo.timetable import receives_visits, share_of
from parloir.people.rules import ADULT_AGE, ALONE_AGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parloir.establishments.referential import EstablishmentFacts

type Line = dict[str, object]

A_DOZEN_PRISONS = frozenset(
    """
    ma-dijon cp-varennes-le-grand cp-marseille ma-lyon-corbas cp-nantes cp-fleury-merogis cp-lille-annoeullin
    ma-strasbourg ma-nice cp-toulouse-seysses cp-rennes-vezin cp-ducos
    """.split()  # noqa: SIM905 (slugs read better as words)
)
SMALL = 2000
"""Up to this many detained people a dozen prisons are enough; beyond, all that receive visits are filled."""

REMAND = frozenset({"MA/QMA", "EPM"})
"""Wings where people wait for their trial; elsewhere everyone is finally convicted."""

CATEGORIES = {"prevenu": 21_500, "appelant": 2_521, "prevenu_condamne": 4_366, "condamne": 61_059}
"""The nation's on 1 July 2026; how the 24,021 prévenus divide (appellants count among them) is assumed."""

FIRST_NUMBER, FIRST_NEW_NUMBER = 100_001, 500_001
"""Committal numbers of the invented, and those that a transfer gives them."""

_PERMITS = (0, 1, 2, 3, 4, 5, 6, 8, 10)
_PERMITS_WEIGHTS = (13, 12, 15, 17, 15, 11, 9, 5, 3)
"""Mean 3.33: 300,000 permits for 90,000 detained people."""

_TIES = ("conjoint", "parent", "enfant", "frere_soeur", "grand_parent", "autre_famille", "ami", "autre")
_TIES_WEIGHTS = (22, 24, 24, 14, 3, 5, 6, 2)
_AUTHORITIES = {
    "prevenu": (("juge_instruction", "procureur", "autre_magistrat"), (75, 20, 5)),
    "appelant": (("procureur_general", "autre_magistrat"), (95, 5)),
    "condamne": (("chef_etablissement", "prefet"), (99, 1)),
    "prevenu_condamne": (("chef_etablissement", "juge_instruction"), (70, 30)),
}
_YEAR = 365.25


@dataclass(frozen=True)
class Place:
    """A wing to fill: its weight is the number of people who live there."""

    establishment: str
    wing: str
    weight: float


@dataclass
class Drawing:
    """The state of one generation: the dice, the counters, and the last families, to be met again."""

    dice: Random
    as_of: date
    places: Sequence[Place]
    weights: Sequence[float]
    remand: dict[str, float]
    permits: int = 0
    visitors: int = 0
    recent: deque[tuple[str, list[tuple[str, Line]]]] = field(default_factory=lambda: deque(maxlen=40))

    def chance(self, probability: float) -> bool:
        """Throw the dice once."""
        return self.dice.random() < probability

    def place(self) -> Place:
        """Draw a wing, the fuller the likelier."""
        return self.places[bisect(self.weights, self.dice.random() * self.weights[-1])]

    def moment(self, oldest: int, newest: int) -> datetime:
        """Draw an instant between two numbers of days before the feed's day began."""
        midnight = datetime.combine(self.as_of, time(0), tzinfo=UTC)
        return midnight - timedelta(days=self.dice.randint(newest, oldest), minutes=self.dice.randint(60, 1380))

    def born(self, youngest: float, oldest: float) -> date:
        """Draw a birth date between two ages in years."""
        return self.as_of - timedelta(days=int(self.dice.uniform(youngest, oldest) * _YEAR) + 1)

    def age(self, born: date) -> float:
        """Return an age in years on the feed's day."""
        return (self.as_of - born).days / _YEAR

    def first_names(self, *, woman: bool) -> list[str]:
        """Draw one to three first names."""
        return self.dice.sample(WOMEN if woman else MEN, self.dice.choices((1, 2, 3), (60, 28, 12))[0])

    def family_name(self) -> str:
        """Draw a family name."""
        return spaced(self.dice.choice(FAMILY_NAMES))


@dataclass(frozen=True)
class _Person:
    """The detained person of a household, while their relatives are invented."""

    number: str
    birth_name: str
    birth_date: date
    category: str
    place: Place


def new_drawing(*, detainees: int, seed: int, as_of: date, facts: Sequence[EstablishmentFacts]) -> Drawing:
    """Prepare dice such that categories come out in the nation's proportions, remand in its own wings."""
    places = [
        Place(line.slug, code, line.detainees * share_of(code, line.wings))
        for line in facts
        if line.detainees and (detainees > SMALL or line.slug in A_DOZEN_PRISONS)
        for code in line.wings
        if receives_visits(code=code, online_booking=line.online_booking)
    ]
    remand_places = sum(place.weight for place in places if place.wing in REMAND) / sum(p.weight for p in places)
    nation = sum(CATEGORIES.values())
    shares = {name: n / nation / remand_places for name, n in CATEGORIES.items() if name != "condamne"}
    remand = {**shares, "condamne": max(0.0, 1 - sum(shares.values()))}
    return Drawing(Random(seed), as_of, places, list(accumulate(place.weight for place in places)), remand)


def household_lines(drawing: Drawing, index: int) -> Iterator[Line]:
    """Yield the lines of one detained person: theirs, their relatives' permits, what happened since."""
    place = drawing.place()
    family = drawing.dice.choice(drawing.recent) if drawing.recent and drawing.chance(0.04) else None
    woman = drawing.chance(0.035)
    person = _Person(
        number=str(FIRST_NUMBER + index),
        birth_name=family[0] if family else drawing.family_name(),
        birth_date=drawing.born(13.5, 17.5) if place.wing == "EPM" else drawing.born(18, drawing.dice.uniform(22, 72)),
        category=drawing.dice.choices(*zip(*drawing.remand.items(), strict=True))[0]
        if place.wing in REMAND
        else "condamne",
        place=place,
    )
    yield {
        "type": "detainee",
        "at": drawing.moment(400, 40).isoformat(),
        "committal_number": person.number,
        "establishment": place.establishment,
        "wing": place.wing,
        "birth_name": person.birth_name,
        "use_name": drawing.family_name() if woman and drawing.chance(0.5) else None,
        "first_names": drawing.first_names(woman=woman),
        "birth_date": person.birth_date.isoformat(),
        "category": person.category,
    }
    relatives = _relatives(drawing, person, family[1] if family else [])
    for tie, visitor in relatives:
        yield _permit_line(drawing, person, tie, visitor)
    yield from _events(drawing, person, index)


def _relatives(drawing: Drawing, person: _Person, shared: list[tuple[str, Line]]) -> list[tuple[str, Line]]:
    """Invent the relatives who hold a permit; the parents of a brother already known are the same people."""
    wanted = drawing.dice.choices(_PERMITS, _PERMITS_WEIGHTS)[0]
    relatives = shared[:wanted]
    most = {"conjoint": 1, "parent": 2 - len(relatives), "grand_parent": 2}
    while len(relatives) < wanted:
        tie = drawing.dice.choices(_TIES, _TIES_WEIGHTS)[0]
        if most.get(tie, wanted) <= sum(tie == known for known, _ in relatives[len(shared) :]):
            tie = "frere_soeur"
        if tie in {"enfant", "conjoint"} and drawing.age(person.birth_date) < ADULT_AGE:
            tie = "autre_famille"
        relatives.append((tie, _visitor(drawing, person, tie)))
    parents = [(tie, visitor) for tie, visitor in relatives if tie == "parent"]
    if parents:
        drawing.recent.append((person.birth_name, parents))
    return relatives


def _visitor(drawing: Drawing, person: _Person, tie: str) -> Line:
    """Invent one relative of a plausible age and name."""
    drawing.visitors += 1
    age = drawing.age(person.birth_date)
    ages = {
        "conjoint": (max(18, age - 8), max(19, age + 8)),
        "parent": (age + 18, age + 38),
        "enfant": (0.2, max(0.5, min(age - 17, 30))),
        "frere_soeur": (max(1, age - 12), age + 12),
        "grand_parent": (age + 40, age + 58),
    }
    youngest, oldest = ages.get(tie, (18, 70))
    woman = drawing.chance(0.9 if tie == "conjoint" else 0.65)
    of_the_family = drawing.chance({"enfant": 0.85, "frere_soeur": 0.8, "parent": 0.5}.get(tie, 0.1))
    married = woman and tie in {"conjoint", "parent", "grand_parent"} and not of_the_family and drawing.chance(0.45)
    return {
        "id": f"V{drawing.visitors:06d}",
        "birth_name": person.birth_name if of_the_family else drawing.family_name(),
        "use_name": person.birth_name if married else None,
        "first_names": drawing.first_names(woman=woman),
        "birth_date": drawing.born(min(youngest, 95), min(oldest, 97)).isoformat(),
    }


def _permit_line(drawing: Drawing, person: _Person, tie: str, visitor: Line) -> Line:
    """Write one permit: most are plain, some are suspended, withdrawn, limited, dated or bound to days."""
    dice = drawing.dice
    drawing.permits += 1
    at = drawing.moment(39, 5)
    born = date.fromisoformat(str(visitor["birth_date"]))
    valid_from = max(born, at.date() - timedelta(days=dice.randint(0, 300)))
    status = dice.choices(("active", "suspended", "withdrawn"), (95, 2.5, 2.5))[0]
    until = (
        drawing.as_of + timedelta(days=dice.randint(5, 120)) if status == "suspended" and drawing.chance(0.6) else None
    )
    ends = drawing.as_of + timedelta(days=dice.randint(-4, 400)) if drawing.chance(0.08) else None
    adolescent = tie == "enfant" and drawing.age(born) >= ALONE_AGE - 1
    return {
        "type": "permit",
        "at": at.isoformat(),
        "number": f"2026{drawing.permits:06d}",
        "committal_number": person.number,
        "status": status,
        "suspended_until": until.isoformat() if until else None,
        "issued_by": dice.choices(*_AUTHORITIES[person.category])[0],
        "relationship": tie,
        "visitor": visitor,
        "valid_from": valid_from.isoformat(),
        "valid_until": ends.isoformat() if ends else None,
        "visits_allowed": dice.choice((1, 2, 3, 5, 10)) if drawing.chance(0.03) else None,
        "weekdays": dice.choice(([3], [6, 7], [3, 6], [1, 2, 3, 4, 5])) if drawing.chance(0.03) else None,
        "separated": drawing.chance(0.02),
        "alone_from_16": adolescent and drawing.chance(0.3),
    }


def _events(drawing: Drawing, person: _Person, index: int) -> Iterator[Line]:
    """Yield what happened to a few: a transfer, a release, a hospital stay, a cell, an interdiction."""
    kind = drawing.dice.choices(
        ("", "transfer", "release", "hospital", "disciplinary", "return", "restriction"),
        (95.2, 2, 0.8, 0.4, 0.6, 0.4, 0.6),
    )[0]
    if kind == "restriction":
        yield _restriction_line(drawing, person)
    elif kind:
        line: Line = {
            "type": "movement",
            "at": drawing.moment(4, 1).isoformat(),
            "committal_number": person.number,
            "kind": kind,
        }
        if kind == "transfer":
            place = drawing.place()
            later = drawing.as_of + timedelta(days=drawing.dice.randint(1, 15))
            line |= {
                "establishment": place.establishment,
                "wing": place.wing,
                "new_committal_number": str(FIRST_NEW_NUMBER + index) if drawing.chance(0.1) else None,
                "disclose_from": later.isoformat() if drawing.chance(0.3) else None,
            }
        yield line


def _restriction_line(drawing: Drawing, person: _Person) -> Line:
    """Forbid visits for some days around the feed's day; only a judge forbids to communicate, for ten days."""
    since = drawing.as_of + timedelta(days=drawing.dice.randint(-5, 5))
    judge = person.category == "prevenu"
    days = 10 if judge else drawing.dice.randint(3, 30)
    return {
        "type": "restriction",
        "at": drawing.moment(4, 1).isoformat(),
        "committal_number": person.number,
        "kind": "no_communication" if judge else "no_visits",
        "from": since.isoformat(),
        "until": (since + timedelta(days=days - 1)).isoformat(),
    }

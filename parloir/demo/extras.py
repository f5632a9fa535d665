"""Families who only fill places, so that full slots are seen: each has one permit, registered, and no e-mail."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from parloir.demo.names import FAMILY_NAMES, MEN, WOMEN, spaced
from parloir.demo.people import Detained, KnownPermit, Persona, Relative

HOW_MANY = 26
PRISON, WING = "ma-dijon", "MA/QMA"


def _extra(number: int, dice: Random) -> Persona:
    """Invent one family; the dice are always thrown the same way."""
    name = spaced(dice.choice(FAMILY_NAMES))
    born = date(1970, 1, 1) + timedelta(days=dice.randrange(12_000))
    detained = Detained(f"{900_100 + number}", name, (dice.choice(MEN),), born, "prevenu", PRISON, WING)
    holder = Relative(
        birth_name=spaced(dice.choice(FAMILY_NAMES)),
        first_names=(dice.choice(WOMEN),),
        birth_date=date(1970, 1, 1) + timedelta(days=dice.randrange(12_000)),
        visitor_id=f"V{900_100 + number}",
        use_name=name,
    )
    permit = KnownPermit(f"2026980{number:03d}", detained, holder, "conjoint", "occupe des places", registered=True)
    return Persona(
        key=f"figurante-{number}",
        label="Figurante",
        civil=holder,
        gender="female",
        birthplace="21231",
        permits=(permit,),
    )


def _extras() -> tuple[Persona, ...]:
    dice = Random("parloir-demo extras")
    return tuple(_extra(number, dice) for number in range(1, HOW_MANY + 1))


EXTRAS = _extras()

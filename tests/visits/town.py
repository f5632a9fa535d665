"""A small town that does to visits all that can be done to them, at random: for the state machine and the crowd.

Each deed takes the town, a source of chance (`random.Random`, or hypothesis's, which can be shrunk) and the
moment. To add an operation, write one function under :func:`deed`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from parloir.journal.operations import Actor
from parloir.people.feed import (
    Clock,
)
from parloir.people.models import Detainee
from parloir.permits.models import Permit
from parloir.timetable import operations as timetable
from parloir.timetable.models import Slot
from parloir.visits.models import Visit
from tests.factories import (
    AccountFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SessionFactory,
    VisitorFactory,
    WingFactory,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from parloir.establishments.models import Wing
    from parloir.people.models import Account

AGENT = Actor("staff", 7)
DAYS = 40
"""How many days of slots the town makes ahead."""

DST_NIGHTS = (date(2026, 10, 25), date(2027, 3, 28))
"""The nights on which mainland France changes its clocks."""


@dataclass
class Town:
    """Three wings (mainland, La Réunion, New Caledonia), and families with members in common."""

    wings: list[Wing] = field(default_factory=list)
    detainees: list[Detainee] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    pairs: list[tuple[Account, Detainee]] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    turns: itertools.count = field(default_factory=itertools.count)
    promised: bool = False
    """Whether the family whose deed was last had a place that was kept for it, in time: it is not told “full”."""

    def slots(self, now, *, wing_id=None, days=(1, 8)):
        """Return the slots of the days to come."""
        since, until = days
        chosen = Slot.objects.filter(
            starts_at__gt=now + timedelta(days=since), starts_at__lt=now + timedelta(days=until)
        )
        return list((chosen.filter(wing=wing_id) if wing_id else chosen).order_by("pk"))

    def visits(self):
        return list(Visit.objects.order_by("-pk")[:12])

    def clock(self):
        """Return the register's next moment: always later than the last, never later than the town's present."""
        turn = next(self.turns)
        return Clock(datetime(2026, 10, 10, tzinfo=UTC) + timedelta(seconds=turn), f"{turn:032d}")


def found_town(*, families=1, now):
    """Build the town, its timetable made from the day of ``now`` on."""
    town = Town()
    nights = [
        ("Europe/Paris", {}),
        (
            "Indian/Reunion",
            {"hold_minutes": 5, "hold_extensions": 2, "weekly_maximum_prevenu": None, "on_hospital": "review"},
        ),
        (
            "Pacific/Noumea",
            {
                "daily_maximum_detainee": 2,
                "daily_maximum_visitor": 2,
                "closes_hours_before_online": 1,
                "on_hospital": "review",
            },
        ),
    ]
    for zone, policy in nights:
        wing = WingFactory(establishment=EstablishmentFactory(time_zone=zone))
        PolicyFactory(wing=wing, **policy)
        town.wings.append(wing)
        # The hour that comes twice or not at all, the middle of the day, and the last quarter before midnight.
        for weekday, hours in ((6, (14, 23)), (7, (2, 14)), (1, (0, 14))):
            for hour in hours:
                SessionFactory(
                    wing=wing,
                    weekday=weekday,
                    starts_at=time(hour, 30),
                    capacity=1 + (hour == 14),
                    accessible_capacity=int(hour == 14),
                )
    for _ in range(families):
        _settle_a_family(town)
    timetable.make_slots(now=now, days=DAYS)
    return town


def _settle_a_family(town):
    """Two brothers in one wing and a cousin overseas; parents, a child in two accounts, a teenager with her own."""
    mainland, reunion, noumea = town.wings
    brothers = [DetaineeFactory(wing=mainland), DetaineeFactory(wing=mainland, category="condamne")]
    cousins = [DetaineeFactory(wing=reunion), DetaineeFactory(wing=noumea, category="appelant")]
    visitors = {
        "mother": VisitorFactory(),
        "father": VisitorFactory(birth_date=date(1988, 2, 29)),
        "child": VisitorFactory(birth_date=date(2018, 10, 25)),
        "teen": VisitorFactory(birth_date=date(2010, 10, 25)),
    }
    mother, father = AccountFactory(), AccountFactory()
    teen = AccountFactory(birth_date="2010-10-25")
    for detainee in (*brothers, *cousins):
        terms = {
            "mother": {},
            "father": {"visits_allowed": 2},
            "child": {"weekdays": [6, 7]} if detainee is brothers[0] else {},
            "teen": {"alone_from_16": True},
        }
        for who, visitor in visitors.items():
            permit = PermitFactory(detainee=detainee, visitor=visitor, **terms[who])
            town.permits.append(permit)
            for account, own in ((mother, "mother"), (father, "father"), (teen, "teen")):
                if who in {own, "child"} and (account is not teen or who == "teen"):
                    RegistrationFactory(account=account, permit=permit, holding="own" if who == own else "child")
    # A renewed permit beside the old one.
    renewed = PermitFactory(detainee=brothers[0], visitor=visitors["mother"], visits_allowed=3)
    RegistrationFactory(account=mother, permit=renewed)
    town.permits.append(renewed)
    town.detainees += [*brothers, *cousins]
    town.accounts += [mother, father, teen]
    town.pairs += [(account, detainee) for account in (mother, father, teen) for detainee in brothers + cousins]


DEEDS: dict[str, Callable[[Town, Random, datetime], object]] = {}


def deed(action):
    """Make a function one of the things that happen in the town."""
    DEEDS[action.__name__] = action
    return action


def registered(account, detainee):
    return list(
        Permit.objects.filter(registrations__account=account, detainee=detainee)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def some(chance, items, *, most):
    """Return one or several of the items, or none when there are none."""
    return chance.sample(items, min(len(items), chance.randint(1, most)))


def someone(town, chance):
    """Return an account and a detained person, mostly of one family."""
    account, detainee = chance.choice(town.pairs)
    return account, chance.choice(town.detainees) if chance.randint(0, 9) == 0 else detainee


def slot_for(town, chance, detainee, now):
    """Return a slot, mostly one of the wing where the detained person is, sometimes too soon or too far."""
    wing_id = Detainee.objects.values_list("wing_id", flat=True).get(pk=detainee.pk)
    days = (-1, 40) if chance.randint(0, 9) == 0 else (1, 8)
    here = town.slots(now, wing_id=None if chance.randint(0, 9) == 0 else wing_id, days=days)
    return chance.choice(here).pk if here else 0

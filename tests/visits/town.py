"""A small town that does to visits all that can be done to them, at random: for the state machine and the crowd.

Each deed takes the town, a source of chance (`random.Random`, or hypothesis's, which can be shrunk) and the
moment. To add an operation, write one function under :func:`deed`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel, PenalCategory
from parloir.journal.operations import Actor
from parloir.people.feed import (
    CivilStatus,
    Clock,
    DetaineeLine,
    MovementKind,
    MovementLine,
    PlaceName,
    RestrictionLine,
)
from parloir.people.models import Detainee
from parloir.people.rules import RestrictionKind
from parloir.permits.feed import PermitLine, Terms
from parloir.permits.models import Permit
from parloir.permits.rules import Authority, PermitStatus, Relationship
from parloir.timetable import operations as timetable
from parloir.timetable.models import Closure, Slot
from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations import (
    Change,
    Wish,
    book_visit,
    cancel_visit,
    change_visit,
    choose_people,
    confirm_draft,
    drop_draft,
    extend_hold,
    forget_old_drafts,
    free_expired_holds,
    hold_slots,
    withdraw_myself,
    withdraw_people,
)
from parloir.visits.operations.receiving import receive_register_lines
from parloir.visits.rules import AllowanceKind
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
        ("Indian/Reunion", {"hold_minutes": 5, "hold_extensions": 2, "weekly_maximum_prevenu": None}),
        ("Pacific/Noumea", {"daily_maximum_detainee": 2, "daily_maximum_visitor": 2, "closes_hours_before_online": 1}),
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
    town.detainees += [*brothers, *cousins]
    town.accounts += [mother, father, teen]
    town.pairs += [(account, detainee) for account in (mother, father, teen) for detainee in brothers + cousins]


# What people do -------------------------------------------------------------------------------

DEEDS: dict[str, Callable[[Town, Random, datetime], object]] = {}


def deed(action):
    """Make a function one of the things that happen in the town."""
    DEEDS[action.__name__] = action
    return action


def _registered(account, detainee):
    return list(
        Permit.objects.filter(registrations__account=account, detainee=detainee)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _some(chance, items, *, most):
    """Return one or several of the items, or none when there are none."""
    return chance.sample(items, min(len(items), chance.randint(1, most)))


def _someone(town, chance):
    """Return an account and a detained person, mostly of one family."""
    account, detainee = chance.choice(town.pairs)
    return account, chance.choice(town.detainees) if chance.randint(0, 9) == 0 else detainee


def _slot_for(town, chance, detainee, now):
    """Return a slot, mostly one of the wing where the detained person is, sometimes too soon or too far."""
    wing_id = Detainee.objects.values_list("wing_id", flat=True).get(pk=detainee.pk)
    days = (-1, 40) if chance.randint(0, 9) == 0 else (1, 8)
    here = town.slots(now, wing_id=None if chance.randint(0, 9) == 0 else wing_id, days=days)
    return chance.choice(here).pk if here else 0


@deed
def hold(town, chance, now):
    account, detainee = _someone(town, chance)
    slots = {_slot_for(town, chance, detainee, now) for _ in range(chance.choice([1, 1, 2]))}
    mine = list(Visit.objects.filter(booker=account, detainee=detainee, status="booked").order_by("pk"))
    replaces = chance.choice([None, *mine]) if mine else None
    slots = {min(slots)} if replaces else slots
    return hold_slots(account=account, detainee_id=detainee.pk, slot_ids=slots, replaces=replaces, now=now)


def _a_draft(chance):
    drafts = list(Draft.objects.select_related("account").order_by("pk"))
    return chance.choice(drafts) if drafts else None


@deed
def extend(town, chance, now):
    draft = _a_draft(chance)
    return draft and extend_hold(account=draft.account, detainee_id=draft.detainee_id, now=now)


@deed
def choose(town, chance, now):
    draft = _a_draft(chance)
    if draft is None:
        return None
    permits = _some(chance, _registered(draft.account, draft.detainee_id), most=3)
    accessible = chance.randint(0, 3) == 0
    return choose_people(
        account=draft.account, detainee_id=draft.detainee_id, permit_ids=permits, accessible=accessible, now=now
    )


@deed
def confirm(town, chance, now):
    draft = _a_draft(chance)
    if draft is None:
        return None
    return confirm_draft(
        account=draft.account,
        detainee_id=draft.detainee_id,
        slot_ids=list(Hold.objects.filter(draft=draft.pk).values_list("slot_id", flat=True)),
        idempotency_key=f"key-{next(town.turns)}",
        now=now,
    )


@deed
def hold_and_confirm(town, chance, now):
    account, detainee = _someone(town, chance)
    slots = [_slot_for(town, chance, detainee, now)]
    hold_slots(account=account, detainee_id=detainee.pk, slot_ids=slots, now=now)
    permits = _some(chance, _registered(account, detainee), most=2)
    choose_people(account=account, detainee_id=detainee.pk, permit_ids=permits, now=now)
    key = f"key-{next(town.turns)}"
    return confirm_draft(account=account, detainee_id=detainee.pk, slot_ids=slots, idempotency_key=key, now=now)


@deed
def drop(town, chance, now):
    draft = _a_draft(chance)
    return draft and drop_draft(account=draft.account, detainee_id=draft.detainee_id, now=now)


@deed
def book(town, chance, now):
    account, detainee = _someone(town, chance)
    wish = Wish(
        detainee_id=detainee.pk,
        slot_id=_slot_for(town, chance, detainee, now),
        permit_ids=frozenset(_some(chance, _registered(account, detainee), most=3)),
        idempotency_key=f"key-{chance.randint(0, 1)}-{now:%d}" if chance.randint(0, 4) == 0 else f"k{next(town.turns)}",
        accessible=chance.randint(0, 4) == 0,
    )
    return book_visit(booker=account, wish=wish, channel=chance.choice([Channel.ONLINE, Channel.KIOSK]), now=now)


@deed
def book_by_an_agent(town, chance, now):
    detainee = chance.choice(town.detainees)
    permits = [permit.pk for permit in town.permits if permit.detainee_id == detainee.pk]
    allowances = {kind: "Motif" for kind in AllowanceKind if chance.randint(0, 2) == 0}
    wish = Wish(
        detainee_id=detainee.pk,
        slot_id=_slot_for(town, chance, detainee, now),
        permit_ids=frozenset(_some(chance, permits, most=3)),
        idempotency_key=f"agent-{next(town.turns)}",
        accessible=chance.randint(0, 4) == 0,
        allowances=allowances,
    )
    booker = chance.choice([None, *town.accounts])
    return book_visit(booker=booker, wish=wish, channel=Channel.TELEPHONE, agent=AGENT, now=now)


def _a_visit(town, chance):
    visits = town.visits()
    return chance.choice(visits) if visits else None


@deed
def change(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None:
        return None
    by_agent = visit.booker_id is None or chance.randint(0, 3) == 0
    permits = [permit.pk for permit in town.permits if permit.detainee_id == visit.detainee_id]
    if not by_agent:
        permits = _registered(visit.booker_id, visit.detainee_id)
    stays = chance.randint(0, 3) == 0
    wanted = Change(
        slot_id=visit.slot_id if stays else _slot_for(town, chance, visit.detainee, now),
        permit_ids=frozenset(_some(chance, permits, most=3)),
        accessible=chance.randint(0, 4) == 0,
    )
    return change_visit(
        booker=None if by_agent else visit.booker,
        visit_id=visit.pk,
        change=wanted,
        channel=Channel.DESK if by_agent else Channel.ONLINE,
        agent=AGENT if by_agent else None,
        now=now,
    )


@deed
def withdraw(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None or visit.booker is None:
        return None
    coming = list(visit.attendances.filter(live=True).order_by("pk").values_list("permit_id", flat=True))
    return withdraw_people(
        booker=visit.booker, visit_id=visit.pk, permit_ids=_some(chance, coming, most=2) if coming else [], now=now
    )


@deed
def leave(town, chance, now):
    visit = _a_visit(town, chance)
    return visit and withdraw_myself(account=chance.choice(town.accounts), visit_id=visit.pk, now=now)


@deed
def cancel(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None:
        return None
    if visit.booker is None or chance.randint(0, 2) == 0:
        return cancel_visit(booker=None, visit_id=visit.pk, agent=AGENT, now=now)
    return cancel_visit(booker=visit.booker, visit_id=visit.pk, now=now)


# What time and the house do ----------------------------------------------------------------------


@deed
def sweep(town, chance, now):
    return free_expired_holds(now=now) + forget_old_drafts(now=now)


@deed
def close(town, chance, now):
    wing = chance.choice(town.wings)
    since = now.date() + timedelta(days=chance.randint(0, 8))
    return timetable.close_days(
        wing_id=wing.pk, since=since, until=since + timedelta(days=chance.randint(0, 1)), actor=AGENT, now=now
    )


@deed
def reopen(town, chance, now):
    closures = list(Closure.objects.filter(reopened_at__isnull=True).order_by("pk").values_list("pk", flat=True))
    if not closures:
        return None
    return timetable.reopen_days(closure_id=chance.choice(closures), actor=AGENT, now=now)


# What the register tells --------------------------------------------------------------------------


def _tell(now, *lines):
    return receive_register_lines(lines=lines, now=now)


def _movement(town, detainee, kind, **about):
    return MovementLine(clock=town.clock(), committal_number=detainee.committal_number, kind=kind, **about)


@deed
def transfer(town, chance, now):
    wing = chance.choice(town.wings)
    line = _movement(
        town,
        chance.choice(town.detainees),
        MovementKind.TRANSFER,
        place=PlaceName(wing.establishment.slug, wing.code),
        disclose_from=now.date() + timedelta(days=2) if chance.randint(0, 3) == 0 else None,
    )
    return _tell(now, line)


@deed
def move(town, chance, now):
    kinds = [MovementKind.HOSPITAL, MovementKind.DISCIPLINARY, MovementKind.RETURN, MovementKind.RETURN]
    return _tell(now, _movement(town, chance.choice(town.detainees), chance.choice(kinds)))


@deed
def release_and_commit_again(town, chance, now):
    """A release alone would leave the town without anybody to visit; most permits are told anew."""
    detainee = chance.choice(town.detainees)
    _tell(now, _movement(town, detainee, MovementKind.RELEASE))
    wing = chance.choice(town.wings)
    line = DetaineeLine(
        clock=town.clock(),
        committal_number=detainee.committal_number,
        place=PlaceName(wing.establishment.slug, wing.code),
        civil=CivilStatus("MARTIN", "", ("Paul",), date(1990, 4, 12)),
        category=chance.choice(list(PenalCategory)),
    )
    _tell(now, line)
    mine = [permit.pk for permit in town.permits if permit.detainee_id == detainee.pk]
    return _tell(now, *(_permit_line(town, pk, now) for pk in mine if chance.randint(0, 4)))


@deed
def tell_of_a_permit(town, chance, now):
    """Suspended, withdrawn, limited, on some days only, separated; mostly in force, or nothing would be booked."""
    status = chance.choice([PermitStatus.ACTIVE] * 4 + [PermitStatus.SUSPENDED, PermitStatus.WITHDRAWN])
    suspended = status is PermitStatus.SUSPENDED and chance.randint(0, 1)
    line = _permit_line(
        town,
        chance.choice(town.permits).pk,
        now,
        status=status,
        suspended_until=now.date() + timedelta(days=chance.randint(0, 9)) if suspended else None,
        valid_until=now.date() + timedelta(days=chance.randint(1, 9)) if chance.randint(0, 5) == 0 else None,
        visits_allowed=chance.choice([None, None, 1, 3]),
        weekdays=chance.choice([None, None, None, (7,)]),
        separated=chance.randint(0, 9) == 0,
    )
    return _tell(now, line)


def _permit_line(town, permit_id, now, **about):
    """Return a line that tells of a permit, in force and without conditions unless said otherwise."""
    permit = Permit.objects.select_related("visitor", "detainee").get(pk=permit_id)
    terms = {
        "status": PermitStatus.ACTIVE,
        "suspended_until": None,
        "issued_by": Authority.INVESTIGATING_JUDGE,
        "relationship": Relationship.PARTNER,
        "valid_from": date(2026, 10, 1),
        "valid_until": None,
        "visits_allowed": None,
        "weekdays": None,
        "separated": False,
        "alone_from_16": permit.alone_from_16,
    }
    visitor = permit.visitor
    civil = CivilStatus(visitor.birth_name, visitor.use_name, tuple(visitor.first_names), visitor.birth_date)
    number = permit.detainee.committal_number
    return PermitLine(town.clock(), permit.number, number, Terms(**{**terms, **about}), visitor.register_id, civil)


@deed
def forbid(town, chance, now):
    detainee = chance.choice(town.detainees)
    since = now.date() + timedelta(days=chance.randint(-1, 5))
    line = RestrictionLine(
        clock=town.clock(),
        committal_number=detainee.committal_number,
        kind=chance.choice(list(RestrictionKind)),
        since=since,
        until=since + timedelta(days=chance.randint(-1, 2)),
    )
    return _tell(now, line)

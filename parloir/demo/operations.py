"""Set the demonstration up, step by step; a step that was done before does nothing."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

from parloir.content import documents
from parloir.content import operations as content
from parloir.demo import queries
from parloir.demo.extras import EXTRAS
from parloir.demo.feed import feed_lines
from parloir.demo.people import sub_of
from parloir.demo.personas import PERSONAS, persona_of
from parloir.demo.timetable import plausible_sessions
from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import read_referential
from parloir.establishments.rules import Channel
from parloir.foundation.keys import mark
from parloir.journal.operations import SERVICE
from parloir.people.operations import sign_in, sign_out
from parloir.people.rules import Identity
from parloir.permits.claims import PermitClaim
from parloir.permits.operations import register_permit
from parloir.permits.rules import Holding
from parloir.timetable.operations import add_sessions, make_slots
from parloir.timetable.rules import HORIZON_DAYS
from parloir.visits.operations import VisitRefused, Wish, book_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parloir.demo.people import KnownPermit, Persona
    from parloir.establishments.operations import Loaded
    from parloir.people.models import Account
    from parloir.permits.models import Permit
    from parloir.timetable.models import Slot

DETAINEES, SEED = 300, 1
"""The size and the dice of the demonstration's register."""


class NotADemonstrationError(Exception):
    """The database is in use for something else: no fictional person enters it."""


def refuse_real_life() -> None:
    """Stop before anything is written to a database that is neither empty nor a demonstration.

    :raises NotADemonstrationError: with the sentence for the person at the keyboard.
    """
    if not queries.may_hold_fiction():
        raise NotADemonstrationError(
            "This database is in use and is not a demonstration: nothing was written to it. For the demonstration,"
            " unset DATABASE_URL, or name an empty database."
        )


def load_places(*, now: datetime) -> Loaded:
    """Load the real prisons and wings."""
    return load_establishments(facts=read_referential(), now=now)


def load_questions(*, now: datetime) -> content.Loaded:
    """Load the questions of the help pages."""
    return content.load_questions(facts=documents.read_questions(), now=now)


def invent_timetable(*, now: datetime) -> int:
    """Give fictional hours to the wings that receive visits and have none; return how many sessions."""
    sessions = [
        session
        for wing in queries.wings_without_timetable()
        for session in plausible_sessions(wing, valid_from=now.date())
    ]
    return add_sessions(sessions=sessions, actor=SERVICE, now=now)


def invent_slots(*, now: datetime) -> int:
    """Make the slots of the days to come, unless they are there; return how many were made."""
    if queries.slots_exist_on(now.date() + timedelta(days=HORIZON_DAYS - 1)):
        return 0
    return make_slots(now=now).created


def invent_register(*, now: datetime) -> bool:
    """Import an invented register through the real command, unless its people are known already."""
    if queries.personas_are_known():
        return False
    lines = feed_lines(detainees=DETAINEES, seed=SEED, as_of=now.date(), facts=read_referential())
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "register.jsonl"
        feed.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        call_command("import_register", feed)
    return True


def open_account(persona: Persona, *, now: datetime) -> Account:
    """Return a persona's account, opened as at a first sign-in if need be."""
    issuer, sub = settings.FRANCECONNECT["issuer"], sub_of(persona)
    account = queries.account_of(issuer=issuer, sub=sub)
    if account is None:
        identity = Identity(
            issuer=issuer,
            sub=sub,
            birth_name=persona.birth_name,
            use_name=persona.use_name,
            first_names=persona.first_names,
            birth_date=persona.birth_date,
            email=persona.email,
        )
        opened = sign_in(identity=identity, id_token="", language="fr", now=now)
        sign_out(key=opened.key, now=now)
        account = opened.account
    return account


def register_permits(*, now: datetime) -> int:
    """Register what personas have registered already, as each would online; return how many were new."""
    registered = 0
    for persona in (*PERSONAS, *EXTRAS):
        for known in (known for known in persona.permits if known.registered):
            registered += _register(persona, known, now=now)
    return registered


def book_visits(*, now: datetime) -> int:
    """Book the visits that situations need: a week at its maximum, full slots; return how many were booked."""
    reached = reach_weekly_maximum(persona_of("semaine-atteinte"), now=now)
    return reached + fill_slots(EXTRAS, now=now)


def reach_weekly_maximum(persona: Persona, *, now: datetime) -> int:
    """Book every visit that next week allows, on the persona's first permit; return how many were booked."""
    permit = queries.permit_numbered(persona.permits[0].number)
    slots = queries.slots_of_next_week(permit.detainee.wing_id, now=now)
    account = open_account(persona, now=now)
    return sum(_book(account, permit=permit, slot=slot, now=now) for slot in slots)


def fill_slots(families: Sequence[Persona], *, now: datetime) -> int:
    """Fill the wanted hours of two weeks, as far as the families may still come; return how many places are taken.

    Only slots that nobody has a place in: what people did with the demonstration stays as it is.
    """
    permits = [queries.permit_numbered(family.permits[0].number) for family in families]
    slots = queries.wanted_slots(permits[0].detainee.wing_id, now=now)
    accounts = [open_account(family, now=now) for family in families] if slots else []
    taken = 0
    for slot in slots:
        free = slot.capacity
        for account, permit in zip(accounts, permits, strict=True):
            if free and _book(account, permit=permit, slot=slot, now=now):
                free, taken = free - 1, taken + 1
    return taken


def _register(persona: Persona, known: KnownPermit, *, now: datetime) -> bool:
    """Register one permit unless it is registered."""
    account = open_account(persona, now=now)
    if queries.is_registered(account=account, number=known.number):
        return False
    prison = queries.prison_named(known.establishment)
    claim = PermitClaim(
        establishment_id=prison.pk, zone=prison.zone, number=known.number, holding=Holding(known.holding)
    )
    register_permit(account=account, claim=claim, address=mark("parloir.demo", "demonstration"), now=now)
    return True


def _book(account: Account, *, permit: Permit, slot: Slot, now: datetime) -> bool:
    """Book one visit as the family would online; False when a rule stands in the way, or it was booked before."""
    wish = Wish(
        detainee_id=permit.detainee_id,
        slot_id=slot.pk,
        permit_ids=frozenset({permit.pk}),
        idempotency_key=f"demonstration-{slot.pk}",
    )
    try:
        return book_visit(booker=account, wish=wish, channel=Channel.ONLINE, now=now).booked_at == now
    except VisitRefused:
        return False

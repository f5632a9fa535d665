"""The demonstration sets itself up once, through the real operations, and each persona is in their situation."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from parloir.demo import operations, queries
from parloir.demo.management.commands import prepare
from parloir.demo.people import sub_of
from parloir.demo.personas import PERSONAS, persona_of
from parloir.journal.models import Entry
from parloir.people.models import Account, SignIn
from parloir.permits.models import Permit, Registration
from parloir.timetable.models import Session, Slot
from parloir.visits.models import Visit
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.mine import detainee_of
from parloir.visits.rules import Code
from tests.factories import AccountFactory, DetaineeFactory, EstablishmentFactory, SessionFactory

NOTHING_TO_DO = [
    "Prisons: 0 created, 0 updated.",
    "Questions: 0 loaded, 0 rewritten.",
    "Timetable: 0 fictional sessions added.",
    "Slots: 0 made.",
    "Register: known already.",
    "Permits: 0 registered for the personas.",
    "Visits: 0 booked.",
]


def loaded() -> list[str]:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue().splitlines()


def account_of(key: str) -> Account:
    return Account.objects.get(sub=sub_of(persona_of(key)))


@pytest.mark.django_db(transaction=True)
def test_the_demonstration_is_loaded_once_and_every_persona_is_in_their_situation():
    loaded()

    check_the_timetable_is_fictional()
    check_permits_are_registered_as_the_page_says()
    check_the_week_of_one_is_at_its_maximum()
    check_some_slots_are_full()
    check_the_new_prison_is_not_told_yet()
    call_command("check_invariants", stdout=StringIO())
    before = Visit.objects.count(), Slot.objects.count(), Entry.objects.count()
    assert loaded() == NOTHING_TO_DO
    assert (Visit.objects.count(), Slot.objects.count(), Entry.objects.count()) == before


def check_the_timetable_is_fictional() -> None:
    assert not Session.objects.filter(fictional=False).exists()
    assert not Slot.objects.filter(fictional=False).exists()
    assert list(queries.wings_without_timetable()) == []


def check_permits_are_registered_as_the_page_says() -> None:
    assert queries.personas_are_known()
    for persona in PERSONAS:
        expected = {permit.number for permit in persona.permits if permit.registered}
        registered = Registration.objects.filter(account__sub=sub_of(persona)).values_list("permit__number", flat=True)
        assert set(registered) == expected
    assert not SignIn.objects.filter(revoked_at=None).exists()


def check_the_week_of_one_is_at_its_maximum() -> None:
    now = timezone.now()
    account = account_of("semaine-atteinte")
    visits = Visit.objects.filter(booker=account)
    assert visits.count() == 3
    assert visits.values("week").distinct().count() == 1
    permit = Permit.objects.get(registrations__account=account)
    calendar = calendar_of(detainee_of(account, permit.detainee_id, now=now), now=now)
    reached = [refusal.code for day in calendar.days for time in day.times for refusal in time.refusals]
    assert Code.WEEKLY_MAXIMUM in reached
    assert calendar.is_open


def check_some_slots_are_full() -> None:
    full = Slot.objects.filter(wing__establishment__slug="ma-dijon", taken=F("capacity"))
    assert full.count() >= 8


def check_the_new_prison_is_not_told_yet() -> None:
    now = timezone.now()
    permit = Permit.objects.get(registrations__account=account_of("transfert"))
    assert permit.detainee.wing.establishment.slug == "cp-varennes-le-grand"
    assert not permit.detainee.is_disclosed(now=now)


@pytest.mark.django_db(transaction=True)
def test_a_persona_has_one_account_and_no_open_session():
    now = timezone.now()
    persona = persona_of("prete")

    first = operations.open_account(persona, now=now)
    again = operations.open_account(persona, now=now)

    assert first == again
    assert (first.sub, first.birth_name, first.use_name) == (sub_of(persona), "MARCHAND", "FONTAINE")
    assert (first.first_names, first.birth_date) == (["Camille", "Louise"], "1991-05-17")
    assert Account.objects.count() == 1
    assert not SignIn.objects.filter(revoked_at=None).exists()


REFUSAL = (
    "This database is in use and is not a demonstration: nothing was written to it. For the demonstration,"
    " unset DATABASE_URL, or name an empty database."
)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["load_demo", "prepare"])
@pytest.mark.parametrize("in_use", [EstablishmentFactory, AccountFactory, DetaineeFactory, SessionFactory])
def test_no_fictional_person_enters_a_database_in_use(monkeypatch, command, in_use):
    monkeypatch.setattr(prepare, "what_is_missing", lambda: pytest.fail("no table is touched either"))
    in_use()

    with pytest.raises(CommandError) as refused:
        call_command(command, stdout=StringIO())

    assert str(refused.value) == REFUSAL
    assert not Permit.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_an_empty_database_and_a_demonstration_may_hold_fictional_people():
    assert queries.may_hold_fiction()

    SessionFactory(fictional=True)

    assert queries.may_hold_fiction()

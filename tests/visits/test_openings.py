"""« Prévenez-moi à l’ouverture »: everybody who asked is told together, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.people.models import Detainee
from parloir.permits.models import Permit
from parloir.timetable.models import Slot
from parloir.visits.models import OpeningAlert
from parloir.visits.operations import VisitRefused, ask_to_be_told_of_opening, tell_openings
from parloir.visits.rules import Code
from tests.factories import NOW, PolicyFactory
from tests.visits.families import Family, jobs, slot_in

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 9)
OPENS = NOW + timedelta(days=7) - timedelta(hours=2)
"""At 08:00 in Paris, thirty days before the day."""


def ask(family, now=NOW):
    return ask_to_be_told_of_opening(account=family.account, detainee_id=family.detainee.pk, now=now)


@pytest.fixture
def family():
    family = Family()
    slot_in(family.wing, days=28)
    return family


def told():
    return [name for name in jobs() if name == "visits.tell_opening"]


def test_a_family_asks_for_the_next_day_that_opens(family):
    alert = ask(family)

    assert (alert.day, alert.opens_at, alert.told_at) == (DAY, OPENS, None)


def test_asking_twice_is_asking_once(family):
    assert ask(family) == ask(family, NOW + timedelta(hours=1))
    assert OpeningAlert.objects.count() == 1


def test_the_day_that_opens_today_at_eight_is_no_longer_to_open(family):
    with pytest.raises(VisitRefused) as refusal:
        ask(family, OPENS)

    assert [reason.code for reason in refusal.value.refusals] == [Code.NO_SUCH_SLOT]


def test_the_day_that_opens_in_an_hour_is_still_to_open(family):
    assert ask(family, OPENS - timedelta(hours=1)).day == DAY


def test_a_prison_not_yet_known_opens_nothing(family):
    Detainee.objects.update(disclose_from=date(2026, 11, 20))

    with pytest.raises(VisitRefused):
        ask(family)


@pytest.mark.parametrize("until", [None, DAY])
def test_who_is_suspended_on_the_day_that_opens_is_not_told_of_it(family, until):
    Permit.objects.update(status="suspended", suspended_until=until)

    with pytest.raises(VisitRefused) as refusal:
        ask(family)

    assert [reason.code for reason in refusal.value.refusals] == [Code.PERMIT_SUSPENDED]


def test_who_is_suspended_until_the_day_before_is_told_of_it(family):
    Permit.objects.update(status="suspended", suspended_until=DAY - timedelta(days=1))

    assert ask(family).day == DAY


def test_who_is_suspended_after_asking_is_not_told(family):
    ask(family)
    Permit.objects.update(status="suspended")

    assert tell_openings(now=OPENS) == 0


def test_a_stranger_asks_for_nothing(family):
    stranger = Family()
    stranger.detainee = family.detainee

    with pytest.raises(Detainee.DoesNotExist):
        ask(stranger)


def test_all_are_told_together_when_it_opens_and_once(family):
    other = Family(slot=family.slot)
    ask(family)
    ask(other, NOW + timedelta(days=2))

    assert tell_openings(now=OPENS - timedelta(seconds=1)) == 0
    assert tell_openings(now=OPENS) == 2
    assert tell_openings(now=OPENS) == 0
    assert len(told()) == 2


def test_a_day_that_opens_later_by_now_is_told_later(family):
    ask(family)
    family.wing.policy.opens_days_before = 14
    family.wing.policy.save()

    assert tell_openings(now=OPENS) == 0
    assert tell_openings(now=OPENS + timedelta(days=16)) == 1


@pytest.mark.parametrize("harm", ["released", "moved", "not disclosed", "closed", "no permit", "no slot"])
def test_an_opening_that_means_nothing_any_more_is_closed_in_silence(family, harm):
    ask(family)
    if harm == "released":
        Detainee.objects.update(presence="released")
    elif harm == "moved":
        Detainee.objects.update(wing=PolicyFactory().wing)
    elif harm == "not disclosed":
        Detainee.objects.update(disclose_from=date(2026, 12, 1))
    elif harm == "closed":
        Permit.objects.update(closed_at=NOW)
    elif harm == "no permit":
        family.permit.registrations.all().delete()
    else:
        Slot.objects.update(capacity=0)

    assert tell_openings(now=OPENS) == 0
    assert told() == []
    assert OpeningAlert.objects.get().told_at == OPENS

"""A day on which no permit of the family is good does not look free; a trip's refusal names its day."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from parloir.visits.models import Draft
from parloir.visits.operations import VisitRefused
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.mine import detainee_of, permits_named
from parloir.visits.rules import Code, Refusal, of_the_days
from parloir.visits.sentences import told_to_family
from tests.factories import NOW
from tests.portal.booking import a_family, new
from tests.visits.families import WEDNESDAY, Family, slot_in

pytestmark = pytest.mark.django_db

WEDNESDAY_S = WEDNESDAY.date()


def days_of(family):
    detainee = detainee_of(family.account, family.detainee.pk, now=NOW)
    calendar = calendar_of(detainee, permits=list(permits_named(family.account, detainee)), now=NOW)
    return {
        day.day.isoweekday(): (day.is_open, {r.code for t in day.times for r in t.refusals}) for day in calendar.days
    }


def test_a_weekday_that_no_permit_allows_is_not_open_and_says_why():
    family = Family(weekdays=[4, 5])
    slot_in(family.wing, days=1)

    assert days_of(family) == {3: (False, {Code.PERMIT_WEEKDAY}), 4: (True, set())}


def test_a_day_stays_open_as_long_as_one_of_the_family_may_come():
    family = Family(weekdays=[4, 5])
    family.add(holding="adult", born=date(1960, 1, 1))

    assert days_of(family) == {3: (True, set())}


def test_a_day_on_which_only_a_child_s_permit_is_good_is_not_open():
    """The child could not come: nobody who may would come along."""
    family = Family(weekdays=[4, 5])
    family.add()

    assert days_of(family) == {3: (False, {Code.PERMIT_WEEKDAY})}


def test_a_permit_that_ends_before_closes_the_days_after():
    family = Family(valid_until=WEDNESDAY_S)
    slot_in(family.wing, days=1)

    assert days_of(family) == {3: (True, set()), 4: (False, {Code.PERMIT_EXPIRED})}


def test_the_page_names_whose_permit_it_is_where_there_are_several():
    family = a_family()
    other = 1 + family.slot.local_date.isoweekday() % 7
    family.permit.weekdays = [other]
    family.permit.save()
    family.add(weekdays=[other])

    page = family.browser.get(new(family) + f"?jour={family.slot.local_date}").content.decode()

    assert "Sophie DURAND : Le permis ne permet pas de visite ce jour-là." in page
    assert "3 places" not in page
    assert family.slot.starts_at > timezone.now()


FULL, ENDED = Refusal(Code.FULL), Refusal(Code.PERMIT_EXPIRED, 1)
THURSDAY_S = WEDNESDAY_S.replace(day=12)


@pytest.mark.parametrize(
    ("found", "days", "told"),
    [
        ([(WEDNESDAY_S, FULL)], 1, [FULL]),
        ([(WEDNESDAY_S, FULL), (THURSDAY_S, FULL)], 2, [FULL]),
        ([(THURSDAY_S, FULL)], 2, [Refusal(Code.FULL, day=THURSDAY_S)]),
        (
            [(WEDNESDAY_S, FULL), (THURSDAY_S, FULL), (THURSDAY_S, ENDED)],
            3,
            [
                Refusal(Code.FULL, day=WEDNESDAY_S),
                Refusal(Code.FULL, day=THURSDAY_S),
                Refusal(Code.PERMIT_EXPIRED, 1, day=THURSDAY_S),
            ],
        ),
    ],
)
def test_a_reason_names_its_day_unless_every_day_has_it(found, days, told):
    assert of_the_days(found, days=days) == told


def refusals_of(action, *args):
    with pytest.raises(VisitRefused) as refused:
        action(*args)
    return list(refused.value.refusals)


def test_the_day_of_a_trip_that_is_full_is_named_when_it_is_chosen():
    family = Family()
    full = slot_in(family.wing, days=1, taken=3)

    refused = refusals_of(family.hold, family.slot, full)

    assert refused == [Refusal(Code.FULL, day=full.local_date)]
    zone = family.wing.establishment.zone
    assert [told.text for told in told_to_family(refused, zone=zone)] == [
        "Jeudi 12 novembre : Ce créneau est complet. Choisissez un autre jour ou une autre heure."
    ]
    assert Draft.objects.count() == 0


def test_the_day_of_a_trip_on_which_a_permit_is_not_good_is_named_when_people_are_chosen():
    family = Family(weekdays=[3])
    thursday = slot_in(family.wing, days=1)
    family.add(holding="adult", born=date(1960, 1, 1))
    family.hold(family.slot, thursday)

    (refused,) = refusals_of(family.choose)

    assert (refused.code, refused.day) == (Code.PERMIT_WEEKDAY, thursday.local_date)


def test_the_day_of_a_trip_that_is_lost_is_named_at_the_last_press():
    family = Family()
    thursday = slot_in(family.wing, days=1)
    family.hold(family.slot, thursday)
    family.choose()
    thursday.capacity = 0
    thursday.taken = 0
    type(thursday).objects.filter(pk=thursday.pk).update(taken=0)
    type(thursday).objects.filter(pk=thursday.pk).update(capacity=0)

    (refused,) = refusals_of(family.confirm, family.slot, thursday)

    assert (refused.code, refused.day) == (Code.CLOSED, thursday.local_date)

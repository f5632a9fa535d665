"""Why one cannot book: all the reasons at once, and a code that one prison's agents alone can read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from parloir.journal.models import Entry
from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from parloir.timetable.models import Slot
from parloir.visits.models import WhyNot
from parloir.visits.operations import VisitRefused, explain_why_not, forget_old_codes, give_why_not_code
from parloir.visits.queries.mine import detainee_of
from parloir.visits.queries.why_not import why_not
from parloir.visits.rules import ALPHABET, CODES_PER_HOUR, Code
from tests.factories import NOW, RestrictionFactory
from tests.visits.families import Family, refused, slot_in

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 7)
NEXT_MONTH = date(2026, 12, 1)


def why(family, *, slot=None, permits=(), now=NOW):
    detainee = detainee_of(family.account, family.detainee.pk, now=now)
    return why_not(family.account, detainee, slot=slot, permit_ids=[permit.pk for permit in permits], now=now)


def codes(refusals):
    return [refusal.code for refusal in refusals]


def of_people(found):
    return {person.permit.pk: codes(person.refusals) for person in found.people}


def give(family, *, slot=None, now=NOW, permits=()):
    return give_why_not_code(
        account=family.account,
        detainee_id=family.detainee.pk,
        slot_id=slot.pk if slot else None,
        permit_ids=[permit.pk for permit in permits],
        now=now,
    )


def explain(code, family, *, now=NOW, prisons=None):
    ids = [family.wing.establishment_id] if prisons is None else prisons
    return explain_why_not(agent=AGENT, code=code, establishment_ids=ids, now=now)


def refused_to_explain(*args, **how):
    with pytest.raises(VisitRefused) as refusal:
        explain(*args, **how)
    return codes(refusal.value.refusals)


# The reasons ------------------------------------------------------------------------------


def test_where_nothing_stands_in_the_way_nothing_is_said():
    found = why(Family())

    assert (found.general, found.together, found.is_open) == ((), (), True)
    assert list(of_people(found).values()) == [[]]


def test_a_full_calendar_says_why_and_when_to_come_back():
    family = Family()
    Slot.objects.update(taken=3)
    slot_in(family.wing, days=30)

    found = why(family)

    assert codes(found.general) == [Code.FULL]
    assert found.next_opening is not None
    assert not found.is_open


def test_each_person_has_every_reason_of_their_own():
    family = Family(status="suspended", suspended_until=NEXT_MONTH, valid_until=date(2026, 11, 5))
    child = family.add(visits_allowed=1, separated=True)

    assert of_people(why(family)) == {
        family.permit.pk: [Code.PERMIT_SUSPENDED, Code.PERMIT_EXPIRED],
        child.pk: [Code.PERMIT_SEPARATED],
    }


def test_a_used_up_permit_is_said_without_a_slot():
    family = Family(visits_allowed=1)
    family.book()

    assert of_people(why(family)) == {family.permit.pk: [Code.PERMIT_USED_UP]}


def test_the_weekdays_of_a_permit_are_a_reason_only_when_none_of_them_is_to_be_had():
    family = Family(weekdays=[6])

    assert of_people(why(family)) == {family.permit.pk: [Code.PERMIT_WEEKDAY]}

    slot_in(family.wing, days=3)
    assert of_people(why(family)) == {family.permit.pk: []}


def test_a_slot_says_all_at_once_the_place_the_people_and_their_coming_together():
    family = Family(status="withdrawn")
    child = family.add(weekdays=[6])
    family.slot.taken = 3
    family.slot.save()

    found = why(family, slot=family.slot, permits=[child])

    assert codes(found.general) == [Code.FULL]
    assert codes(found.together) == [Code.MINOR_NEEDS_ADULT]
    assert of_people(found) == {family.permit.pk: [Code.PERMIT_WITHDRAWN], child.pk: [Code.PERMIT_WEEKDAY]}


def test_the_reasons_cost_the_same_whoever_is_registered(django_assert_num_queries):
    family = Family()
    with django_assert_num_queries(6):
        why(family)
    for _ in range(3):
        family.add()
    with django_assert_num_queries(6):
        why(family)


# The code ---------------------------------------------------------------------------------


def test_a_code_is_short_easy_to_dictate_and_good_for_ten_minutes():
    given = give(Family())

    left, dash, right = given.code.partition("-")
    assert (len(left), dash, len(right)) == (3, "-", 3)
    assert set(left + right) <= set(ALPHABET)
    assert given.expires_at == NOW + timedelta(minutes=10)
    act = journal_entries().get(verb="why_not.given")
    assert (act.actor_kind, act.subject_kind, act.subject_id) == ("account", "detainee", given.detainee_id)


def test_an_account_is_given_so_many_codes_an_hour_and_no_more():
    family = Family()
    for minute in range(CODES_PER_HOUR):
        give(family, now=NOW + timedelta(minutes=minute))

    assert refused(give, family, now=NOW + timedelta(minutes=59)) == [Code.CODES_MAXIMUM]
    assert WhyNot.objects.count() == CODES_PER_HOUR

    give(family, now=NOW + timedelta(minutes=60))


def test_one_asks_only_about_those_one_has_a_permit_for():
    family, other = Family(), Family()

    with pytest.raises(ObjectDoesNotExist):
        give_why_not_code(account=family.account, detainee_id=other.detainee.pk, now=NOW)
    with pytest.raises(ObjectDoesNotExist):
        give(family, slot=other.slot)

    assert WhyNot.objects.count() == 0


def test_an_agent_of_the_prison_reads_everything_the_cause_included():
    family = Family(status="suspended", suspended_until=NEXT_MONTH)
    RestrictionFactory(detainee=family.detainee)
    code = give(family, slot=family.slot, permits=[family.permit]).code

    told = explain(code, family)

    assert codes(told.why.general) == [Code.RESTRICTED]
    assert told.detainee.committal_number == family.detainee.committal_number
    ((person, reasons),) = [(p.permit, codes(p.refusals)) for p in told.why.people]
    assert (person.number, person.visitor.short_name) == (family.permit.number, "Sophie DURAND")
    assert reasons == [Code.PERMIT_SUSPENDED]
    assert told.chosen == {family.permit.pk}
    act = journal_entries().get(verb="why_not.read")
    assert (act.actor_kind, act.actor_id, act.subject_id) == ("staff", 7, family.detainee.pk)


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {1} ", "{2}", "{3}"])
def test_a_code_may_be_typed_in_lower_case_with_spaces_or_without_its_dash(typed):
    family = Family()
    code = give(family).code
    low = code.lower()

    text = typed.format(code, low, low.replace("-", " "), " ".join(low.replace("-", "")))

    assert explain(text, family).detainee == family.detainee


@pytest.mark.parametrize("wrong", ["another prison", "no prison", "over", "wrong", "malformed", "empty", "moved"])
def test_whatever_is_wrong_fails_in_one_same_way(wrong):
    family, other = Family(), Family()
    code = give(family).code
    prisons, now, typed = None, NOW, code
    if wrong == "another prison":
        prisons = [other.wing.establishment_id]
    elif wrong == "no prison":
        prisons = []
    elif wrong == "over":
        now = NOW + timedelta(minutes=10)
    elif wrong == "moved":
        family.detainee.wing = other.wing
        family.detainee.save()
    else:
        typed = {"wrong": "222-222" if code != "222-222" else "333-333", "malformed": "AEI-OU1", "empty": ""}[wrong]

    assert refused_to_explain(typed, family, prisons=prisons, now=now) == [Code.NO_SUCH_CODE]

    act = journal_entries().get(verb="why_not.refused")
    assert (act.actor_kind, act.actor_id, act.subject_kind, act.subject_id, act.detail) == (
        *("staff", 7, "why_not", None),
        {},
    )
    assert not Entry.objects.filter(verb="why_not.read").exists()


def test_just_before_its_end_a_code_is_still_read():
    family = Family()
    code = give(family).code

    assert explain(code, family, now=NOW + timedelta(minutes=9, seconds=59)).why.is_open


def test_what_the_agent_reads_is_true_at_that_moment():
    family = Family()
    code = give(family).code
    family.permit.status = "withdrawn"
    family.permit.save()

    assert of_people(explain(code, family).why) == {family.permit.pk: [Code.PERMIT_WITHDRAWN]}


def test_old_codes_are_forgotten():
    family = Family()
    give(family)

    assert forget_old_codes(now=NOW + timedelta(minutes=59)) == 0
    assert forget_old_codes(now=NOW + timedelta(hours=1)) == 1
    assert WhyNot.objects.count() == 0

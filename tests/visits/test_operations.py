"""Booking and cancelling, on real rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.rules import Channel
from parloir.journal.models import Entry
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations import (
    VisitRefused,
    Wish,
    book_visit,
    booking,
    cancel_visit,
    judge_again,
    places,
)
from parloir.visits.operations.refused import told_as_reasons
from parloir.visits.rules import Code
from tests.factories import (
    NOW,
    AccountFactory,
    DetaineeFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    RestrictionFactory,
    SlotFactory,
    VisitorFactory,
)

pytestmark = pytest.mark.django_db


class Family:
    """A relative with a registered permit, in a wing with one slot."""

    def __init__(self, *, wing=None, slot=None, **permit) -> None:
        self.wing = wing or (slot.wing if slot else PolicyFactory().wing)
        self.slot = slot or SlotFactory(wing=self.wing)
        self.account = AccountFactory()
        self.detainee = DetaineeFactory(wing=self.wing)
        self.permit = PermitFactory(detainee=self.detainee, **permit)
        RegistrationFactory(account=self.account, permit=self.permit)

    def add(self, *, holding="child", born=date(2018, 5, 1), **permit):
        added = PermitFactory(detainee=self.detainee, visitor=VisitorFactory(birth_date=born), **permit)
        return RegistrationFactory(account=self.account, permit=added, holding=holding).permit

    def wish(self, *permits, slot=None, key="k1"):
        return Wish(
            detainee_id=self.detainee.pk,
            slot_id=(slot or self.slot).pk,
            permit_ids=frozenset(p.pk for p in permits or [self.permit]),
            idempotency_key=key,
        )

    def book(self, *permits, slot=None, key="k1", now=NOW, channel=Channel.ONLINE):
        return book_visit(booker=self.account, wish=self.wish(*permits, slot=slot, key=key), channel=channel, now=now)

    def refused(self, *permits, **how):
        """Book, and return the codes of the refusal, after checking that nothing happened."""
        before = snapshot()
        with pytest.raises(VisitRefused) as refused:
            self.book(*permits, **how)
        assert snapshot() == before
        return [refusal.code for refusal in refused.value.refusals]


def snapshot():
    return (
        list(Visit.objects.order_by("pk").values()),
        list(Attendance.objects.order_by("pk").values()),
        list(Slot.objects.order_by("pk").values()),
        ProcrastinateJob.objects.count(),
        Entry.objects.count(),
    )


def jobs():
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", "args", "lock"))


def test_a_family_books_and_is_confirmed_at_once():
    family = Family()

    visit = family.book()

    assert visit.status == "booked"
    assert visit.local_date == date(2026, 11, 11)
    assert visit.week == date(2026, 11, 9)
    assert Slot.objects.get().taken == 1
    assert list(Attendance.objects.values_list("permit_id", "live")) == [(family.permit.pk, True)]
    assert jobs() == [("visits.tell_booked", {"visit_id": visit.pk}, f"visit-{visit.pk}")]
    assert Entry.objects.get().verb == "visit.booked"


def test_booking_takes_at_most_ten_statements_whoever_comes(django_assert_max_num_queries):
    family = Family()
    children = [family.add(born=date(2018, month, 1)) for month in (1, 2)]

    with django_assert_max_num_queries(11):  # the test's own savepoint pair is counted
        family.book(family.permit, *children)


def test_the_same_submission_sent_twice_is_one_visit():
    family = Family()

    first, second = family.book(), family.book()

    assert first == second
    assert Slot.objects.get().taken == 1
    assert len(jobs()) == 1


def test_a_full_slot_is_refused():
    family = Family()
    Slot.objects.update(taken=3)

    assert family.refused() == [Code.FULL]


def test_the_counter_alone_keeps_a_slot_from_being_oversold(monkeypatch):
    """Everybody was judged when a place was left, and no constraint stands behind the counter."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE timetable_slot DROP CONSTRAINT a_slot_is_never_oversold")
    slot = SlotFactory(wing=PolicyFactory().wing, capacity=1)
    first, second = Family(slot=slot), Family(slot=slot)
    monkeypatch.setattr(booking, "reasons_to_refuse", lambda _facts: [])
    first.book()

    assert second.refused() == [Code.FULL]
    assert Slot.objects.get().taken == 1


def test_the_constraint_alone_keeps_a_slot_from_being_oversold(monkeypatch):
    slot = SlotFactory(wing=PolicyFactory().wing, capacity=1)
    first, second = Family(slot=slot), Family(slot=slot)
    monkeypatch.setattr(booking, "reasons_to_refuse", lambda _facts: [])
    monkeypatch.setattr(places, "_is_taken", lambda pk, _: Slot.objects.filter(pk=pk).update(taken=F("taken") + 1))
    first.book()

    assert second.refused() == [Code.FULL]
    assert Slot.objects.get().taken == 1


def test_a_permit_of_another_account_is_refused_like_an_unknown_one():
    family, other = Family(), Family()

    assert family.refused(other.permit) == [Code.NOT_REGISTERED]


def test_nobody_cannot_come():
    family = Family()
    wish = Wish(detainee_id=family.detainee.pk, slot_id=family.slot.pk, permit_ids=frozenset(), idempotency_key="k")

    with pytest.raises(VisitRefused) as refused:
        book_visit(booker=family.account, wish=wish, channel=Channel.ONLINE, now=NOW)

    assert [r.code for r in refused.value.refusals] == [Code.NOBODY]


def test_a_slot_of_another_wing_is_refused():
    family = Family()
    elsewhere = SlotFactory(wing=PolicyFactory().wing)

    assert family.refused(slot=elsewhere) == [Code.MOVED]


def test_the_weekly_maximum_counts_the_visits_of_every_family():
    wing = PolicyFactory().wing
    slots = [SlotFactory(wing=wing, starts_at=datetime(2026, 11, day, 13, tzinfo=UTC)) for day in (9, 10, 11, 12)]
    family = Family(wing=wing, slot=slots[0])
    sister = Family(wing=wing, slot=slots[0])
    sister.detainee = family.detainee
    sister.permit = PermitFactory(detainee=family.detainee)
    RegistrationFactory(account=sister.account, permit=sister.permit)
    for index, who in enumerate((family, sister, family)):
        who.book(slot=slots[index], key=f"k{index}")

    assert family.refused(slot=slots[3], key="last") == [Code.WEEKLY_MAXIMUM]


def test_a_detainee_is_visited_once_a_day():
    family = Family()
    later = SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 11, 15, tzinfo=UTC))
    family.book()

    assert family.refused(slot=later, key="k2") == [Code.DAILY_MAXIMUM, Code.VISITOR_DAILY_MAXIMUM]


def test_two_brothers_may_be_visited_on_one_day_but_not_at_one_hour():
    wing = PolicyFactory().wing
    morning = SlotFactory(wing=wing, starts_at=datetime(2026, 11, 11, 9, tzinfo=UTC))
    noon = SlotFactory(wing=wing, starts_at=datetime(2026, 11, 11, 11, tzinfo=UTC))
    first = Family(wing=wing, slot=morning)
    brother = Family(wing=wing, slot=morning, visitor=first.permit.visitor)
    brother.account = first.account
    RegistrationFactory(account=first.account, permit=brother.permit)
    first.book()

    assert brother.refused(key="k2") == [Code.VISITOR_BUSY]
    assert brother.book(slot=noon, key="k3").status == "booked"


def test_a_child_comes_with_an_adult_only():
    family = Family()
    child = family.add()

    assert family.refused(child) == [Code.MINOR_NEEDS_ADULT]
    assert family.book(family.permit, child).status == "booked"


def test_a_limited_permit_is_used_up():
    family = Family(visits_allowed=1)
    later = SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 18, 13, tzinfo=UTC))
    family.book()

    assert family.refused(slot=later, key="k2") == [Code.PERMIT_USED_UP]


def test_cancelling_frees_the_place_at_once_and_tells():
    family = Family(visits_allowed=1)
    visit = family.book()

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancelled_at) == ("cancelled", "family", NOW)
    assert Slot.objects.get().taken == 0
    assert list(Attendance.objects.values_list("live", "debits")) == [(False, False)]
    assert [job[0] for job in jobs()] == ["visits.tell_booked", "visits.tell_cancelled"]
    assert family.book(key="again").status == "booked"


def test_cancelling_inside_the_last_day_does_not_give_a_limited_visit_back():
    family = Family(visits_allowed=1)
    later = SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 18, 13, tzinfo=UTC))
    visit = family.book()

    cancel_visit(booker=family.account, visit_id=visit.pk, now=family.slot.starts_at - timedelta(hours=23))

    assert family.refused(slot=later, key="k2") == [Code.PERMIT_USED_UP]


def test_cancelling_twice_is_cancelling_once():
    family = Family()
    visit = family.book()

    for _ in range(2):
        cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert Slot.objects.get().taken == 0
    assert len(jobs()) == 2


def test_a_visit_that_has_begun_cannot_be_cancelled():
    family = Family()
    visit = family.book()
    before = snapshot()

    with pytest.raises(VisitRefused) as refused:
        cancel_visit(booker=family.account, visit_id=visit.pk, now=family.slot.starts_at)

    assert [r.code for r in refused.value.refusals] == [Code.STARTED]
    assert snapshot() == before


def test_nobody_cancels_the_visit_of_another_account():
    family = Family()
    visit = family.book()

    with pytest.raises(Visit.DoesNotExist):
        cancel_visit(booker=AccountFactory(), visit_id=visit.pk, now=NOW)

    assert Slot.objects.get().taken == 1


@pytest.mark.parametrize(
    ("news", "code"),
    [
        (lambda f: f.detainee.__class__.objects.update(presence="released"), "released"),
        (lambda f: f.detainee.__class__.objects.update(presence="hospital"), "hospital"),
        (lambda f: f.detainee.__class__.objects.update(wing=PolicyFactory().wing), "moved"),
        (lambda f: RestrictionFactory(detainee=f.detainee), "restricted"),
        (lambda f: f.permit.__class__.objects.update(status="withdrawn"), "permit_withdrawn"),
        (lambda f: f.permit.__class__.objects.update(status="suspended"), "permit_suspended"),
        (lambda f: f.permit.__class__.objects.update(valid_until=date(2026, 11, 10)), "permit_expired"),
        (lambda f: f.permit.__class__.objects.update(weekdays=[6]), "permit_weekday"),
        (lambda f: f.permit.__class__.objects.update(closed_at=NOW), "permit_closed"),
        (lambda f: f.permit.__class__.objects.update(separated=True), "permit_separated"),
    ],
)
def test_news_from_the_register_ends_the_visits_it_touches(news, code):
    family, untouched = Family(visits_allowed=1), Family()
    visit = family.book()
    kept = untouched.book()
    news(family) if code == "restricted" else _only(family, news)

    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 1

    visit.refresh_from_db()
    kept.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancel_cause) == ("cancelled", "register", code)
    assert kept.status == "booked"
    assert Slot.objects.get(pk=family.slot.pk).taken == 0
    assert Attendance.objects.get(visit=visit).debits is False
    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 0


def _only(family, news):
    """Give the news to one family and undo it for the other."""
    others = [
        (model, list(model.objects.exclude(pk=own.pk)))
        for model, own in ((type(family.detainee), family.detainee), (type(family.permit), family.permit))
    ]
    news(family)
    for _model, rows in others:
        for row in rows:
            row.save()


def test_a_suspension_spares_the_visits_after_it():
    family = Family()
    visit = family.book()
    type(family.permit).objects.update(status="suspended", suspended_until=date(2026, 11, 10))

    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 0

    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_disciplinary_cell_leaves_the_first_visit_of_the_week():
    family = Family()
    later = SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 12, 13, tzinfo=UTC))
    first, second = family.book(), family.book(slot=later, key="k2")
    type(family.detainee).objects.update(presence="disciplinary")
    type(family.wing.policy).objects.update(on_disciplinary="cancel")

    ended = judge_again(detainee_ids=[family.detainee.pk], now=NOW)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (ended, first.status, second.status) == (1, "booked", "cancelled")
    assert second.cancel_cause == "disciplinary_maximum"


def test_a_limited_permit_cut_shorter_ends_the_latest_visit():
    family = Family(visits_allowed=2)
    later = SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 12, 13, tzinfo=UTC))
    first, second = family.book(), family.book(slot=later, key="k2")
    type(family.permit).objects.update(visits_allowed=1)

    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status, second.cancel_cause) == ("booked", "cancelled", "permit_used_up")


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        ("a_slot_is_never_oversold", Code.FULL),
        ("a_detainee_is_not_visited_twice_at_once", Code.DETAINEE_BUSY),
        ("a_visitor_is_not_twice_at_once", Code.VISITOR_BUSY),
        ("a_booking_is_sent_once", Code.TRY_AGAIN),
        ("visits_visit_reference_key", Code.TRY_AGAIN),
        ("visits_whynot_code_key", Code.TRY_AGAIN),
    ],
)
def test_the_database_s_last_word_is_told_as_a_reason(constraint, code):
    with pytest.raises(VisitRefused) as refused, told_as_reasons(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN RAISE unique_violation USING CONSTRAINT = '{constraint}'; END $$",
        )

    assert [refusal.code for refusal in refused.value.refusals] == [code]


def test_a_constraint_that_is_no_rule_is_a_fault_not_a_refusal():
    with pytest.raises(IntegrityError), told_as_reasons(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE unique_violation USING CONSTRAINT = 'another'; END $$")


@pytest.mark.parametrize("condition", ["lock_not_available", "deadlock_detected", "query_canceled"])
def test_a_lock_waited_for_too_long_is_told_as_try_again(condition):
    with pytest.raises(VisitRefused) as refused, told_as_reasons(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE {condition}; END $$")

    assert [refusal.code for refusal in refused.value.refusals] == [Code.TRY_AGAIN]

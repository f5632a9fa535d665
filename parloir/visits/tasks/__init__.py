"""Tell families what became of their visits.

The operations defer these jobs under one lock a visit, so a cancellation never overtakes its booking.
Each try looks at the visit anew. A booking that was cancelled before it could be told is not told: the
cancellation says it all, and nobody reads “confirmed” about a visit that no longer exists.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.notifications.nights import end_of_night, is_night, leaves_at
from parloir.notifications.operations import TryLater, deliver, deliver_email, deliver_sms
from parloir.notifications.queries import address_of, all_choices_of, last_sent
from parloir.notifications.rules import Channel, Choices, NotYet, Outcome
from parloir.notifications.tasks import Patience
from parloir.permits.messages import may_change_email
from parloir.visits.letters import cancellations, changes, confirmations, still_to_confirm, untold_in_full
from parloir.visits.messages import kept_email, reminder_email
from parloir.visits.messages_waiting import offer_email, opening_email, wait_over_email
from parloir.visits.operations import (
    judge_again,
    note_that_nobody_was_told,
    plan_again,
    plan_reminders,
    tell_again_in_full,
    tell_openings,
)
from parloir.visits.operations import offer_place as offer_reserved_place
from parloir.visits.queries.messages import permits_that_may_change, visit_to_tell, visits_to_tell
from parloir.visits.queries.messages_waiting import offer_to_tell, opening_to_tell, wait_over
from parloir.visits.queries.reminders import reminder_keys
from parloir.visits.queries.reviews import confirmed_before, is_under_review
from parloir.visits.rules import VisitStatus, offer_waits_until, reminder_waits_until
from parloir.visits.sms import kept_sms, offer_sms, opening_sms, reminder_sms, wait_over_sms
from parloir.visits.tasks import upkeep

__all__ = ["upkeep"]

if TYPE_CHECKING:
    from parloir.visits.letters import Letters
    from parloir.visits.queries.messages import Recipient, VisitToTell


_UNREACHED = {Outcome.NO_ADDRESS, Outcome.REFUSED, Outcome.NO_BUDGET}


@app.task(name="visits.tell_booked", retry=Patience())
def tell_booked(*, visit_id: int) -> None:
    """Confirm a visit, or all of a trip in one message, to the booker and to those who come by their own permit."""
    now = timezone.now()
    _send(visit_id, confirmations(visits_to_tell(visit_id), now=now), now=now, is_own_doing=True)


@app.task(name="visits.tell_changed", retry=Patience())
def tell_changed(*, visit_id: int, version: int, old_slot_id: int) -> None:
    """Tell what a visit was and what it is now; to those who no longer come, that they are not expected.

    A change that a later one, or a cancellation, has overtaken is left for that one's message to tell.
    ``old_slot_id`` is for the booker whom no message has reached yet.
    """
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is not None and visit.status != VisitStatus.CANCELLED and visit.version == version:
        _send(visit_id, changes(visit, old_slot_id=old_slot_id, now=now), now=now, is_own_doing=True)


@app.task(name="visits.tell_cancelled", retry=Patience())
def tell_cancelled(*, visit_id: int) -> None:
    """Tell the same people that a visit will not be, save those who were told already that they no longer come."""
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is not None and visit.status == VisitStatus.CANCELLED:
        letters = cancellations(visit, now=now)
        outcomes = _send(visit_id, letters, now=now, is_own_doing=visit.was_left_by_its_family)
        reached = set(outcomes) - _UNREACHED or (visit.recipients and not outcomes)
        if not visit.was_left_by_its_family and not reached:
            note_that_nobody_was_told(visit_id=visit_id, now=now)


@app.task(name="visits.tell_to_confirm", retry=Patience())
def tell_to_confirm(*, visit_id: int, entry_id: int) -> None:
    """Tell the same people that the prison is still to say whether a visit can be, unless it has said so already."""
    now = timezone.now()
    visit, deadline = visit_to_tell(visit_id), confirmed_before([visit_id]).get(visit_id)
    if visit is not None and visit.status == VisitStatus.BOOKED and deadline is not None:
        letters = still_to_confirm(visit, deadline=deadline, what=f"to-confirm-{entry_id}", now=now)
        _send(visit_id, letters, now=now)


@app.task(name="visits.tell_kept", retry=Patience())
def tell_kept(*, visit_id: int) -> None:
    """Tell those who read that a visit was to be confirmed that it is, once; to others nothing has changed."""
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is not None and visit.status == VisitStatus.BOOKED and not is_under_review(visit_id):
        asked = last_sent(f"visit-{visit_id}-to-confirm-")
        entries = {account_id: key.removesuffix("-sms").split("-")[-2] for account_id, key in asked.items()}
        letters = (
            (to.account_id, f"kept-{entries[to.account_id]}", kept_email(visit, to, now=now), kept_sms(visit, to))
            for to in visit.recipients
            if to.account_id in entries
        )
        _send(visit_id, letters, now=now)


@app.task(name="visits.confirm_again", retry=Patience())
def confirm_again(*, account_id: int, confirmed_at: str) -> None:
    """Have an account, whose address has just been confirmed, written all that it may read of its visits to come."""
    tell_again_in_full(account_id=account_id, confirmed_at=datetime.fromisoformat(confirmed_at), now=timezone.now())


@app.task(name="visits.tell_in_full", retry=Patience())
def tell_in_full(*, visit_id: int, account_id: int, confirmed_at: str) -> None:
    """Confirm a visit, or all of a trip in one message, to an account whose address was confirmed after it was told.

    One that is no longer confirmed, or was told in full meanwhile, is not written to.
    """
    now = timezone.now()
    if address_of(account_id).confirmed:
        visits = untold_in_full(visits_to_tell(visit_id), account_id=account_id, now=now)
        deadlines = confirmed_before([visit.visit_id for visit in visits])
        at = int(datetime.fromisoformat(confirmed_at).timestamp() * 1000)
        for visit in visits:
            if deadline := deadlines.get(visit.visit_id):
                letters = still_to_confirm(visit, deadline=deadline, what=f"to-confirm-{at}", now=now)
                _send(visit.visit_id, letters, now=now)
        sure = [visit for visit in visits if visit.visit_id not in deadlines]
        _send(visit_id, confirmations(sure, what=f"in-full-{at}", now=now), now=now)


@app.task(name="visits.tell_permits_may_change", retry=Patience())
def tell_permits_may_change(*, detainee_id: int, entry_id: int) -> None:
    """Tell each account that registered a permit of a detained person that it may have to be asked for again.

    :raises TryLater: when someone could not be told yet; those who were are not told again.
    """
    now = timezone.now()
    notice = permits_that_may_change(detainee_id=detainee_id, entry_id=entry_id)
    if notice is None:
        return
    later: TryLater | None = None
    for account in notice.accounts:
        try:
            deliver_email(
                account_id=account.pk,
                dedup_key=f"permits-may-change-{entry_id}-{account.pk}",
                email=may_change_email(account, since=notice.since, now=now),
                now=now,
            )
        except TryLater as error:
            later = error
    if later is not None:
        raise later


@app.task(name="visits.judge_again", retry=Patience())
def judge_visits_again(*, detainee_id: int) -> None:
    """Confirm the visits that waited because of another one which is no more."""
    judge_again(detainee_ids=[detainee_id], now=timezone.now())


def _send(visit_id: int, letters: Letters, *, now: datetime, is_own_doing: bool = False) -> list[Outcome]:
    """Write to everybody before giving up on anybody: one full mailbox does not hold up the others.

    Returns what became of each message.

    :raises TryLater: when someone could not be told yet; those who were are not told again.
    """
    outcomes: list[Outcome] = []
    later: TryLater | None = None
    for account_id, what, email, sms in letters:
        try:
            key = f"visit-{visit_id}-{what}-{account_id}"
            outcomes.append(
                deliver(account_id=account_id, dedup_key=key, email=email, sms=sms, now=now, is_own_doing=is_own_doing)
            )
        except TryLater as error:
            later = error
    if later is not None:
        raise later
    return outcomes


def _let_sleep(until: datetime | None) -> None:
    """Put a message off that can wait, until people are awake.

    :raises NotYet: when it is to leave later.
    """
    if until is not None:
        raise NotYet(until)


@app.task(name="visits.offer_place", retry=Patience())
def offer_place(*, offer_id: int) -> None:
    """Find the family whose turn it is for a reserved place."""
    offer_reserved_place(offer_id=offer_id, now=timezone.now())


@app.task(name="visits.tell_offer", retry=Patience())
def tell_offer(*, offer_id: int) -> None:
    """Write to a family that a place is kept for it, as long as it is.

    :raises NotYet: at night, when it is kept long enough to be told in the morning.
    """
    now = timezone.now()
    offer = offer_to_tell(offer_id)
    if offer is not None:
        _let_sleep(offer_waits_until(offer_id, expires_at=offer.expires_at, zone=offer.zone, now=now))
        email = offer_email(offer, now=now)
        key, sms = f"offer-{offer_id}", offer_sms(offer)
        deliver(account_id=offer.account_id, dedup_key=key, email=email, sms=sms, now=now)


@app.task(name="visits.tell_opening", retry=Patience())
def tell_opening(*, alert_id: int) -> None:
    """Write to a family that asked for it that the slots of a day are open.

    :raises NotYet: at night: to all at 8:00.
    """
    now = timezone.now()
    opening = opening_to_tell(alert_id)
    if opening is not None:
        _let_sleep(end_of_night(now, opening.zone) if is_night(now, opening.zone) else None)
        email = opening_email(opening, now=now)
        key, sms = f"opening-{alert_id}", opening_sms(opening)
        deliver(account_id=opening.account_id, dedup_key=key, email=email, sms=sms, now=now)


@app.task(name="visits.tell_wait_over", retry=Patience())
def tell_wait_over(*, entry_id: int) -> None:
    """Write to a family that it no longer waits, unless it waits again.

    :raises NotYet: at night: in the morning.
    """
    now = timezone.now()
    over = wait_over(entry_id)
    if over is not None:
        _let_sleep(leaves_at(entry_id, now=now, zone=over.zone))
        email, sms = wait_over_email(over, now=now), wait_over_sms(over)
        deliver(account_id=over.account_id, dedup_key=f"wait-over-{entry_id}", email=email, sms=sms, now=now)


@app.periodic(cron="* * * * *")
@app.task(name="visits.tell_openings", queueing_lock="visits.tell_openings", priority=10)
def tell_openings_of_now(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Have everybody who asked told together, in the minute in which a day opens."""
    tell_openings(now=timezone.now())


@app.task(name="visits.remind", retry=Patience())
def remind(*, visit_id: int, slot_id: int) -> None:
    """Remind of a visit those who want it, as it is now; not of one cancelled, moved, begun or to be confirmed.

    At night it is planned anew, unless the visit is in the morning.

    :raises TryLater: when someone could not be reminded yet; those who were are not reminded again.
    """
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is None or visit.status != VisitStatus.BOOKED or visit.slot_id != slot_id or now >= visit.starts_at:
        return
    if is_under_review(visit_id):
        return
    if reminder_waits_until(visit_id, starts_at=visit.starts_at, zone=visit.zone, now=now):
        plan_again(visit_id=visit_id, slot_id=slot_id)
        return
    choices = all_choices_of([recipient.account_id for recipient in visit.recipients])
    later: TryLater | None = None
    for recipient in visit.recipients:
        try:
            _remind(visit, recipient, choices.get(recipient.account_id, Choices()), now=now)
        except TryLater as error:
            later = error
    if later is not None:
        raise later


def _remind(visit: VisitToTell, recipient: Recipient, choices: Choices, *, now: datetime) -> None:
    """Write, and text whoever agreed to it. A mail server that is away does not hold up the SMS.

    :raises TryLater: when one of the two could not leave.
    """
    keys = reminder_keys(visit_id=visit.visit_id, slot_id=visit.slot_id, account_id=recipient.account_id)
    number = choices.number_for(agreed_at=visit.sms_agreed_at if recipient.is_booker else None)
    if number:
        sms = reminder_sms(visit, recipient)
        deliver_sms(account_id=recipient.account_id, dedup_key=keys[Channel.SMS], number=number, sms=sms, now=now)
    if choices.email_reminder:
        email = reminder_email(visit, recipient, now=now)
        deliver_email(account_id=recipient.account_id, dedup_key=keys[Channel.EMAIL], email=email, now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="visits.plan_reminders", queueing_lock="visits.plan_reminders", priority=5)
def plan(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Have remembered, every five minutes, the visits of tomorrow where it is the evening before."""
    plan_reminders(hour=settings.REMINDER_HOUR, now=timezone.now())

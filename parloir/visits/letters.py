"""Who is written what of a visit: everything against what each was last told.

Each message, once sent, notes which version of the visit it told of, and to which slot. So a change is told
against what this very person was last told, whatever was skipped between: of several changes in a row the
last one speaks for all; a booking told after it was changed has told the change; somebody added and taken out
again before any message left reads nothing. Whoever was never told of a thing is not told of its change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parloir.visits.messages import booked_email, cancelled_email, changed_email, gone_email, to_confirm_email
from parloir.visits.queries.messages import last_words, may_rebook, start_of
from parloir.visits.sms import booked_sms, cancelled_sms, changed_sms, gone_sms, to_confirm_sms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from parloir.notifications.rules import Email, Sms
    from parloir.visits.queries.messages import LastWord, Recipient, VisitToTell

    type Letter = tuple[int, str, Email, Sms]
    """Account, what the message is (its part of the dedup key), and the message in both its forms."""

    type Letters = Iterator[Letter]


def confirmations(visits: list[VisitToTell], *, what: str = "booked", now: datetime) -> Letters:
    """Write to each account about those of the visits that it comes to or booked."""
    parts: dict[int, list[tuple[VisitToTell, Recipient]]] = {}
    for visit in visits:
        for recipient in visit.recipients:
            parts.setdefault(recipient.account_id, []).append((visit, recipient))
    for account_id, ((first, recipient), *rest) in parts.items():
        companions = [visit for visit, _ in rest]
        email = booked_email(first, recipient, companions=companions, now=now)
        yield account_id, what, email, booked_sms(first, recipient, companions=companions)


def changes(visit: VisitToTell, *, old_slot_id: int, now: datetime) -> Letters:
    """Write what a visit was and what it is now, and to those who no longer come that they are not expected.

    ``old_slot_id`` is for the booker whom no message has reached yet, and who knows what they booked.
    """
    words, what = last_words(visit), f"changed-{visit.version}"
    old_start = start_of(old_slot_id) or visit.starts_at
    for recipient in visit.recipients:
        last = words.get(recipient.account_id)
        before = last.starts_at if last and last.starts_at else old_start
        if _knows_it(last, visit) or _learns_nothing(last, recipient, is_moved=before != visit.starts_at):
            continue
        if _is_newcomer(last, recipient, is_moved=before != visit.starts_at):
            email, sms = booked_email(visit, recipient, now=now), booked_sms(visit, recipient)
        else:
            email = changed_email(visit, recipient, before=before, now=now)
            sms = changed_sms(visit, recipient, before=before)
        yield recipient.account_id, what, email, sms
    yield from _to_those_gone(visit, words, what=what, old_start=old_start, now=now)


def cancellations(visit: VisitToTell, *, now: datetime) -> Letters:
    """Write that a visit will not be, to all who believe that they come; who left reads that they are not expected."""
    words, rebook = last_words(visit), may_rebook(visit.visit_id, now=now)
    for recipient in visit.recipients:
        last = words.get(recipient.account_id)
        if last is None or last.comes:
            before = last.starts_at if last and last.starts_at else visit.starts_at
            email = cancelled_email(visit, recipient, before=before, may_rebook=rebook, now=now)
            yield recipient.account_id, "cancelled", email, cancelled_sms(visit, recipient, before=before)
    yield from _to_those_gone(visit, words, what="cancelled", old_start=visit.starts_at, now=now)


def still_to_confirm(visit: VisitToTell, *, deadline: datetime, what: str, now: datetime) -> Letters:
    """Write to everybody before when the prison will say whether a visit can be."""
    for recipient in visit.recipients:
        email = to_confirm_email(visit, recipient, deadline=deadline, now=now)
        yield recipient.account_id, what, email, to_confirm_sms(visit, recipient)


def untold_in_full(visits: list[VisitToTell], *, account_id: int, now: datetime) -> list[VisitToTell]:
    """Return those of the visits to come of which an account has not read all as it is now, for it alone."""
    untold = []
    for visit in visits:
        last = last_words(visit).get(account_id)
        if now < visit.starts_at and not (last is not None and last.in_full and last.version >= visit.version):
            mine = tuple(recipient for recipient in visit.recipients if recipient.account_id == account_id)
            untold.append(replace(visit, recipients=mine))
    return untold


def _to_those_gone(
    visit: VisitToTell, words: dict[int, LastWord], *, what: str, old_start: datetime, now: datetime
) -> Letters:
    """Write to those who no longer come and were last told that they do."""
    for recipient in visit.gone:
        last = words.get(recipient.account_id)
        if last is not None and last.comes:
            before = last.starts_at or old_start
            email = gone_email(visit, recipient, before=before, now=now)
            yield recipient.account_id, what, email, gone_sms(visit, recipient, before=before)


def _knows_it(last: LastWord | None, visit: VisitToTell) -> bool:
    return last is not None and last.version >= visit.version


def _learns_nothing(last: LastWord | None, recipient: Recipient, *, is_moved: bool) -> bool:
    """Whether only people change, for somebody who may not read who comes and was never told."""
    return last is not None and last.comes and not is_moved and not recipient.address.confirmed and not last.in_full


def _is_newcomer(last: LastWord | None, recipient: Recipient, *, is_moved: bool) -> bool:
    """Whether a first confirmation says more than “what was and what is”: to whoever was not told that they come."""
    return not (recipient.is_booker and is_moved) if last is None else not last.comes

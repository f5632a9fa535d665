"""The messages about a visit, as each recipient may read them.

What a lock screen can show (subject, and the first 200 characters of the text) holds nobody's name and
says neither what the appointment is for nor where: the place and the people come after that. To an
address that is not confirmed go only the reference, the date, the time and two links.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.foundation.text import local_day, local_time
from parloir.notifications.messages import finished
from parloir.notifications.queries import confirmation_url, withdraw_url
from parloir.notifications.rules import Channel
from parloir.visits.rules import CancelledBy, Code

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parloir.notifications.rules import Email
    from parloir.visits.queries.messages import Recipient, VisitToTell

PARIS = "Europe/Paris"


def booked_email(
    visit: VisitToTell, recipient: Recipient, *, companions: Sequence[VisitToTell] = (), now: datetime
) -> Email:
    """Say that a visit is booked, where to go, who comes and what to bring; ``companions`` are the rest of a trip."""
    with override(recipient.language):
        if companions:
            subject = _("Vos %(number)d rendez-vous sont confirmés") % {"number": len(companions) + 1}
        else:
            subject = _("Votre rendez-vous du %(day)s est confirmé") % {"day": _short_day(visit)}
        said = {key: one for each in (visit, *companions) for key, one in note(each, to=recipient).items()}
        return _finished("booked", visit, recipient, subject=subject, said=said, companions=companions, now=now)


def changed_email(visit: VisitToTell, recipient: Recipient, *, before: datetime, now: datetime) -> Email:
    """Say what a visit was, as the recipient was last told (``before``), and what it is now."""
    with override(recipient.language):
        moved = before != visit.starts_at
        wording = (
            _("Votre rendez-vous est maintenant le %(day)s") if moved else _("Votre rendez-vous du %(day)s change")
        )
        subject = wording % {"day": _short_day(visit)}
        old = _when(visit, starts_at=before) if moved else None
        said = note(visit, to=recipient)
        return _finished("changed", visit, recipient, subject=subject, said=said, old=old, before=before, now=now)


def gone_email(visit: VisitToTell, recipient: Recipient, *, before: datetime, now: datetime) -> Email:
    """Say to somebody that they no longer come to what they were last told of; never by whom, nor why."""
    with override(recipient.language):
        day = _short_day(visit, starts_at=before)
        subject = _("Rendez-vous du %(day)s : vous n’avez plus de place") % {"day": day}
        said = note(visit, to=recipient, comes=False)
        return _finished("gone", visit, recipient, subject=subject, said=said, starts_at=before, before=before, now=now)


def cancelled_email(
    visit: VisitToTell, recipient: Recipient, *, before: datetime, may_rebook: bool = False, now: datetime
) -> Email:
    """Say that a visit, as the recipient last knew it, is cancelled and what to do next; never by whom, nor why.

    ``may_rebook`` says that another day can be booked at once.
    """
    with override(recipient.language):
        subject = _("Votre rendez-vous du %(day)s est annulé") % {"day": _short_day(visit, starts_at=before)}
        more: dict[str, object] = {
            "is_same_place": visit.cancel_cause != Code.MOVED,
            "rebook_url": f"{settings.LINK_URL}/espace/rendez-vous/nouveau/" if may_rebook else "",
        }
        return _finished(
            "cancelled", visit, recipient, subject=subject, starts_at=before, before=before, more=more, now=now
        )


def to_confirm_email(visit: VisitToTell, recipient: Recipient, *, deadline: datetime, now: datetime) -> Email:
    """Say that a visit is still to be confirmed by the prison, and before when; never why."""
    with override(recipient.language):
        subject = _("Votre rendez-vous du %(day)s n’est pas encore confirmé") % {"day": _short_day(visit)}
        more: dict[str, object] = {
            "before_day": local_day(deadline, visit.zone),
            "before_time": local_time(deadline, visit.zone),
        }
        said = note(visit, to=recipient)
        return _finished("to_confirm", visit, recipient, subject=subject, said=said, more=more, now=now)


def kept_email(visit: VisitToTell, recipient: Recipient, *, now: datetime) -> Email:
    """Say that a visit which was to be confirmed is."""
    with override(recipient.language):
        subject = _("C’est confirmé : votre rendez-vous du %(day)s") % {"day": _short_day(visit)}
        return _finished("kept", visit, recipient, subject=subject, said=note(visit, to=recipient), now=now)


def reminder_email(visit: VisitToTell, recipient: Recipient, *, now: datetime) -> Email:
    """Remind of a visit the day before; can be stopped. Says the day, never “tomorrow”: it may leave late."""
    with override(recipient.language):
        subject = _("Rappel : votre rendez-vous du %(day)s") % {"day": _short_day(visit)}
        withdraw = withdraw_url(recipient.account_id, Channel.EMAIL)
        said = note(visit, to=recipient)
        return _finished("reminder", visit, recipient, subject=subject, said=said, withdraw=withdraw, now=now)


def _finished(
    kind: str,
    visit: VisitToTell,
    recipient: Recipient,
    *,
    subject: str,
    said: dict[str, object] | None = None,
    companions: Sequence[VisitToTell] = (),
    old: dict[str, object] | None = None,
    starts_at: datetime | None = None,
    before: datetime | None = None,
    more: dict[str, object] | None = None,
    withdraw: str = "",
    now: datetime,
) -> Email:
    """Render a message; ``starts_at`` is the hour it speaks of when it is not the visit's own."""
    first = _when(visit, starts_at=starts_at)
    context = {**first, "kind": kind, "appointments": [first, *map(_when, companions)], "old": old} | (more or {})
    in_full = _in_full(recipient)
    if in_full:
        context |= _everything_else(visit, recipient, is_trip=bool(companions))
    elif not recipient.is_erased:
        context["space_url"] = f"{settings.LINK_URL}/espace/"
        context["confirm_url"] = confirmation_url(
            account_id=recipient.account_id, email=recipient.address.email, now=now
        )
    return finished(
        template=f"visits/messages/{kind if in_full else 'minimal'}",
        subject=subject,
        context=context,
        language=recipient.language,
        useful_until=max(visit.starts_at, before or visit.starts_at, *(each.starts_at for each in companions)),
        said=said,
        withdraw=withdraw,
    )


def note(visit: VisitToTell, *, to: Recipient, comes: bool = True) -> dict[str, object]:
    """Return what an e-mail notes of a visit, for :func:`~parloir.visits.queries.messages.last_words`."""
    return {str(visit.visit_id): noted(visit, comes=comes) | {"in_full": _in_full(to)}}


def noted(visit: VisitToTell, *, comes: bool) -> dict[str, object]:
    """Return what any message notes of a visit."""
    return {"version": visit.version, "slot": visit.slot_id, "comes": comes}


def _in_full(recipient: Recipient) -> bool:
    """Whether somebody may read who comes and where: their address is confirmed, and they keep their space."""
    return recipient.address.confirmed and not recipient.is_erased


def _when(visit: VisitToTell, *, starts_at: datetime | None = None) -> dict[str, object]:
    """Return all that a message to an unconfirmed address may hold."""
    start = starts_at or visit.starts_at
    return {
        "reference": visit.reference,
        "day": local_day(start, visit.zone),
        "time": local_time(start, visit.zone),
        "arrive_at": local_time(start - timedelta(minutes=visit.policy.arrive_minutes_before), visit.zone),
        "is_far": visit.zone.key != PARIS,
    }


def _everything_else(visit: VisitToTell, recipient: Recipient, *, is_trip: bool) -> dict[str, object]:
    one = "" if is_trip else f"{visit.reference}/"
    return {
        "place": visit.establishment,
        "policy": visit.policy,
        "people": recipient.people,
        "has_children": any(not person.is_adult for person in recipient.people),
        "has_limited_permit": any(person.is_limited for person in recipient.people),
        "is_booker": recipient.is_booker,
        "is_by_family": visit.cancelled_by == CancelledBy.FAMILY,
        "is_trip": is_trip,
        "visit_url": f"{settings.LINK_URL}/espace/rendez-vous/{one}",
        "space_url": f"{settings.LINK_URL}/espace/",
    }


def _short_day(visit: VisitToTell, *, starts_at: datetime | None = None) -> str:
    """Return the day without its year, short enough for a lock screen: « mercredi 11 novembre »."""
    return local_day(starts_at or visit.starts_at, visit.zone).rpartition(" ")[0]

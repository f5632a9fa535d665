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
from parloir.notifications.queries import confirmation_url
from parloir.visits.rules import CancelledBy

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.notifications.rules import Email
    from parloir.visits.queries.messages import Recipient, VisitToTell

_PARIS = "Europe/Paris"


def booked_email(visit: VisitToTell, recipient: Recipient, *, now: datetime) -> Email:
    """Say that a visit is booked, where to go, who comes and what to bring."""
    with override(recipient.language):
        subject = _("Votre rendez-vous du %(day)s est confirmé") % {"day": _short_day(visit)}
        return _finished("booked", visit, recipient, subject=subject, now=now)


def cancelled_email(visit: VisitToTell, recipient: Recipient, *, now: datetime) -> Email:
    """Say that a visit is cancelled and what to do next; never by whom, nor why."""
    with override(recipient.language):
        subject = _("Votre rendez-vous du %(day)s est annulé") % {"day": _short_day(visit)}
        return _finished("cancelled", visit, recipient, subject=subject, now=now)


def _finished(kind: str, visit: VisitToTell, recipient: Recipient, *, subject: str, now: datetime) -> Email:
    context = _when(visit) | {"kind": kind}
    if recipient.address.confirmed:
        context |= _everything_else(visit, recipient)
    else:
        context["space_url"] = f"{settings.LINK_URL}/espace/"
        context["confirm_url"] = confirmation_url(
            account_id=recipient.account_id, email=recipient.address.email, now=now
        )
    return finished(
        template=f"visits/messages/{kind if recipient.address.confirmed else 'minimal'}",
        subject=subject,
        context=context,
        language=recipient.language,
        useful_until=visit.starts_at,
    )


def _when(visit: VisitToTell) -> dict[str, object]:
    """Return all that a message to an unconfirmed address may hold."""
    return {
        "reference": visit.reference,
        "day": local_day(visit.starts_at, visit.zone),
        "time": local_time(visit.starts_at, visit.zone),
        "is_far": visit.zone.key != _PARIS,
    }


def _everything_else(visit: VisitToTell, recipient: Recipient) -> dict[str, object]:
    arrive = timedelta(minutes=visit.policy.arrive_minutes_before)
    return {
        "arrive_at": local_time(visit.starts_at - arrive, visit.zone),
        "place": visit.establishment,
        "policy": visit.policy,
        "people": recipient.people,
        "has_children": any(not person.is_adult for person in recipient.people),
        "has_limited_permit": any(person.is_limited for person in recipient.people),
        "is_booker": recipient.is_booker,
        "is_by_family": visit.cancelled_by == CancelledBy.FAMILY,
        "visit_url": f"{settings.LINK_URL}/espace/rendez-vous/{visit.reference}/",
        "space_url": f"{settings.LINK_URL}/espace/",
    }


def _short_day(visit: VisitToTell) -> str:
    """Return the day without its year, short enough for a lock screen: « mercredi 11 novembre »."""
    return local_day(visit.starts_at, visit.zone).rpartition(" ")[0]

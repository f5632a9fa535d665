"""The SMS about a visit: one each, of 160 signs, without a name, a place or a word of what for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.foundation.text import local_day, local_time
from parloir.notifications.messages import finished_sms
from parloir.visits.messages import PARIS, noted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from parloir.notifications.rules import Sms
    from parloir.visits.queries.messages import Recipient, VisitToTell
    from parloir.visits.queries.messages_waiting import OfferToTell, OpeningToTell, WaitOver


def reminder_sms(visit: VisitToTell, recipient: Recipient) -> Sms:
    """Remind of a visit the day before."""
    with override(recipient.language):
        news = _("Rappel : rendez-vous %(when)s.") % {"when": _when(visit)}
        return _finished(visit, recipient, news, comes=True)


def booked_sms(visit: VisitToTell, recipient: Recipient, *, companions: Sequence[VisitToTell] = ()) -> Sms:
    """Say that a visit, or all of a trip, is booked."""
    with override(recipient.language):
        if companions:
            wording = _("%(number)d rendez-vous confirmés, dès %(when)s.")
            news = wording % {"number": len(companions) + 1, "when": _when(visit)}
        else:
            news = _("Rendez-vous confirmé : %(when)s.") % {"when": _when(visit)}
        return _finished(visit, recipient, news, comes=True, companions=companions)


def changed_sms(visit: VisitToTell, recipient: Recipient, *, before: datetime) -> Sms:
    """Say what a visit is now; ``before`` is when the recipient was last told that it was."""
    with override(recipient.language):
        if before != visit.starts_at:
            news = _("Votre rendez-vous est maintenant %(when)s.") % {"when": _when(visit)}
        else:
            news = _("Du nouveau pour votre rendez-vous %(when)s.") % {"when": _when(visit)}
        return _finished(visit, recipient, news, comes=True, before=before)


def gone_sms(visit: VisitToTell, recipient: Recipient, *, before: datetime) -> Sms:
    """Say to somebody that they are no longer expected; never by whom, nor why."""
    with override(recipient.language):
        when = _day_and_time(before, visit.zone)
        news = _("Ne venez pas %(when)s : vous n’avez plus de place.") % {"when": when}
        return _finished(visit, recipient, news, comes=False, before=before)


def cancelled_sms(visit: VisitToTell, recipient: Recipient, *, before: datetime) -> Sms:
    """Say that a visit is cancelled; never by whom, nor why."""
    with override(recipient.language):
        when = _day_and_time(before, visit.zone)
        news = _("Ne venez pas %(when)s : rendez-vous annulé.") % {"when": when}
        return _finished(visit, recipient, news, comes=None, before=before)


def to_confirm_sms(visit: VisitToTell, recipient: Recipient) -> Sms:
    """Say that a visit is still to be confirmed by the prison; never why."""
    with override(recipient.language):
        when = _day_and_time(visit.starts_at, visit.zone)
        news = _("Rendez-vous %(when)s non confirmé : attendez notre message.") % {"when": when}
        return _finished(visit, recipient, news, comes=True, arrives=False)


def kept_sms(visit: VisitToTell, recipient: Recipient) -> Sms:
    """Say that a visit which was to be confirmed is."""
    with override(recipient.language):
        news = _("C’est confirmé : rendez-vous %(when)s.") % {"when": _when(visit)}
        return _finished(visit, recipient, news, comes=True)


def offer_sms(offer: OfferToTell) -> Sms:
    """Say that a place is kept for a family, and until when."""
    with override(offer.language):
        wording = _("Place pour vous %(when)s. Répondez avant %(time)s.")
        when = _moment(offer.starts_at, offer.zone)
        return finished_sms(
            needed=[wording % {"when": when, "time": local_time(offer.expires_at, offer.zone)}],
            account_id=offer.account_id,
            useful_until=offer.expires_at,
        )


def opening_sms(opening: OpeningToTell) -> Sms:
    """Say that the slots of a day are open."""
    with override(opening.language):
        day = local_day(opening.day).rpartition(" ")[0]
        return finished_sms(
            needed=[_("Vous pouvez réserver pour le %(day)s dans votre espace.") % {"day": day}],
            account_id=opening.account_id,
            useful_until=opening.useful_until,
        )


def wait_over_sms(over: WaitOver) -> Sms:
    """Say that a family no longer waits."""
    with override(over.language):
        again = _("Vous n’êtes plus sur la liste d’attente. Pour y revenir, ouvrez votre espace.")
        no_day = _("Vous n’êtes plus en liste d’attente : vos jours sont impossibles. Ouvrez votre espace.")
        return finished_sms(
            needed=[no_day if over.no_day else again],
            account_id=over.account_id,
            useful_until=over.useful_until,
        )


def _finished(
    visit: VisitToTell,
    recipient: Recipient,
    news: str,
    *,
    comes: bool | None,
    companions: Sequence[VisitToTell] = (),
    before: datetime | None = None,
    arrives: bool = True,
) -> Sms:
    """Add what fits: when to arrive, then the reference. ``comes`` is what the message notes for the next one."""
    visits = (visit, *companions)
    arrive_at = local_time(visit.starts_at - timedelta(minutes=visit.policy.arrive_minutes_before), visit.zone)
    reference = _("Réf. %(reference)s.") % {"reference": visit.reference}
    arrive = _("Arrivez à %(time)s.") % {"time": arrive_at}
    said: dict[str, object] = {}
    if comes is not None:
        said = {str(each.visit_id): noted(each, comes=comes) for each in visits}
    return finished_sms(
        needed=[news],
        welcome=[*([arrive] if comes and arrives else []), *([] if companions else [reference])],
        account_id=recipient.account_id,
        useful_until=max(before or visit.starts_at, *(each.starts_at for each in visits)),
        said=said,
        leads_on=not comes and not recipient.is_erased,
    )


def _when(visit: VisitToTell) -> str:
    return _moment(visit.starts_at, visit.zone)


def _moment(start: datetime, zone: ZoneInfo) -> str:
    """Say when to be there, and that the time is the place's own where it is not Paris's."""
    when = _day_and_time(start, zone)
    return when if zone.key == PARIS else _("%(when)s heure locale") % {"when": when}


def _day_and_time(start: datetime, zone: ZoneInfo) -> str:
    """Say a day without its year, and a time."""
    return _("%(day)s à %(time)s") % {"day": local_day(start, zone).rpartition(" ")[0], "time": local_time(start, zone)}

"""The messages to families that wait: a place kept for them, a day that has opened.

They name nobody and no place: only a day, a time and a link to the space, which asks who is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.foundation.text import local_day, local_time
from parloir.notifications.messages import finished
from parloir.notifications.queries import confirmation_url

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.notifications.rules import Address, Email
    from parloir.visits.queries.messages_waiting import OfferToTell, OpeningToTell, WaitOver

_PARIS = "Europe/Paris"


def offer_email(offer: OfferToTell, *, now: datetime) -> Email:
    """Say that a place is kept for a family, until when, and where to answer."""
    with override(offer.language):
        context = {
            "day": local_day(offer.starts_at, offer.zone),
            "time": local_time(offer.starts_at, offer.zone),
            "until_day": local_day(offer.expires_at, offer.zone),
            "until_time": local_time(offer.expires_at, offer.zone),
            "is_far": offer.zone.key != _PARIS,
            "offer_url": f"{settings.LINK_URL}/espace/attente/{offer.offer_id}/",
            **_confirmation(offer.account_id, offer.address, now=now),
        }
        return finished(
            template="visits/messages/offer",
            subject=_("Une place est gardée pour vous"),
            context=context,
            language=offer.language,
            useful_until=offer.expires_at,
        )


def opening_email(opening: OpeningToTell, *, now: datetime) -> Email:
    """Say that the slots of a day are open; everybody who asked is told at the same time."""
    with override(opening.language):
        day = f"{opening.day:%Y-%m-%d}"
        context = {
            "day": local_day(opening.day),
            "slots_url": f"{settings.LINK_URL}/espace/rendez-vous/nouveau/{opening.detainee_id}/?jour={day}",
            **_confirmation(opening.account_id, opening.address, now=now),
        }
        return finished(
            template="visits/messages/opening",
            subject=_("Vous pouvez réserver le jour que vous attendiez"),
            context=context,
            language=opening.language,
            useful_until=opening.useful_until,
        )


def wait_over_email(over: WaitOver, *, now: datetime) -> Email:
    """Say that a family no longer waits; never whose the reason is: it may be the detained person's."""
    with override(over.language):
        context = {
            "no_day": over.no_day,
            "waits_url": f"{settings.LINK_URL}/espace/attente/",
            **_confirmation(over.account_id, over.address, now=now),
        }
        return finished(
            template="visits/messages/wait_over",
            subject=_("Vous n’êtes plus sur la liste d’attente"),
            context=context,
            language=over.language,
            useful_until=over.useful_until,
        )


def _confirmation(account_id: int, address: Address, *, now: datetime) -> dict[str, str]:
    """Return the link that confirms an address, for one that is not confirmed yet."""
    if address.confirmed:
        return {}
    return {"confirm_url": confirmation_url(account_id=account_id, email=address.email, now=now)}

"""The message to the holder of a permit that somebody else has registered.

It says nothing that a lock screen may not show: no name, nor what the permit is for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.notifications.messages import finished
from parloir.notifications.queries import address_of, confirmation_url

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.notifications.rules import Email
    from parloir.people.models import Account

USEFUL_FOR = timedelta(days=7)


def registered_elsewhere_email(account: Account, *, now: datetime, since: datetime) -> Email:
    """Say that something was registered in the holder's name, and where to see by whom."""
    address = address_of(account.pk)
    context: dict[str, object] = {"permits_url": f"{settings.LINK_URL}/espace/permis/", "confirmed": address.confirmed}
    if not address.confirmed:
        context["confirm_url"] = confirmation_url(account_id=account.pk, email=address.email, now=now)
    with override(account.language):
        return finished(
            template="permits/messages/registered_elsewhere",
            subject=_("Du nouveau dans votre espace"),
            context=context,
            language=account.language,
            useful_until=since + USEFUL_FOR,
        )

"""Make finished messages of templates: one for eyes that read HTML, one for those that do not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.notifications.queries import confirmation_url
from parloir.notifications.rules import LINK_LIFETIME, Email

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parloir.notifications.queries import ConfirmationToSend

_CONFIRMATION_USEFUL = timedelta(days=1)


def finished(
    *,
    template: str,
    subject: str,
    context: Mapping[str, object],
    language: str,
    useful_until: datetime,
    said: dict[str, object] | None = None,
) -> Email:
    """Render both forms of a message; the caller has already activated ``language``.

    :param template: its name without ``.txt`` and ``.html``.
    """
    everything = {**context, "subject": subject, "language": language, "OFFICIAL": settings.OFFICIAL}
    return Email(
        subject=subject,
        text=render_to_string(f"{template}.txt", everything).strip() + "\n",
        html=render_to_string(f"{template}.html", everything),
        useful_until=useful_until,
        said=said or {},
    )


def confirmation_email(request: ConfirmationToSend, *, now: datetime) -> Email:
    """Ask whoever reads a mailbox to confirm that it is theirs; says nothing of what for."""
    with override(request.language):
        return finished(
            template="notifications/confirm",
            subject=_("Confirmez votre adresse e-mail"),
            context={
                "link": confirmation_url(account_id=request.account_id, email=request.email, now=now),
                "days": LINK_LIFETIME.days,
            },
            language=request.language,
            useful_until=request.asked_at + _CONFIRMATION_USEFUL,
        )

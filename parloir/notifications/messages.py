"""Make finished messages of templates: one for eyes that read HTML, one for those that do not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from parloir.notifications.queries import confirmation_url, withdraw_url
from parloir.notifications.rules import CODE_LIFETIME, LINK_LIFETIME, Channel, Email, Sms
from parloir.notifications.texts import in_one_sms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from parloir.notifications.queries import CodeToSend, ConfirmationToSend

_CONFIRMATION_USEFUL = timedelta(days=1)


def finished(
    *,
    template: str,
    subject: str,
    context: Mapping[str, object],
    language: str,
    useful_until: datetime,
    said: dict[str, object] | None = None,
    withdraw: str = "",
) -> Email:
    """Render both forms of a message; the caller has already activated ``language``.

    :param template: its name without ``.txt`` and ``.html``.
    :param withdraw: the address at which such messages can be stopped.
    """
    everything = {
        **context,
        "subject": subject,
        "language": language,
        "rtl": get_language_bidi(),
        "OFFICIAL": settings.OFFICIAL,
        "withdraw_url": withdraw,
    }
    return Email(
        subject=subject,
        text=render_to_string(f"{template}.txt", everything).strip() + "\n",
        html=render_to_string(f"{template}.html", everything),
        useful_until=useful_until,
        said=said or {},
        withdraw_url=withdraw,
    )


def finished_sms(
    *,
    needed: Sequence[str],
    welcome: Sequence[str] = (),
    account_id: int,
    useful_until: datetime,
    said: dict[str, object] | None = None,
    leads_on: bool = False,
) -> Sms:
    """Write an SMS that says how to stop them; the caller has already activated the person's language.

    :param needed: what it must say; ``welcome``: what it says besides as long as one SMS holds it.
    :param leads_on: whether there is something to do next: the page of its one link opens the space too.
    """
    wording = _("Suite/stop : %(link)s") if leads_on else _("Stop : %(link)s")
    stop = wording % {"link": withdraw_url(account_id, Channel.SMS)}
    text = in_one_sms(needed=needed, welcome=welcome, end=[_demonstration(), stop])
    return Sms(text=text, useful_until=useful_until, said=said or {})


def code_sms(request: CodeToSend) -> Sms:
    """Give the code that confirms a telephone; says nothing of what for."""
    with override(request.language):
        said = [
            _("Votre code est %(code)s.") % {"code": request.code},
            _("Il est valable %(minutes)d minutes.") % {"minutes": CODE_LIFETIME // timedelta(minutes=1)},
            _("Ne le donnez à personne."),
        ]
        text = in_one_sms(needed=said, welcome=(), end=[_demonstration()])
    return Sms(text=text, useful_until=request.asked_at + CODE_LIFETIME)


def _demonstration() -> str:
    return "" if settings.OFFICIAL else _("Démonstration.")


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

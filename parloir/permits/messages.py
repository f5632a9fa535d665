"""The messages about the permits of a space: registered, ending soon, suspended, withdrawn, good again, in doubt.

They say nothing that a lock screen may not show: no name, no number, nor what the permit is for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from parloir.foundation.text import local_day
from parloir.notifications.messages import finished, finished_sms
from parloir.notifications.queries import address_of, confirmation_url
from parloir.permits.rules import News

if TYPE_CHECKING:
    from datetime import date, datetime

    from parloir.notifications.rules import Address, Email, Sms
    from parloir.people.models import Account
    from parloir.permits.queries import PermitToTell

USEFUL_FOR = timedelta(days=7)


def registered_elsewhere_email(account: Account, *, now: datetime, since: datetime) -> Email:
    """Say that something was registered in the holder's name, and where to see by whom."""
    with override(account.language):
        return _to_account("registered_elsewhere", account, since=since, now=now)


def may_change_email(account: Account, *, now: datetime, since: datetime) -> Email:
    """Say that permits stay good for now and may have to be asked for again; never why."""
    with override(account.language):
        return _to_account("may_change", account, since=since, now=now)


def news_email(to: PermitToTell, news: News, *, now: datetime) -> Email:
    """Say what became of a permit of a space; to an address that is not confirmed, only that there is news."""
    with override(to.language):
        return finished(
            template="permits/messages/news",
            subject=_subject(news),
            context=_links(to.account_id, to.address, now=now) | {"said": _said(to, news), "advice": _advice(news)},
            language=to.language,
            useful_until=to.since + USEFUL_FOR,
        )


def _to_account(kind: str, account: Account, *, since: datetime, now: datetime) -> Email:
    return finished(
        template=f"permits/messages/{kind}",
        subject=_("Du nouveau dans votre espace"),
        context=_links(account.pk, address_of(account.pk), now=now),
        language=account.language,
        useful_until=since + USEFUL_FOR,
    )


def news_sms(to: PermitToTell, news: News) -> Sms:
    """Say the same where e-mails do not arrive."""
    with override(to.language):
        return finished_sms(
            needed=[_said(to, news)],
            welcome=[_("Ouvrez votre espace.")],
            account_id=to.account_id,
            useful_until=to.since + USEFUL_FOR,
        )


def _subject(news: News) -> str:
    return _("C’est enregistré dans votre espace") if news is News.REGISTERED else _("Du nouveau dans votre espace")


def _said(to: PermitToTell, news: News) -> str:
    match news:
        case News.REGISTERED:
            return _("Un document est enregistré dans votre espace.")
        case News.ENDING:
            return _("Un document de votre espace expire le %(day)s.") % {"day": _day(to.valid_until)}
        case News.SUSPENDED if to.suspended_until:
            sentence = _("Un document de votre espace est suspendu jusqu’au %(day)s inclus.")
            return sentence % {"day": _day(to.suspended_until)}
        case News.SUSPENDED:
            return _("Un document de votre espace est suspendu.")
        case News.WITHDRAWN:
            return _("Un document de votre espace n’est plus valable.")
        case News.RESTORED:
            return _("Un document de votre espace est de nouveau valable.")


def _advice(news: News) -> str:
    match news:
        case News.REGISTERED:
            return _(
                "Ouvrez votre espace pour voir ce qu’il permet. Ce n’est pas vous qui l’avez enregistré ? "
                "Enlevez-le, et fermez vos autres connexions."
            )
        case News.ENDING:
            return _("Demandez-en un nouveau dès maintenant : la réponse peut prendre plusieurs semaines.")
        case News.SUSPENDED | News.WITHDRAWN:
            return _("Avant de vous déplacer, regardez vos rendez-vous. Votre espace dit quoi faire.")
        case News.RESTORED:
            return _("Vous pouvez l’utiliser comme avant.")


def _day(day: date | None) -> str:
    """Write a date without its day of the week: « 11 novembre 2026 »."""
    return local_day(day).partition(" ")[2] if day else ""


def _links(account_id: int, address: Address, *, now: datetime) -> dict[str, object]:
    links: dict[str, object] = {
        "permits_url": f"{settings.LINK_URL}/espace/permis/",
        "confirmed": address.confirmed,
    }
    if not address.confirmed:
        links["confirm_url"] = confirmation_url(account_id=account_id, email=address.email, now=now)
    return links

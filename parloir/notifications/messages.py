"""Make finished messages of templates: one for eyes that read HTML, one for those that do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi, gettext_lazy, override
from django.utils.translation import gettext as _

from parloir.foundation.text import local_day, local_time
from parloir.notifications.queries import confirmation_url, withdraw_url
from parloir.notifications.rules import CODE_LIFETIME, LINK_LIFETIME, NOTICE_USEFUL, Channel, Email, NoticeKind, Sms
from parloir.notifications.texts import in_one_sms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.utils.functional import Promise

    from parloir.notifications.queries import CodeToSend, ConfirmationToSend, NoticeToSend

_PARIS = ZoneInfo("Europe/Paris")
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


def notice_email(notice: NoticeToSend) -> Email:
    """Tell of what was just done in a space, when, and what to do if it was somebody else; shows nothing of it."""
    with override(notice.language):
        told = _NOTICES[notice.kind]
        when = {"day": local_day(notice.at, _PARIS), "time": local_time(notice.at, _PARIS)}
        return finished(
            template="notifications/notice",
            subject=str(told.subject),
            context={
                "happened": str(told.happened) % when,
                "otherwise": str(told.otherwise),
                "link": f"{settings.LINK_URL}{told.path}",
                "label": str(told.label),
                "more": str(told.more),
            },
            language=notice.language,
            useful_until=notice.at + NOTICE_USEFUL,
        )


_OTHERWISE = gettext_lazy(
    "Ce n’est pas vous ? Ouvrez votre espace, remettez ce qui a changé et fermez les autres connexions (page "
    "« Mes données »). Changez aussi le mot de passe du compte avec lequel vous vous identifiez (impôts, Ameli…)."
)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a notice says: what happened, what to do if it was somebody else, and where."""

    subject: Promise
    happened: Promise
    path: str
    label: Promise
    otherwise: Promise
    more: Promise | str = ""


_NOTICES = {
    NoticeKind.EMAIL_CHANGED: _Words(
        subject=gettext_lazy("Votre adresse e-mail a changé"),
        happened=gettext_lazy(
            "L’adresse e-mail de votre espace a été changée le %(day)s à %(time)s (heure de Paris). Vos prochains "
            "messages n’arriveront plus ici."
        ),
        path="/espace/courriel/",
        label=gettext_lazy("Voir mon adresse"),
        otherwise=_OTHERWISE,
    ),
    NoticeKind.PHONE_CHANGED: _Words(
        subject=gettext_lazy("Votre numéro de téléphone a changé"),
        happened=gettext_lazy(
            "Le numéro de téléphone de votre espace a été changé ou enlevé le %(day)s à %(time)s (heure de Paris)."
        ),
        path="/espace/preferences/",
        label=gettext_lazy("Voir mes préférences"),
        otherwise=_OTHERWISE,
    ),
    NoticeKind.SPACE_ERASED: _Words(
        subject=gettext_lazy("Votre espace est effacé"),
        happened=gettext_lazy("Votre espace a été effacé le %(day)s à %(time)s (heure de Paris)."),
        path="/espace/",
        label=gettext_lazy("Ouvrir un nouvel espace"),
        otherwise=gettext_lazy(
            "Ce n’est pas vous ? Changez vite le mot de passe du compte avec lequel vous vous identifiez (impôts, "
            "Ameli…). Puis ouvrez un nouvel espace : vos permis restent valables, vous pourrez les enregistrer."
        ),
    ),
    NoticeKind.NEW_DEVICE: _Words(
        subject=gettext_lazy("Nouvelle connexion à votre espace"),
        happened=gettext_lazy(
            "Votre espace a été ouvert sur un appareil que nous ne connaissions pas, le %(day)s à %(time)s (heure de "
            "Paris)."
        ),
        path="/espace/mes-donnees/",
        label=gettext_lazy("Voir mes connexions"),
        otherwise=_OTHERWISE,
        more=gettext_lazy("Vous pouvez arrêter ces messages dans vos préférences."),
    ),
}

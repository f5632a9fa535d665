"""All that is kept about a person, row by row, as a person reads it: codes said in words, days and hours in full."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.establishments.rules import Channel as Desk
from parloir.foundation import text
from parloir.notifications.rules import Channel, NoticeKind, Outcome, Receipt
from parloir.people.rules import PartOfDay, Reconciliation
from parloir.permits.rules import News
from parloir.permits.sentences import HOLDINGS
from parloir.visits.queries.kept import Why
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrPromise

    from parloir.visits.queries.my_data import MyData

_PARIS = ZoneInfo("Europe/Paris")

CODES: Mapping[tuple[str, str], Mapping[str, StrPromise]] = {
    ("people.Account", "reconciliation"): {
        Reconciliation.PROPOSED: gettext_lazy("Proposée"),
        Reconciliation.ASKED: gettext_lazy("Demandée"),
        Reconciliation.DECLINED: gettext_lazy("Pas d’ancien espace"),
    },
    ("people.Account", "suiting_part"): {
        PartOfDay.MORNING: gettext_lazy("Le matin"),
        PartOfDay.AFTERNOON: gettext_lazy("L’après-midi"),
    },
    ("notifications.Notice", "kind"): {
        NoticeKind.EMAIL_CHANGED: gettext_lazy("Adresse e-mail changée"),
        NoticeKind.PHONE_CHANGED: gettext_lazy("Téléphone changé"),
        NoticeKind.SPACE_ERASED: gettext_lazy("Espace effacé"),
        NoticeKind.NEW_DEVICE: gettext_lazy("Nouvel appareil"),
    },
    ("notifications.Delivery", "channel"): {
        Channel.EMAIL: gettext_lazy("E-mail"),
        Channel.SMS: gettext_lazy("SMS"),
    },
    ("notifications.Delivery", "outcome"): {
        Outcome.PENDING: gettext_lazy("Pas encore envoyé"),
        Outcome.SENT: gettext_lazy("Envoyé"),
        Outcome.NO_ADDRESS: gettext_lazy("Pas envoyé : nous n’avions pas d’adresse pour vous écrire"),
        Outcome.REFUSED: gettext_lazy("Pas envoyé : votre messagerie ou votre opérateur l’a refusé"),
        Outcome.TOO_LATE: gettext_lazy("Pas envoyé : il n’était plus utile"),
        Outcome.NO_BUDGET: gettext_lazy("Pas envoyé : trop de messages ce jour-là"),
    },
    ("notifications.Delivery", "receipt"): {
        Receipt.RECEIVED: gettext_lazy("Reçu"),
        Receipt.RETURNED: gettext_lazy("Revenu : il n’a pas pu être remis"),
    },
    ("permits.Registration", "holding"): {str(holding): words for holding, words in HOLDINGS.items()},
    ("visits.Visit", "channel"): {
        Desk.ONLINE: gettext_lazy("En ligne"),
        Desk.KIOSK: gettext_lazy("À la borne"),
        Desk.TELEPHONE: gettext_lazy("Par téléphone"),
        Desk.DESK: gettext_lazy("Au guichet"),
    },
    ("visits.Visit", "status"): {
        VisitStatus.BOOKED: gettext_lazy("Pris"),
        VisitStatus.ATTENDED: gettext_lazy("La visite a eu lieu"),
        VisitStatus.MISSED: gettext_lazy("La visite n’a pas eu lieu : personne n’est venu"),
        VisitStatus.CANCELLED: gettext_lazy("Annulé"),
    },
}
"""Each field that holds a code, and each code's words."""

SUBJECTS: tuple[tuple[str, StrPromise], ...] = (
    (r"address-", gettext_lazy("Confirmer votre adresse e-mail")),
    (r"code-", gettext_lazy("Code pour confirmer votre téléphone")),
    (r"notice-", gettext_lazy("Un changement dans votre espace")),
    (r"registration-", gettext_lazy("Votre permis enregistré par une autre personne")),
    (rf"permit-{News.REGISTERED}-", gettext_lazy("Permis enregistré")),
    (rf"permit-{News.ENDING}-", gettext_lazy("Permis bientôt terminé")),
    (rf"permit-{News.SUSPENDED}-", gettext_lazy("Permis suspendu")),
    (rf"permit-{News.WITHDRAWN}-", gettext_lazy("Permis retiré")),
    (rf"permit-{News.RESTORED}-", gettext_lazy("Permis de nouveau valable")),
    (r"permits-may-change-", gettext_lazy("Des permis peut-être à redemander")),
    (r"visit-\d+-(booked|in-full|kept)-", gettext_lazy("Rendez-vous confirmé")),
    (r"visit-\d+-to-confirm-", gettext_lazy("Rendez-vous à confirmer")),
    (r"visit-\d+-changed-", gettext_lazy("Rendez-vous changé")),
    (r"visit-\d+-cancelled-", gettext_lazy("Rendez-vous annulé")),
    (r"visit-\d+-reminder-", gettext_lazy("Rappel d’un rendez-vous")),
    (r"offer-", gettext_lazy("Place proposée")),
    (r"opening-", gettext_lazy("Ouverture des réservations")),
    (r"wait-over-", gettext_lazy("Fin de l’attente")),
)
"""What a message is about, by how its deduplication key begins."""


def subject_of(key: str) -> str:
    """Say what a message with this deduplication key was about."""
    return next((str(words) for begins, words in SUBJECTS if re.match(begins, key)), _("Un message"))


def _language(code: str) -> str:
    return dict(settings.LANGUAGES).get(code, code)


_READ: Mapping[tuple[str, str], Callable[[str], str]] = {
    ("people.Account", "birth_date"): text.civil_date,
    ("people.Account", "language"): _language,
    ("notifications.Delivery", "dedup_key"): subject_of,
}
"""Texts that are written otherwise than they are kept."""


def in_full(data: MyData) -> list[tuple[str, list[list[tuple[str, str]]]]]:
    """Return all that is kept, kind by kind and row by row: each field that holds something, with its label."""
    kinds = []
    for kept in data.kept:
        fields = [(name, told) for name, told in kept.kind.fields.items() if not isinstance(told, Why)]
        rows = [
            [
                (str(label), _in_words(row[key], (kept.kind.model, name)))
                for name, (key, label) in fields
                if row[key] not in _EMPTY
            ]
            for row in kept.rows
        ]
        if rows:
            kinds.append((str(kept.kind.title), rows))
    return kinds


_EMPTY: tuple[object, ...] = (None, "", [])
_WEEKDAYS = frozenset({("visits.WaitingEntry", "weekdays"), ("people.Account", "suiting_weekdays")})


def _in_words(value: object, field: tuple[str, str]) -> str:
    """Say a value of a field as a person reads it."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, date | time):
        return _moment(value)
    if isinstance(value, list):
        return ", ".join(text.weekdays(value) if field in _WEEKDAYS else map(str, value))
    written = str(value)
    if field in CODES:
        return str(CODES[field][written])
    return _READ[field](written) if field in _READ else written


def _moment(value: date | time) -> str:
    """Say an instant on the clock of Paris, a day, or an hour of the prison's clock."""
    if isinstance(value, datetime):
        return f"{text.local_day(value, _PARIS)}{_(', ')}{text.local_time(value, _PARIS)}"
    return text.clock_time(value) if isinstance(value, time) else text.local_day(value)

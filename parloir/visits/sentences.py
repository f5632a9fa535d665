"""One sentence for each reason, in plain words.

Families never read a cause that belongs to the detained person or to others: those codes all say the
same general sentence. Staff read :data:`STAFF_LABELS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, gettext_lazy, ngettext

from parloir.foundation.text import local_day, local_time
from parloir.visits.rules import Code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from django.utils.functional import Promise

    from parloir.visits.rules import Refusal

KEPT_FROM_FAMILIES = frozenset(
    {
        Code.MOVED,
        Code.NOT_DISCLOSED,
        Code.RELEASED,
        Code.HOSPITAL,
        Code.RESTRICTED,
        Code.DISCIPLINARY_MAXIMUM,
    }
)
"""Causes for staff alone (docs/privacy.md)."""


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence for a family; ``permit_id`` says whom it is about, when it is about one person."""

    code: str
    text: str
    permit_id: int | None = None


def told_to_family(refusals: Iterable[Refusal], *, zone: ZoneInfo) -> list[Told]:
    """Return each reason once, as a family may read it; dates and times in the prison's zone."""
    told: dict[tuple[str, int | None], Told] = {}
    kept = [refusal for refusal in refusals if refusal.code in KEPT_FROM_FAMILIES]
    if kept:
        told["not_possible", None] = Told("not_possible", _general(kept, zone))
    for refusal in refusals:
        if refusal.code not in KEPT_FROM_FAMILIES:
            key = (str(refusal.code), refusal.permit_id)
            told.setdefault(key, Told(key[0], _sentence(refusal, zone), refusal.permit_id))
    return list(told.values())


def _general(kept: list[Refusal], zone: ZoneInfo) -> str:
    """Say that visits are not possible, and until when only if every cause has an end."""
    ends = [refusal.until for refusal in kept]
    if not all(ends):
        return gettext("Les visites ne sont pas possibles pour le moment. Contactez l’établissement.")
    until = max(end for end in ends if end)
    return gettext("Les visites ne sont pas possibles jusqu’au %(day)s. Contactez l’établissement.") % {
        "day": local_day(until, zone)
    }


def _sentence(refusal: Refusal, zone: ZoneInfo) -> str:
    """Say one reason, its date, time or number filled in."""
    number = refusal.number or 0
    if refusal.code is Code.PERMIT_SUSPENDED and refusal.until is None:
        return gettext("Le permis est suspendu. Contactez l’établissement.")
    if refusal.code is Code.TOO_MANY_ADULTS:
        return ngettext(
            "Un seul adulte peut venir à ce rendez-vous.",
            "%(number)d adultes au plus peuvent venir ensemble.",
            number,
        ) % {"number": number}
    return str(FAMILY_SENTENCES[refusal.code]) % {
        "day": local_day(refusal.until, zone) if refusal.until else "",
        "opening_day": local_day(refusal.opens, zone) if refusal.opens else "",
        "opening_time": local_time(refusal.opens, zone) if refusal.opens else "",
        "number": number,
        "weekdays": ", ".join(str(WEEKDAYS[day - 1]) for day in refusal.weekdays),
    }


FAMILY_SENTENCES: dict[Code, Promise] = {
    Code.NO_ONLINE_BOOKING: gettext_lazy("Cet établissement ne prend pas de rendez-vous en ligne. Appelez-le."),
    Code.NOT_SOLD_ONLINE: gettext_lazy("Ce type de rendez-vous se demande à l’établissement, pas en ligne."),
    Code.NOT_YET_OPEN: gettext_lazy("Les rendez-vous de ce jour ouvrent le %(opening_day)s à %(opening_time)s."),
    Code.TOO_LATE: gettext_lazy(
        "Il est trop tard pour réserver en ligne : cela ferme %(number)d heures avant. "
        "Appelez l’établissement ou choisissez un autre créneau."
    ),
    Code.STARTED: gettext_lazy("Ce rendez-vous a déjà commencé ou il est passé."),
    Code.FULL: gettext_lazy("Ce créneau est complet. Choisissez un autre créneau."),
    Code.ACCESSIBLE_FULL: gettext_lazy(
        "Il n’y a plus de cabine accessible à cette heure. Choisissez un autre créneau ou appelez l’établissement."
    ),
    Code.CLOSED: gettext_lazy("Ce créneau n’a pas lieu. Choisissez un autre créneau."),
    Code.WEEKLY_MAXIMUM: gettext_lazy("Le nombre de visites de la semaine est atteint. Choisissez une autre semaine."),
    Code.DAILY_MAXIMUM: gettext_lazy("Le nombre de visites du jour est atteint. Choisissez un autre jour."),
    Code.DETAINEE_BUSY: gettext_lazy("Ce créneau n’est pas possible. Choisissez une autre heure."),
    Code.NOBODY: gettext_lazy("Choisissez au moins une personne qui viendra au rendez-vous."),
    Code.TOO_MANY: gettext_lazy("%(number)d personnes au plus peuvent venir ensemble, enfants compris."),
    Code.TOO_MANY_ADULTS: gettext_lazy("Trop d’adultes pour ce rendez-vous."),
    Code.MINOR_NEEDS_ADULT: gettext_lazy(
        "Un mineur vient avec un adulte. Choisissez aussi un adulte qui a un permis pour la même personne."
    ),
    Code.BOOKER_TOO_YOUNG: gettext_lazy(
        "Vous avez moins de 18 ans. Demandez à un adulte qui a un permis de prendre ce rendez-vous avec vous, "
        "ou appelez l’établissement."
    ),
    Code.NOT_REGISTERED: gettext_lazy("Ce permis n’est pas enregistré dans votre espace. Ajoutez-le d’abord."),
    Code.PERMIT_SUSPENDED: gettext_lazy("Le permis est suspendu jusqu’au %(day)s."),
    Code.PERMIT_WITHDRAWN: gettext_lazy("Le permis a été retiré. Contactez l’établissement."),
    Code.PERMIT_CLOSED: gettext_lazy("Le permis n’est plus en service. Contactez l’établissement."),
    Code.PERMIT_NOT_YET_VALID: gettext_lazy("Le permis commence le %(day)s."),
    Code.PERMIT_EXPIRED: gettext_lazy("Le permis est valable jusqu’au %(day)s. Demandez son renouvellement."),
    Code.PERMIT_WEEKDAY: gettext_lazy("Le permis ne vaut pas ce jour-là. Jours possibles : %(weekdays)s."),
    Code.PERMIT_USED_UP: gettext_lazy("Toutes les visites prévues par ce permis sont déjà utilisées."),
    Code.PERMIT_SEPARATED: gettext_lazy(
        "Ce permis prévoit une visite avec séparation. Elle se demande à l’établissement, pas en ligne."
    ),
    Code.VISITOR_DAILY_MAXIMUM: gettext_lazy("Déjà un rendez-vous ce jour-là."),
    Code.VISITOR_BUSY: gettext_lazy("Déjà un autre rendez-vous à cette heure-là."),
    Code.TRY_AGAIN: gettext_lazy("Beaucoup de personnes réservent en ce moment. Rien n’est perdu : réessayez."),
    Code.NOT_BOOKED: gettext_lazy("Ce rendez-vous n’est plus réservé : il ne peut pas être annulé ni changé."),
    Code.CHANGE_TOO_LATE: gettext_lazy(
        "Il est trop tard pour changer en ligne : cela ferme %(number)d heures avant. "
        "Vous pouvez encore annuler, ou appeler l’établissement."
    ),
    Code.UNDER_REVIEW: gettext_lazy("Ce rendez-vous est à confirmer par l’établissement. Attendez sa réponse."),
    Code.HOLDS_MAXIMUM: gettext_lazy(
        "Vous gardez déjà %(number)d places. Confirmez-les ou laissez-les avant d’en choisir d’autres."
    ),
    Code.EXTENDED_ENOUGH: gettext_lazy("Cette place ne peut plus être gardée plus longtemps. Confirmez maintenant."),
    Code.HOLD_OVER: gettext_lazy("Votre place n’est plus gardée. Votre choix est là : essayez de la reprendre."),
    Code.DRAFT_CHANGED: gettext_lazy("Votre choix a changé dans une autre fenêtre. Vérifiez-le, puis confirmez."),
    Code.NO_SUCH_SLOT: gettext_lazy("Ce créneau n’existe plus. Choisissez un autre créneau."),
    Code.OFFER_OVER: gettext_lazy("Cette proposition n’est plus valable. Vous gardez votre tour dans la liste."),
}

STAFF_LABELS: dict[Code, Promise] = {
    **FAMILY_SENTENCES,
    Code.MOVED: gettext_lazy("La personne détenue n’est pas dans ce quartier."),
    Code.NOT_DISCLOSED: gettext_lazy("Le transfert n’est pas encore porté à la connaissance de la famille."),
    Code.RELEASED: gettext_lazy("La personne détenue est libérée."),
    Code.HOSPITAL: gettext_lazy("La personne détenue est hospitalisée."),
    Code.RESTRICTED: gettext_lazy("Une interdiction est en cours."),
    Code.DISCIPLINARY_MAXIMUM: gettext_lazy("Cellule disciplinaire : une visite par semaine."),
}

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
    from collections.abc import Iterable, Mapping
    from datetime import date
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


THAT_DAY = (Code.VISITOR_DAILY_MAXIMUM, Code.VISITOR_BUSY)
"""What another visit of somebody who would come stands in the way of: families read its day, never its hour.

Both say the very same words: it may be a visit that another account booked for this person.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence, and what to do next; ``permit_id`` says whom it is about, when it is about one person."""

    code: str
    text: str
    permit_id: int | None = None
    advice: str = ""


def told_to_family(refusals: Iterable[Refusal], *, zone: ZoneInfo) -> list[Told]:
    """Return each reason once, as a family may read it; dates and times in the prison's zone."""
    told: dict[tuple[str, int | None, date | None], Told] = {}
    kept = [refusal for refusal in refusals if refusal.code in KEPT_FROM_FAMILIES]
    if kept:
        told["not_possible", None, None] = Told(
            "not_possible", _general(kept, zone), advice=_advice_in_general(kept, zone)
        )
    for refusal in refusals:
        if refusal.in_general:
            told.setdefault(("person_not_possible", refusal.permit_id, None), _of_another_adult(refusal))
        elif refusal.code not in KEPT_FROM_FAMILIES:
            key = (str(refusal.code), refusal.permit_id, refusal.day)
            text, advice = (
                _on_its_day(refusal, _sentence(refusal, zone)),
                str(ADVICE[refusal.code]) % _filled(refusal, zone),
            )
            told.setdefault(key, Told(key[0], text, refusal.permit_id, advice))
    return list(told.values())


def _of_another_adult(refusal: Refusal) -> Told:
    """Say that somebody cannot come, and nothing of why: they have not agreed."""
    text = gettext("Cette personne ne peut pas venir à ce rendez-vous avec ce permis.")
    advice = gettext("Elle peut appeler l’établissement.")
    return Told("person_not_possible", text, refusal.permit_id, advice)


def told_to_staff(refusals: Iterable[Refusal], *, zone: ZoneInfo) -> list[Told]:
    """Return each reason once with its cause, as an agent may read it; never to be shown to a family."""
    return [
        Told(str(refusal.code), _staff_label(refusal, zone), refusal.permit_id) for refusal in dict.fromkeys(refusals)
    ]


def _staff_label(refusal: Refusal, zone: ZoneInfo) -> str:
    """Say a reason and its cause; until when, if the sentence does not say it."""
    if refusal.code not in KEPT_FROM_FAMILIES:
        return _sentence(refusal, zone, STAFF_LABELS)
    label = str(STAFF_LABELS[refusal.code])
    if refusal.until is None:
        return label
    return gettext("%(cause)s Jusqu’au %(day)s.") % {"cause": label, "day": local_day(refusal.until, zone)}


def _general(kept: list[Refusal], zone: ZoneInfo) -> str:
    """Say that visits are not possible, and until when only if every cause has an end."""
    ends = [refusal.until for refusal in kept]
    if not all(ends):
        return gettext("Les visites ne sont pas possibles pour le moment. Contactez l’établissement.")
    until = max(end for end in ends if end)
    return gettext("Les visites ne sont pas possibles jusqu’au %(day)s. Contactez l’établissement.") % {
        "day": local_day(until, zone)
    }


def _sentence(refusal: Refusal, zone: ZoneInfo, sentences: Mapping[Code, Promise] | None = None) -> str:
    """Say one reason, its date, time or number filled in, in the words of families unless others are given."""
    number = refusal.number or 0
    if refusal.code is Code.PERMIT_SUSPENDED and refusal.until is None:
        return gettext("Le permis est suspendu. Contactez l’établissement.")
    if refusal.code is Code.TOO_MANY_ADULTS:
        return ngettext(
            "Un seul adulte peut venir à ce rendez-vous.",
            "%(number)d adultes au plus peuvent venir ensemble.",
            number,
        ) % {"number": number}
    return str((sentences or FAMILY_SENTENCES)[refusal.code]) % _filled(refusal, zone)


def _on_its_day(refusal: Refusal, sentence: str) -> str:
    """Begin with the day of a trip that a reason is about: the others are not to be changed."""
    if refusal.day is None:
        return sentence
    day = local_day(refusal.day).rpartition(" ")[0]
    return gettext("%(day)s : %(sentence)s") % {"day": day[:1].upper() + day[1:], "sentence": sentence}


def _advice_in_general(kept: list[Refusal], zone: ZoneInfo) -> str:
    """Say what to do, the same for every cause: when to try again only if every cause has an end."""
    ends = [refusal.until for refusal in kept]
    if not all(ends):
        return gettext("Appelez le service parloir ou écrivez-lui avant de vous déplacer.")
    until = max(end for end in ends if end)
    return gettext("Choisissez un jour après le %(day)s, ou appelez le service parloir.") % {
        "day": local_day(until, zone)
    }


def _filled(refusal: Refusal, zone: ZoneInfo) -> dict[str, object]:
    """Return what the sentences of a reason may name: dates, times, numbers, days."""
    return {
        "day": local_day(refusal.until, zone) if refusal.until else "",
        "opening_day": local_day(refusal.opens, zone) if refusal.opens else "",
        "opening_time": local_time(refusal.opens, zone) if refusal.opens else "",
        "number": refusal.number or 0,
        "weekdays": ", ".join(str(WEEKDAYS[day - 1]) for day in refusal.weekdays),
    }


FAMILY_SENTENCES: dict[Code, Promise] = {
    Code.NO_ONLINE_BOOKING: gettext_lazy(
        "Cet établissement ne prend pas de rendez-vous en ligne. Appelez le service parloir."
    ),
    Code.NOT_SOLD_ONLINE: gettext_lazy("Ce rendez-vous ne se réserve pas en ligne. Demandez-le au service parloir."),
    Code.NOT_YET_OPEN: gettext_lazy("Les rendez-vous de ce jour ouvrent le %(opening_day)s à %(opening_time)s."),
    Code.TOO_LATE: gettext_lazy(
        "Il est trop tard pour réserver en ligne : c’est possible jusqu’à %(number)d heures avant. Appelez le "
        "service parloir ou choisissez un autre jour."
    ),
    Code.STARTED: gettext_lazy("Ce rendez-vous a déjà commencé ou il est passé."),
    Code.FULL: gettext_lazy("Ce créneau est complet. Choisissez un autre jour ou une autre heure."),
    Code.ACCESSIBLE_FULL: gettext_lazy(
        "Il n’y a plus de cabine accessible à cette heure. Choisissez une autre heure ou appelez le service parloir."
    ),
    Code.CLOSED: gettext_lazy(
        "L’établissement ne reçoit pas de visite à cette heure-là. Choisissez un autre jour ou une autre heure."
    ),
    Code.WEEKLY_MAXIMUM: gettext_lazy("Le nombre de visites de la semaine est atteint. Choisissez une autre semaine."),
    Code.DAILY_MAXIMUM: gettext_lazy("Le nombre de visites du jour est atteint. Choisissez un autre jour."),
    Code.DETAINEE_BUSY: gettext_lazy("Cette heure n’est pas possible. Choisissez une autre heure."),
    Code.NOBODY: gettext_lazy("Choisissez au moins une personne qui viendra au rendez-vous."),
    Code.SAME_PERSON: gettext_lazy("Vous avez choisi deux fois la même personne. Choisissez-la une seule fois."),
    Code.TOO_MANY: gettext_lazy("%(number)d personnes au plus peuvent venir ensemble, enfants compris."),
    Code.TOO_MANY_ADULTS: gettext_lazy("Trop d’adultes pour ce rendez-vous."),
    Code.MINOR_NEEDS_ADULT: gettext_lazy(
        "Avant 18 ans, on vient avec un adulte. Choisissez aussi un adulte qui a un permis pour la même personne."
    ),
    Code.NO_ADULT: gettext_lazy(
        "Avant 18 ans, on vient avec un adulte. Votre espace n’a pas de permis d’adulte pour la même personne."
    ),
    Code.BOOKER_TOO_YOUNG: gettext_lazy(
        "Vous avez moins de 18 ans. Demandez à un adulte qui a un permis de prendre ce rendez-vous avec vous, "
        "ou appelez l’établissement."
    ),
    Code.BOOKER_AGE_UNKNOWN: gettext_lazy(
        "FranceConnect ne nous a pas donné votre date de naissance : nous ne pouvons pas savoir si vous êtes adulte. "
        "Appelez l’établissement : un agent peut prendre ce rendez-vous avec vous."
    ),
    Code.NOT_REGISTERED: gettext_lazy("Ce permis n’est pas enregistré dans votre espace. Enregistrez-le d’abord."),
    Code.PERMIT_SUSPENDED: gettext_lazy("Le permis est suspendu jusqu’au %(day)s."),
    Code.PERMIT_WITHDRAWN: gettext_lazy("Le permis a été retiré. Contactez l’établissement."),
    Code.PERMIT_CLOSED: gettext_lazy("Le permis ne permet plus de visite. Contactez l’établissement."),
    Code.PERMIT_NOT_YET_VALID: gettext_lazy("Le permis commence le %(day)s."),
    Code.PERMIT_EXPIRED: gettext_lazy("Le permis est valable jusqu’au %(day)s. Demandez un nouveau permis."),
    Code.PERMIT_WEEKDAY: gettext_lazy("Le permis ne permet pas de visite ce jour-là. Jours possibles : %(weekdays)s."),
    Code.PERMIT_USED_UP: gettext_lazy("Toutes les visites de ce permis sont utilisées ou réservées."),
    Code.PERMIT_SEPARATED: gettext_lazy(
        "Ce permis est pour le parloir avec vitre (hygiaphone). Ce rendez-vous ne se réserve pas en ligne."
    ),
    **dict.fromkeys(THAT_DAY, gettext_lazy("Déjà un rendez-vous ce jour-là.")),
    Code.TRY_AGAIN: gettext_lazy("Cela n’a pas marché cette fois. Rien n’est perdu : réessayez."),
    Code.NOT_BOOKED: gettext_lazy(
        "Ce rendez-vous est annulé ou terminé : vous ne pouvez plus le changer ni l’annuler."
    ),
    Code.CHANGE_TOO_LATE: gettext_lazy(
        "Il est trop tard pour changer en ligne : c’est possible jusqu’à %(number)d heures avant. Vous pouvez encore "
        "annuler, ou appeler le service parloir."
    ),
    Code.UNDER_REVIEW: gettext_lazy("L’établissement n’a pas encore confirmé ce rendez-vous. Attendez sa réponse."),
    Code.NOT_UNDER_REVIEW: gettext_lazy("Ce rendez-vous n’est plus à confirmer."),
    Code.HOLDS_MAXIMUM: gettext_lazy(
        "Nous gardons déjà %(number)d places pour vous. Confirmez ou abandonnez un rendez-vous commencé, puis "
        "choisissez."
    ),
    Code.EXTENDED_ENOUGH: gettext_lazy("Nous ne pouvons pas garder cette place plus longtemps. Confirmez maintenant."),
    Code.HOLD_OVER: gettext_lazy(
        "Votre place n’est plus gardée. Votre choix n’est pas perdu : essayez de reprendre la place."
    ),
    Code.DRAFT_CHANGED: gettext_lazy("Votre choix a changé dans une autre fenêtre. Vérifiez-le, puis confirmez."),
    Code.NO_SUCH_SLOT: gettext_lazy("Cette heure n’est plus proposée. Choisissez un autre jour ou une autre heure."),
    Code.OFFER_OVER: gettext_lazy("Cette proposition n’est plus valable. Vous gardez votre rang dans la liste."),
    Code.CODES_MAXIMUM: gettext_lazy("Vous avez déjà demandé %(number)d codes en une heure."),
    Code.NO_SUCH_CODE: gettext_lazy("Ce code n’est pas valable ici. Un code dure dix minutes."),
    Code.WAITING_NO_DAY: gettext_lazy("Les jours cochés ne tombent pas dans cette période."),
    Code.WAITING_PERIOD: gettext_lazy(
        "Choisissez une période à venir, du premier jour au dernier, de %(number)d jours au plus."
    ),
}

CALL = gettext_lazy("Appelez le service parloir ou écrivez-lui.")

ADVICE: dict[Code, Promise] = {
    Code.NO_ONLINE_BOOKING: gettext_lazy("Appelez l’établissement : un agent vous dira comment venir."),
    Code.NOT_SOLD_ONLINE: gettext_lazy("Demandez ce rendez-vous au service parloir, par téléphone ou par courrier."),
    Code.NOT_YET_OPEN: gettext_lazy("Revenez le %(opening_day)s à partir de %(opening_time)s."),
    Code.TOO_LATE: gettext_lazy("Choisissez un autre jour. Un agent peut encore réserver par téléphone."),
    Code.STARTED: gettext_lazy("Choisissez un jour à venir."),
    Code.FULL: gettext_lazy("Choisissez une autre heure. Des places se libèrent aussi quand une famille annule."),
    Code.ACCESSIBLE_FULL: gettext_lazy("Choisissez une autre heure, ou appelez : un agent cherche avec vous."),
    Code.CLOSED: gettext_lazy("Choisissez une autre heure ou un autre jour."),
    Code.WEEKLY_MAXIMUM: gettext_lazy("Choisissez un jour à partir du lundi suivant."),
    Code.DAILY_MAXIMUM: gettext_lazy("Choisissez un autre jour, même de la même semaine."),
    Code.DETAINEE_BUSY: gettext_lazy("Choisissez une autre heure du même jour, ou un autre jour."),
    Code.NOBODY: gettext_lazy("Cochez au moins une personne, puis continuez."),
    Code.SAME_PERSON: gettext_lazy("Choisissez cette personne une seule fois : nous prenons le permis qui convient."),
    Code.TOO_MANY: gettext_lazy("Venez à %(number)d au plus. Les autres peuvent venir un autre jour."),
    Code.TOO_MANY_ADULTS: gettext_lazy("Choisissez moins d’adultes. Les autres peuvent venir un autre jour."),
    Code.MINOR_NEEDS_ADULT: gettext_lazy("Choisissez un adulte, ou enregistrez d’abord son permis dans votre espace."),
    Code.NO_ADULT: gettext_lazy(
        "Enregistrez le permis d’un adulte qui viendra avec l’enfant. Réservez aussitôt après."
    ),
    Code.BOOKER_TOO_YOUNG: gettext_lazy("Un adulte peut enregistrer votre permis dans son espace et réserver."),
    Code.BOOKER_AGE_UNKNOWN: gettext_lazy(
        "Appelez l’établissement. Pour réserver en ligne, faites compléter votre date de naissance là où vous vous "
        "connectez (impôts, Ameli…)."
    ),
    Code.NOT_REGISTERED: gettext_lazy("Enregistrez le permis : le numéro est écrit dessus. Réservez aussitôt après."),
    Code.PERMIT_SUSPENDED: gettext_lazy("Attendez la fin de la suspension, ou appelez le service parloir."),
    Code.PERMIT_WITHDRAWN: gettext_lazy("La décision que vous avez reçue dit comment la contester."),
    Code.PERMIT_CLOSED: gettext_lazy("Appelez le service parloir : un agent vous dira s’il faut un nouveau permis."),
    Code.PERMIT_NOT_YET_VALID: gettext_lazy("Choisissez un jour à partir du %(day)s."),
    Code.PERMIT_EXPIRED: gettext_lazy("Choisissez un jour jusqu’au %(day)s, ou demandez un nouveau permis."),
    Code.PERMIT_WEEKDAY: gettext_lazy("Choisissez un de ces jours : %(weekdays)s."),
    Code.PERMIT_USED_UP: gettext_lazy("Annulez un rendez-vous à venir, ou demandez un nouveau permis."),
    Code.PERMIT_SEPARATED: gettext_lazy("Demandez ce rendez-vous au service parloir, par téléphone ou par courrier."),
    **dict.fromkeys(
        THAT_DAY,
        gettext_lazy(
            "Choisissez un autre jour pour cette personne. "
            "Pour aller voir un deuxième proche, une autre heure du même jour suffit parfois."
        ),
    ),
    Code.TRY_AGAIN: gettext_lazy("Attendez quelques secondes, puis réessayez."),
    Code.NOT_BOOKED: gettext_lazy("Regardez la liste de vos rendez-vous."),
    Code.CHANGE_TOO_LATE: gettext_lazy(
        "Vous pouvez annuler jusqu’au début du rendez-vous. Pour changer, appelez le service parloir."
    ),
    Code.NOT_UNDER_REVIEW: gettext_lazy("Ouvrez le rendez-vous pour voir où il en est."),
    Code.UNDER_REVIEW: gettext_lazy("Attendez le message de l’établissement avant de vous déplacer."),
    Code.HOLDS_MAXIMUM: gettext_lazy("Confirmez un rendez-vous commencé, ou abandonnez-le."),
    Code.EXTENDED_ENOUGH: gettext_lazy("Confirmez maintenant. Si la place est prise, votre choix n’est pas perdu."),
    Code.HOLD_OVER: gettext_lazy("Confirmez : si la place est encore libre, elle est à vous."),
    Code.DRAFT_CHANGED: gettext_lazy("Relisez votre choix, puis confirmez."),
    Code.NO_SUCH_SLOT: gettext_lazy("Choisissez une autre heure ou un autre jour."),
    Code.OFFER_OVER: gettext_lazy("Attendez la prochaine proposition, ou regardez les jours où il reste des places."),
    Code.WAITING_NO_DAY: gettext_lazy("Cochez d’autres jours, ou choisissez une période plus longue."),
    Code.WAITING_PERIOD: gettext_lazy("Changez le premier ou le dernier jour."),
    Code.CODES_MAXIMUM: gettext_lazy("Attendez une heure, ou lisez cette page à l’agent."),
    Code.NO_SUCH_CODE: gettext_lazy("Demandez un nouveau code à la famille."),
    **dict.fromkeys(KEPT_FROM_FAMILIES, CALL),
}
"""What a family can do next about each reason; one for all that it does not read."""

ANOTHER_TIME = frozenset(
    {
        "not_possible",
        Code.NOT_YET_OPEN,
        Code.TOO_LATE,
        Code.STARTED,
        Code.FULL,
        Code.ACCESSIBLE_FULL,
        Code.CLOSED,
        Code.WEEKLY_MAXIMUM,
        Code.DAILY_MAXIMUM,
        Code.DETAINEE_BUSY,
        Code.NO_SUCH_SLOT,
        Code.PERMIT_NOT_YET_VALID,
        Code.PERMIT_WEEKDAY,
        *THAT_DAY,
    }
)
"""What another time answers: a page that knows which time is possible says that instead of each one's advice."""

STAFF_LABELS: dict[Code, Promise] = {
    **FAMILY_SENTENCES,
    Code.MOVED: gettext_lazy("La personne détenue n’est pas dans ce quartier."),
    Code.NOT_DISCLOSED: gettext_lazy("Le transfert n’est pas encore porté à la connaissance de la famille."),
    Code.RELEASED: gettext_lazy("La personne détenue est libérée."),
    Code.HOSPITAL: gettext_lazy("La personne détenue est hospitalisée."),
    Code.RESTRICTED: gettext_lazy("Une interdiction est en cours."),
    Code.VISITOR_BUSY: gettext_lazy("Déjà un autre rendez-vous à cette heure-là."),
    Code.DISCIPLINARY_MAXIMUM: gettext_lazy("Cellule disciplinaire : une visite par semaine."),
}

"""What a permit is worth and what it allows, in the words of those who hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parloir.establishments.rules import PenalCategory
from parloir.foundation.text import local_day
from parloir.permits.procedure import PROCEDURE, Paper, Situation
from parloir.permits.rules import Authority, Holding, PermitState, Relationship

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django_stubs_ext import StrPromise

    from parloir.permits.procedure import Guidance, Step

STATES: Mapping[PermitState, StrPromise] = {
    PermitState.ACTIVE: gettext_lazy("Actif"),
    PermitState.NOT_YET: gettext_lazy("Pas encore valable"),
    PermitState.SUSPENDED: gettext_lazy("Suspendu"),
    PermitState.SUSPENDED_UNTIL: gettext_lazy("Suspendu"),
    PermitState.WITHDRAWN: gettext_lazy("Retiré"),
    PermitState.EXPIRED: gettext_lazy("Expiré"),
    PermitState.CLOSED: gettext_lazy("Fermé"),
}

EXPLAINED: Mapping[PermitState, StrPromise] = {
    PermitState.ACTIVE: gettext_lazy("Ce permis est actif."),
    PermitState.NOT_YET: gettext_lazy("Ce permis n’est pas encore valable : il le sera le %(from)s."),
    PermitState.SUSPENDED: gettext_lazy(
        "Ce permis est suspendu, sans date de fin connue. Contactez l’établissement pour savoir quoi faire."
    ),
    PermitState.SUSPENDED_UNTIL: gettext_lazy(
        "Ce permis est suspendu jusqu’au %(suspended_until)s inclus. Il sera de nouveau actif ensuite."
    ),
    PermitState.WITHDRAWN: gettext_lazy(
        "Ce permis a été retiré : il ne permet plus de visite. "
        "Pour savoir pourquoi et ce que vous pouvez faire, contactez l’établissement."
    ),
    PermitState.EXPIRED: gettext_lazy(
        "Ce permis a expiré le %(until)s. Demandez un nouveau permis à l’autorité qui a délivré celui-ci."
    ),
    PermitState.CLOSED: gettext_lazy(
        "Ce permis est fermé : il ne permet plus de visite. Contactez l’établissement pour toute question."
    ),
}
"""One sentence a state, with what to do next; the dates are days in full."""

HOLDINGS: Mapping[Holding, StrPromise] = {
    Holding.OWN: gettext_lazy("Vous"),
    Holding.CHILD: gettext_lazy("Votre enfant"),
    Holding.ADULT: gettext_lazy("Un autre adulte"),
}

AUTHORITIES: Mapping[Authority, StrPromise] = {
    Authority.INVESTIGATING_JUDGE: gettext_lazy("le juge d’instruction"),
    Authority.OTHER_MAGISTRATE: gettext_lazy("le magistrat chargé du dossier"),
    Authority.PROSECUTOR: gettext_lazy("le procureur de la République"),
    Authority.GENERAL_PROSECUTOR: gettext_lazy("le procureur général"),
    Authority.HEAD_OF_ESTABLISHMENT: gettext_lazy("le chef de l’établissement"),
    Authority.PREFECT: gettext_lazy("le préfet"),
}

RELATIONSHIPS: Mapping[Relationship, StrPromise] = {
    Relationship.PARTNER: gettext_lazy("Conjoint ou conjointe"),
    Relationship.PARENT: gettext_lazy("Père ou mère"),
    Relationship.CHILD: gettext_lazy("Enfant"),
    Relationship.SIBLING: gettext_lazy("Frère ou sœur"),
    Relationship.GRANDPARENT: gettext_lazy("Grand-parent"),
    Relationship.OTHER_FAMILY: gettext_lazy("Autre membre de la famille"),
    Relationship.FRIEND: gettext_lazy("Ami ou amie"),
    Relationship.OTHER: gettext_lazy("Autre proche"),
}


SITUATIONS: Mapping[Situation, StrPromise] = {
    Situation.UNDER_INVESTIGATION: gettext_lazy("Une instruction est en cours"),
    Situation.AWAITING_TRIAL: gettext_lazy("Il n’y a pas d’instruction, ou elle est terminée"),
    Situation.APPEAL_DELAY: gettext_lazy("Condamnée, pendant les 10 jours où elle peut faire appel"),
    Situation.APPELLANT: gettext_lazy("Elle a fait appel, est renvoyée devant les assises ou attend une extradition"),
    Situation.CONVICTED: gettext_lazy("Elle est condamnée définitivement"),
    Situation.IN_HOSPITAL: gettext_lazy("Condamnée et hospitalisée, dans certains cas"),
}

PROCEDURES: Mapping[PenalCategory, StrPromise] = {
    PenalCategory.PREVENU: gettext_lazy("La personne est prévenue : elle n’est pas encore jugée définitivement"),
    PenalCategory.APPELANT: gettext_lazy("La personne est appelante : elle attend un nouveau jugement"),
    PenalCategory.CONDAMNE: gettext_lazy("La personne est condamnée définitivement"),
}

RIGHTS: Mapping[PenalCategory, StrPromise] = {
    PenalCategory.PREVENU: gettext_lazy(
        "La loi lui garantit au moins trois visites par semaine (code pénitentiaire, article L341-2). "
        "Le permis reste valable jusqu’à la condamnation définitive (article R341-4)."
    ),
    PenalCategory.APPELANT: gettext_lazy("Pour le nombre de visites, elle est traitée comme une personne prévenue."),
    PenalCategory.CONDAMNE: gettext_lazy(
        "La loi lui garantit au moins une visite par semaine (code pénitentiaire, article L341-3). "
        "La demande se fait avec le formulaire Cerfa 13960."
    ),
}


PAPERS: Mapping[Paper, StrPromise] = {
    Paper.FORM: gettext_lazy("le formulaire Cerfa n° 13960, rempli et signé ;"),
    Paper.LETTER: gettext_lazy(
        "une lettre : qui vous êtes, qui vous voulez voir, et ce qui vous lie à cette personne ;"
    ),
    Paper.IDENTITY: gettext_lazy("la photocopie de la pièce d’identité de chaque personne qui demande un permis ;"),
    Paper.PHOTOS: gettext_lazy("deux photos d’identité de moins de trois mois pour chaque personne ;"),
    Paper.FAMILY_LINK: gettext_lazy("un papier qui montre votre lien, par exemple le livret de famille ;"),
    Paper.PARENTAL_AUTHORITY: gettext_lazy(
        "pour un enfant, un papier qui montre que vous avez l’autorité parentale, par exemple le livret de famille ;"
    ),
    Paper.ENVELOPE: gettext_lazy("une enveloppe timbrée à vos nom et adresse, pour la réponse."),
}
"""One line each of a list."""

WHERE_TO_WRITE: Mapping[Authority, StrPromise] = {
    Authority.INVESTIGATING_JUDGE: gettext_lazy("au tribunal qui s’occupe de l’affaire"),
    Authority.OTHER_MAGISTRATE: gettext_lazy("au tribunal qui s’occupe de l’affaire"),
    Authority.PROSECUTOR: gettext_lazy("au tribunal qui s’occupe de l’affaire"),
    Authority.GENERAL_PROSECUTOR: gettext_lazy("à la cour d’appel qui s’occupe de l’affaire"),
    Authority.HEAD_OF_ESTABLISHMENT: gettext_lazy("à l’adresse de l’établissement"),
    Authority.PREFECT: gettext_lazy("à la préfecture"),
}


@dataclass(frozen=True)
class ToldGuidance:
    """Whom to write to and where, and what to send, in words; nobody when it is to be asked first."""

    whom: str
    where: str
    papers: list[str]


def told(guidance: Guidance) -> ToldGuidance:
    """Say a guidance in words."""
    names = [str(AUTHORITIES[authority]) for authority in guidance.authorities]
    return ToldGuidance(
        whom=_(" ou ").join(names),
        where=str(WHERE_TO_WRITE[guidance.authorities[0]]) if guidance.authorities else "",
        papers=[str(PAPERS[paper]) for paper in guidance.papers],
    )


@dataclass(frozen=True)
class ToldProcedure:
    """How a permit is asked for one penal category, in words: who, in which case, and what the law gives."""

    title: str
    steps: list[tuple[str, str]]
    right: str


def procedures() -> list[ToldProcedure]:
    """Return the three procedures of the permit, ready to be shown."""
    return [
        ToldProcedure(str(PROCEDURES[category]), [_told(step) for step in steps], str(RIGHTS[category]))
        for category, steps in PROCEDURE.items()
    ]


def _told(step: Step) -> tuple[str, str]:
    authorities = [str(AUTHORITIES[authority]) for authority in step.authorities]
    return str(SITUATIONS[step.situation]), _(" ou ").join(authorities)


def relationship_name(code: str) -> str:
    """Say what the holder of a permit is to the detained person."""
    return str(RELATIONSHIPS[Relationship(code)])


def authority_name(code: str) -> str:
    """Say who issued a permit."""
    return str(AUTHORITIES[Authority(code)])


def explained(state: PermitState, *, valid_from: date, valid_until: date | None, suspended_until: date | None) -> str:
    """Return the sentence of a state, its dates filled in."""
    return str(EXPLAINED[state]) % {
        "from": _in_full(valid_from),
        "until": _in_full(valid_until),
        "suspended_until": _in_full(suspended_until),
    }


def state_in_general(state: PermitState) -> str:
    """Say of another adult's permit, until they agree, whether it serves."""
    return str(STATES[PermitState.ACTIVE]) if state is PermitState.ACTIVE else _("Non utilisable")


def explained_in_general(state: PermitState) -> str:
    """Explain it, with what to do next and no cause."""
    if state is PermitState.ACTIVE:
        return str(EXPLAINED[PermitState.ACTIVE])
    return _(
        "Ce permis ne permet pas de visite en ce moment. La personne nommée sur le permis peut appeler l’établissement."
    )


def ends_soon(*, valid_until: date | None) -> str:
    """Say when a permit ends, and to ask for another in time."""
    sentence = _("Ce permis expire le %(until)s. Demandez-en un nouveau dès maintenant à l’autorité qui l’a délivré.")
    return sentence % {"until": _in_full(valid_until)}


def visits_left(*, left: int, limit: int) -> str:
    """Say how many visits remain of a limited permit, those already booked counted as used."""
    if left <= 0:
        return _("Toutes les visites de ce permis sont utilisées ou réservées.")
    sentence = ngettext("Il reste %(left)d visite sur %(limit)d.", "Il reste %(left)d visites sur %(limit)d.", left)
    return sentence % {"left": left, "limit": limit}


def validity(*, valid_from: date, valid_until: date | None) -> str:
    """Say from when to when a permit is valid, both days included."""
    begins = _in_full(valid_from)
    if valid_until is None:
        return _("À partir du %(begins)s, sans date de fin") % {"begins": begins}
    return _("Du %(begins)s au %(ends)s inclus") % {"begins": begins, "ends": _in_full(valid_until)}


def conditions(
    *, weekdays: Sequence[int] | None, visits_allowed: int | None, separated: bool, alone_from_16: bool, is_minor: bool
) -> list[str]:
    """Return what a permit allows and does not, one sentence each; nothing for a permit without conditions."""
    said = []
    if weekdays is not None:
        said.append(_("Jours de visite autorisés : %(days)s.") % {"days": _listed(weekdays)})
    if visits_allowed is not None:
        sentence = ngettext(
            "Ce permis est donné pour %(number)d visite en tout.",
            "Ce permis est donné pour %(number)d visites en tout.",
            visits_allowed,
        )
        said.append(sentence % {"number": visits_allowed})
    if separated:
        said.append(
            _(
                "La visite se fait au parloir avec vitre (hygiaphone). Elle ne se réserve pas en ligne : contactez "
                "le service parloir de l’établissement."
            )
        )
    if is_minor:
        said.append(
            _("Peut venir sans adulte à partir de 16 ans.") if alone_from_16 else _("Vient toujours avec un adulte.")
        )
    return said


def _in_full(day: date | None) -> str:
    """Write a date without its day of the week: « 11 novembre 2026 »."""
    return local_day(day).partition(" ")[2] if day else ""


def _listed(weekdays: Sequence[int]) -> str:
    """Name days of the week, Monday being 1: « mercredi et samedi »."""
    *most, last = [str(WEEKDAYS[day - 1]) for day in sorted(weekdays)]
    return _("%(days)s et %(last)s") % {"days": _(", ").join(most), "last": last} if most else last

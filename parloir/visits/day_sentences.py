"""What a day that cannot be chosen says: one or two words on it, and its cause in full, once for all such days.

A cause says what is, never what to do: whether another day or hour can be chosen is the calendar's to know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy

from parloir.visits.rules import Code
from parloir.visits.sentences import ANOTHER_TIME, THAT_DAY, told_to_family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from zoneinfo import ZoneInfo

    from django.utils.functional import Promise

    from parloir.visits.rules import Refusal
    from parloir.visits.sentences import Told


@dataclass(frozen=True, slots=True)
class DayTold:
    """The words on a day, and its cause; ``permit_id`` says whose permit it is about, when it is about one."""

    mark: str
    cause: str
    permit_id: int | None = None


_CAUSES: dict[Code, tuple[Promise, Promise]] = {
    Code.FULL: (gettext_lazy("complet"), gettext_lazy("Toutes les places sont prises.")),
    Code.WEEKLY_MAXIMUM: (gettext_lazy("atteint"), gettext_lazy("Le nombre de visites de la semaine est atteint.")),
    Code.DAILY_MAXIMUM: (gettext_lazy("atteint"), gettext_lazy("Le nombre de visites du jour est atteint.")),
    Code.CLOSED: (gettext_lazy("fermé"), gettext_lazy("L’établissement ne reçoit pas ce jour-là.")),
    Code.TOO_LATE: (gettext_lazy("trop tard"), gettext_lazy("Il est trop tard pour réserver ces heures en ligne.")),
    Code.NO_SUCH_SLOT: (gettext_lazy("pas possible"), gettext_lazy("Cette heure n’est plus proposée.")),
    Code.DETAINEE_BUSY: (gettext_lazy("pas possible"), gettext_lazy("Ces heures ne sont pas possibles.")),
}
"""What stands in the way whoever comes; all else is said by its own sentence."""

_OF_ONE_HOUR: dict[Code, Promise] = {
    Code.FULL: gettext_lazy("Ce créneau est complet."),
    Code.CLOSED: gettext_lazy("L’établissement ne reçoit pas à cette heure."),
    Code.ACCESSIBLE_FULL: gettext_lazy("Il n’y a plus de cabine accessible à cette heure."),
    Code.TOO_LATE: gettext_lazy("Il est trop tard pour réserver cette heure en ligne."),
    Code.DETAINEE_BUSY: gettext_lazy("Cette heure n’est pas possible."),
}
"""The same, of one hour that was asked for."""


def told_of_day(refusals: Collection[Refusal], *, zone: ZoneInfo) -> DayTold:
    """Return what a day says that none of its hours can be chosen on: the cause that a place given back would not lift.

    Causes that families never read come first, all by the same sentence.
    """
    told = told_to_family(refusals, zone=zone)
    main = next((one for one in told if one.code != Code.FULL), told[0])
    if main.code in _CAUSES:
        mark, cause = _CAUSES[Code(main.code)]
        return DayTold(str(mark), str(cause))
    is_of_permits = main.permit_id and main.code not in THAT_DAY
    return DayTold(gettext("permis") if is_of_permits else gettext("pas possible"), main.text, main.permit_id)


def causes_of(refusals: Iterable[Refusal], *, zone: ZoneInfo) -> list[DayTold]:
    """Return each cause once, for a page that has no other time to offer."""
    return list(dict.fromkeys(told_of_day([refusal], zone=zone) for refusal in refusals))


def told_of_one_hour(refusals: Iterable[Refusal], *, zone: ZoneInfo) -> list[Told]:
    """Return each reason once against an hour that was asked for; where another time answers it, without advice.

    Which other time there is, if any, is said beside it, once.
    """
    return [
        replace(one, text=_cause_of(one), advice="" if one.code in ANOTHER_TIME else one.advice)
        for one in told_to_family(refusals, zone=zone)
    ]


def _cause_of(told: Told) -> str:
    if told.code in _OF_ONE_HOUR:
        return str(_OF_ONE_HOUR[Code(told.code)])
    return str(_CAUSES[Code(told.code)][1]) if told.code in _CAUSES else told.text


def full_day() -> DayTold:
    """Return what a day says on which only a place that somebody gives back is wanting."""
    mark, cause = _CAUSES[Code.FULL]
    return DayTold(str(mark), str(cause))


def day_without_visits() -> DayTold:
    """Return what a day of the wing's week says that has no hours."""
    mark, cause = _CAUSES[Code.CLOSED]
    return DayTold(str(mark), str(cause))

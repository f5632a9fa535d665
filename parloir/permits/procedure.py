"""Who a visit permit is asked from, by penal category (code pénitentiaire), and with what. No Django here.

The papers are those of the form of the finally convicted (service-public.gouv.fr, R72175, read in its version of
12 May 2025); another authority may ask for others, and says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parloir.establishments.rules import PenalCategory
from parloir.permits.rules import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping


class Situation(StrEnum):
    """Where a detained person stands with justice, as far as it decides who issues permits."""

    UNDER_INVESTIGATION = "under_investigation"
    AWAITING_TRIAL = "awaiting_trial"
    APPEAL_DELAY = "appeal_delay"
    APPELLANT = "appellant"
    CONVICTED = "convicted"
    IN_HOSPITAL = "in_hospital"


@dataclass(frozen=True)
class Step:
    """In a situation, those who may issue the permit."""

    situation: Situation
    authorities: tuple[Authority, ...]


PROCEDURE: Mapping[PenalCategory, tuple[Step, ...]] = {
    PenalCategory.PREVENU: (
        Step(Situation.UNDER_INVESTIGATION, (Authority.INVESTIGATING_JUDGE, Authority.OTHER_MAGISTRATE)),
        Step(Situation.AWAITING_TRIAL, (Authority.PROSECUTOR,)),
        Step(Situation.APPEAL_DELAY, (Authority.PROSECUTOR,)),
    ),
    PenalCategory.APPELANT: (Step(Situation.APPELLANT, (Authority.GENERAL_PROSECUTOR,)),),
    PenalCategory.CONDAMNE: (
        Step(Situation.CONVICTED, (Authority.HEAD_OF_ESTABLISHMENT,)),
        Step(Situation.IN_HOSPITAL, (Authority.PREFECT,)),
    ),
}
"""The three procedures that the portal's leaflet tells of."""


FORM = "13960"
"""The Cerfa form; it is for the finally convicted alone."""


class ForWhom(StrEnum):
    """Whose permits are asked for."""

    ONESELF = "oneself"
    CHILD = "child"
    FAMILY = "family"


class Paper(StrEnum):
    """What a request is made of."""

    FORM = "form"
    LETTER = "letter"
    IDENTITY = "identity"
    PHOTOS = "photos"
    FAMILY_LINK = "family_link"
    PARENTAL_AUTHORITY = "parental_authority"
    ENVELOPE = "envelope"


@dataclass(frozen=True)
class Guidance:
    """Whom to write to, and what to send. No authority: it is to be asked first who it is.

    ``is_complete`` says that the papers are all; otherwise the authority may ask for others.
    """

    situation: Situation | None
    authorities: tuple[Authority, ...]
    papers: tuple[Paper, ...]
    several: bool
    goes_to_prison: bool
    is_complete: bool

    @property
    def goes_to_court(self) -> bool:
        """Whether a magistrate decides, whose court is to be found."""
        return bool(self.authorities) and not set(self.authorities) & {
            Authority.HEAD_OF_ESTABLISHMENT,
            Authority.PREFECT,
        }


def guidance(situation: Situation | None, for_whom: ForWhom) -> Guidance:
    """Say whom a permit is asked from; each person has their own request, whatever their age."""
    convicted = situation is Situation.CONVICTED
    children = for_whom is not ForWhom.ONESELF
    papers = (
        Paper.FORM if convicted else Paper.LETTER,
        Paper.IDENTITY,
        Paper.PHOTOS,
        Paper.FAMILY_LINK,
        *((Paper.PARENTAL_AUTHORITY,) if children else ()),
        Paper.ENVELOPE,
    )
    return Guidance(
        situation=situation,
        authorities=_AUTHORITIES[situation] if situation else (),
        papers=papers,
        several=for_whom is ForWhom.FAMILY,
        goes_to_prison=convicted,
        is_complete=convicted,
    )


_AUTHORITIES = {step.situation: step.authorities for steps in PROCEDURE.values() for step in steps}

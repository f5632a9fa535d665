"""Who a visit permit is asked from, by penal category (code pénitentiaire). No Django here."""

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

"""Whom a permit is asked from, and with what, in every situation."""

from __future__ import annotations

import pytest

from parloir.permits.procedure import ForWhom, Paper, Situation, guidance
from parloir.permits.rules import Authority
from parloir.permits.sentences import PAPERS, WHERE_TO_WRITE, told


@pytest.mark.parametrize(
    ("situation", "authorities"),
    [
        (Situation.UNDER_INVESTIGATION, (Authority.INVESTIGATING_JUDGE, Authority.OTHER_MAGISTRATE)),
        (Situation.AWAITING_TRIAL, (Authority.PROSECUTOR,)),
        (Situation.APPEAL_DELAY, (Authority.PROSECUTOR,)),
        (Situation.APPELLANT, (Authority.GENERAL_PROSECUTOR,)),
        (Situation.CONVICTED, (Authority.HEAD_OF_ESTABLISHMENT,)),
        (Situation.IN_HOSPITAL, (Authority.PREFECT,)),
        (None, ()),
    ],
)
def test_each_situation_has_its_authority(situation, authorities):
    assert guidance(situation, ForWhom.ONESELF).authorities == authorities


@pytest.mark.parametrize("situation", [*Situation, None])
def test_the_form_is_for_the_finally_convicted_alone(situation):
    found = guidance(situation, ForWhom.ONESELF)

    convicted = situation is Situation.CONVICTED
    assert (Paper.FORM in found.papers, Paper.LETTER in found.papers) == (convicted, not convicted)
    assert (found.is_complete, found.goes_to_prison) == (convicted, convicted)


@pytest.mark.parametrize(
    ("for_whom", "asked", "several"),
    [(ForWhom.ONESELF, False, False), (ForWhom.CHILD, True, False), (ForWhom.FAMILY, True, True)],
)
def test_parental_authority_is_shown_for_a_child_alone(for_whom, asked, several):
    found = guidance(Situation.CONVICTED, for_whom)

    assert (Paper.PARENTAL_AUTHORITY in found.papers, found.several) == (asked, several)


@pytest.mark.parametrize("situation", [Situation.CONVICTED, Situation.IN_HOSPITAL, None])
def test_no_court_is_looked_for_where_none_decides(situation):
    assert guidance(situation, ForWhom.ONESELF).goes_to_court is False


def test_everything_is_said_in_words():
    assert set(PAPERS) == set(Paper)
    assert set(WHERE_TO_WRITE) == set(Authority)
    said = told(guidance(Situation.UNDER_INVESTIGATION, ForWhom.ONESELF))
    assert said.whom == "le juge d’instruction ou le magistrat chargé du dossier"
    assert said.where == "au tribunal qui s’occupe de l’affaire"

"""Every code has its words."""

import pytest

from parloir.establishments import sentences
from parloir.establishments.referential import read_referential
from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, PolicyWarning, VisitKind


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (sentences.PENAL_CATEGORIES, PenalCategory),
        (sentences.VISIT_KINDS, VisitKind),
        (sentences.CHANNELS, Channel),
        (sentences.ONLINE_BOOKING, OnlineBooking),
        (sentences.POLICY_WARNINGS, PolicyWarning),
    ],
)
def test_every_code_has_words_of_its_own(words, codes):
    assert set(words) == set(codes)
    assert len({str(text) for text in words.values()}) == len(codes)


def test_every_wing_and_kind_of_the_referential_has_words():
    facts = read_referential()

    assert {code for line in facts for code in line.wings} == set(sentences.WINGS)
    assert {line.kind for line in facts} == set(sentences.KINDS)


def test_a_wing_is_named_in_plain_words():
    assert sentences.wing_name("MA/QMA") == "Quartier maison d’arrêt"
    assert sentences.wing_name("QX") == "QX"

"""Every reason has its sentence, in every language, and families never read what is not theirs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils.translation import override

from parloir.visits.rules import Code, Refusal
from parloir.visits.sentences import (
    ADVICE,
    FAMILY_SENTENCES,
    KEPT_FROM_FAMILIES,
    STAFF_LABELS,
    told_to_family,
    told_to_staff,
)

PARIS = ZoneInfo("Europe/Paris")
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def refusal(code):
    return Refusal(
        code,
        permit_id=4,
        until=date(2026, 11, 11),
        opens=datetime(2026, 11, 12, 7, tzinfo=UTC),
        number=2,
        weekdays=(3, 6),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence(code, language):
    with override(language):
        told = told_to_family([refusal(code)], zone=PARIS)

    assert len(told) == 1
    assert told[0].text
    assert "%(" not in told[0].text


@pytest.mark.parametrize("code", [code for code in Code if code not in KEPT_FROM_FAMILIES])
def test_every_sentence_is_translated(code):
    french = str(FAMILY_SENTENCES[code])
    with override("en"):
        assert str(FAMILY_SENTENCES[code]) != french


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(Code))
def test_every_reason_says_what_to_do_next(code, language):
    with override(language):
        (told,) = told_to_family([refusal(code)], zone=PARIS)

    assert told.advice
    assert "%(" not in told.advice


@pytest.mark.parametrize("code", list(Code))
def test_every_advice_is_translated(code):
    french = str(ADVICE[code])
    with override("en"):
        assert str(ADVICE[code]) != french


def test_what_to_do_tells_no_cause_either():
    told = {told_to_family([Refusal(code)], zone=PARIS)[0].advice for code in KEPT_FROM_FAMILIES}
    dated = {
        told_to_family([Refusal(code, until=date(2026, 11, 11))], zone=PARIS)[0].advice for code in KEPT_FROM_FAMILIES
    }

    assert told == {"Appelez le service parloir ou écrivez-lui avant de vous déplacer."}
    assert dated == {"Choisissez un jour après le mercredi 11 novembre 2026, ou appelez le service parloir."}


@pytest.mark.parametrize("code", list(Code))
def test_staff_read_each_reason_in_full(code):
    (told,) = told_to_staff([refusal(code)], zone=PARIS)

    assert told.text
    assert "%(" not in told.text
    assert told.permit_id == 4


def test_staff_read_the_cause_and_until_when():
    told = told_to_staff([Refusal(Code.RESTRICTED, until=date(2026, 11, 11)), Refusal(Code.HOSPITAL)], zone=PARIS)

    assert [one.text for one in told] == [
        "Une interdiction est en cours. Jusqu’au mercredi 11 novembre 2026.",
        "La personne détenue est hospitalisée.",
    ]


def test_staff_read_every_cause():
    assert set(STAFF_LABELS) == set(Code)
    assert not set(FAMILY_SENTENCES) & KEPT_FROM_FAMILIES


def test_a_cause_of_the_detained_person_is_never_told():
    told = {told_to_family([Refusal(code)], zone=PARIS)[0].text for code in KEPT_FROM_FAMILIES}

    assert told == {"Les visites ne sont pas possibles pour le moment. Contactez l’établissement."}


def test_the_general_sentence_says_until_when_if_it_is_known():
    both = [Refusal(Code.RESTRICTED, until=date(2026, 11, 11)), Refusal(Code.RESTRICTED, until=date(2026, 11, 20))]

    assert [told.text for told in told_to_family(both, zone=PARIS)] == [
        "Les visites ne sont pas possibles jusqu’au vendredi 20 novembre 2026. Contactez l’établissement."
    ]
    assert "jusqu’au" not in told_to_family([*both, Refusal(Code.HOSPITAL)], zone=PARIS)[0].text


def test_one_sentence_for_one_reason_and_one_person():
    twice = [Refusal(Code.PERMIT_WITHDRAWN, 1), Refusal(Code.PERMIT_WITHDRAWN, 1), Refusal(Code.PERMIT_WITHDRAWN, 2)]

    assert [told.permit_id for told in told_to_family(twice, zone=PARIS)] == [1, 2]


def test_a_permit_s_days_are_said_in_words():
    told = told_to_family([Refusal(Code.PERMIT_WEEKDAY, 1, weekdays=(3, 6))], zone=PARIS)

    assert told[0].text == "Le permis ne permet pas de visite ce jour-là. Jours possibles : mercredi, samedi."


def test_another_visit_of_somebody_is_told_by_its_day_never_by_its_hour():
    same_day, same_hour = (
        told_to_family([Refusal(code, 7)], zone=PARIS)[0] for code in (Code.VISITOR_DAILY_MAXIMUM, Code.VISITOR_BUSY)
    )

    assert (same_hour.text, same_hour.advice) == (same_day.text, same_day.advice)
    assert same_hour.text == "Déjà un rendez-vous ce jour-là."
    assert told_to_staff([Refusal(Code.VISITOR_BUSY, 7)], zone=PARIS)[0].text == (
        "Déjà un autre rendez-vous à cette heure-là."
    )

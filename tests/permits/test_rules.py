"""What a permit is worth on a day, and the words for it."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override

from parloir.permits import sentences
from parloir.permits.rules import Authority, Holding, PermitState, PermitStatus, Relationship, Standing, state_of

TODAY = date(2026, 11, 2)


def standing(**different):
    usual = {
        "status": PermitStatus.ACTIVE,
        "suspended_until": None,
        "valid_from": date(2026, 10, 1),
        "valid_until": None,
        "closed": False,
    }
    return Standing(**(usual | different))


SUSPENDED = {"status": PermitStatus.SUSPENDED}


@pytest.mark.parametrize(
    ("different", "state"),
    [
        ({}, PermitState.ACTIVE),
        ({"valid_from": TODAY}, PermitState.ACTIVE),
        ({"valid_from": date(2026, 11, 3)}, PermitState.NOT_YET),
        ({"valid_until": TODAY}, PermitState.ACTIVE),
        ({"valid_until": date(2026, 11, 1)}, PermitState.EXPIRED),
        (SUSPENDED, PermitState.SUSPENDED),
        ({**SUSPENDED, "suspended_until": TODAY}, PermitState.SUSPENDED_UNTIL),
        ({**SUSPENDED, "suspended_until": date(2026, 11, 1)}, PermitState.ACTIVE),
        ({**SUSPENDED, "valid_until": date(2026, 11, 1)}, PermitState.EXPIRED),
        ({"status": PermitStatus.WITHDRAWN}, PermitState.WITHDRAWN),
        ({"status": PermitStatus.WITHDRAWN, "closed": True}, PermitState.CLOSED),
        ({"closed": True}, PermitState.CLOSED),
    ],
)
def test_what_lasts_longest_is_said_first_and_last_days_are_included(different, state):
    assert state_of(standing(**different), on=TODAY) is state


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_has_its_sentence(language):
    with override(language):
        assert all(str(sentences.STATES[state]) for state in PermitState)
        assert all(str(sentences.HOLDINGS[holding]) for holding in Holding)
        assert all(sentences.authority_name(authority) for authority in Authority)
        assert all(sentences.relationship_name(relationship) for relationship in Relationship)
        for state in PermitState:
            text = sentences.explained(state, valid_from=TODAY, valid_until=TODAY, suspended_until=TODAY)
            assert text
            assert "%(" not in text


def test_a_suspension_says_until_when_and_an_expiry_since_when():
    with override("fr"):
        dates = {"valid_from": TODAY, "valid_until": date(2026, 11, 1), "suspended_until": date(2026, 12, 24)}

        assert "jusqu’au 24 décembre 2026 inclus" in sentences.explained(PermitState.SUSPENDED_UNTIL, **dates)
        assert "expiré le 1er novembre 2026" in sentences.explained(PermitState.EXPIRED, **dates)


def test_the_conditions_of_a_permit_are_read_one_by_one():
    with override("fr"):
        said = sentences.conditions(
            weekdays=[6, 3], visits_allowed=3, separated=True, alone_from_16=True, is_minor=True
        )

    assert said == [
        "Jours de visite autorisés : mercredi et samedi.",
        "Ce permis est donné pour 3 visites en tout.",
        (
            "La visite se fait au parloir avec vitre (hygiaphone). Elle ne se réserve pas en ligne : contactez le "
            "service parloir de l’établissement."
        ),
        "Peut venir sans adulte à partir de 16 ans.",
    ]


def test_an_adults_permit_without_conditions_says_nothing():
    said = sentences.conditions(weekdays=None, visits_allowed=None, separated=False, alone_from_16=True, is_minor=False)

    assert said == []


def test_one_day_and_one_visit_are_said_in_the_singular():
    with override("fr"):
        said = sentences.conditions(weekdays=[7], visits_allowed=1, separated=False, alone_from_16=False, is_minor=True)

    assert said == [
        "Jours de visite autorisés : dimanche.",
        "Ce permis est donné pour 1 visite en tout.",
        "Vient toujours avec un adulte.",
    ]

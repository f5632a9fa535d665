"""What a space shows of its permits, and of where else one's own are registered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from parloir.permits.models import Registration
from parloir.permits.queries import holders_to_tell
from parloir.permits.queries.cards import card_of, cards_of, elsewhere_cards
from parloir.permits.rules import Holding, PermitState
from tests.factories import (
    NOW,
    AccountFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    RegistrationFactory,
    VisitorFactory,
    WingFactory,
)

pytestmark = pytest.mark.django_db


def test_a_card_says_all_that_its_account_may_read():
    registration = RegistrationFactory(permit__number="2026001234", permit__weekdays=[3])

    with override("fr"):
        (card,) = cards_of(registration.account, now=NOW)

    assert (card.holder, card.detainee, card.held_by, card.holding) == (
        "Sophie DURAND",
        "Paul MARTIN",
        "Vous",
        Holding.OWN,
    )
    assert (card.state, card.state_name, card.bookable) == (PermitState.ACTIVE, "Actif", True)
    assert card.place == registration.permit.detainee.wing.establishment
    assert card.conditions == ["Jours de visite autorisés : mercredi."]
    assert card.validity == "À partir du 1er octobre 2026, sans date de fin"


def test_the_present_prison_is_not_shown_before_its_day_in_its_own_zone():
    far = WingFactory(establishment=EstablishmentFactory(time_zone="Pacific/Noumea"))
    detainee = DetaineeFactory(wing=far, disclose_from=date(2026, 11, 3))
    registration = RegistrationFactory(permit__detainee=detainee)

    # 2 November 13:00 UTC is midnight of the 3rd in Nouméa.
    before, after = NOW.replace(hour=12, minute=59), NOW.replace(hour=13)

    assert card_of(registration.account, registration.pk, now=before).place is None
    assert card_of(registration.account, registration.pk, now=after).place == far.establishment


def test_a_suspended_or_separated_permit_is_not_offered_for_booking():
    account = AccountFactory()
    RegistrationFactory(account=account, permit__status="suspended")
    RegistrationFactory(account=account, permit__separated=True)

    assert [card.bookable for card in cards_of(account, now=NOW)] == [False, False]


def test_a_prison_that_may_not_be_known_yet_or_sells_no_visit_online_is_not_offered():
    account = AccountFactory()
    RegistrationFactory(account=account, permit__detainee__disclose_from=date(2026, 11, 3))
    RegistrationFactory(account=account, permit__detainee__wing__establishment__online_booking="none: semi-liberty")

    with override("fr"):
        cards = cards_of(account, now=NOW)

    assert [(card.bookable, card.place_note) for card in cards] == [
        (False, ""),
        (False, "Les visites d’un centre de semi-liberté ne se réservent pas en ligne."),
    ]


def test_by_detained_person_ones_own_permit_comes_first():
    account, detainee = AccountFactory(), DetaineeFactory()
    for holding in ("adult", "child", "own"):
        RegistrationFactory(account=account, permit__detainee=detainee, holding=holding)

    assert [card.holding for card in cards_of(account, now=NOW)] == ["own", "child", "adult"]


def test_only_the_conditions_of_a_minor_speak_of_age():
    registration = RegistrationFactory(
        permit__visitor=VisitorFactory(birth_date=date(2010, 1, 1)), permit__alone_from_16=True, holding="child"
    )

    with override("fr"):
        assert card_of(registration.account, registration.pk, now=NOW).conditions == [
            "Peut venir sans adulte à partir de 16 ans."
        ]


def test_another_accounts_permit_is_not_found():
    registration = RegistrationFactory()

    with pytest.raises(Registration.DoesNotExist):
        card_of(AccountFactory(), registration.pk, now=NOW)
    assert cards_of(AccountFactory(), now=NOW) == []


def test_a_list_costs_one_statement_however_long_it_is(django_assert_num_queries):
    account = AccountFactory()
    for length in (1, 3):
        while Registration.objects.filter(account=account).count() < length:
            RegistrationFactory(account=account)
        with django_assert_num_queries(1):
            assert len(cards_of(account, now=NOW)) == length


def test_the_holder_sees_who_registered_their_permit_and_when(django_assert_num_queries):
    permit = PermitFactory()
    holder = RegistrationFactory(permit=permit).account
    other = AccountFactory(birth_name="LEROY", first_names=["Marc"])
    RegistrationFactory(permit=permit, account=other, holding="adult", registered_at=NOW - timedelta(days=1))

    with django_assert_num_queries(1):
        (card,) = elsewhere_cards(holder, now=NOW)

    assert (card.by, card.number, card.registered_at) == ("Marc LEROY", permit.number, NOW - timedelta(days=1))
    assert elsewhere_cards(other, now=NOW) == []


def test_the_holder_is_told_of_a_permit_for_another_detained_person_too():
    holder = RegistrationFactory()
    other = RegistrationFactory(permit=PermitFactory(visitor=holder.permit.visitor), holding="adult")

    assert [card.number for card in elsewhere_cards(holder.account, now=NOW)] == [other.permit.number]
    assert holders_to_tell(other.pk) == [(holder.account, NOW)]


def test_a_childs_two_parents_do_not_see_each_other():
    permit = PermitFactory(visitor=VisitorFactory(birth_date=date(2018, 5, 1)))
    one = RegistrationFactory(permit=permit, holding="child")
    other = RegistrationFactory(permit=permit, holding="child")

    assert elsewhere_cards(one.account, now=NOW) == []
    assert elsewhere_cards(other.account, now=NOW) == []


def test_nobody_is_told_when_the_holder_is_unknown_or_the_permit_was_taken_out():
    registration = RegistrationFactory(holding="adult")

    assert holders_to_tell(registration.pk) == []
    assert holders_to_tell(0) == []

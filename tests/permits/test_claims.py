"""Whose permit is it? Names and dates that mean the same, and those that do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.people.rules import folded, is_adult
from parloir.permits import claims
from parloir.permits.claims import (
    Holder,
    PermitClaim,
    adults_were_born_by,
    may_register,
    retry_at,
    same_birth_date,
    same_person,
    typed_first_names,
)
from parloir.permits.rules import Holding

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def holder(birth_name="DURAND", *, use_name="", first_names=("Sophie",), birth_date="1992-01-30", **about):
    civil = {"birth_name": birth_name, "use_name": use_name, "birth_date": birth_date, **about}
    return Holder(first_names=tuple(first_names), **civil)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("durand", "DURAND"),
        ("Béranger", "BERANGER"),
        ("Bensaïd", "BENSAID"),
        ("N'Guyen", "N’GUYEN"),
        ("N'Guyen", "NGUYEN"),
        ("Le Goff", "LEGOFF"),
        ("Petit-Jean", "PETIT JEAN"),
        ("Lebœuf", "LEBOEUF"),
        ("Strauß", "STRAUSS"),
        ("Wałęsa", "WALESA"),
        ("  De   la Tour ", "DE LA TOUR"),
        ("نیک\u200cنام", "نیکنام"),
        *((f"Ka{mark}opua", "KA’OPUA") for mark in "ʹʻʼʽʾʿˈꞌ′‵`´＇‘'"),
        ("Ze\u0301no\u200dn\u00ad", "ZENON"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(typed, known):
    assert same_person(holder(typed), holder(known))


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (["Sophie"], ["Sophie", "Anne"]),
        (["Sophie", "Anne"], ["Sophie"]),
        (["Anne-Marie"], ["Anne", "Marie"]),
        (["Anne", "Marie"], ["Anne-Marie", "Paule"]),
        (["Anne Marie"], ["ANNE-MARIE"]),
        (["Zoé"], ["ZOE"]),
    ],
)
def test_only_the_first_first_name_counts_and_a_compound_one_is_one(typed, known):
    assert same_person(holder(first_names=typed), holder(first_names=known))


@pytest.mark.parametrize(
    ("typed", "known"),
    [(["Anne"], ["Sophie", "Anne"]), (["Jean"], ["Jean-Pierre"]), (["Jean"], ["Jeanne"]), ([], ["Sophie"]), ([], [])],
)
def test_another_first_name_is_another_person(typed, known):
    assert not same_person(holder(first_names=typed), holder(first_names=known))


@pytest.mark.parametrize("first_names", [(), ("Sophie",), ("-",)])
def test_whoever_has_one_name_only_is_known_by_it_and_the_birth_date(first_names):
    one = holder(first_names=(), has_one_name=True)

    assert same_person(one, holder(first_names=first_names))
    assert same_person(holder(first_names=first_names), one)
    assert not same_person(one, holder("PETIT", first_names=first_names))
    assert not same_person(one, holder(first_names=first_names, birth_date="1992-01-31"))
    assert not same_person(holder(first_names=(), birth_date="", has_one_name=True), one)


def test_the_birth_name_or_the_name_in_use_will_do():
    married = holder("DURAND", use_name="MARTIN")

    assert same_person(married, holder("DURAND"))
    assert same_person(married, holder("MARTIN"))
    assert not same_person(married, holder("PETIT"))


def test_names_that_hold_no_letter_match_nothing():
    assert not same_person(holder("-"), holder("'"))


def test_a_homonym_born_another_day_is_another_person():
    assert not same_person(holder(), holder(birth_date="1992-01-31"))


@pytest.mark.parametrize(
    ("declared", "known", "same"),
    [
        ("1992-01-30", "1992-01-30", True),
        ("1992-01-00", "1992-01-30", True),
        ("1992-00-00", "1992-01-30", True),
        ("1992-00-30", "1992-01-30", True),
        ("1992-02-00", "1992-01-30", False),
        ("1991-00-00", "1992-01-30", False),
        ("1992-01-01", "1992-01-30", False),
        ("0000-00-00", "1992-01-30", False),
        ("0000-00-00", "0000-00-00", False),
        ("", "1992-01-30", False),
        ("", "", False),
        ("1992", "1992-01-30", False),
    ],
)
def test_an_unknown_part_of_a_birth_date_goes_with_any_but_the_year_is_needed(declared, known, same):
    assert same_birth_date(declared, known) is same
    assert same_birth_date(known, declared) is same


def test_a_claim_costs_no_more_however_many_first_names_are_known(monkeypatch):
    folds = []
    monkeypatch.setattr(claims, "folded", lambda name: folds.append(name) or folded(name))

    assert same_person(holder(first_names=["Sophie"] * 4001), holder(first_names=["Sophie"] * 20))
    assert len(folds) < 60


NAMES = st.text(min_size=1, max_size=12)
HOLDERS = st.builds(
    holder, NAMES, use_name=NAMES | st.just(""), first_names=st.lists(NAMES, max_size=3), birth_date=st.dates().map(str)
)


@given(HOLDERS, HOLDERS)
def test_sameness_goes_both_ways_whatever_is_typed(one, other):
    assert same_person(one, other) is same_person(other, one)


@given(st.dates(date(1930, 1, 1), date(2026, 11, 2)), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_day_adults_were_born_by_is_where_adults_begin(born, today):
    assert (born <= adults_were_born_by(today)) is is_adult(born, today)


@pytest.mark.parametrize(
    ("holding", "born", "granted"),
    [
        (Holding.OWN, date(1992, 1, 30), True),
        (Holding.OWN, date(2012, 1, 30), True),
        (Holding.CHILD, date(2008, 11, 3), True),
        (Holding.CHILD, date(2008, 11, 2), False),
        (Holding.ADULT, date(2008, 11, 2), True),
        (Holding.ADULT, date(2008, 11, 3), False),
    ],
)
def test_a_childs_permit_names_a_minor_and_another_adults_an_adult(holding, born, granted):
    facts = {"holding": holding, "born": born, "today": date(2026, 11, 2)}

    assert may_register(found=True, barred=False, matches=True, **facts) is granted
    assert may_register(found=False, barred=False, matches=True, **facts) is False
    assert may_register(found=True, barred=True, matches=True, **facts) is False
    assert may_register(found=True, barred=False, matches=False, **facts) is False


def failed(*minutes_ago):
    return [NOON - timedelta(minutes=minutes, seconds=20) for minutes in minutes_ago]


def test_the_fifth_failure_of_an_account_makes_it_wait_until_the_oldest_is_an_hour_old():
    assert retry_at(account=failed(1, 2, 3, 4), address=failed(1, 2, 3, 4)) is None
    # Said to the minute, and never too early: 12:29:40 becomes 12:30.
    assert retry_at(account=failed(1, 2, 3, 4, 30), address=[]) == NOON + timedelta(minutes=30)


def test_thirty_failures_of_an_address_make_everybody_there_wait():
    assert retry_at(account=[], address=failed(*range(1, 30))) is None
    assert retry_at(account=[], address=failed(*range(1, 31))) == NOON + timedelta(minutes=30)


def test_the_longer_of_two_waits_is_told():
    waits = retry_at(account=failed(1, 2, 3, 4, 50), address=failed(*range(1, 31)))

    assert waits == NOON + timedelta(minutes=30)


def test_first_names_typed_in_one_box_are_told_apart():
    assert typed_first_names(" Anne,  Marie Paule ") == ("Anne", "Marie", "Paule")


@pytest.mark.parametrize(
    "typed",
    [
        "2026001234",
        " 2026 001 234 ",
        "\u200e2026001234\u200f",
        "\u202a2026001234\u202c",
        "2026\u200b001\u00ad234\ufeff",
        "N° 2026001234",
        "n°2026001234",
        "№ 2026001234",
        "Numéro : 2026001234",
        "Permis n° 2026-001-234",
        "#2026001234",
        "2026.001.234",
        "2026–001‑234",
        "٢٠٢٦٠٠١٢٣٤",
        "۲۰۲۶۰۰۱۲۳۴",
        "２０２６００１２３４",
        "२०२६ ००१ २३४",
    ],
)
def test_a_number_is_the_same_however_it_was_pasted(typed):
    claim = PermitClaim(establishment_id=1, zone=ZoneInfo("Europe/Paris"), number=typed, holding=Holding.OWN)

    assert "2026001234" in claim.numbers
    assert len(claim.numbers) == 5


@pytest.mark.parametrize("number", ["NO123", "2026-001", "N12/45", "n° 7b"])
def test_a_number_is_also_looked_for_just_as_it_is_written(number):
    claim = PermitClaim(establishment_id=1, zone=ZoneInfo("Europe/Paris"), number=number, holding=Holding.OWN)

    assert claim.numbers[0] == number

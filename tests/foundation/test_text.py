"""Dates, times and telephone numbers as people read them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils.translation import override

from parloir.foundation.text import civil_date, local_day, local_time, telephone

PARIS = ZoneInfo("Europe/Paris")
AFTERNOON = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)


def test_a_day_is_said_in_full_in_the_prisons_own_zone():
    assert local_day(AFTERNOON, PARIS) == "mercredi 11 novembre 2026"
    assert local_day(AFTERNOON, "Pacific/Noumea") == "jeudi 12 novembre 2026"


def test_a_date_needs_no_zone():
    assert local_day(date(2026, 11, 12)) == "jeudi 12 novembre 2026"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        local_day(AFTERNOON)


def test_the_first_of_a_month_is_the_first():
    assert local_day(date(2026, 11, 1)) == "dimanche 1er novembre 2026"


def test_a_time_is_the_prisons_clock():
    assert local_time(AFTERNOON, PARIS) == "14 h 00"
    assert local_time(datetime(2026, 7, 1, 7, 5, tzinfo=UTC), PARIS) == "9 h 05"
    assert local_time(AFTERNOON, "America/Miquelon") == "10 h 00"


def test_english_has_its_own_words():
    with override("en"):
        assert local_day(AFTERNOON, PARIS) == "Wednesday 11 November 2026"
        assert local_time(AFTERNOON, PARIS) == "14:00"


def test_arabic_has_its_own_words_and_the_digits_of_french_papers():
    with override("ar"):
        assert local_day(AFTERNOON, PARIS) == "الأربعاء 11 نوفمبر 2026"
        assert local_time(AFTERNOON, PARIS) == "14:00"


def test_the_plain_manner_of_french_says_days_and_times_as_french_does():
    with override("fr-x-facile"):
        assert local_day(date(2026, 11, 1)) == "dimanche 1er novembre 2026"
        assert local_time(AFTERNOON, PARIS) == "14 h 00"


def test_a_number_keeps_its_order_amid_a_right_to_left_text():
    with override("ar"):
        assert telephone("+33380664732") == "\u206603 80 66 47 32\u2069"
        assert telephone("") == ""


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("+33380664732", "03 80 66 47 32"),
        ("+262262922323", "02 62 92 23 23"),
        ("+590590998011", "05 90 99 80 11"),
        ("+68940482400", "+689 40 48 24 00"),
        ("17", "17"),
        ("", ""),
    ],
)
def test_a_number_is_spaced_as_it_is_dialled(number, spoken):
    assert telephone(number) == spoken


def test_templates_say_nothing_for_nothing():
    template = engines["django"].from_string("[{{ a|local_day:z }}{{ a|local_time:z }}{{ a|telephone }}]")

    assert template.render({"a": None, "z": PARIS}) == "[]"


def test_templates_say_the_same_as_the_code():
    template = engines["django"].from_string(
        "{{ a|local_day:z }}, {{ a|local_time:z }}, {{ '+33380664732'|telephone }}"
    )

    assert template.render({"a": AFTERNOON, "z": PARIS}) == "mercredi 11 novembre 2026, 14 h 00, 03 80 66 47 32"


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("fr", "1992-01-30", "30 janvier 1992"),
        ("en", "1992-01-30", "30 January 1992"),
        ("fr", "1990-00-00", "1990-00-00"),
        ("fr", "", ""),
    ],
)
def test_a_date_of_civil_status_is_said_in_words_unless_a_part_of_it_is_unknown(language, written, said):
    with override(language):
        assert civil_date(written) == said

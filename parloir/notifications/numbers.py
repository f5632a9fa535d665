"""Telephone numbers that can receive an SMS, read as people type them. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

if TYPE_CHECKING:
    from collections.abc import Collection

FRENCH = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF")
"""Where French prisons are: a number without its country may be of any of these, and of none rather than another."""

BEYOND_COUNTRIES = "001"
"""What the numbering plan calls satellites and other networks of no country: they cost ten times as much."""

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was typed: a number (E.164), the country it is of, whether it can receive an SMS."""

    number: str
    country: str
    is_mobile: bool


def readings(typed: str) -> list[Reading]:
    """Return every number that what was typed can mean, each once; one at most if it begins with its country.

    « 75 12 34 » is one of New Caledonia and one of Saint-Pierre-et-Miquelon: which, only its owner knows.
    """
    found = {}
    for region in FRENCH:
        try:
            number = phonenumbers.parse(typed, region)
        except phonenumbers.NumberParseException:
            return []
        if phonenumbers.is_valid_number(number):
            is_mobile = phonenumbers.number_type(number) in _MOBILE
            country = phonenumbers.region_code_for_number(number) or BEYOND_COUNTRIES
            written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            found[written] = Reading(written, country, is_mobile)
    return list(found.values())


def country_of(number: str) -> str:
    """Return the country of an E.164 number by its two letters; :data:`BEYOND_COUNTRIES` when it has none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or BEYOND_COUNTRIES
    except phonenumbers.NumberParseException:
        return BEYOND_COUNTRIES


def may_be_texted(number: str, *, countries: Collection[str]) -> bool:
    """Tell whether SMS go to the country of a number, whatever the list: never to one of no country."""
    country = country_of(number)
    return country != BEYOND_COUNTRIES and country in countries


def hidden(number: str) -> str:
    """Return a number by its last two digits, for a page that a passer-by may see."""
    return f"•• {number[-2:]}" if number else ""

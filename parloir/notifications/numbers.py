"""Telephone numbers that can receive an SMS, read as people type them. No Django here."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

FRENCH = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "NC", "PF", "WF")
"""Where French prisons are, in the order in which a number without its country is read."""

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def as_mobile(typed: str) -> str:
    """Return a mobile number as E.164 (``+33612345678``); empty when it is none.

    A number without its country is a French one, of the mainland or overseas: « 0692 12 34 56 » is Réunion's.
    """
    for region in FRENCH:
        try:
            number = phonenumbers.parse(typed, region)
        except phonenumbers.NumberParseException:
            return ""
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return ""


def hidden(number: str) -> str:
    """Return a number by its last two digits, for a page that a passer-by may see."""
    return f"•• {number[-2:]}" if number else ""

"""What an SMS costs and how to keep it in one: the alphabet of GSM-7, counted. No Django here.

One SMS holds 160 signs of the GSM alphabet; a sign of its second page counts twice. A single letter outside
(« ê », « ç », « ’ ») turns the whole message into one of 70 signs, so such letters are written plainly.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE_SMS = 160
_PART_OF_MANY = 153
ONE_UNICODE_SMS = 70
_PART_OF_MANY_UNICODE = 67
_FIRST_PAGE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_SECOND_PAGE = frozenset("\f^{}\\[~]|€")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
                        "œ": "oe", "Œ": "OE", "\u00a0": " ", "\u202f": " "})  # fmt: skip


def is_gsm(text: str) -> bool:
    """Whether a text is written with the GSM alphabet alone."""
    return all(map(_fits, text))


def plain(text: str) -> str:
    """Write a text with the GSM alphabet where its language allows: « août » is “aout”, « é » stays.

    A letter that has no plain form (of another script) is left as it is.
    """
    return "".join(sign if _fits(sign) else _bare(sign) for sign in text.translate(_PLAIN))


def signs(text: str) -> int:
    """Count a text as the network does: signs of the GSM alphabet, those of its second page twice.

    A text outside the alphabet counts in units of sixteen bits.
    """
    if is_gsm(text):
        return sum(2 if sign in _SECOND_PAGE else 1 for sign in text)
    return len(text.encode("utf-16-be")) // 2


def sms_needed(text: str) -> int:
    """Return in how many SMS a text travels."""
    alone, part = (ONE_SMS, _PART_OF_MANY) if is_gsm(text) else (ONE_UNICODE_SMS, _PART_OF_MANY_UNICODE)
    length = signs(text)
    return 1 if length <= alone else -(-length // part)


def in_one_sms(*, needed: Sequence[str], welcome: Sequence[str], end: Sequence[str] = ()) -> str:
    """Join sentences into one SMS: first what is needed, then what is welcome while it fits, then the end.

    What is needed and the end are there whatever it costs.
    """
    kept = [plain(sentence) for sentence in needed]
    last = [plain(sentence) for sentence in end if sentence]
    for sentence in welcome:
        longer = [*kept, plain(sentence)]
        if sms_needed(" ".join([*longer, *last])) == 1:
            kept = longer
    return " ".join([*kept, *last])


def _fits(sign: str) -> bool:
    return sign in _FIRST_PAGE or sign in _SECOND_PAGE


def _bare(sign: str) -> str:
    letters = "".join(piece for piece in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(piece))
    return letters if letters and all(map(_fits, letters)) else sign

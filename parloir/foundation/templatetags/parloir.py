"""Template tags and filters available in every template, without ``{% load %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from parloir.foundation import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    from django.utils.safestring import SafeString

register = template.Library()


class Translated(Protocol):
    """Something written in several languages."""

    def text_in(self, language: str) -> str:
        """Return its text in a language, else in French."""


@register.filter
def local_day(moment: datetime | date | None, zone: ZoneInfo | str | None = None) -> str:
    """``{{ slot.starts_at|local_day:zone }}``: « mercredi 11 novembre 2026 »; nothing for nothing."""
    return text.local_day(moment, zone) if moment else ""


@register.filter
def local_time(moment: datetime | None, zone: ZoneInfo | str) -> str:
    """``{{ slot.starts_at|local_time:zone }}``: « 14 h 00 »; nothing for nothing."""
    return text.local_time(moment, zone) if moment else ""


@register.filter
def clock_time(at: time) -> str:
    """``{{ session.starts_at|clock_time }}``: « 14 h 00 »."""
    return text.clock_time(at)


@register.filter
def weekdays(days: Iterable[int]) -> str:
    """``{{ line.weekdays|weekdays }}``: « mercredi, jeudi, samedi »."""
    return ", ".join(text.weekdays(days))


@register.filter
def telephone(e164: str | None) -> str:
    """``{{ establishment.phone|telephone }}``: « 03 80 66 47 32 »; nothing for nothing."""
    return text.telephone(e164) if e164 else ""


@register.filter
def text_in(texts: Translated, language: str) -> str:
    """``{{ alert|text_in:LANGUAGE_CODE }}``: its text in the language of the page, else in French."""
    return texts.text_in(language)


@register.simple_tag
def pictogram(name: str, size: int = 48) -> SafeString:
    """``{% pictogram "calendar" %}``: one of our own drawings; decorative, so hidden from screen readers.

    :param size: side of the square in CSS pixels.
    """
    return format_html(
        '<svg class="p-pictogram" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"/></svg>',
        size,
        static("parloir/pictograms.svg"),
        name,
    )

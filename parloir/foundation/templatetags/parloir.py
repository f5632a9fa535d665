"""Template tags and filters available in every template, without ``{% load %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_bidi, gettext

from parloir.foundation import languages, listing, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    from django.utils.safestring import SafeString

_IN_FRENCH = mark_safe(' lang="fr"')
_IN_FRENCH_AMID_RTL = mark_safe(' lang="fr" dir="ltr"')

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
def short_day(moment: datetime | date, zone: ZoneInfo | str | None = None) -> str:
    """``{{ slot.starts_at|short_day:zone }}``: « mercredi 11 novembre »."""
    return text.short_day(moment, zone)


@register.filter
def civil_date(written: str) -> str:
    """``{{ account.birth_date|civil_date }}``: « 30 janvier 1992 »."""
    return text.civil_date(written)


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
    return gettext(", ").join(text.weekdays(days))


@register.filter
def telephone(e164: str | None) -> str:
    """``{{ establishment.phone|telephone }}``: « 03 80 66 47 32 »; nothing for nothing."""
    return text.telephone(e164) if e164 else ""


@register.filter
def left_to_right(said: str) -> str:
    """``{{ visit.reference|left_to_right }}``: what is not to be turned round amid a right-to-left text."""
    return text.left_to_right(said)


@register.filter
def spoken(language: str) -> str:
    """``{{ LANGUAGE_CODE|spoken }}``: the language that a code is a manner of."""
    return languages.spoken(language)


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


@register.simple_tag
def plain_pictogram(name: str, size: int = 64) -> SafeString | str:
    """``{% plain_pictogram "permit" %}``: a drawing beside the words, for who reads in « langage simplifié »."""
    return pictogram(name, size) if get_language() == languages.PLAIN else ""


@register.simple_block_tag
def said_once(content: str) -> SafeString:
    """``{% said_once as title %}{% block title %}…{% endsaid_once %}``: keep a block, to write it in several places."""
    return mark_safe(" ".join(content.split()))  # noqa: S308 (what a template rendered, its spaces apart)


@register.simple_tag
def locale_shared() -> str:
    """``{% locale_shared %}``: the language of the page as shared links write it."""
    return listing.spoken_as()


@register.simple_tag
def in_french() -> SafeString | str:
    """``<p{% in_french %}>``: say that a text is French, and runs as French does, on a page that is not."""
    if languages.current() == "fr":
        return ""
    return _IN_FRENCH_AMID_RTL if get_language_bidi() else _IN_FRENCH


@register.simple_tag
def languages_to_read() -> list[tuple[str, str, bool]]:
    """Return the languages of the screens: code, own name, whether the page is in it."""
    return [(code, name, code == get_language()) for code, name in settings.LANGUAGES]


@register.simple_tag
def is_unreviewed() -> bool:
    """Tell whether no speaker of the page's language has read it over."""
    return languages.current() in languages.UNREVIEWED

"""Find a prison from what a family types: pure ranking over all of them. No Django here.

People write without accents or hyphens, in any order, with the kind of prison they believe it is, with a nickname or
a department's number, on a telephone's keyboard. Every word is looked up among the words of all prisons (exactly, else
as a beginning, else with a slip or two); a prison's score adds what its words are worth.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import dropwhile
from typing import TYPE_CHECKING

from parloir.establishments.places import department_of_postcode, department_of_town, kilometres, nicknames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_QUERY = 100
MOST_RESULTS = 30
_SILENT = frozenset(
    {
        *("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les"),
        *("etablissement", "etablissements", "penitentiaire", "prison", "prisons", "quartier"),
    }
)
_KINDS = (
    ("MA", re.compile(r"\b(ma|maisons? (?:d )?arrets?)\b")),
    ("MC", re.compile(r"\b(mc|(?:maison )?centrale)\b")),
    ("CD", re.compile(r"\b(cd|centre (?:de )?detention)\b")),
    ("CP", re.compile(r"\b(cp|centre penitentiaire)\b")),
    ("CSL", re.compile(r"\b(csl|qsl|(?:centre |quartier )?(?:de )?semi ?libertes?)\b")),
    ("EPM", re.compile(r"\b(epm|(?:etablissement penitentiaire )?(?:pour )?mineurs?)\b")),
)
_NAME, _TOWN, _POST, _AREA, _SEAT, _STREET = 10.0, 9.0, 6.0, 5.0, 4.0, 2.0
_EXACT, _BEGINNING, _SLIP = 1.0, 0.8, 0.6
_KIND_BONUS, _WHOLE_BONUS, _MISSED = 3.0, 4.0, 6.0
_WORTH_SHOWING = 0.35
"""A result is shown when it scores this part of the best one."""


@dataclass(frozen=True, kw_only=True)
class Prison:
    """What a prison can be found by, and what a list shows of it."""

    slug: str
    name: str
    abbreviation: str
    kind: str
    direction: str
    city: str
    postal_city: str
    postal_code: str
    insee: str
    street: str
    detainees: int
    is_open: bool
    position: tuple[float, float] | None
    wings: tuple[str, ...] = ()
    online_booking: str = "open"
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Near:
    """A prison near a postcode; ``kilometres`` counts from the department's centre, None within it."""

    prison: Prison
    kilometres: int | None


@dataclass(frozen=True)
class _Wish:
    words: tuple[str, ...]
    kinds: frozenset[str]
    together: str


@dataclass
class Index:
    """The words of all prisons, each with what it is worth in which prison."""

    prisons: Sequence[Prison]
    words: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    wholes: list[tuple[str, str]] = field(default_factory=list)


def sorting_name(prison: Prison) -> str:
    """Return what a list is sorted by: the name without its kind, so that Dijon comes under D."""
    return _whole(prison.name)


def plain(text: str) -> str:
    """Reduce a text to what is compared: lower case, no accents, letters and digits apart, “saint” as “st”."""
    lowered = text.lower().replace("œ", "oe").replace("æ", "ae")
    bare = "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    return " ".join({"saint": "st", "sainte": "ste"}.get(word, word) for word in words)


@lru_cache(maxsize=2)
def index(prisons: tuple[Prison, ...]) -> Index:
    """Return the index of prisons, made once for the same ones."""
    made = Index(prisons)
    for number, prison in enumerate(prisons):
        for word, weight in _words_of(prison):
            made.words[word][number] = max(weight, made.words[word].get(number, 0))
        made.wholes.append((_whole(prison.name), _whole(prison.city)))
    return made


def find(query: str, prisons: tuple[Prison, ...]) -> list[Prison]:
    """Return the prisons that a query means, best first; none for a query that means nothing."""
    known = index(prisons)
    wish = _understood(query[:LONGEST_QUERY])
    scores: dict[int, float] = defaultdict(float)
    for word in wish.words:
        for number, worth in _matches(word, known).items():
            scores[number] += worth + _MISSED
    _reward_whole(scores, wish, known)
    if not wish.words:
        scores.update({n: 1.0 for n, prison in enumerate(prisons) if prison.kind in wish.kinds})
    for number in scores:
        scores[number] += _KIND_BONUS * bool(wish.kinds & _kinds_of(prisons[number]))
    best = max(scores.values(), default=0)
    shown = [number for number, score in scores.items() if score >= best * _WORTH_SHOWING]
    shown.sort(key=lambda n: (-round(scores[n], 3), not prisons[n].is_open, -prisons[n].detainees, prisons[n].name))
    return [prisons[number] for number in shown[:MOST_RESULTS]]


def near(postcode: str, prisons: Iterable[Prison], *, most: int = 10) -> list[Near] | None:
    """Return the prisons of a postcode's department, then the nearest others; None for what is no French postcode.

    Distances are from the centre of the department: nothing finer is known of who asks, and nothing more is asked.
    """
    department = department_of_postcode(postcode)
    if department is None:
        return None
    within, others = [], []
    for prison in prisons:
        if department_of_town(prison.insee) == department:
            within.append(prison)
        elif department.centre and prison.position:
            others.append((kilometres(department.centre, prison.position), prison))
    within.sort(key=lambda prison: (-_shared(prison.postal_code, postcode), -prison.detainees, prison.name))
    others.sort(key=lambda pair: pair[0])
    here = [Near(prison=prison, kilometres=None) for prison in within]
    around = [Near(prison=prison, kilometres=round(far)) for far, prison in others]
    return (here + around)[: max(most, len(here) + 3)]


def _understood(query: str) -> _Wish:
    """Tell the kinds of prison that a query names from the words that say which one."""
    text = plain(query)
    kinds = frozenset(kind for kind, pattern in _KINDS if pattern.search(text))
    words = _without_kind(text) or ([] if kinds else text.split())
    return _Wish(tuple(dict.fromkeys(words)), kinds, _whole(query))


def _without_kind(text: str) -> list[str]:
    for _kind, pattern in _KINDS:
        text = pattern.sub(" ", text)
    return [word for word in text.split() if word not in _SILENT]


def _whole(text: str) -> str:
    """Return a name as one word, from its first word that counts: « Bois-d’Arcy » is typed « boisdarcy »."""
    words = plain(text)
    for _kind, pattern in _KINDS:
        words = pattern.sub(" ", words)
    return "".join(dropwhile(_SILENT.__contains__, words.split()))


def _kinds_of(prison: Prison) -> set[str]:
    return {prison.kind, *(wing.partition("/")[0] for wing in prison.wings)}


def _words_of(prison: Prison) -> Iterator[tuple[str, float]]:
    """Yield the words of a prison with what each is worth."""
    department = department_of_town(prison.insee)
    fields = [(prison.name, _NAME), (prison.abbreviation, _NAME), (nicknames().get(prison.slug, ""), _NAME)]
    fields += [(prison.city, _TOWN), (prison.postal_city.replace("CEDEX", ""), _POST), (prison.street, _STREET)]
    fields += [(prison.postal_code, _NAME)]
    if department:
        fields += [(department.name, _AREA), (department.code, _NAME), (department.prefecture, _SEAT)]
    for text, weight in fields:
        for word in _without_kind(plain(text)):
            yield word, weight


def _matches(word: str, known: Index) -> dict[int, float]:
    """Return what a typed word is worth in each prison: exact and as a beginning, else allowing for slips."""
    found: dict[int, float] = {}
    for candidate, prisons in known.words.items():
        if candidate == word:
            _add(found, prisons, _EXACT)
        elif len(word) > 1 and not word.isdecimal() and candidate.startswith(word):
            _add(found, prisons, _BEGINNING)
    if not found and word.isdecimal():
        return _by_postcode(word, known)
    if not found:
        for candidate, prisons in known.words.items():
            if _is_slip(word, candidate):
                _add(found, prisons, _SLIP)
    return found


def _add(found: dict[int, float], prisons: dict[int, float], part: float) -> None:
    for number, weight in prisons.items():
        found[number] = max(found.get(number, 0), weight * part)


def _by_postcode(word: str, known: Index) -> dict[int, float]:
    """Return the prisons of the department of a postcode that no prison has itself."""
    department = department_of_postcode(word)
    numbers = known.words.get(plain(department.code), {}) if department else {}
    return {n: _AREA + _shared(known.prisons[n].postal_code, word) / 10 for n in numbers}


def _reward_whole(scores: dict[int, float], wish: _Wish, known: Index) -> None:
    """Prefer a prison whose name begins by all that was typed, and find words that were typed as one."""
    if len(wish.together) < 4:  # noqa: PLR2004 (shorter beginnings would mean half of them)
        return
    for number, wholes in enumerate(known.wholes):
        if any(whole.startswith(wish.together) for whole in wholes):
            scores[number] += _WHOLE_BONUS + (0 if number in scores else _NAME * _SLIP)


def _is_slip(word: str, candidate: str) -> bool:
    """Tell whether a word was typed for another: one slip from four letters on, two from eight."""
    allowed = 2 if len(word) >= 8 else int(len(word) >= 4)  # noqa: PLR2004
    if not allowed or abs(len(word) - len(candidate)) > allowed or len(candidate) < 4 or candidate.isdecimal():  # noqa: PLR2004
        return False
    return _distance(word, candidate) <= allowed


def _distance(one: str, other: str) -> int:
    """Count the letters to add, drop, change or swap between two words."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, char in enumerate(one, start=1):
        two_before, before, row = before, row, [i] + [0] * len(other)
        for j, wanted in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != wanted))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], two_before[j - 2] + 1)
    return row[-1]


def _shared(one: str, other: str) -> int:
    """Count the first characters that two postcodes share."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))

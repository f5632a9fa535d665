"""The map of prisons: what is drawn where, and the same as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from parloir.establishments.finding import sorting_name
from parloir.establishments.mapping import (
    INSETS,
    LETTER,
    MAINLAND,
    clustered,
    inset_of,
    names_that_fit,
    projected,
    spread,
    view_around,
    whole,
)
from parloir.establishments.places import department_of_town
from parloir.establishments.sentences import KINDS
from parloir.public.search import by_direction, known_prisons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parloir.establishments.finding import Prison
    from parloir.establishments.mapping import Frame, Mark, Spot, View

_AROUND_PARIS = frozenset({"75", "77", "78", "91", "92", "93", "94", "95"})
_DRAWN = 24
"""Side of the square in which a mark is drawn before it is scaled."""


@dataclass(frozen=True)
class Drawn:
    """A mark as the page draws it; numbers are text, so that no language writes them with a comma."""

    place: str
    thread: str
    kind: str
    label: str
    address: str
    figure: str


@dataclass(frozen=True)
class Name:
    """The name of a town beside its mark, where there is room for it."""

    text: str
    x: str
    y: str


@dataclass(frozen=True)
class Sheet:
    """One drawing: a frame of the outline, the part of it in view, its marks."""

    code: str
    title: str
    view_box: str
    width: int
    height: int
    marks: list[Drawn]
    names: list[Name]
    letter: str


TITLES = {
    "metropole": _("France métropolitaine"),
    "guadeloupe": _("Guadeloupe"),
    "martinique": _("Martinique"),
    "guyane": _("Guyane"),
    "reunion": _("La Réunion"),
    "mayotte": _("Mayotte"),
    "saint-pierre-et-miquelon": _("Saint-Pierre-et-Miquelon"),
    "wallis-et-futuna": _("Wallis-et-Futuna"),
    "societe": _("Polynésie française : Tahiti et Raiatea"),
    "marquises": _("Polynésie française : îles Marquises"),
    "nouvelle-caledonie": _("Nouvelle-Calédonie"),
}


def national_map() -> dict[str, object]:
    """Return the map of everywhere: the mainland in clusters, one inset for each territory overseas."""
    prisons = known_prisons()
    by_slug = {prison.slug: prison for prison in prisons}
    clusters = clustered(_spots(prisons, MAINLAND))
    marks = [_cluster(mark, by_slug) for mark in _reading_order(clusters)]
    insets = [_inset(frame, prisons) for frame in INSETS]
    return {
        "mainland": _sheet(MAINLAND, whole(MAINLAND), marks, _names(clusters, by_slug, whole(MAINLAND))),
        "insets": insets,
        "kinds": KINDS.items(),
        "count": len(prisons),
        "directions": by_direction(prisons),
    }


def map_around(slug: str) -> dict[str, object]:
    """Return the map around one prison: all those that the national map may show as one with it, and their neighbours.

    :raises ObjectDoesNotExist: when there is no such prison, or nobody knows where it is.
    """
    prisons = known_prisons()
    by_slug = {prison.slug: prison for prison in prisons}
    centre = by_slug.get(slug)
    if centre is None or centre.position is None:
        raise ObjectDoesNotExist
    frame = inset_of(*centre.position) or MAINLAND
    spots = _spots(prisons, frame)
    view = whole(frame) if frame is not MAINLAND else _around(slug, spots)
    inside = tuple(spot for spot in spots if view.holds(spot[1], spot[2])) if frame is MAINLAND else spots
    listed = sorted((by_slug[key] for key, _x, _y in inside), key=sorting_name)
    numbers = {prison.slug: number for number, prison in enumerate(listed, start=1)}
    ordered = tuple(sorted(inside, key=lambda spot: numbers[spot[0]]))
    apart = spread(ordered, view)
    marks = [_single(mark, by_slug, view, str(numbers[mark.keys[0]])) for mark in apart]
    return {
        "sheet": _sheet(frame, view, marks, _names(apart, by_slug, view)),
        "centre": centre,
        "town": _known_town(centre),
        "prisons": listed,
        "kinds": [(code, name) for code, name in KINDS.items() if code in {prison.kind for prison in listed}],
    }


def _spots(prisons: Iterable[Prison], frame: Frame) -> tuple[Spot, ...]:
    """Return where the prisons of a frame fall in it, the largest first."""
    placed = [(prison, prison.position) for prison in prisons if prison.position]
    wanted = None if frame is MAINLAND else frame
    here = [(prison, position) for prison, position in placed if inset_of(*position) is wanted]
    here.sort(key=lambda pair: (-pair[0].detainees, pair[0].slug))
    return tuple((prison.slug, *projected(*position, frame)) for prison, position in here)


def _around(slug: str, spots: tuple[Spot, ...]) -> View:
    together = next(mark.keys for mark in clustered(spots) if slug in mark.keys)
    return view_around(tuple(spot for spot in spots if spot[0] in together))


def _reading_order(marks: Iterable[Mark]) -> list[Mark]:
    """Put marks in the order of a page, by bands: the keyboard follows the eye."""
    return sorted(marks, key=lambda mark: (round(mark.y / 60), mark.x))


def _inset(frame: Frame, prisons: tuple[Prison, ...]) -> Sheet:
    by_slug = {prison.slug: prison for prison in prisons}
    view = whole(frame)
    marks = [_single(mark, by_slug, view, "") for mark in _reading_order(spread(_spots(prisons, frame), view))]
    return _sheet(frame, view, marks)


def _names(marks: tuple[Mark, ...], by_slug: dict[str, Prison], view: View) -> list[Name]:
    """Name the towns of the largest prisons, as many as there is room for: a map without names leads nowhere."""
    largest = sorted(marks, key=lambda mark: -sum(by_slug[key].detainees for key in mark.keys))
    towns = {mark: _town_of(mark, by_slug) for mark in largest}
    fitting = names_that_fit(tuple((mark, len(town)) for mark, town in towns.items()), view)
    return [Name(towns[mark], f"{x:.1f}", f"{y:.1f}") for mark, (x, y) in fitting]


def _town_of(mark: Mark, by_slug: dict[str, Prison]) -> str:
    first = by_slug[mark.keys[0]]
    return first.city if len(mark.keys) == 1 else _known_town(first)


def _known_town(prison: Prison) -> str:
    """Return the town that people place a prison by: few know where Sequedin is, many where Lille is."""
    department = department_of_town(prison.insee)
    if department is None:
        return prison.city
    return "Paris" if department.code in _AROUND_PARIS else department.prefecture


def _sheet(frame: Frame, view: View, marks: list[Drawn], names: list[Name] | None = None) -> Sheet:
    box = " ".join(f"{number:g}" for number in (view.x, view.y, view.width, view.height))
    return Sheet(
        frame.code,
        str(TITLES[frame.code]),
        box,
        frame.width,
        frame.height,
        marks,
        names or [],
        f"{view.width * LETTER:.2f}",
    )


def _cluster(mark: Mark, by_slug: dict[str, Prison]) -> Drawn:
    first = by_slug[mark.keys[0]]
    if len(mark.keys) == 1:
        return _single(mark, by_slug, whole(MAINLAND), "")
    said = ngettext("%(number)d établissement autour de %(city)s", "%(number)d établissements autour de %(city)s", 2)
    label = said % {"number": len(mark.keys), "city": _known_town(first)}
    address = f"/etablissements/carte/{first.slug}/"
    return Drawn(_place(mark, whole(MAINLAND)), "", "", label, address, str(len(mark.keys)))


def _single(mark: Mark, by_slug: dict[str, Prison], view: View, figure: str) -> Drawn:
    prison = by_slug[mark.keys[0]]
    moved = abs(mark.x - mark.at[0]) + abs(mark.y - mark.at[1]) > view.least / 6
    thread = f"M{mark.at[0]:g} {mark.at[1]:g}L{mark.x:g} {mark.y:g}" if moved else ""
    label = f"{figure}. {prison.name}" if figure else prison.name
    return Drawn(_place(mark, view), thread, prison.kind, label, f"/etablissements/{prison.slug}/", figure)


def _place(mark: Mark, view: View) -> str:
    return f"translate({mark.x:.1f} {mark.y:.1f}) scale({view.least / _DRAWN:.3f})"

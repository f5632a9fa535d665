"""Where a prison is drawn: projections, the frames of the map, clusters where it is dense. No Django here.

Lengths are units of the map: one unit of the mainland is 2 km. A finger needs 24 pixels (WCAG 2.5.8) on a screen
that may be 320 pixels wide: two marks are never nearer than :data:`APART` of the width they are drawn in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import atan2, cos, hypot, log, pi, radians, sin, tan

from parloir.establishments.places import kilometres

APART = 1 / 11.5
"""The least distance of two marks, as a part of the width of the map."""

LETTER = 1 / 52
"""The height of letters, as a part of the width of the map: names are only shown where it is drawn large."""

_LARGE = 0.6
"""What is left of a mark where the map is drawn large."""

type Spot = tuple[str, float, float]
"""A key with a position on the map."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A part of the world that is drawn: its centre, its scale in kilometres a unit, its size in units."""

    code: str
    latitude: float
    longitude: float
    scale: float
    width: int
    height: int
    cone: tuple[float, float] | None = None


MAINLAND = Frame(
    code="metropole",
    latitude=46.45,
    longitude=2.72,
    scale=2.03,
    width=600,
    height=600,
    cone=(44, 49),
)
INSETS = tuple(
    Frame(code=code, latitude=latitude, longitude=longitude, scale=scale, width=140, height=120)
    for code, latitude, longitude, scale in (
        ("guadeloupe", 16.17, -61.45, 0.72),
        ("martinique", 14.65, -61.02, 0.62),
        ("guyane", 4.0, -53.2, 3.6),
        ("reunion", -21.12, 55.53, 0.62),
        ("mayotte", -12.83, 45.16, 0.42),
        ("saint-pierre-et-miquelon", 46.93, -56.3, 0.52),
        ("wallis-et-futuna", -13.28, -176.2, 0.3),
        ("societe", -17.25, -150.3, 2.3),
        ("marquises", -9.1, -139.8, 2.1),
        ("nouvelle-caledonie", -21.3, 165.6, 3.6),
    )
)


@dataclass(frozen=True)
class Mark:
    """What is drawn at one place: one prison, or several as a cluster. ``at`` is where it really is."""

    keys: tuple[str, ...]
    x: float
    y: float
    at: tuple[float, float]


@dataclass(frozen=True)
class View:
    """A rectangle of a frame, in its units; ``apart`` is the least distance of marks, as a part of its width."""

    x: float
    y: float
    width: float
    height: float
    apart: float = APART

    @property
    def least(self) -> float:
        """The least distance of two marks in it."""
        return self.width * self.apart

    def holds(self, x: float, y: float) -> bool:
        """Whether a position is in it, with room for its mark."""
        room = self.least / 2
        return self.x + room <= x <= self.x + self.width - room and self.y + room <= y <= self.y + self.height - room


def projected(latitude: float, longitude: float, frame: Frame) -> tuple[float, float]:
    """Return where a place falls in a frame, from its upper left corner."""
    if frame.cone:
        x, y = _conic(latitude, longitude, frame)
    else:
        x = 111.32 * cos(radians(frame.latitude)) * (longitude - frame.longitude)
        y = 110.57 * (latitude - frame.latitude)
    return frame.width / 2 + x / frame.scale, frame.height / 2 - y / frame.scale


@cache
def _inset_centres() -> tuple[tuple[Frame, tuple[float, float]], ...]:
    return tuple((frame, (frame.latitude, frame.longitude)) for frame in INSETS)


def inset_of(latitude: float, longitude: float) -> Frame | None:
    """Return the inset that a place overseas is drawn in, None on the mainland."""
    frame, centre = min(_inset_centres(), key=lambda pair: kilometres(pair[1], (latitude, longitude)))
    near = kilometres(centre, (latitude, longitude)) < frame.scale * frame.width
    return frame if near else None


@lru_cache(maxsize=8)
def clustered(spots: tuple[Spot, ...], width: float = MAINLAND.width) -> tuple[Mark, ...]:
    """Return marks that never overlap: in the order given, a prison takes in those around it that no mark has yet.

    A cluster stands where its first prison is, so two marks are always far enough from each other.
    """
    least, left, marks = width * APART, list(spots), []
    while left:
        _key, x, y = left[0]
        around = [spot for spot in left if hypot(spot[1] - x, spot[2] - y) < least]
        marks.append(Mark(tuple(spot[0] for spot in around), x, y, (x, y)))
        left = [spot for spot in left if spot not in around]
    return tuple(marks)


@lru_cache(maxsize=64)
def spread(spots: tuple[Spot, ...], view: View) -> tuple[Mark, ...]:
    """Return one mark for each prison of a view, pushed apart until none covers another; ``at`` stays true."""
    least = view.least
    places = [[x + 0.01 * number, y] for number, (_key, x, y) in enumerate(spots)]
    for _round in range(300):
        moved = False
        for i, one in enumerate(places):
            for other in places[:i]:
                moved |= _push(one, other, least)
        for place in places:
            place[0] = min(max(place[0], view.x + least / 2), view.x + view.width - least / 2)
            place[1] = min(max(place[1], view.y + least / 2), view.y + view.height - least / 2)
        if not moved:
            break
    return tuple(
        Mark((key,), round(place[0], 2), round(place[1], 2), (round(x, 2), round(y, 2)))
        for (key, x, y), place in zip(spots, places, strict=True)
    )


def names_that_fit(marks: tuple[tuple[Mark, int], ...], view: View) -> list[tuple[Mark, tuple[float, float]]]:
    """Return which marks have room for a name of so many letters beside them, and where it begins.

    The first ones given are served first; a name covers neither a mark nor another name.
    """
    radius, height = view.least * _LARGE / 2, view.width * LETTER
    taken = [(mark.x - radius, mark.y - radius, mark.x + radius, mark.y + radius) for mark, _letters in marks]
    fitting = []
    for mark, letters in marks:
        width = letters * height * 0.56
        for left in (mark.x + radius * 1.15, mark.x - radius * 1.15 - width):
            box = (left, mark.y - height / 2, left + width, mark.y + height / 2)
            within = view.x < left and left + width < view.x + view.width
            if within and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                fitting.append((mark, (left, mark.y + height * 0.36)))
                break
    return fitting


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def view_around(spots: tuple[Spot, ...]) -> View:
    """Return the rectangle that shows some prisons with room around them, neither too narrow nor too flat."""
    left, right = min(spot[1] for spot in spots), max(spot[1] for spot in spots)
    top, bottom = min(spot[2] for spot in spots), max(spot[2] for spot in spots)
    width, height = max((right - left) * 1.3, 90), max((bottom - top) * 1.3, 80)
    width, height = max(width, height / 1.15), max(height, width / 1.5)
    return View(
        round((left + right - width) / 2, 1), round((top + bottom - height) / 2, 1), round(width, 1), round(height, 1)
    )


def whole(frame: Frame) -> View:
    """Return the view of a whole frame; insets are small, and their marks as large as elsewhere."""
    return View(0, 0, frame.width, frame.height, APART if frame is MAINLAND else 0.19)


def _push(one: list[float], other: list[float], least: float) -> bool:
    """Move two marks away from each other, half each, when they are too near."""
    dx, dy = one[0] - other[0], one[1] - other[1]
    apart = hypot(dx, dy)
    if apart >= least * 0.999:
        return False
    angle, step = atan2(dy, dx), (least - apart) / 2
    for place, sign in ((one, 1), (other, -1)):
        place[0] += sign * step * cos(angle)
        place[1] += sign * step * sin(angle)
    return True


def _conic(latitude: float, longitude: float, frame: Frame) -> tuple[float, float]:
    """Project by Lambert's conformal cone, as the maps of France do; kilometres from the frame's centre."""
    factor, cone = _cone(frame)
    radius, origin = factor / _steep(latitude) ** cone, factor / _steep(frame.latitude) ** cone
    angle = cone * radians(longitude - frame.longitude)
    return radius * sin(angle), origin - radius * cos(angle)


@cache
def _cone(frame: Frame) -> tuple[float, float]:
    low, high = frame.cone or (0.0, 0.0)
    cone = log(cos(radians(low)) / cos(radians(high))) / log(_steep(high) / _steep(low))
    return 6371 * cos(radians(low)) * _steep(low) ** cone / cone, cone


def _steep(latitude: float) -> float:
    return tan(pi / 4 + radians(latitude) / 2)

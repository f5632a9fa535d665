"""Draw the outline of the map once, from Natural Earth (public domain) as the npm package world-atlas packs it.

``npm pack world-atlas@2.0.2``, unpack it, then ``python -m bench.outline package/countries-10m.json``: writes
``parloir/public/static/parloir/france.svg``, which is committed. Only a change of projection needs it again.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parloir.establishments.mapping import INSETS, MAINLAND, Frame, projected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TARGET = Path(__file__).parents[1] / "parloir" / "public" / "static" / "parloir" / "france.svg"
NEIGHBOURS = frozenset(
    {
        *("Germany", "Luxembourg", "Belgium", "Spain", "United Kingdom", "Italy", "Switzerland", "Netherlands"),
        *("Monaco", "Andorra", "Jersey", "Guernsey", "Suriname", "Brazil", "Liechtenstein", "Austria", "St-Martin"),
    }
)
FRENCH = frozenset({"France", "New Caledonia", "Fr. Polynesia", "Wallis and Futuna Is.", "St. Pierre and Miquelon"})
FINE, COARSE = 0.7, 2.0
"""How far, in units of the map, a line may pass from the coast it stands for."""

type Point = tuple[float, float]


class Atlas:
    """A TopoJSON file: arcs shared by countries, quantised and delta-encoded."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.arcs = [list(self._decoded(arc)) for arc in self.data["arcs"]]

    def rings(self, names: frozenset[str]) -> Iterator[list[Point]]:
        """Yield the outer ring of every polygon of some countries, as longitudes and latitudes."""
        for shape in self.data["objects"]["countries"]["geometries"]:
            if shape["properties"]["name"] in names:
                polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
                for polygon in polygons:
                    yield self._joined(polygon[0])

    def _decoded(self, arc: list[list[int]]) -> Iterator[Point]:
        (kx, ky), (tx, ty) = self.data["transform"]["scale"], self.data["transform"]["translate"]
        x = y = 0
        for dx, dy in arc:
            x, y = x + dx, y + dy
            yield x * kx + tx, y * ky + ty

    def _joined(self, numbers: Iterable[int]) -> list[Point]:
        ring: list[Point] = []
        for number in numbers:
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            ring += arc[1:] if ring else arc
        return ring


def main(path: str) -> None:
    atlas = Atlas(Path(path))
    symbols = [drawn(atlas, frame) for frame in (MAINLAND, *INSETS)]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><!-- Made with Natural Earth, public domain: see bench/outline.py -->'
        + "".join(symbols)
        + "</svg>\n"
    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(svg, encoding="utf-8")
    print(f"{TARGET.name}: {len(svg.encode())} bytes")


def drawn(atlas: Atlas, frame: Frame) -> str:
    abroad = path_of(atlas.rings(NEIGHBOURS), frame, COARSE)
    home = path_of(atlas.rings(FRENCH), frame, FINE)
    abroad = f'<path class="a" fill="var(--p-abroad,#ece9e4)" d="{abroad}"/>' if abroad else ""
    return (
        f'<symbol id="{frame.code}" viewBox="0 0 {frame.width} {frame.height}">{abroad}'
        '<path fill="var(--p-france,#f6e3cf)" stroke="#a8876a" stroke-linejoin="round" '
        f'vector-effect="non-scaling-stroke" d="{home}"/></symbol>'
    )


def path_of(rings: Iterable[list[Point]], frame: Frame, tolerance: float) -> str:
    parts = []
    for ring in rings:
        if not near(ring, frame):
            continue
        points = clipped([projected(latitude, longitude, frame) for longitude, latitude in ring], frame)
        if len(points) < 3:
            continue
        half = len(points) // 2
        line = simplified(points[: half + 1], tolerance)[:-1] + simplified(points[half:], tolerance)
        if len(line) >= 3 and area(line) > 1.5:
            parts.append(written(line))
    return "".join(parts)


def near(ring: list[Point], frame: Frame) -> bool:
    """Tell whether a ring is on this side of the globe: a projection is only good near its centre."""
    return any(abs(lon - frame.longitude) < 12 and abs(lat - frame.latitude) < 9 for lon, lat in ring)


def clipped(points: list[Point], frame: Frame) -> list[Point]:
    """Cut a polygon at the edges of the frame, one edge after the other (Sutherland and Hodgman)."""
    margin = 4
    edges = ((0, -margin, 1), (0, frame.width + margin, -1), (1, -margin, 1), (1, frame.height + margin, -1))
    for axis, limit, sign in edges:
        kept: list[Point] = []
        for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
            inside = (point[axis] - limit) * sign >= 0
            if inside != ((before[axis] - limit) * sign >= 0):
                part = (limit - before[axis]) / (point[axis] - before[axis])
                kept.append((before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1])))
            if inside:
                kept.append(point)
        points = kept
    return points


def simplified(points: list[Point], tolerance: float) -> list[Point]:
    """Keep the points without which the line would pass too far away (Douglas and Peucker)."""
    keep, stack = {0, len(points) - 1}, [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        farthest, most = first, tolerance
        for number in range(first + 1, last):
            away = distance(points[number], points[first], points[last])
            if away > most:
                farthest, most = number, away
        if farthest != first:
            keep.add(farthest)
            stack += [(first, farthest), (farthest, last)]
    return [points[number] for number in sorted(keep)]


def distance(point: Point, one: Point, other: Point) -> float:
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = hypot(dx, dy)
    if length == 0:
        return hypot(point[0] - one[0], point[1] - one[1])
    return abs(dy * (point[0] - one[0]) - dx * (point[1] - one[1])) / length


def area(points: list[Point]) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(one[0] * other[1] - other[0] * one[1] for one, other in pairs)) / 2


def written(points: list[Point]) -> str:
    """Write a ring in tenths of a unit, each point from the one before."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(tenths)]
    moves = "".join(f"{number(dx)}{'' if dy < 0 else ' '}{number(dy)}{' '}" for dx, dy in steps if (dx, dy) != (0, 0))
    return f"M{number(tenths[0][0])} {number(tenths[0][1])}l{moves.strip()}z"


def number(tenths: int) -> str:
    whole = f"{tenths / 10:.1f}".removesuffix(".0")
    return whole.replace("0.", ".", 1) if whole.startswith(("0.", "-0.")) else whole


if __name__ == "__main__":
    main(sys.argv[1])

"""Links that open a map at a prison: nothing is asked of anybody before one is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from parloir.establishments.models import Establishment

_KNOWN_EXACTLY = "site"
"""What the referential calls a position that is the prison's own, not its town's."""


@dataclass(frozen=True, slots=True)
class Route:
    """A map's name and the address that opens it with the way to go."""

    name: str
    url: str


def routes_to(prison: Establishment) -> list[Route]:
    """Return the way to a prison on the maps that most telephones have; by its position, else by its address.

    Neither says what stands there.
    """
    exact = prison.position_is == _KNOWN_EXACTLY and prison.latitude is not None and prison.longitude is not None
    town = f"{prison.postal_code} {prison.postal_city or prison.city}".strip()
    place = f"{prison.latitude},{prison.longitude}" if exact else ", ".join(filter(None, (prison.street, town)))
    if not place:
        return []
    waze = {"ll" if exact else "q": place, "navigate": "yes"}
    return [
        Route("Apple Plans", f"https://maps.apple.com/?{urlencode({'daddr': place})}"),
        Route("Google Maps", f"https://www.google.com/maps/dir/?{urlencode({'api': '1', 'destination': place})}"),
        Route("OpenStreetMap", f"https://www.openstreetmap.org/directions?{urlencode({'to': place})}"),
        Route("Waze", f"https://waze.com/ul?{urlencode(waze)}"),
    ]

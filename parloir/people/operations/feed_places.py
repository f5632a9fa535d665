"""The prisons and wings that lines name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parloir.establishments.models import Establishment, Wing
from parloir.people.feed import Outcome, Place, Reason, rejected

if TYPE_CHECKING:
    from collections.abc import Collection

    from parloir.people.feed import PlaceName


class Places:
    """What the referential says of the prisons that a batch names."""

    def __init__(self, slugs: Collection[str]) -> None:
        """Read them in one statement."""
        self._slugs: set[str] = set()
        self._wings: dict[tuple[str, str], Place] = {}
        if not slugs:
            return
        rows = Establishment.objects.filter(slug__any_of=slugs).values_list(
            "slug", "id", "time_zone", "wings__id", "wings__code"
        )
        for slug, establishment_id, zone, wing_id, code in rows:
            self._slugs.add(slug)
            if wing_id is not None:
                self._wings[slug, code] = Place(wing_id, establishment_id, ZoneInfo(zone))

    def find(self, name: PlaceName) -> Place | Outcome:
        """Return the wing of a name, or why there is none."""
        place = self._wings.get((name.establishment, name.wing))
        if place is not None:
            return place
        if name.establishment not in self._slugs:
            return rejected(Reason.UNKNOWN_ESTABLISHMENT, "establishment")
        return rejected(Reason.UNKNOWN_WING, "wing")


def places_of_wings(wing_ids: Collection[int]) -> dict[int, Place]:
    """Return the places of wings, by their ids."""
    if not wing_ids:
        return {}
    rows = Wing.objects.filter(pk__any_of=wing_ids).order_by()
    told = rows.values_list("id", "establishment_id", "establishment__time_zone")
    return {wing_id: Place(wing_id, establishment_id, ZoneInfo(zone)) for wing_id, establishment_id, zone in told}

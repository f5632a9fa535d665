"""The information sheet of a prison: what is known of it, gathered for one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.translation import gettext as _

from parloir.establishments.places import department_of_town
from parloir.establishments.queries import alerts_shown, sheet_of
from parloir.establishments.rules import OnlineBooking, Policy
from parloir.establishments.sentences import KINDS, ONLINE_BOOKING, direction_name, rules_of_visit, wing_name
from parloir.permits.sentences import procedures
from parloir.public.structured import as_data, place, trail
from parloir.timetable.public_holidays import public_holidays
from parloir.timetable.queries import closures_to_come, week_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from parloir.establishments.models import Establishment, Wing
    from parloir.timetable.models import Closure
    from parloir.timetable.rules import WeekLine

HOLIDAYS_SHOWN_DAYS = 180


@dataclass(frozen=True)
class WingShown:
    """A wing as its families read it."""

    name: str
    lines: list[WeekLine]
    rules: tuple[str, ...]
    holidays: list[date]

    @property
    def is_fictional(self) -> bool:
        """Whether any of its hours is the demonstration's invention."""
        return any(line.fictional for line in self.lines)


def sheet_page(slug: str, *, now: datetime) -> dict[str, object]:
    """Return what the sheet of a prison shows, in the same number of queries for all.

    :raises Establishment.DoesNotExist: when there is no such prison.
    """
    prison = sheet_of(slug)
    today = now.astimezone(prison.zone).date()
    wings = list(prison.wings.all())
    ids = [wing.pk for wing in wings]
    week = week_of(ids, on=today)
    names = {wing.pk: wing_name(wing.code) for wing in wings}
    receives = prison.online_booking == OnlineBooking.OPEN
    shown = [_shown(wing, week.get(wing.pk, []), today, prison) for wing in wings]
    return {
        "prison": prison,
        "kind": KINDS.get(prison.kind, prison.kind),
        "sheet": getattr(prison, "sheet", None),
        "why_closed": "" if receives else ONLINE_BOOKING[OnlineBooking(prison.online_booking)],
        "is_empty": prison.online_booking == OnlineBooking.EMPTY,
        "wings": shown,
        "rules": _by_rules(shown) if receives else [],
        "closures": [_named(closure, names) for closure in closures_to_come(ids, since=today)],
        "procedures": procedures(),
        "department": department_of_town(prison.insee),
        "direction": direction_name(prison.direction),
        "routes": _routes(prison),
        "prison_alerts": alerts_shown(now=now, establishment_id=prison.pk),
        "structured": as_data(place(prison), trail(_above(prison))),
    }


def _shown(wing: Wing, lines: list[WeekLine], today: date, prison: Establishment) -> WingShown:
    policy = wing.policy.as_rules() if hasattr(wing, "policy") else Policy()
    closed = policy.closed_on_public_holidays
    last = today + timedelta(days=HOLIDAYS_SHOWN_DAYS)
    holidays = public_holidays(today, last, insee=prison.insee) if closed and lines else []
    return WingShown(wing_name(wing.code), lines, tuple(rules_of_visit(policy)), holidays)


def _by_rules(wings: list[WingShown]) -> list[tuple[str, tuple[str, ...]]]:
    """Say rules once for all the wings that share them."""
    shared: dict[tuple[str, ...], list[str]] = {}
    for wing in wings:
        shared.setdefault(wing.rules, []).append(wing.name)
    return [(", ".join(names), rules) for rules, names in shared.items()]


def _named(closure: Closure, names: dict[int, str]) -> dict[str, object]:
    return {"wing": names[closure.wing_id], "closure": closure}


def _routes(prison: Establishment) -> list[tuple[str, str]]:
    """Return where a map of the place opens: a telephone's own application, or a site."""
    if prison.latitude is None or prison.longitude is None:
        return []
    place = f"{prison.latitude:.6f},{prison.longitude:.6f}"
    marker = f"mlat={prison.latitude:.6f}&mlon={prison.longitude:.6f}"
    return [
        ("OpenStreetMap", f"https://www.openstreetmap.org/?{marker}#map=16/{place.replace(',', '/')}"),
        ("Google Maps", f"https://www.google.com/maps/dir/?api=1&destination={quote(place)}"),
        ("Plans (Apple)", f"https://maps.apple.com/?daddr={quote(place)}"),
        ("Waze", f"https://waze.com/ul?ll={quote(place)}&navigate=yes"),
    ]


def _above(prison: Establishment) -> list[tuple[str, str]]:
    above = [(_("Accueil"), "/"), (_("Établissements"), "/etablissements/")]
    return [*above, (prison.name, f"/etablissements/{prison.slug}/")]

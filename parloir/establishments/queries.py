"""Look establishments up. All of it is public."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Prefetch, Q
from django.utils.timezone import localdate

from parloir.establishments.finding import Prison
from parloir.establishments.models import Alert, BookingPolicy, Establishment, Wing
from parloir.establishments.rules import OnlineBooking
from parloir.journal.queries import last_acts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from parloir.establishments.rules import Policy


def all_establishments() -> list[Establishment]:
    """Return every establishment with its wings, by name."""
    return list(Establishment.objects.prefetch_related("wings").order_by("name"))


def establishments_that_book() -> list[Establishment]:
    """Return the establishments whose visits are sold online, by name."""
    return list(Establishment.objects.filter(online_booking=OnlineBooking.OPEN).order_by("name"))


def establishment_by_slug(slug: str) -> Establishment | None:
    """Return one establishment with its wings and their policies, or None."""
    wings = Prefetch("wings", Wing.objects.select_related("policy").order_by("code"))
    return Establishment.objects.prefetch_related(wings).filter(slug=slug).first()


def establishment_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the establishments to choose from in a form, as groups of ``(slug, label)``.

    Labels begin with the town, which is what families know and type; groups are the towns' initials.
    Empty prisons are left out: nobody can be visited there.
    """
    rows = Establishment.objects.exclude(online_booking=OnlineBooking.EMPTY).values_list("slug", "city", "name")
    labelled = [(slug, f"{city} – {name}" if city else name) for slug, city, name in rows]
    labelled.sort(key=lambda choice: _bare(choice[1]))
    return [(initial, list(group)) for initial, group in groupby(labelled, key=lambda choice: _bare(choice[1])[:1])]


def sheet_of(slug: str) -> Establishment:
    """Return one establishment with its wings, their policies and its information sheet.

    :raises Establishment.DoesNotExist: when there is no such prison.
    """
    wings = Prefetch("wings", Wing.objects.select_related("policy").order_by("code"))
    return Establishment.objects.select_related("sheet").prefetch_related(wings).get(slug=slug)


def prisons() -> tuple[Prison, ...]:
    """Return what every establishment can be found by, in one order always."""
    rows = Establishment.objects.prefetch_related(Prefetch("wings", Wing.objects.order_by("code"))).order_by("slug")
    return tuple(_as_prison(row) for row in rows)


@dataclass(frozen=True)
class ShownAlert:
    """An alert as pages show it; ``establishment_id`` is None for all of them."""

    establishment_id: int | None
    texts: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None

    def text_in(self, language: str) -> str:
        """Return its text in a language, else in French."""
        return self.texts.get(language) or self.texts["fr"]

    def is_shown(self, *, now: datetime) -> bool:
        """Whether it has begun and has not ended."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


ALERTS_KEY = "alerts"
REMEMBERED_SECONDS = 60
_MOST_ALERTS = 300


def alerts_shown(*, now: datetime, establishment_id: int | None = None) -> list[ShownAlert]:
    """Return the alerts of one establishment, or without one the national ones, the newest first.

    All of them are remembered for a minute by each process: every page asks. A page is still a page when the
    database does not answer.
    """
    known: list[ShownAlert] | None = cache.get(ALERTS_KEY)
    if known is None:
        known = _alerts_not_ended(now=now)
        cache.set(ALERTS_KEY, known, REMEMBERED_SECONDS)
    return [alert for alert in known if alert.establishment_id == establishment_id and alert.is_shown(now=now)]


def wing_ids() -> dict[tuple[str, str], int]:
    """Return every wing's id by its prison's slug and its own code: the words of the register's feed."""
    return {(slug, code): pk for slug, code, pk in Wing.objects.values_list("establishment__slug", "code", "id")}


def policy_of(wing_id: int) -> Policy:
    """Return the booking policy of a wing; the default one when the prison has decided nothing.

    :raises Wing.DoesNotExist: when there is no such wing.
    """
    row = BookingPolicy.objects.filter(wing_id=wing_id).first()
    return (row or BookingPolicy(wing=Wing.objects.get(id=wing_id))).as_rules()


def days_of_change() -> dict[str, date]:
    """Return the day on which what a prison's page says last changed, in mainland France, by the prison's slug.

    The journal knows; a prison of which it knows nothing is left out.
    """
    sheets, policies = last_acts("sheet.saved"), last_acts("policy.saved")
    loaded = last_acts("establishments.loaded").get(None)
    moments: dict[str, set[datetime | None]] = {}
    for slug, prison, wing in Establishment.objects.values_list("slug", "id", "wings"):
        moments.setdefault(slug, {loaded}).update({sheets.get(prison), policies.get(wing)})
    known = {slug: [moment for moment in found if moment] for slug, found in moments.items()}
    return {slug: localdate(max(found)) for slug, found in known.items() if found}


def _alerts_not_ended(*, now: datetime) -> list[ShownAlert]:
    """Read what is or will be shown; nothing when the database cannot be read."""
    waiting = Alert.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), withdrawn_at__isnull=True)
    columns = ("establishment_id", "texts", "starts_at", "ends_at")
    try:
        return [ShownAlert(*row) for row in waiting.order_by("-starts_at").values_list(*columns)[:_MOST_ALERTS]]
    except DatabaseError:
        return []


def _as_prison(row: Establishment) -> Prison:
    position = None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)
    return Prison(
        slug=row.slug,
        name=row.name,
        abbreviation=row.abbreviation,
        kind=row.kind,
        direction=row.direction,
        city=row.city,
        postal_city=row.postal_city,
        postal_code=row.postal_code,
        insee=row.insee,
        street=row.street,
        detainees=row.detainees or 0,
        is_open=row.online_booking == OnlineBooking.OPEN,
        position=position,
        wings=tuple(wing.code for wing in row.wings.all()),
        online_booking=row.online_booking,
        phone=row.phone,
    )


def _bare(text: str) -> str:
    """Reduce a label to what it is sorted by: capitals without accents."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(char for char in decomposed if not unicodedata.combining(char))

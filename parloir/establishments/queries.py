"""Look establishments up. All of it is public."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from parloir.establishments.models import BookingPolicy, Establishment, Wing
from parloir.establishments.rules import OnlineBooking

if TYPE_CHECKING:
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


def wing_ids() -> dict[tuple[str, str], int]:
    """Return every wing's id by its prison's slug and its own code: the words of the register's feed."""
    return {(slug, code): pk for slug, code, pk in Wing.objects.values_list("establishment__slug", "code", "id")}


def policy_of(wing_id: int) -> Policy:
    """Return the booking policy of a wing; the default one when the prison has decided nothing.

    :raises Wing.DoesNotExist: when there is no such wing.
    """
    row = BookingPolicy.objects.filter(wing_id=wing_id).first()
    return (row or BookingPolicy(wing=Wing.objects.get(id=wing_id))).as_rules()


def _bare(text: str) -> str:
    """Reduce a label to what it is sorted by: capitals without accents."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    return "".join(char for char in decomposed if not unicodedata.combining(char))

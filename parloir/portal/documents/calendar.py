"""A visit as an entry of the family's own calendar, which others may see over a shoulder or share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from icalendar import Alarm, Calendar, Event

from parloir.foundation.discretion import is_telling
from parloir.foundation.text import local_time
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.establishments.models import Establishment
    from parloir.visits.models import Visit

_ENTRIES = UUID("5d0f0f5e-3d0e-4b53-9a2c-6a1c7a0d9b11")
"""Entries are named in this space of our own: an entry keeps its name if the site's address changes."""

_ALARMS = (timedelta(days=1), timedelta(hours=2))


def calendar_file(visit: Visit, *, language: str, with_street: bool = False, now: datetime) -> bytes:
    """Return an iCalendar file that adds, changes or removes one entry, in the prison's zone.

    Its place is the town, since a street tells whoever looks it up what stands there; ``with_street`` says that the
    person prefers it whole.

    The entry keeps its name for the visit's life; its number grows with each change, and once more when the
    visit is cancelled, without which some calendars would keep it.

    :param visit: one of :func:`~parloir.visits.queries.mine.visits_of`.
    """
    cancelled = visit.status == VisitStatus.CANCELLED
    calendar = Calendar()
    calendar.add("prodid", "-//Mes rendez-vous//1//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    with override(language):
        calendar.add_component(_entry(visit, cancelled=cancelled, with_street=with_street, now=now))
    # The zone's rules travel with the entry: not every calendar knows every zone by its name.
    calendar.add_missing_timezones(
        first_date=visit.local_date - timedelta(days=366), last_date=visit.local_date + timedelta(days=366)
    )
    written: bytes = calendar.to_ical()
    return written


def discreet_place(prison: Establishment, *, with_street: bool = False) -> str:
    """Return the town, after the street if it is wanted, without whatever in them says that it is a prison."""
    street = prison.street.split(",") if with_street else []
    parts = [*street, prison.postal_code + " " + (prison.postal_city or prison.city)]
    return ", ".join(part.strip() for part in parts if part.strip() and not is_telling(part))


def _entry(visit: Visit, *, cancelled: bool, with_street: bool, now: datetime) -> Event:
    prison = visit.slot.wing.establishment
    entry = Event()
    entry.add("uid", str(uuid5(_ENTRIES, visit.reference)))
    entry.add("sequence", visit.version + cancelled)
    entry.add("dtstamp", now)
    entry.add("dtstart", visit.slot.starts_at.astimezone(prison.zone))
    entry.add("dtend", visit.slot.ends_at.astimezone(prison.zone))
    entry.add("summary", pgettext("agenda", "Rendez-vous"))
    if place := discreet_place(prison, with_street=with_street):
        entry.add("location", place)
    entry.add("class", "PRIVATE")
    pending = visit.confirm_by is not None  # type: ignore[attr-defined]
    entry.add("status", "CANCELLED" if cancelled else "TENTATIVE" if pending else "CONFIRMED")
    entry.add("description", "\n".join(_notes(visit, cancelled=cancelled)))
    for before in () if cancelled else _ALARMS:
        entry.add_component(_alarm(before))
    return entry


def _notes(visit: Visit, *, cancelled: bool) -> list[str]:
    notes = [_("Référence : %(reference)s") % {"reference": visit.reference}]
    if not cancelled:
        arrival = visit.slot.starts_at - timedelta(minutes=visit.slot.wing.policy.arrive_minutes_before)
        zone = visit.slot.wing.establishment.zone
        notes.append(_("Arrivez à %(time)s (heure du lieu).") % {"time": local_time(arrival, zone)})
        address = f"{settings.LINK_URL}/espace/rendez-vous/{visit.reference}/"
        notes.append(_("Adresse exacte, après connexion : %(address)s") % {"address": address})
    if not settings.OFFICIAL:
        notes.append(_("Démonstration, site non officiel"))
    return notes


def _alarm(before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", pgettext("agenda", "Rendez-vous"))
    alarm.add("trigger", -before)
    return alarm

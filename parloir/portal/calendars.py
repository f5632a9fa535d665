"""The calendar's page: to choose one time, several days of a trip, or another time for a visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from parloir.portal.steps import held_context, place_of
from parloir.visits.operations import tally_search
from parloir.visits.queries.calendar import calendar_of, nearest_open
from parloir.visits.queries.drafts import draft_of
from parloir.visits.queries.mine import permits_named
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Detainee
    from parloir.permits.models import Permit
    from parloir.portal.forms.booking import TripForm
    from parloir.portal.steps import Step
    from parloir.visits.models import Visit
    from parloir.visits.queries.calendar import Calendar, DayChoice
    from parloir.visits.queries.drafts import DraftChoice
    from parloir.visits.rules import Refusal
    from parloir.visits.sentences import Told

DAYS_AT_ONCE = timedelta(days=7)


def calendar_page(
    request: AccountRequest,
    detainee: Detainee,
    *,
    visit: Visit | None = None,
    refusals: Iterable[Refusal] = (),
    asked: Collection[int] = (),
    now: datetime,
) -> HttpResponse:
    """Show the days, then the times of one; ``refusals`` say why what was ``asked`` for could not be kept."""
    choice = _choice(request, detainee, now=now)
    permits = list(permits_named(request.account, detainee))
    calendar = _calendar(detainee, choice, permits, visit=visit, now=now)
    if request.method == "GET" and visit is None:
        tally_search(calendar, account=request.account, detainee=detainee, sign_in_id=request.sign_in.pk, now=now)
    chosen = _day_with(calendar, asked) or _chosen_day(calendar, _as_date(request.GET.get("jour", "")))
    zone = detainee.wing.establishment.zone
    context = {
        **_context(detainee, calendar, choice, permits, now=now),
        "visit": visit,
        "chosen": chosen,
        "chosen_reasons": _named(told_to_family(_why_closed(chosen), zone=zone), permits),
        "refused": told_to_family(refusals, zone=zone),
    }
    status = HTTPStatus.CONFLICT if context["refused"] else HTTPStatus.OK
    return render(request, "portal/booking/slot.html", context, status=status)


def trip_page(
    request: AccountRequest, detainee: Detainee, form: TripForm, *, refusals: Iterable[Refusal] = (), now: datetime
) -> HttpResponse:
    """Show the times of seven days, to choose several of them."""
    choice = _choice(request, detainee, now=now)
    permits = list(permits_named(request.account, detainee))
    calendar = _calendar(detainee, choice, permits, visit=None, now=now)
    first = _day_with(calendar, form.asked) or _chosen_day(calendar, _as_date(request.GET.get("jour", "")))
    shown, before, after = _week_from(calendar, first)
    context = {
        **_context(detainee, calendar, choice, permits, now=now),
        "form": form,
        "days": shown,
        "before": before,
        "after": after,
        "checked": form.asked or {slot.pk for slot in (choice.slots if choice else ())},
        "refused": told_to_family(refusals, zone=detainee.wing.establishment.zone),
    }
    status = HTTPStatus.CONFLICT if refusals else HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "portal/booking/trip.html", context, status=status)


def over_context(step: Step) -> dict[str, Any]:
    """Return what is said of a place no longer kept: why it cannot be taken again, and the nearest that can."""
    refusals = step.party.slot_refusals
    if not refusals:
        return {}
    permits = list(permits_named(step.account, step.detainee))
    but = step.choice.draft.replaces_id or 0
    calendar = calendar_of(step.detainee, permits=permits, but_visit_id=but, now=step.now)
    nearest = [] if step.choice.is_trip else nearest_open(calendar, step.choice.slots[0])
    return {"gone": told_to_family(refusals, zone=step.zone), "nearest": nearest}


def _choice(request: AccountRequest, detainee: Detainee, *, now: datetime) -> DraftChoice | None:
    try:
        return draft_of(request.account, detainee, now=now)
    except ObjectDoesNotExist:
        return None


def _calendar(
    detainee: Detainee,
    choice: DraftChoice | None,
    permits: Collection[Permit],
    *,
    visit: Visit | None,
    now: datetime,
) -> Calendar:
    held = {slot.pk for slot in choice.slots} if choice and choice.held_until else set()
    but = visit.pk if visit else 0
    return calendar_of(detainee, permits=permits, but_visit_id=but, own_slot_ids=held, now=now)


def _context(
    detainee: Detainee, calendar: Calendar, choice: DraftChoice | None, permits: Collection[Permit], *, now: datetime
) -> dict[str, Any]:
    held = choice if choice and choice.held_until else None
    return {
        **place_of(detainee, now=now),
        **(held_context(held, now=now) if held else {}),
        "calendar": calendar,
        "reasons": _named(told_to_family(calendar.refusals, zone=detainee.wing.establishment.zone), permits),
        "mine": {slot.pk for slot in held.slots} if held else (),
    }


def _chosen_day(calendar: Calendar, asked: date | None) -> DayChoice | None:
    """Return the day asked for, else the first that is open."""
    days = calendar.days
    return next((day for day in days if day.day == asked), None) or next((day for day in days if day.is_open), None)


def _day_with(calendar: Calendar, slot_ids: Collection[int]) -> DayChoice | None:
    return next((day for day in calendar.days if any(time.slot_id in slot_ids for time in day.times)), None)


def _week_from(
    calendar: Calendar, first: DayChoice | None
) -> tuple[list[DayChoice], DayChoice | None, DayChoice | None]:
    """Return the days of a week from one on, and the first days of the weeks before and after."""
    if first is None:
        return [], None, None
    since, until = first.day, first.day + DAYS_AT_ONCE
    before = [day for day in calendar.days if since - DAYS_AT_ONCE <= day.day < since]
    shown = [day for day in calendar.days if since <= day.day < until]
    return shown, next(iter(before), None), next((day for day in calendar.days if day.day >= until), None)


def _why_closed(day: DayChoice | None) -> list[Refusal]:
    """Return why no time of a day can be chosen, each reason once."""
    if day is None or day.is_open:
        return []
    return list(dict.fromkeys(refusal for time in day.times for refusal in time.refusals))


def _named(reasons: Iterable[Told], permits: Collection[Permit]) -> list[Told]:
    """Say whose permit each reason is about, where the family is several."""
    is_several = len({permit.visitor_id for permit in permits}) > 1
    names = {permit.pk: permit.told_name for permit in permits} if is_several else {}
    return [
        replace(told, text=f"{names[told.permit_id]}{_(' : ')}{told.text}") if told.permit_id in names else told
        for told in reasons
    ]


def _as_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None

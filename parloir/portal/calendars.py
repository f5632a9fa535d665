"""The calendar's page: to choose one time, several days of a trip, or another time for a visit."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from parloir.people.rules import SuitingTimes
from parloir.portal.calendar_weeks import grid_of, in_name, told_of
from parloir.portal.forms.suiting import SuitingForm, in_words
from parloir.portal.nearest import ONE_DAY, nearest_to
from parloir.portal.steps import held_context, place_of
from parloir.visits.day_sentences import causes_of, told_of_one_hour
from parloir.visits.operations import tally_search
from parloir.visits.queries.calendar import calendar_of, nearest_open, next_free
from parloir.visits.queries.drafts import draft_of
from parloir.visits.queries.engaged import with_engagements
from parloir.visits.queries.mine import permits_named
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Account, Detainee
    from parloir.permits.models import Permit
    from parloir.portal.forms.booking import TripForm
    from parloir.portal.nearest import Nearest
    from parloir.portal.steps import Step
    from parloir.visits.models import Visit
    from parloir.visits.queries.calendar import Calendar, DayChoice, TimeChoice
    from parloir.visits.queries.drafts import DraftChoice
    from parloir.visits.rules import Refusal

DAYS_AT_ONCE = timedelta(days=7)


def calendar_page(
    request: AccountRequest,
    detainee: Detainee,
    *,
    visit: Visit | None = None,
    refusals: Iterable[Refusal] = (),
    asked: Collection[int] = (),
    suiting: SuitingForm | None = None,
    now: datetime,
) -> HttpResponse:
    """Show the next free times, the days, and the hours of one.

    ``refusals`` say why what was ``asked`` for could not be kept; ``suiting`` is what was sent of the times that suit.
    """
    choice = _choice(request, detainee, now=now)
    permits = _permits(request.account, detainee, but_visit_id=visit.pk if visit else 0, now=now)
    calendar = _calendar(request, detainee, choice, permits, visit=visit, now=now)
    if request.method == "GET" and visit is None:
        tally_search(calendar, account=request.account, detainee=detainee, sign_in_id=request.sign_in.pk, now=now)
    base = _context(detainee, calendar, choice, permits, now=now)
    mine = {visit.slot_id} if visit else base["mine"]
    next_times = next_free(calendar, request.account.suiting, zone=base["zone"], but=mine)
    day = _as_date(request.GET.get("jour", "")) or (visit.local_date if visit else None)
    chosen = _day_with(calendar, asked) or _day(calendar, day) or _first_day(calendar, next_times)
    context = {
        **base,
        **_chosen_context(
            calendar, chosen, zone=base["zone"], permits=permits, changed=visit.local_date if visit else None
        ),
        "visit": visit,
        "suiting": suiting
        or SuitingForm.about(
            request.account.suiting, weekdays=calendar.weekdays, changed=visit.reference if visit else ""
        ),
        "suits": in_words(request.account.suiting),
        "next_times": next_times or next_free(calendar, SuitingTimes(), zone=base["zone"], but=mine),
        "none_suits": calendar.is_open and not next_times,
        "refused": _refused(refusals, calendar, zone=base["zone"], names=_names(permits)),
        "nearest": _nearest(request.account, detainee, asked, base, refusals, visit=visit, now=now),
    }
    return render(request, "portal/booking/slot.html", context, status=_status(context))


def _nearest(
    account: Account,
    detainee: Detainee,
    asked: Collection[int],
    base: dict[str, Any],
    refusals: Iterable[Refusal],
    *,
    visit: Visit | None = None,
    now: datetime,
) -> list[Nearest]:
    return nearest_to(
        account,
        detainee,
        asked,
        refusals=list(refusals),
        but_visit_id=visit.pk if visit else 0,
        own_slot_ids=base["mine"],
        now=now,
    )


def _chosen_context(
    calendar: Calendar,
    chosen: DayChoice | None,
    *,
    zone: ZoneInfo,
    permits: Collection[Permit],
    changed: date | None,
) -> dict[str, Any]:
    """Return the grid, and what is said of the day whose times are shown."""
    names = _names(permits)
    after = next((day for day in calendar.days if day.is_open and chosen and day.day > chosen.day), None)
    return {
        "chosen": chosen,
        "chosen_told": told_of(chosen, zone=zone, names=names) if chosen else None,
        "chosen_own": [visit for visit in calendar.own if chosen and visit.day == chosen.day],
        "own_slots": {visit.slot_id for visit in calendar.own},
        "next_day": after or next((day for day in calendar.days if day.is_open), None),
        "grid": grid_of(calendar, chosen, zone=zone, names=names, changed=changed) if calendar.days else None,
    }


def _status(context: dict[str, Any]) -> HTTPStatus:
    if context["refused"]:
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST if context["suiting"].errors else HTTPStatus.OK


def trip_page(
    request: AccountRequest, detainee: Detainee, form: TripForm, *, refusals: Iterable[Refusal] = (), now: datetime
) -> HttpResponse:
    """Show the times of seven days, to choose several of them."""
    choice = _choice(request, detainee, now=now)
    permits = _permits(request.account, detainee, now=now)
    calendar = _calendar(request, detainee, choice, permits, visit=None, now=now)
    day = _as_date(request.GET.get("jour", ""))
    first = _day_with(calendar, form.asked) or _day(calendar, day) or _first_day(calendar, ())
    shown, before, after = _week_from(calendar, first)
    base = _context(detainee, calendar, choice, permits, now=now)
    context = {
        **base,
        "form": form,
        "days": shown,
        "before": before,
        "after": after,
        "checked": form.asked or {slot.pk for slot in (choice.slots if choice else ())},
        "refused": _refused(refusals, calendar, zone=base["zone"], names=_names(permits)),
        "nearest": _nearest(request.account, detainee, form.asked, base, refusals, now=now),
        "shown_slots": {time.slot_id for day in shown for time in day.times},
    }
    status = HTTPStatus.CONFLICT if refusals else HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "portal/booking/trip.html", context, status=status)


def over_context(step: Step) -> dict[str, Any]:
    """Return what is said of a place no longer kept: why it cannot be taken again, and the nearest that can."""
    refusals = step.party.slot_refusals
    if not refusals:
        return {}
    but = step.choice.draft.replaces_id or 0
    permits = _permits(step.account, step.detainee, but_visit_id=but, now=step.now)
    calendar = calendar_of(step.detainee, account=step.account, permits=permits, but_visit_id=but, now=step.now)
    slot, gone = step.choice.slots[0], _refused(refusals, calendar, zone=step.zone, names=_names(permits))
    return {"gone": gone, "nearest": [] if step.choice.is_trip else nearest_open(calendar, slot.pk, slot.starts_at)}


def _choice(request: AccountRequest, detainee: Detainee, *, now: datetime) -> DraftChoice | None:
    try:
        return draft_of(request.account, detainee, now=now)
    except ObjectDoesNotExist:
        return None


def _permits(account: Account, detainee: Detainee, *, but_visit_id: int = 0, now: datetime) -> list[Permit]:
    """Return those who could come, with what of their other visits the account may know; one visit left out."""
    named = permits_named(account, detainee)
    return list(with_engagements(named, account=account, since=now.date() - ONE_DAY, but_visit_id=but_visit_id))


def _calendar(
    request: AccountRequest,
    detainee: Detainee,
    choice: DraftChoice | None,
    permits: Collection[Permit],
    *,
    visit: Visit | None,
    now: datetime,
) -> Calendar:
    held = {slot.pk for slot in choice.slots} if choice and choice.held_until else set()
    but = visit.pk if visit else 0
    account = request.account
    return calendar_of(detainee, account=account, permits=permits, but_visit_id=but, own_slot_ids=held, now=now)


def _context(
    detainee: Detainee, calendar: Calendar, choice: DraftChoice | None, permits: Collection[Permit], *, now: datetime
) -> dict[str, Any]:
    held = choice if choice and choice.held_until else None
    return {
        **place_of(detainee, now=now),
        **(held_context(held, now=now) if held else {}),
        "calendar": calendar,
        "causes": _causes(calendar, zone=detainee.wing.establishment.zone, names=_names(permits)),
        "last_day": calendar.days[-1].day if calendar.days else None,
        "mine": {slot.pk for slot in held.slots} if held else (),
        "skips_people": len({permit.visitor_id for permit in permits}) == 1,
    }


def _day(calendar: Calendar, asked: date | None) -> DayChoice | None:
    return next((day for day in calendar.days if day.day == asked), None)


def _first_day(calendar: Calendar, next_times: Sequence[TimeChoice]) -> DayChoice | None:
    """Return the day of the first time that suits, else the first that is open."""
    if next_times:
        return _day_with(calendar, {next_times[0].slot_id})
    return next((day for day in calendar.days if day.is_open), None)


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


def _causes(calendar: Calendar, *, zone: ZoneInfo, names: Mapping[int, str]) -> list[str]:
    """Return why nothing at all can be chosen, each cause once."""
    return [in_name(told, names).cause for told in causes_of(calendar.refusals, zone=zone)]


def _refused(refusals: Iterable[Refusal], calendar: Calendar, *, zone: ZoneInfo, names: Mapping[int, str]) -> list[str]:
    """Say why what was asked for is not kept; another time is spoken of only where there is one."""
    say = told_to_family if calendar.is_open else told_of_one_hour
    told = [(names.get(one.permit_id or 0), one.text) for one in say(refusals, zone=zone)]
    return [f"{name}{_(' : ')}{text}" if name else text for name, text in told]


def _names(permits: Collection[Permit]) -> dict[int, str]:
    """Return whom each permit names, where the family is several."""
    is_several = len({permit.visitor_id for permit in permits}) > 1
    return {permit.pk: permit.told_name for permit in permits} if is_several else {}


def _as_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None

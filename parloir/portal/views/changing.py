"""Change a visit: another time, other people, some fewer, oneself out of it; and the same again a week later."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from parloir.establishments.rules import Channel
from parloir.foundation.access import missing_is_404
from parloir.foundation.forms import refill
from parloir.portal.calendars import calendar_page
from parloir.portal.forms.booking import PeopleForm, WithdrawForm
from parloir.portal.steps import reasons_by_name, sent, slots_asked_for, step_after, step_asked_for
from parloir.portal.visit_pages import coming_to, context_of, visit_page
from parloir.visits import operations
from parloir.visits.operations import Change, Held, VisitRefused
from parloir.visits.queries.again import same_hour_next_week, same_time_next_week
from parloir.visits.queries.mine import detainee_of, permits_named, visits_ever_attended_by, visits_of
from parloir.visits.queries.people import party_for
from parloir.visits.rules import Code, Refusal, as_reference
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.visits.models import Visit
    from parloir.visits.queries.people import Party

_read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@_read_or_post
@missing_is_404
def change_slot(request: AccountRequest, reference: str) -> HttpResponse:
    """Choose another time: it is held while the old place is kept, and the booking's own steps follow."""
    context = context_of(request, reference, booked_by_me=True)
    visit, now = context["visit"], context["now"]
    if not context["can_change"]:
        return _too_late(request, context)
    detainee = detainee_of(request.account, visit.detainee_id, now=now)
    asked = slots_asked_for(request)[:1]
    if request.method != "POST":
        return calendar_page(request, detainee, visit=visit, now=now)
    try:
        held = _hold_another(request, visit, asked, now=now)
    except VisitRefused as refused:
        return calendar_page(request, detainee, visit=visit, refusals=refused.refusals, asked=asked, now=now)
    return redirect(f"portal:{step_asked_for(request, otherwise=step_after(held))}", detainee.pk)


@_read_or_post
@missing_is_404
def change_people(request: AccountRequest, reference: str) -> HttpResponse:
    """Choose who comes, at the same time as before."""
    context = context_of(request, reference, booked_by_me=True)
    if not context["can_change"]:
        return _too_late(request, context)
    party = _party(request, context["visit"], now=context["now"])
    form = _people_form(request, context, party)
    if not form.is_valid():
        return _people_page(request, context, form, party)
    try:
        _change_people(request, context["visit"], form, now=context["now"])
    except VisitRefused as refused:
        return _people_page(request, context, form, party, refused.refusals)
    return redirect(f"{reverse('portal:visit', args=[reference])}?change=1")


@_read_or_post
@missing_is_404
def withdraw(request: AccountRequest, reference: str) -> HttpResponse:
    """Take some people out of a visit; the others still come."""
    context = context_of(request, reference, booked_by_me=True)
    visit = context["visit"]
    form = WithdrawForm(sent(request), coming=coming_to(visit))
    if _have_left_already(visit, request.POST.getlist("permis")):
        return redirect("portal:visit", reference)
    if not form.is_valid() or not context["can_cancel"]:
        return _withdraw_page(request, context, form)
    people = form.permit_ids()
    try:
        operations.withdraw_people(booker=request.account, visit_id=visit.pk, permit_ids=people, now=context["now"])
    except VisitRefused as refused:
        return _withdraw_page(request, context, form, refused.refusals)
    return redirect(f"{reverse('portal:visit', args=[reference])}?change=1")


@_read_or_post
@missing_is_404
def leave(request: AccountRequest, reference: str) -> HttpResponse:
    """Take oneself out of a visit that somebody else booked; pressed twice, it is done once."""
    now = timezone.now()
    attended = visits_ever_attended_by(request.account).get(reference=as_reference(reference) or "")
    if request.method != "POST":
        return _leave_page(request, reference)
    try:
        operations.withdraw_myself(account=request.account, visit_id=attended.pk, now=now)
    except VisitRefused as refused:
        return _leave_page(request, reference, refused.refusals)
    except ObjectDoesNotExist:
        pass  # they had left already
    return redirect(f"{reverse('portal:visits')}?{urlencode({'fait': 'retire'})}")


@_read_or_post
@missing_is_404
def next_week(request: AccountRequest, reference: str) -> HttpResponse:
    """Hold the same time a week later for the same people, or say why that is not possible."""
    now = timezone.now()
    visit = visits_of(request.account).get(reference=as_reference(reference) or "")
    if request.method != "POST":
        return redirect("portal:visit", reference)
    try:
        held = _hold_again(request, visit, now=now)
    except VisitRefused as refused:
        wanted = same_hour_next_week(visit)
        return visit_page(request, reference, refused=refused.refusals, wanted=wanted, status=HTTPStatus.CONFLICT)
    return redirect(f"portal:{step_after(held)}", visit.detainee_id)


def _hold_another(request: AccountRequest, visit: Visit, slot_ids: list[int], *, now: datetime) -> Held:
    return operations.hold_slots(
        account=request.account, detainee_id=visit.visited_id, slot_ids=slot_ids, replaces=visit, now=now
    )


def _hold_again(request: AccountRequest, visit: Visit, *, now: datetime) -> Held:
    """Hold the same time a week later, for those of the visit who are registered here; one who is not is to be seen.

    :raises VisitRefused: also when there is no such slot.
    """
    slot = same_time_next_week(visit)
    if slot is None:
        raise VisitRefused([Refusal(Code.NO_SUCH_SLOT)])
    detainee = detainee_of(request.account, visit.visited_id, now=now)
    registered = {permit.visitor_id: permit.pk for permit in permits_named(request.account, detainee)}
    permit_ids = [registered[a.visitor_id] for a in visit.coming if a.visitor_id in registered]
    held = operations.hold_slots(
        account=request.account,
        detainee_id=visit.visited_id,
        slot_ids=[slot.pk],
        permit_ids=permit_ids,
        accessible=visit.accessible,
        now=now,
    )
    return held._replace(is_settled=held.is_settled and len(permit_ids) == len(visit.coming))


def _change_people(request: AccountRequest, visit: Visit, form: PeopleForm, *, now: datetime) -> None:
    change = Change(slot_id=visit.slot_id, permit_ids=form.permit_ids(), accessible=form.wants_accessible())
    operations.change_visit(booker=request.account, visit_id=visit.pk, change=change, channel=Channel.ONLINE, now=now)


def _party(request: AccountRequest, visit: Visit, *, now: datetime) -> Party:
    """Return who may come to a visit's own slot, the visit itself not counted against them."""
    detainee = detainee_of(request.account, visit.visited_id, now=now)
    return party_for(
        request.account,
        detainee,
        visit.slot,
        keeps_place=True,
        but_visit_id=visit.pk,
        keeps=[attendance.permit_id for attendance in visit.coming],
        now=now,
    )


def _people_form(request: AccountRequest, context: dict[str, Any], party: Party) -> PeopleForm:
    visit = context["visit"]
    begun = PeopleForm.begin(
        party=party,
        zone=context["zone"],
        permit_ids={attendance.permit_id for attendance in visit.coming},
        has_accessible=visit.slot.accessible_capacity > 0,
        accessible=visit.accessible,
    )
    return refill(PeopleForm(sent(request), **begun), request.typed)


def _people_page(
    request: AccountRequest,
    context: dict[str, Any],
    form: PeopleForm,
    party: Party,
    refusals: Iterable[Refusal] = (),
) -> HttpResponse:
    reasons = reasons_by_name(refusals, party, zone=context["zone"])
    status = HTTPStatus.CONFLICT if reasons else HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    context = {**context, "form": form, "reasons": reasons}
    return render(request, "portal/visits/people.html", context, status=status)


def _have_left_already(visit: Visit, permit_ids: list[str]) -> bool:
    """Whether the same button was pressed before: those it takes out have left."""
    gone = {str(attendance.permit_id) for attendance in visit.attendances.all() if not attendance.live}
    return bool(permit_ids) and set(permit_ids) <= gone


def _withdraw_page(
    request: AccountRequest, context: dict[str, Any], form: WithdrawForm, refusals: Iterable[Refusal] = ()
) -> HttpResponse:
    names = dict(coming_to(context["visit"]))
    told = told_to_family(refusals, zone=context["zone"])
    context = {**context, "form": form, "reasons": [(names.get(t.permit_id or 0), t.text) for t in told]}
    status = HTTPStatus.CONFLICT if told else HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "portal/visits/withdraw.html", context, status=status)


def _leave_page(request: AccountRequest, reference: str, refusals: Iterable[Refusal] = ()) -> HttpResponse:
    context = context_of(request, reference)
    told = told_to_family(refusals, zone=context["zone"])
    status = HTTPStatus.CONFLICT if told else HTTPStatus.OK
    return render(request, "portal/visits/leave.html", {**context, "refused": told}, status=status)


def _too_late(request: AccountRequest, context: dict[str, Any]) -> HttpResponse:
    """Say that a visit cannot be changed any more, and what remains possible."""
    return render(request, "portal/visits/too_late.html", context, status=HTTPStatus.CONFLICT)

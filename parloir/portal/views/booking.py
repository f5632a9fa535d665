"""Book a visit, step by step: for whom, when, who comes, check.

What is chosen is in the database, one draft for an account and a detained person: the back button, a second
tab and a new sign-in find it as it was, and its address says nothing of it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from parloir.foundation.access import missing_is_404
from parloir.foundation.forms import refill
from parloir.notifications.queries import address_of, reached_by
from parloir.portal.calendars import calendar_page, over_context
from parloir.portal.forms.booking import CheckForm, PeopleForm
from parloir.portal.steps import place_of, reasons_by_name, sent, step_asked_for, step_of
from parloir.visits import operations
from parloir.visits.operations import VisitRefused
from parloir.visits.queries.mine import detainee_of, detainees_of
from parloir.visits.queries.people import may_book
from parloir.visits.rules import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.portal.steps import Step
    from parloir.visits.models import Visit


def choose_detainee(request: AccountRequest) -> HttpResponse:
    """Ask whom to visit; with one detained person there is nothing to ask, without a permit no way to book."""
    if not address_of(request.account.pk).email:
        return redirect(f"{reverse('portal:email')}?{urlencode({'suite': request.path})}")
    detainees = list(detainees_of(request.account)[:50])
    if len(detainees) == 1:
        return redirect("portal:visit_slot", detainees[0].pk)
    return render(request, "portal/booking/detainee.html", {"detainees": detainees, "today": timezone.localdate()})


@require_safe
@missing_is_404
def choose_slot(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Show the days, then the times of one day; nothing to choose says why and when to come back."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    if not may_book(request.account, detainee, now=now):
        return render(request, "portal/booking/too_young.html", place_of(detainee, now=now))
    return calendar_page(request, detainee, now=now)


@missing_is_404
def choose_people(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Ask who comes to what is held, and judge them together before the last check."""
    step = step_of(request, detainee_id, now=timezone.now())
    if step is None:
        return _begin(detainee_id)
    form = refill(PeopleForm(sent(request), **PeopleForm.about(step)), request.typed)
    if not form.is_valid():
        return _people_page(request, step, form)
    try:
        _choose(request, detainee_id, form, now=step.now)
    except VisitRefused as refused:
        return _people_page(request, step, form, refused.refusals)
    return redirect("portal:visit_check", detainee_id)


@missing_is_404
def check(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Show what is about to be booked; the button books it."""
    form = CheckForm(sent(request))
    if not form.is_valid():
        return _check_page(request, detainee_id, form)
    try:
        visit = _confirm(request, detainee_id, form)
    except VisitRefused as refused:
        return _check_page(request, detainee_id, form, refused.refusals)
    done = "confirme" if visit.idempotency_key == form.cleaned_data["cle"] else "change"
    return redirect(f"{reverse('portal:visit', args=[visit.reference])}?{done}=1")


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def extend(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Keep the places longer, and show the same step again with what was ticked meanwhile."""
    now, refusals = timezone.now(), list[Refusal]()
    if request.method != "POST":
        return redirect("portal:visit_people", detainee_id)
    try:
        operations.extend_hold(account=request.account, detainee_id=detainee_id, now=now)
    except VisitRefused as refused:
        refusals += refused.refusals
    if step_asked_for(request) == "visit_check":
        form = CheckForm(request.POST if "cle" in request.POST else None)
        return _check_page(request, detainee_id, form, refusals)
    step = step_of(request, detainee_id, now=now)
    return _people_page(request, step, PeopleForm.again(step, request.POST), refusals) if step else _begin(detainee_id)


def _begin(detainee_id: int) -> HttpResponse:
    return redirect("portal:visit_slot", detainee_id)


def _choose(request: AccountRequest, detainee_id: int, form: PeopleForm, *, now: datetime) -> None:
    operations.choose_people(
        account=request.account,
        detainee_id=detainee_id,
        permit_ids=form.permit_ids(),
        accessible=form.wants_accessible(),
        now=now,
    )


def _confirm(request: AccountRequest, detainee_id: int, form: CheckForm) -> Visit:
    return operations.confirm_draft(
        account=request.account,
        detainee_id=detainee_id,
        slot_ids=form.slot_ids(),
        idempotency_key=form.cleaned_data["cle"],
        sms_reminder=form.cleaned_data["rappel_sms"],
        now=timezone.now(),
    )


def _people_page(
    request: AccountRequest, step: Step, form: PeopleForm, refusals: Iterable[Refusal] = ()
) -> HttpResponse:
    """Show who may come; a place whose time is over is asked for again first, unless something was sent."""
    context = {**step.context(refusals), "form": form, "step": "visit_people"}
    if gone := _gone_page(request, step, context):
        return gone
    return render(request, "portal/booking/people.html", context, status=_status(request, form.errors, refusals))


def _check_page(
    request: AccountRequest, detainee_id: int, before: CheckForm, refusals: Iterable[Refusal] = ()
) -> HttpResponse:
    """Show what is chosen now; the form always says what this page shows, whatever was sent."""
    step = step_of(request, detainee_id, now=timezone.now())
    if step is None:
        return redirect("portal:visit_slot", detainee_id)
    chosen = [person for person in step.party.people if person.is_among(step.choice.permit_ids)]
    refusals = list(refusals) or list(step.party.refusals if request.method != "POST" else ())
    address, choices = reached_by(request.account.pk)
    context = {
        **step.context(refusals),
        "form": CheckForm.about(step.choice, before),
        "address": address,
        "sms_number": choices.phone if choices.sms_since else "",
        "names": [person.permit.told_name for person in chosen],
        "step": "visit_check",
        "skips_people": len(step.party.people) == 1,
        "hindered": reasons_by_name(step.hindered, step.party, zone=step.zone),
        "may_ask_for_cabin": not step.choice.draft.accessible and step.has_cabins,
        "may_try": all(refusal.code in CheckForm.MAY_TRY_AGAIN for refusal in refusals),
    }
    if gone := _gone_page(request, step, context):
        return gone
    return render(request, "portal/booking/check.html", context, status=_status(request, before.errors, refusals))


def _gone_page(request: AccountRequest, step: Step, context: dict[str, Any]) -> HttpResponse | None:
    """Say what became of a place that is not kept any more: it may be taken again, or cannot be."""
    if step.choice.lost:
        status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
        return render(request, "portal/booking/lost.html", context, status=status)
    if request.method == "POST" or step.is_held:
        return None
    return render(request, "portal/booking/over.html", {**context, **over_context(step)})


def _status(request: AccountRequest, errors: object, refusals: Iterable[Refusal]) -> HTTPStatus:
    if request.method != "POST":
        return HTTPStatus.OK
    return HTTPStatus.CONFLICT if refusals else HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK

"""What is pressed on the calendar and around a held place: which times suit, hold one, several days, abandon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from parloir.foundation.access import missing_is_404
from parloir.people.operations import choose_times
from parloir.portal.calendars import calendar_page, trip_page
from parloir.portal.forms.booking import TripForm
from parloir.portal.forms.suiting import SuitingForm
from parloir.portal.steps import sent, slots_asked_for, step_after, step_asked_for
from parloir.visits.operations import VisitRefused, drop_draft, hold_slots
from parloir.visits.queries.mine import detainee_of
from parloir.visits.rules import as_reference

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def hold(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Hold what was chosen, or hold it again; read again after a sign-in, the address leads to the calendar."""
    now, asked = timezone.now(), slots_asked_for(request)
    if request.method != "POST":
        return redirect("portal:visit_slot", detainee_id)
    detainee = detainee_of(request.account, detainee_id, now=now)
    try:
        held = hold_slots(account=request.account, detainee_id=detainee_id, slot_ids=asked, now=now)
    except VisitRefused as refused:
        return calendar_page(request, detainee, refusals=refused.refusals, asked=asked, now=now)
    return redirect(f"portal:{step_asked_for(request, otherwise=step_after(held))}", detainee_id)


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def suit(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Keep which times suit a family, and show its calendar again, those first."""
    now = timezone.now()
    if request.method != "POST":
        return redirect("portal:visit_slot", detainee_id)
    detainee = detainee_of(request.account, detainee_id, now=now)
    form = SuitingForm(request.POST)
    if not form.is_valid():
        return calendar_page(request, detainee, suiting=form, now=now)
    choose_times(account_id=request.account.pk, suiting=form.suiting())
    changed = as_reference(form.cleaned_data["changer"])
    back = (
        reverse("portal:visit_change", args=[changed]) if changed else reverse("portal:visit_slot", args=[detainee_id])
    )
    return redirect(f"{back}#prochaines")


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def drop(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Abandon what was begun, and give its places back."""
    now = timezone.now()
    if request.method != "POST":
        return redirect("portal:visits")
    detainee_of(request.account, detainee_id, now=now)
    try:
        drop_draft(account=request.account, detainee_id=detainee_id, now=now)
    except VisitRefused:
        # Another press is at work: the list shows what became of it.
        return redirect("portal:visits")
    return redirect(f"{reverse('portal:visits')}?{urlencode({'fait': 'abandonne'})}")


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def trip(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Choose several days in one go: all of them are held, or none."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    form = TripForm(sent(request))
    if not form.is_valid():
        return trip_page(request, detainee, form, now=now)
    try:
        chosen = form.cleaned_data["creneau"]
        held = hold_slots(account=request.account, detainee_id=detainee_id, slot_ids=chosen, now=now)
    except VisitRefused as refused:
        return trip_page(request, detainee, form, refusals=refused.refusals, now=now)
    return redirect(f"portal:{step_after(held)}", detainee_id)

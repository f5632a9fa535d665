"""A relative's visits: the list, one visit, cancelling it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone

from parloir.foundation.access import missing_is_404
from parloir.visits.operations import VisitRefused, cancel_visit
from parloir.visits.queries.mine import past_visits_of, upcoming_visits_of, visits_of
from parloir.visits.rules import VisitStatus, as_reference, visit_is_given_back
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest

PAGE = 10


def visits(request: AccountRequest) -> HttpResponse:
    """List what is to come, then what is past or cancelled, page by page."""
    now = timezone.now()
    past = Paginator(past_visits_of(request.account, now=now), PAGE).get_page(request.GET.get("page"))
    upcoming = upcoming_visits_of(request.account, now=now)[:50]
    return render(request, "portal/visits/list.html", {"upcoming": upcoming, "past": past})


@missing_is_404
def visit(request: AccountRequest, reference: str) -> HttpResponse:
    """Show one visit in full; a reference typed without case or dashes leads to it."""
    canonical = as_reference(reference)
    if canonical != reference and canonical:
        return redirect("portal:visit", canonical)
    return render(request, "portal/visits/visit.html", _context(request, reference))


@missing_is_404
def cancel(request: AccountRequest, reference: str) -> HttpResponse:
    """Ask once more, then cancel; the place is free at once."""
    context = _context(request, reference)
    if request.method != "POST" or not context["is_mine"]:
        return render(request, "portal/visits/cancel.html", context)
    try:
        cancel_visit(booker=request.account, visit_id=context["visit"].pk, now=context["now"])
    except VisitRefused as refused:
        reasons = [told.text for told in told_to_family(refused.refusals, zone=context["zone"])]
        return render(request, "portal/visits/cancel.html", {**context, "reasons": reasons}, status=409)
    return redirect("portal:visit", context["visit"].reference)


def _context(request: AccountRequest, reference: str) -> dict[str, Any]:
    """Return a visit this account may see, and what it may do with it.

    :raises ObjectDoesNotExist: when it is not one of its visits.
    """
    now = timezone.now()
    found = visits_of(request.account).get(reference=as_reference(reference) or "")
    wing, starts_at = found.slot.wing, found.slot.starts_at
    is_mine = found.booker_id == request.account.pk
    limited = any(a.permit.visits_allowed is not None for a in found.attendances.all())
    return {
        "visit": found,
        "now": now,
        "prison": wing.establishment,
        "zone": wing.establishment.zone,
        "policy": wing.policy,
        "people": [attendance.visitor.short_name for attendance in found.attendances.all()],
        "is_mine": is_mine,
        "is_cancelled": found.status == VisitStatus.CANCELLED,
        "can_cancel": is_mine and found.status == VisitStatus.BOOKED and now < starts_at,
        "not_given_back": limited
        and not visit_is_given_back(starts_at=starts_at, policy=wing.policy.as_rules(), now=now),
        "just_booked": "confirme" in request.GET,
    }

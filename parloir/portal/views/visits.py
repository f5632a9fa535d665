"""A relative's visits: the list, one visit, cancelling it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone

from parloir.foundation.access import missing_is_404
from parloir.portal.visit_pages import context_of, visit_page
from parloir.visits.operations import VisitRefused, cancel_visit
from parloir.visits.queries.drafts import drafts_of
from parloir.visits.queries.mine import past_visits_of, upcoming_visits_of
from parloir.visits.rules import as_reference
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest

PAGE = 10


def visits(request: AccountRequest) -> HttpResponse:
    """List what is begun, what is to come, then what is past or cancelled, page by page."""
    now = timezone.now()
    context = {
        "drafts": drafts_of(request.account, now=now),
        "upcoming": upcoming_visits_of(request.account, now=now)[:50],
        "past": Paginator(past_visits_of(request.account, now=now), PAGE).get_page(request.GET.get("page")),
        "days": settings.VISITS_KEPT_DAYS,
        "done": request.GET.get("fait", ""),
    }
    return render(request, "portal/visits/list.html", context)


@missing_is_404
def visit(request: AccountRequest, reference: str) -> HttpResponse:
    """Show one visit in full; a reference typed without case or dashes leads to it."""
    canonical = as_reference(reference)
    if canonical != reference and canonical:
        return redirect("portal:visit", canonical)
    return visit_page(request, reference)


@missing_is_404
def cancel(request: AccountRequest, reference: str) -> HttpResponse:
    """Ask once more, then cancel; the place is free at once."""
    context = context_of(request, reference)
    if context["is_cancelled"]:
        return redirect("portal:visit", context["visit"].reference)
    if request.method != "POST" or not context["is_mine"]:
        return render(request, "portal/visits/cancel.html", context)
    try:
        cancel_visit(booker=request.account, visit_id=context["visit"].pk, now=context["now"])
    except VisitRefused as refused:
        reasons = [told.text for told in told_to_family(refused.refusals, zone=context["zone"])]
        return render(request, "portal/visits/cancel.html", {**context, "reasons": reasons}, status=HTTPStatus.CONFLICT)
    return redirect("portal:visit", context["visit"].reference)

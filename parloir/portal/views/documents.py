"""What a relative takes away of a visit: the sheet to print, the calendar’s entry; for who may see the visit."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from parloir.foundation.access import missing_is_404
from parloir.notifications.queries import wants_street_in_calendar
from parloir.portal.documents.calendar import calendar_file
from parloir.portal.documents.proof import proof_of_booking
from parloir.portal.visit_pages import context_of

if TYPE_CHECKING:
    from parloir.identity.requests import AccountRequest


@require_safe
@missing_is_404
def proof(request: AccountRequest, reference: str) -> HttpResponse:
    """Give the confirmation of a visit as PDF; of one cancelled there is none, and a page says so."""
    context = context_of(request, reference)
    if context["is_cancelled"]:
        return render(request, "portal/visits/no_proof.html", context, status=HTTPStatus.GONE)
    sheet = proof_of_booking(context["visit"], language=request.account.language, now=timezone.now())
    return _file(sheet, kind="application/pdf", name="rendez-vous.pdf")


@require_safe
@missing_is_404
def calendar(request: AccountRequest, reference: str) -> HttpResponse:
    """Give a visit as a calendar's entry; of one cancelled, the same entry, which removes it."""
    visit = context_of(request, reference)["visit"]
    account = request.account
    with_street = wants_street_in_calendar(account.pk)
    entry = calendar_file(visit, language=account.language, with_street=with_street, now=timezone.now())
    return _file(entry, kind="text/calendar; charset=utf-8", name="rendez-vous.ics")


def _file(body: bytes, *, kind: str, name: str) -> HttpResponse:
    # The name lands in a list of downloads that others may see: it is the same for everybody.
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

"""What reminds of one visit: an SMS asked for, or no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from parloir.foundation.access import missing_is_404
from parloir.visits.operations import choose_sms
from parloir.visits.queries.mine import visits_of
from parloir.visits.rules import as_reference

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def choose(request: AccountRequest, reference: str) -> HttpResponse:
    """Have an SMS about a visit that one booked, or no more; its page says when it leaves and where it goes."""
    visit = visits_of(request.account).get(reference=as_reference(reference) or "")
    if request.method == "POST":
        choose_sms(
            booker=request.account, visit_id=visit.pk, wanted=request.POST.get("sms") == "oui", now=timezone.now()
        )
    return redirect(f"{reverse('portal:visit', args=[visit.reference])}#rappels")

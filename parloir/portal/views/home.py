"""A relative's space: what comes next, and the way to everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from parloir.portal.home_page import home_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest


@require_safe
def home(request: AccountRequest) -> HttpResponse:
    """Show the next visit, what needs attention, then everything else; to a newcomer, where to begin."""
    return render(request, "portal/home.html", home_context(request.account, now=timezone.now()))

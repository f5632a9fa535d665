"""The pages that say the same to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@same_for_everyone
def home(request: HttpRequest) -> HttpResponse:
    """Say in one look what the service is and lead to booking."""
    return render(request, "public/home.html")


@public
@same_for_everyone
def accessibility(request: HttpRequest) -> HttpResponse:
    """Declare, in the form the law imposes, how accessible the site is."""
    return render(request, "public/accessibility.html")


@public
@same_for_everyone
def legal_notice(request: HttpRequest) -> HttpResponse:
    """Say who publishes and hosts the site."""
    return render(request, "public/legal_notice.html")


@public
@same_for_everyone
def personal_data(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, why and how long."""
    return render(request, "public/personal_data.html")


@public
@same_for_everyone
def site_map(request: HttpRequest) -> HttpResponse:
    """List every page."""
    return render(request, "public/site_map.html")


@public
def robots(_request: HttpRequest) -> HttpResponse:
    """Keep robots out of the demonstration, and always out of what is private."""
    closed = "/espace/\nDisallow: /connexion/" if settings.OFFICIAL else "/"
    return HttpResponse(f"User-agent: *\nDisallow: {closed}\n", content_type="text/plain; charset=utf-8")

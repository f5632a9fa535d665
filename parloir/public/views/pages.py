"""The pages that say the same to everyone."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone
from parloir.public.films import films_as_read
from parloir.public.posters.drawings import illustration
from parloir.public.sitemap import main_branches

if TYPE_CHECKING:
    from django.http import HttpRequest

SECURITY_READ_AGAIN = timedelta(days=180)
"""How long what ``security.txt`` says holds: the standard recommends less than a year."""


@public
@same_for_everyone
def home(request: HttpRequest) -> HttpResponse:
    """Say in one look what the service is, lead to booking, to a prison, to an answer and to the tutorials."""
    return render(request, "public/home.html", {"drawing": illustration(), **films_as_read()})


@public
@same_for_everyone
def accessibility(request: HttpRequest) -> HttpResponse:
    """Declare, in the form the law imposes, how accessible the site is."""
    return render(request, "public/accessibility.html", {"site_url": settings.SITE_URL})


@public
@same_for_everyone
def legal_notice(request: HttpRequest) -> HttpResponse:
    """Say who publishes and hosts the site."""
    return render(request, "public/legal_notice.html")


@public
@same_for_everyone
def personal_data(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, why and how long."""
    kept = {
        "kept_days": settings.VISITS_KEPT_DAYS,
        "told_days": settings.DELIVERIES_KEPT_DAYS,
        "opinion_days": settings.OPINIONS_KEPT_DAYS,
    }
    return render(request, "public/personal_data.html", kept)


@public
@same_for_everyone
def site_map(request: HttpRequest) -> HttpResponse:
    """List every page."""
    return render(request, "public/site_map.html", main_branches())


@public
@same_for_everyone
def accessibility_plan(request: HttpRequest) -> HttpResponse:
    """Say what is done for accessibility over three years, and this year."""
    return render(request, "public/accessibility_plan.html")


@public
@same_for_everyone
def cookies(request: HttpRequest) -> HttpResponse:
    """Say which cookies there are, all of them necessary."""
    return render(request, "public/cookies.html", {"idle": settings.SIGN_IN_IDLE_MINUTES})


@public
def robots(_request: HttpRequest) -> HttpResponse:
    """Keep robots out of the demonstration, and always out of what is private."""
    closed = ("/espace/", "/connexion/", "/courriel/", "/m/") if settings.OFFICIAL else ("/",)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines += [f"Sitemap: {settings.SITE_URL}/sitemap.xml"] * settings.OFFICIAL
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
def security(_request: HttpRequest) -> HttpResponse:
    """Say where a weakness is to be told of (RFC 9116), to programs; the day it is to be read again is always ahead."""
    until = (timezone.now() + SECURITY_READ_AGAIN).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")

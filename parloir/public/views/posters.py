"""Posters, leaflets and cards to print, general or for one prison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from parloir.foundation.access import missing_is_404, public
from parloir.foundation.caching import REMEMBERED_SECONDS, same_for_everyone
from parloir.foundation.errors import too_many_requests
from parloir.public.posters.papers import TooManyPrints, pdf_of, print_named
from parloir.public.posters.shelf import shelf
from parloir.public.search import prison_named

if TYPE_CHECKING:
    from django.http import HttpRequest

_WAIT_SECONDS = 10


@public
@same_for_everyone
@missing_is_404
def posters(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Offer all that can be printed, with one prison's telephone if one is chosen."""
    return render(request, "public/posters.html", shelf(slug, query=request.GET.get("q", "")))


@public
@require_safe
@missing_is_404
def poster(request: HttpRequest, name: str, slug: str = "") -> HttpResponse:
    """Give one document, made from what the site knows today."""
    try:
        pdf = pdf_of(print_named(f"{name}.pdf", prison_named(slug) if slug else None), now=timezone.now())
    except TooManyPrints:
        return too_many_requests(request, retry_after=_WAIT_SECONDS)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = f"public, max-age={REMEMBERED_SECONDS}"
    return response

"""The site map that machines read: every page for everyone, in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.template.loader import render_to_string

from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone
from parloir.public.sitemap import addresses

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@same_for_everyone
def xml_site_map(_request: HttpRequest) -> HttpResponse:
    """List every page with its address in each language (sitemaps.org, ``hreflang``)."""
    page = render_to_string("public/sitemap.xml", {"pages": addresses()})
    return HttpResponse(page, content_type="application/xml; charset=utf-8")

"""Where the prisons are and how to reach them."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.shortcuts import render

from parloir.establishments import queries
from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@same_for_everyone
def establishments(request: HttpRequest) -> HttpResponse:
    """List every establishment by direction, with its telephone and whether it books online."""
    rows = sorted(queries.all_establishments(), key=attrgetter("direction", "city", "name"))
    directions = [(direction, list(group)) for direction, group in groupby(rows, key=attrgetter("direction"))]
    return render(request, "public/establishments.html", {"directions": directions, "count": len(rows)})

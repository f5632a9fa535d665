"""The guide for those who have no permit yet."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone
from parloir.public.guide import guide_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_safe
@same_for_everyone
def permit_guide(request: HttpRequest) -> HttpResponse:
    """Ask three questions and say whom to write to; the answers are in the address alone, kept by nobody."""
    context = guide_context(request.GET)
    status = HTTPStatus.BAD_REQUEST if context["form"].errors else HTTPStatus.OK
    return render(request, "public/permit_guide.html", context, status=status)

"""What every page shows at its end: the question that fits it, and where an opinion is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.content.pages import help_for

if TYPE_CHECKING:
    from django.http import HttpRequest


def page_help(request: HttpRequest) -> dict[str, object]:
    """Give pages their question and their name: the name of their address, which holds nothing of anybody."""
    page = request.resolver_match.view_name if request.resolver_match else ""
    return {"page_help": help_for(page), "page_name": page}

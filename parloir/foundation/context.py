"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from parloir.foundation.listing import PRIVATE, listing_of, tells_nothing

if TYPE_CHECKING:
    from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether the State runs this site (``OFFICIAL``), if it is the demonstration, how long a session rests.

    ``PRIVATE`` marks the pages of an account, ``DISCREET`` those whose shared link tells nothing; ``LISTING`` is how
    search engines list a page, none for one that they do not.
    """
    return {
        "PRIVATE": request.path.startswith(PRIVATE),
        "DISCREET": tells_nothing(request.path),
        "LISTING": listing_of(request),
        "SITE_URL": settings.SITE_URL,
        "OFFICIAL": settings.OFFICIAL,
        "DEMO": settings.DEV,
        # A minute less than the truth: the use of a session is noted once a minute at most.
        "SESSION_SECONDS": (settings.SIGN_IN_IDLE_MINUTES - 1) * 60,
    }

"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


_PRIVATE = ("/espace/", "/courriel/", "/m/", "/deconnexion/", "/connexion/franceconnect/")
"""Where the pages of an account are: their titles, which tabs and histories show, do not say what the site is."""


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether the State runs this site (``OFFICIAL``), if it is the demonstration, how long a session rests.

    ``PRIVATE`` marks the pages of an account.
    """
    return {
        "PRIVATE": request.path.startswith(_PRIVATE),
        "OFFICIAL": settings.OFFICIAL,
        "DEMO": settings.DEV,
        # A minute less than the truth: the use of a session is noted once a minute at most.
        "SESSION_SECONDS": (settings.SIGN_IN_IDLE_MINUTES - 1) * 60,
    }

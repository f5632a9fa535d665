"""What a cookie is called: over https its name says how it may be set, and browsers hold whoever sets it to that."""

from __future__ import annotations

from django.conf import settings


def named(name: str, *, path: str = "/") -> str:
    """Return the name a cookie has in browsers: ``__Host-`` over https, so that no neighbouring site can plant one.

    One that is for a part of the site alone can only be ``__Secure-``; what it holds must be proof against planting.
    Over plain http browsers and programmes refuse both: the bare name.
    """
    if not settings.HTTPS:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"

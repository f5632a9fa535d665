"""What search engines are told of a page in their own terms (schema.org), as JSON that no script runs.

An answer and where one is in the help are told by marks in the page itself: nothing is said twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from parloir.foundation import languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.safestring import SafeString

    from parloir.establishments.models import Establishment
    from parloir.public.films import Film


def as_data(*things: Mapping[str, object]) -> SafeString:
    """Return what is told, for a ``<script type="application/ld+json">``: nothing in it can close the element."""
    told = [{"@context": "https://schema.org", **thing} for thing in things]
    text = json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)
    return mark_safe(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S308 (see the sentence above)


def place(prison: Establishment) -> dict[str, object]:
    """Tell where a prison is. Hours are left out: none is sourced."""
    address = {
        "@type": "PostalAddress",
        "streetAddress": prison.street,
        "postalCode": prison.postal_code,
        "addressLocality": prison.postal_city,
        "addressCountry": "FR",
    }
    told: dict[str, object] = {
        "@type": "GovernmentBuilding",
        "name": prison.name,
        "url": f"{settings.SITE_URL}/etablissements/{prison.slug}/",
        "address": {key: value for key, value in address.items() if value},
    }
    if prison.phone:
        told["telephone"] = prison.phone
    if prison.position_is == "site":
        told["geo"] = {"@type": "GeoCoordinates", "latitude": prison.latitude, "longitude": prison.longitude}
    return told


def trail(steps: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Tell where a page stands: each page above it, then itself, by name and path."""
    listed = [
        {"@type": "ListItem", "position": number, "name": name, "item": f"{settings.SITE_URL}{path}"}
        for number, (name, path) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": listed}


def video(film: Film) -> dict[str, object]:
    """Tell of a film: what it shows, how long it is, where its file is, all that is said in it."""
    minutes, seconds = divmod(round(film.recording.seconds), 60)
    return {
        "@type": "VideoObject",
        "name": film.title,
        "description": film.summary,
        "inLanguage": languages.spoken(film.language),
        "uploadDate": f"{film.recording.recorded_on}T00:00:00+01:00",
        "duration": f"PT{minutes}M{seconds}S",
        "thumbnailUrl": [_file(film, "poster")],
        "contentUrl": _file(film, "mp4"),
        "encodingFormat": "video/mp4",
        "transcript": "\n".join(paragraph for part in film.parts for paragraph in part.paragraphs),
        "hasPart": [
            {
                "@type": "Clip",
                "name": part.title,
                "startOffset": int(part.at),
                "url": f"{settings.SITE_URL}{film.address}#t={part.mark}",
            }
            for part in film.parts
        ],
    }


def _file(film: Film, kind: str) -> str:
    return f"{settings.SITE_URL}{static(film.files[kind])}"

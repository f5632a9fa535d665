"""The address at which the mail provider says that messages came back; included when one is named (``BOUNCES``).

django-anymail reads each provider's own words and checks the secret; what is kept is that an address is dead.
"""

from __future__ import annotations

from typing import Any

from anymail.signals import EventType, tracking
from anymail.urls import urlpatterns as every_provider
from django.conf import settings
from django.urls import path
from django.utils import timezone

from parloir.foundation.access import public
from parloir.notifications.operations import note_returned_address


def hear(event: Any, **_kwargs: Any) -> None:
    """Note a hard bounce; whatever may still arrive is left alone."""
    if event.event_type == EventType.BOUNCED and event.recipient and not _may_still_arrive(event.esp_event):
        note_returned_address(email=event.recipient, now=timezone.now())


def _may_still_arrive(said: Any) -> bool:
    """Whether the provider's own word is a soft bounce, which the library does not tell from a hard one everywhere."""
    words = [said.get(key) for key in ("event", "type", "Type")] if isinstance(said, dict) else []
    return any("soft" in str(word).casefold() for word in words)


def _view_of(provider: str) -> Any:
    wanted = {f"{provider}_tracking_webhook", f"{provider}_webhook"}
    return next(entry.callback for entry in every_provider if entry.name in wanted)


tracking.connect(hear, dispatch_uid="parloir.bounces")

urlpatterns = [path("retours/", public(_view_of(settings.BOUNCES["provider"])), name="bounces")]

"""What providers say of messages after they left: their machines call here, whoever knows the right name may.

A message is named by a token that only its provider was told; a provider that names messages by numbers of its own
calls an address that only it was told. Nothing else is believed, and nothing is answered but a status.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from parloir.foundation.access import public
from parloir.notifications.operations import note_receipt
from parloir.notifications.queries import is_receipts_secret
from parloir.notifications.rules import Receipt

if TYPE_CHECKING:
    from django.http import HttpRequest

_SAID = {
    "delivered": Receipt.RECEIVED,
    "received": Receipt.RECEIVED,
    "failed": Receipt.RETURNED,
    "undelivered": Receipt.RETURNED,
    "rejected": Receipt.RETURNED,
    "expired": Receipt.RETURNED,
}
_OVH = {"1": Receipt.RECEIVED, "2": Receipt.RETURNED, "16": Receipt.RETURNED}
"""OVHcloud's ``dlr``; any other is a step on the way."""


@public
@csrf_exempt  # A provider's machine has no session; the token is what lets it in.
@require_POST
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Hear of an SMS sent through any provider: ``status`` in JSON or as a form."""
    said = _SAID.get(_status_in(request).lower())
    if said is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    known = note_receipt(token=token, receipt=said, now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT if known else HTTPStatus.NOT_FOUND)


@public
@csrf_exempt  # As above; the provider calls with GET, which is why this GET may write (docs/messages.md).
@require_http_methods(["GET", "POST"])
def ovh_receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """Hear of an SMS sent through OVHcloud, which signs nothing: the address holds a secret, ``id`` is its number."""
    if not is_receipts_secret(secret):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    given = request.POST or request.GET
    said = _OVH.get(given.get("dlr", ""))
    if said is not None:
        note_receipt(provider_id=given.get("id", "")[:64], receipt=said, now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _status_in(request: HttpRequest) -> str:
    if request.content_type != "application/json":
        return request.POST.get("status", "")
    try:
        said = json.loads(request.body)
    except ValueError:
        return ""
    return str(said.get("status", "")) if isinstance(said, dict) else ""

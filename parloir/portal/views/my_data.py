"""What is kept about a person: see it, take it along, close sessions, erase the space."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parloir.foundation.access import asks_again, public
from parloir.people.operations import revoke_sign_ins
from parloir.portal.kept_in_words import in_full
from parloir.portal.my_data import as_file, told
from parloir.review.operations import ask_reconciliation, decline_reconciliation
from parloir.visits.operations import VisitRefused, erase_account
from parloir.visits.queries.kept import WHY
from parloir.visits.queries.mine import upcoming_visits_of
from parloir.visits.queries.my_data import my_data
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from parloir.identity.requests import AccountRequest

_ON_A_PAGE = 50
_PARIS = ZoneInfo("Europe/Paris")


@require_safe
def show(request: AccountRequest) -> HttpResponse:
    """Show what is kept about the person, the latest of each kind, and what they can do about it."""
    context = _kept(request, now=timezone.now(), at_most=_ON_A_PAGE)
    return render(request, "portal/my_data/page.html", context | {"done": request.GET.get("fait", "")})


@require_safe
def file_for_machines(request: AccountRequest) -> HttpResponse:
    """Give all of it as JSON, under a name that says nothing of what for."""
    data = my_data(request.account, now=timezone.now())
    file = JsonResponse(as_file(data), json_dumps_params={"ensure_ascii": False, "indent": 2})
    file.headers["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    return file


@require_safe
def file_to_read(request: AccountRequest) -> HttpResponse:
    """Give all of it as a page that opens without us."""
    file = render(request, "portal/my_data/file.html", _kept(request, now=timezone.now()))
    file.headers["Content-Disposition"] = 'attachment; filename="mes-donnees.html"'
    return file


@require_POST
def close_sessions(request: AccountRequest) -> HttpResponse:
    """Close every session of the account but this one."""
    revoke_sign_ins(account_id=request.account.pk, now=timezone.now(), but=request.sign_in.pk)
    return _back("deconnecte")


@asks_again(when=lambda _request: True)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: AccountRequest) -> HttpResponse:
    """Say what erasing means, and what becomes of visits to come; then erase."""
    now = timezone.now()
    reasons: list[str] = []
    if request.method == "POST":
        try:
            erase_account(account=request.account, now=now)
        except VisitRefused as refused:
            reasons = [each.text for each in told_to_family(refused.refusals, zone=_PARIS)]
        else:
            return request.leave(now=now, last_page="portal:my_data_erased")
    mine = upcoming_visits_of(request.account, now=now).filter(booker=request.account)
    context = {"reasons": reasons, "upcoming": mine[:_ON_A_PAGE]}
    return render(request, "portal/my_data/erase.html", context, status=HTTPStatus.CONFLICT if reasons else 200)


@public
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """Say that a space is erased; open to all, since its owner is nobody here any more."""
    still_open = request.GET.get("franceconnect") == "ouvert"
    return render(request, "portal/my_data/erased.html", {"still_open_there": still_open})


@require_POST
def reconcile(request: AccountRequest) -> HttpResponse:
    """Have a human look for another space of this person, or note that there was none."""
    if request.POST.get("reponse") == "oui":
        ask_reconciliation(account_id=request.account.pk, now=timezone.now())
        return _back("demande")
    decline_reconciliation(account_id=request.account.pk, now=timezone.now())
    return redirect("portal:home")


@require_POST
def stay(request: AccountRequest) -> HttpResponse:  # noqa: ARG001 - finding whose request it is has noted the use
    """Keep the session open: asking is enough."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _kept(request: AccountRequest, *, now: datetime, **limit: int) -> dict[str, Any]:
    data = my_data(request.account, now=now, **limit)
    idle = timedelta(minutes=settings.SIGN_IN_IDLE_MINUTES)
    return {
        "data": data,
        "journal": [(entry.at, told(entry)) for entry in data.journal],
        "sign_ins": [
            (s, s.pk == request.sign_in.pk, s.revoked_at is None and s.last_seen_at > now - idle) for s in data.sign_ins
        ],
        "in_full": in_full(data),
        "not_shown": list(WHY.values()),
        "paris": _PARIS,
        "days": settings.VISITS_KEPT_DAYS,
        "now": now,
    }


def _back(done: str) -> HttpResponse:
    return redirect(f"{reverse('portal:my_data')}?{urlencode({'fait': done})}")

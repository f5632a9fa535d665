"""A relative's permits: the list, registering one, taking one out."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parloir.establishments.queries import establishment_by_slug
from parloir.foundation.access import missing_is_404
from parloir.foundation.errors import to_be_tried_later
from parloir.foundation.forms import refill
from parloir.foundation.network import hashed_address, hashed_network
from parloir.people.rules import is_adult, latest_birth_date
from parloir.permits.operations import (
    RegistrationRefused,
    TooManyAttempts,
    agree_to_registration,
    ask_for_help,
    register_permit,
    remove_registration,
    take_back_permit,
)
from parloir.permits.queries.cards import elsewhere_card
from parloir.portal import drafts
from parloir.portal.forms.permits import HelpForm, PermitForm
from parloir.portal.permit_pages import permit_context, permits_context, removal_context
from parloir.portal.steps import sent
from parloir.visits.queries.mine import detainee_of
from parloir.visits.queries.people import may_book

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from parloir.establishments.models import Establishment
    from parloir.identity.requests import AccountRequest
    from parloir.permits.claims import PermitClaim
    from parloir.permits.models import Registration
    from parloir.permits.queries.cards import PermitCard

_read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def permits(request: AccountRequest) -> HttpResponse:
    """List the permits of the space by detained person, and where else one's own are registered."""
    context = permits_context(request.account, now=timezone.now())
    return render(request, "portal/permits/list.html", {**context, "done": request.GET.get("fait", "")})


@_read_or_post
def add(request: AccountRequest) -> HttpResponse:
    """Ask which permit, and register it."""
    now = timezone.now()
    form = PermitForm(sent(request), initial=_offered(request), today=timezone.localdate(now))
    refill(form, request.typed)
    if not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
        return render(request, "portal/permits/add.html", {"form": form}, status=status)
    prison = _prison(form)
    try:
        registration = _register(request, form.claim(prison), now=now)
    except (RegistrationRefused, TooManyAttempts) as refused:
        return _refused(request, form, prison, refused, now=now)
    return _registered(registration.pk, is_new=registration.registered_at == now)


def _register(request: AccountRequest, claim: PermitClaim, *, now: datetime) -> Registration:
    address, network = hashed_address(request), hashed_network(request)
    return register_permit(account=request.account, claim=claim, address=address, network=network, now=now)


@_read_or_post
def ask_help(request: AccountRequest) -> HttpResponse:
    """Note that a person needs help, and say how to get it: the same to everybody."""
    form = HelpForm(sent(request), initial={"etablissement": request.GET.get("etablissement", "")})
    if not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
        return render(request, "portal/permits/help.html", {"form": form}, status=status)
    prison = _prison(form)
    ask_for_help(account=request.account, establishment_id=prison.pk, now=timezone.now())
    return render(request, "portal/permits/help_asked.html", {"prison": prison})


@require_safe
@missing_is_404
def permit(request: AccountRequest, registration_id: int) -> HttpResponse:
    """Show one permit; right after it was registered, say so and what can be done now."""
    now = timezone.now()
    context = permit_context(request.account, registration_id, now=now)
    is_old_enough = _is_old_enough(request, context["card"], now=now)
    context |= {"is_old_enough": is_old_enough, "done": request.GET.get("fait", ""), "prison": context["card"].place}
    return render(request, "portal/permits/permit.html", context)


@_read_or_post
@missing_is_404
def remove(request: AccountRequest, registration_id: int) -> HttpResponse:
    """Ask once more, then take a permit out of this space."""
    now = timezone.now()
    if request.method != "POST":
        return render(request, "portal/permits/remove.html", removal_context(request.account, registration_id, now=now))
    remove_registration(account=request.account, registration_id=registration_id, now=now)
    return redirect(f"{reverse('portal:permits')}?{urlencode({'fait': 'retire'})}")


@_read_or_post
@missing_is_404
def take_back(request: AccountRequest, registration_id: int) -> HttpResponse:
    """Ask once more, then take one's own permit out of somebody else's space, for good."""
    now = timezone.now()
    if request.method != "POST":
        card = elsewhere_card(request.account, registration_id, now=now)
        return render(request, "portal/permits/take_back.html", {"card": card})
    take_back_permit(holder=request.account, registration_id=registration_id, now=now)
    return redirect(f"{reverse('portal:permits')}?{urlencode({'fait': 'repris'})}")


@require_POST
@missing_is_404
def agree(request: AccountRequest, registration_id: int) -> HttpResponse:
    """Agree that somebody else has registered one's own permit."""
    agree_to_registration(holder=request.account, registration_id=registration_id, now=timezone.now())
    return redirect(f"{reverse('portal:permits')}?{urlencode({'fait': 'accord'})}")


def _offered(request: AccountRequest) -> dict[str, Any]:
    """Return what the form starts with: what was typed lately, and what the link that led here says."""
    asked = {name: request.GET[name] for name in ("etablissement", "pour") if request.GET.get(name)}
    return {"pour": "moi"} | drafts.recall(request) | asked


def _is_old_enough(request: AccountRequest, card: PermitCard, *, now: datetime) -> bool:
    """Tell whether the reader may book for the person whom a permit lets one see; not asked where nobody may online."""
    if not card.bookable or is_adult(latest_birth_date(request.account.birth_date), timezone.localdate(now)):
        return True
    return may_book(request.account, detainee_of(request.account, card.detainee_id, now=now), now=now)


def _prison(form: PermitForm | HelpForm) -> Establishment:
    """Return the prison that was chosen: public, and never compared with where anybody is."""
    prison = establishment_by_slug(form.cleaned_data["etablissement"])
    if prison is None:
        raise LookupError("a choice of the form is no establishment")
    return prison


def _refused(
    request: AccountRequest, form: PermitForm, prison: Establishment, refused: Exception, *, now: datetime
) -> HttpResponse:
    """Say that the permit is not registered: one page for every cause, and one for too many attempts."""
    if isinstance(refused, TooManyAttempts):
        response = _limited(request, prison, refused, now=now)
    else:
        context = {"prison": prison, "pour": form.cleaned_data["pour"]}
        response = render(request, "portal/permits/refused.html", context, status=HTTPStatus.CONFLICT)
    drafts.keep(request, response, form.cleaned_data)
    return response


def _limited(request: HttpRequest, prison: Establishment, refused: TooManyAttempts, *, now: datetime) -> HttpResponse:
    context = {"prison": prison, "retry_at": refused.retry_at}
    return to_be_tried_later(render(request, "portal/permits/limited.html", context), until=refused.retry_at, now=now)


def _registered(registration_id: int, *, is_new: bool) -> HttpResponse:
    done = urlencode({"fait": "enregistre" if is_new else "deja"})
    response = redirect(f"{reverse('portal:permit', args=[registration_id])}?{done}")
    drafts.forget(response)
    return response

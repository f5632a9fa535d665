"""A person's address: give it, ask for the link again, and the public page that the link opens."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from parloir.foundation.access import asks_again, public
from parloir.foundation.errors import to_be_tried_later
from parloir.foundation.forms import refill
from parloir.foundation.text import local_time
from parloir.notifications.operations import (
    AskedTooOften,
    LinkRefused,
    ask_confirmation,
    confirm_address,
    set_address,
)
from parloir.notifications.queries import address_of, state_of_link, was_refused_lately
from parloir.notifications.rules import LinkState
from parloir.portal.forms.contact import EmailForm
from parloir.portal.steps import sent

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from parloir.identity.requests import AccountRequest

_PARIS = ZoneInfo("Europe/Paris")


def _has_address(request: AccountRequest) -> bool:
    return address_of(request.account.pk).is_known


@asks_again(when=_has_address)
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: AccountRequest) -> HttpResponse:
    """Show where a person is written to, and let them say where from now on."""
    address = address_of(request.account.pk)
    form = refill(EmailForm(sent(request), initial={"courriel": address.email}), request.typed)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
    now = timezone.now()
    try:
        set_address(account_id=request.account.pk, email=form.cleaned_data["courriel"], now=now)
    except AskedTooOften as refused:
        too_often = _("Trop de messages de confirmation ont été demandés. Réessayez après %(time)s (heure de Paris).")
        form.add_error("courriel", too_often % {"time": _clock(refused)})
        return to_be_tried_later(_page(request, form), until=refused.until, now=now)
    return redirect(_next(request) or f"{reverse('portal:email')}?{urlencode({'fait': 'enregistre'})}")


@require_POST
def email_resend(request: AccountRequest) -> HttpResponse:
    """Send the confirmation link again."""
    now = timezone.now()
    try:
        ask_confirmation(account_id=request.account.pk, now=now)
    except AskedTooOften as refused:
        wait = _(
            "Un message vient de vous être envoyé. Vous pourrez en demander un autre après %(time)s (heure de Paris)."
        )
        form = EmailForm(initial={"courriel": address_of(request.account.pk).email})
        page = _page(request, form, refused=wait % {"time": _clock(refused)})
        return to_be_tried_later(page, until=refused.until, now=now)
    back = _next(request).partition("?")[0]
    return redirect(f"{back or reverse('portal:email')}?{urlencode({'courriel' if back else 'fait': 'renvoye'})}")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of a message: a button, because mail scanners open links and must confirm nothing."""
    now = timezone.now()
    state = state_of_link(token=token, now=now)
    if request.method == "POST":
        try:
            confirm_address(token=token, now=now)
            state = LinkState.DONE
        except LinkRefused as refused:
            state = refused.state
    status = HTTPStatus.OK if state in {LinkState.READY, LinkState.DONE} else HTTPStatus.GONE
    return render(request, "portal/contact/confirm.html", {"state": state}, status=status)


def _page(request: AccountRequest, form: EmailForm, *, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "address": address_of(request.account.pk),
        "was_refused": was_refused_lately(request.account.pk),
        "next": _next(request),
        "done": request.GET.get("fait", ""),
        **more,
    }
    return render(request, "portal/contact/email.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Return the page of the space to go on to, as the page before asked; nothing when it is not one of ours."""
    asked = request.POST.get("suite") or request.GET.get("suite") or ""
    ours = asked.startswith("/espace/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours else ""


def _clock(refused: AskedTooOften) -> str:
    """Return until when to wait, to the minute above: an account has no time zone of its own, Paris is said."""
    return local_time(refused.until + timedelta(seconds=59), _PARIS)

"""A person's telephone: give it, type the code that it receives, remove it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parloir.foundation.access import asks_again
from parloir.foundation.errors import to_be_tried_later
from parloir.foundation.forms import refill
from parloir.foundation.text import local_time
from parloir.notifications.numbers import country_of
from parloir.notifications.operations import AskedTooOften, CodeRefused, ask_phone, confirm_phone, remove_phone
from parloir.notifications.queries import has_just_confirmed, telephone_of
from parloir.notifications.sentences import COUNTRIES
from parloir.permits.queries.cards import countries_of_prisons
from parloir.portal.forms.preferences import CodeForm, TelephoneForm
from parloir.portal.steps import sent
from parloir.visits.queries.reminders import wishes_noted

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.visits.models import Visit

_PARIS = ZoneInfo("Europe/Paris")


def _likely(request: AccountRequest) -> set[str]:
    """Of which countries a number without one is proposed to be: those of the prisons of the account's permits."""
    return countries_of_prisons(request.account, now=timezone.now())


def _has_telephone(request: AccountRequest) -> bool:
    return bool(telephone_of(request.account.pk, now=timezone.now()).number)


@asks_again(when=_has_telephone)
@require_http_methods(["GET", "HEAD", "POST"])
def telephone(request: AccountRequest) -> HttpResponse:
    """Ask for a mobile number, and send it a code."""
    form = refill(TelephoneForm(sent(request), likely=_likely(request)), request.typed)
    if not form.is_valid():
        return _page(request, "telephone", form)
    now, asked = timezone.now(), form.cleaned_data["telephone"]
    try:
        ask_phone(account_id=request.account.pk, phone=asked, now=now)
    except AskedTooOften as refused:
        if not _is_on_its_way(request, asked):
            form.add_error("telephone", _too_often(refused))
            return to_be_tried_later(_page(request, "telephone", form), until=refused.until, now=now)
    return redirect("portal:telephone_code")


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: AccountRequest) -> HttpResponse:
    """Ask for the code that was sent; the right one confirms the telephone, and what was noted meanwhile holds."""
    form, noted = CodeForm(sent(request)), _noted(request)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_phone(account_id=request.account.pk, typed=form.cleaned_data["code"], now=timezone.now())
        except CodeRefused as refused:
            if not _was_pressed_twice(request, form.cleaned_data["code"]):
                form.add_error("code", _wrong(refused.tries_left))
        if not form.errors:
            back = reverse("portal:visit", args=[noted[0].reference]) if noted else reverse("portal:preferences")
            return redirect(f"{back}?{urlencode({'fait': 'telephone'})}{'#rappels' if noted else ''}")
    return _page(request, "code", form)


@require_POST
def resend(request: AccountRequest) -> HttpResponse:
    """Send another code to the same telephone."""
    now = timezone.now()
    phone = telephone_of(request.account.pk, now=now).asked
    if not phone:
        return redirect("portal:telephone")
    try:
        ask_phone(account_id=request.account.pk, phone=phone, now=now)
    except AskedTooOften as refused:
        page = _page(request, "code", CodeForm(), refused=_too_often(refused))
        return to_be_tried_later(page, until=refused.until, now=now)
    return redirect(f"{reverse('portal:telephone_code')}?{urlencode({'fait': 'renvoye'})}")


@asks_again(when=_has_telephone)  # Else removing, then giving another, would be changing without being asked.
@require_POST
def remove(request: AccountRequest) -> HttpResponse:
    """Forget the telephone, and the consent to SMS with it."""
    remove_phone(account_id=request.account.pk, now=timezone.now())
    return redirect(f"{reverse('portal:preferences')}?{urlencode({'fait': 'retire'})}")


def _page(request: AccountRequest, name: str, form: Form, **more: Any) -> HttpResponse:
    phone = telephone_of(request.account.pk, now=timezone.now())
    country = COUNTRIES.get(country_of(phone.asked), "")
    done, noted = request.GET.get("fait", ""), _noted(request)
    context = {"form": form, "phone": phone, "country": country, "done": done, "noted": noted, **more}
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, f"portal/preferences/{name}.html", context, status=status)


def _noted(request: AccountRequest) -> list[Visit]:
    """Return the visits of which an SMS was asked for and waits for the telephone."""
    return wishes_noted(request.account, now=timezone.now())


def _is_on_its_way(request: AccountRequest, phone: str) -> bool:
    """Whether a code was sent to this very number: the button was pressed twice."""
    return telephone_of(request.account.pk, now=timezone.now()).asked == phone


def _was_pressed_twice(request: AccountRequest, typed: str) -> bool:
    return has_just_confirmed(request.account.pk, typed=typed, now=timezone.now())


def _wrong(tries_left: int) -> str:
    if not tries_left:
        return _("Ce code ne peut plus être utilisé. Demandez-en un autre.")
    left = ngettext("Il vous reste %(n)d essai.", "Il vous reste %(n)d essais.", tries_left) % {"n": tries_left}
    return _("Ce n’est pas le bon code.") + f" {left}"


def _too_often(refused: AskedTooOften) -> str:
    """Say until when to wait, to the minute above; Paris is said, an account has no time zone."""
    wait = _("Plusieurs codes ont été demandés. Vous pourrez en demander un autre après %(time)s (heure de Paris).")
    return wait % {"time": local_time(refused.until + timedelta(seconds=59), _PARIS)}

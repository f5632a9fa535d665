"""What a person wants to be told, by what and in which language; and the page that stops messages, open to all."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from parloir.foundation import languages
from parloir.foundation.access import public
from parloir.foundation.forms import refill
from parloir.notifications.operations import NoTelephone, choose_calendar, choose_messages, withdraw
from parloir.notifications.queries import address_of, choices_of, read_withdrawal
from parloir.people.operations import choose_language
from parloir.portal.forms.preferences import ChoicesForm
from parloir.portal.steps import sent

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parloir.identity.requests import AccountRequest
    from parloir.notifications.rules import Choices


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: AccountRequest) -> HttpResponse:
    """Show what a person chose, and keep what they tick."""
    choices = choices_of(request.account.pk)
    form = ChoicesForm.about(choices, language=request.account.language, data=sent(request))
    refill(form, request.typed)
    if request.method != "POST" or not form.is_valid():
        return _page(request, choices, form)
    try:
        _keep(request, form)
    except NoTelephone:
        # It was removed in another window, whose page says so.
        return redirect("portal:preferences")
    return redirect(f"{reverse('portal:preferences')}?{urlencode({'fait': 'enregistre'})}")


@require_http_methods(["GET", "HEAD", "POST"])
def messages_language(request: AccountRequest) -> HttpResponse:
    """Write to a person in the language that they read, as the home of their space offers."""
    wanted = request.POST.get("langue", "")
    if wanted not in dict(languages.of_messages()):
        return redirect("portal:preferences")  # the button's address opened as a page, after a sign-in
    choose_language(account_id=request.account.pk, language=wanted, now=timezone.now())
    return redirect(f"{reverse('portal:preferences')}?{urlencode({'fait': 'enregistre'})}")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of a message: a button, because mail scanners open links and must stop nothing."""
    asked = read_withdrawal(token)
    if asked is None:
        return render(request, "portal/preferences/stop.html", {"state": "unusable"}, status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        withdraw(account_id=asked.account_id, channel=asked.channel, now=timezone.now())
    state = "done" if request.method == "POST" else "ready"
    return render(request, "portal/preferences/stop.html", {"state": state, "channel": asked.channel})


@public
@csrf_exempt  # The mail programme itself posts here (RFC 8058): the token says that it holds the message.
@require_POST
def stop_in_one_click(_request: HttpRequest, token: str) -> HttpResponse:
    """Stop the messages of whoever holds one, at a press of their mail programme's own button."""
    asked = read_withdrawal(token)
    if asked is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    withdraw(account_id=asked.account_id, channel=asked.channel, now=timezone.now())
    return HttpResponse(status=HTTPStatus.OK)


def _keep(request: AccountRequest, form: ChoicesForm) -> None:
    """Keep what was ticked.

    :raises NoTelephone: when the telephone was removed meanwhile.
    """
    now, kept = timezone.now(), form.cleaned_data
    choose_messages(
        account_id=request.account.pk,
        email_reminder=kept["rappel_courriel"],
        sms=kept.get("sms", False),
        device_notices=kept["appareil"],
        now=now,
    )
    choose_calendar(account_id=request.account.pk, with_street=kept["rue_agenda"], now=now)
    if kept["langue"] != request.account.language:
        choose_language(account_id=request.account.pk, language=kept["langue"], now=now)


def _page(request: AccountRequest, choices: Choices, form: ChoicesForm) -> HttpResponse:
    context = {
        "form": form,
        "choices": choices,
        "address": address_of(request.account.pk),
        "done": request.GET.get("fait", ""),
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "portal/preferences/preferences.html", context, status=status)

"""Wait for a place, answer when one is offered, and be told when days open."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parloir.foundation.access import missing_is_404
from parloir.foundation.forms import refill
from parloir.people.rules import NOON
from parloir.portal.forms.waiting import WaitForm, initial
from parloir.portal.steps import sent
from parloir.visits.operations import (
    VisitRefused,
    accept_offer,
    ask_to_be_told_of_opening,
    decline_offer,
    join_waiting_list,
    leave_waiting_list,
)
from parloir.visits.queries.calendar import reasons_against_opening
from parloir.visits.queries.mine import detainee_of, permits_for, permits_named
from parloir.visits.queries.waiting import (
    alert_of,
    entries_of,
    next_day_to_open,
    offer_of,
    offers_of,
    wait_of,
    waits_of,
    weekdays_of,
)
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Account, Detainee
    from parloir.visits.queries.waiting import Proposal, Wait
    from parloir.visits.rules import Refusal

_HOURS_OF_A_DAY = 24


@require_safe
def waits(request: AccountRequest) -> HttpResponse:
    """Show what one waits for, at which rank, and what is offered."""
    now = timezone.now()
    context = {
        "waits": [_Shown(wait, now) for wait in waits_of(request.account, now=now)],
        "offers": offers_of(request.account),
        "just_asked": "demande" in request.GET,
        "just_declined": "refuse" in request.GET,
    }
    return render(request, "portal/waiting/list.html", context)


@missing_is_404
def join(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Ask what a family waits for, then put it on the list; one that waits already changes its terms."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    form = _form(request, detainee, now)
    context = {**_place(detainee, now), "form": form, "waits_already": wait_of(request.account, detainee) is not None}
    if not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
        return render(request, "portal/waiting/join.html", context, status=status)
    try:
        join_waiting_list(account=request.account, detainee_id=detainee.pk, wish=form.wish(), now=now)
    except VisitRefused as refused:
        context["reasons"] = _reasons(refused.refusals, detainee, form)
        return render(request, "portal/waiting/join.html", context, status=HTTPStatus.CONFLICT)
    return redirect(f"{reverse('portal:waits')}?demande=1")


@missing_is_404
def leave(request: AccountRequest, entry_id: int) -> HttpResponse:
    """Ask once more, then end a wait."""
    entry = entries_of(request.account, ended=True).get(pk=entry_id)
    if entry.ended_at is not None:
        return redirect("portal:waits")
    context: dict[str, Any] = {"entry": entry}
    if request.method != "POST":
        return render(request, "portal/waiting/leave.html", context)
    try:
        leave_waiting_list(account=request.account, entry_id=entry.pk, now=timezone.now())
    except VisitRefused as refused:
        context["refused"] = told_to_family(refused.refusals, zone=entry.wing.establishment.zone)
        return render(request, "portal/waiting/leave.html", context, status=HTTPStatus.CONFLICT)
    return redirect("portal:waits")


@missing_is_404
def offer(request: AccountRequest, offer_id: int) -> HttpResponse:
    """Show a place kept for a family; one button takes it, one lets it go."""
    now = timezone.now()
    found = offer_of(request.account, offer_id)
    if request.method != "POST":
        return render(request, "portal/waiting/offer.html", _offered(found))
    try:
        if request.POST.get("reponse") == "non":
            decline_offer(account=request.account, offer_id=offer_id, now=now)
            return redirect(f"{reverse('portal:waits')}?refuse=1")
        visit = accept_offer(account=request.account, offer_id=offer_id, idempotency_key=f"offer-{offer_id}", now=now)
    except VisitRefused as refused:
        context = _offered(offer_of(request.account, offer_id), refused.refusals)
        return render(request, "portal/waiting/offer.html", context, status=HTTPStatus.CONFLICT)
    return redirect(f"{reverse('portal:visit', args=[visit.reference])}?confirme=1")


@missing_is_404
def opening(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Offer to tell when the next day opens; the button asks for it."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    if request.method == "POST":
        try:
            ask_to_be_told_of_opening(account=request.account, detainee_id=detainee.pk, now=now)
        except VisitRefused:
            return redirect("portal:wait_opening", detainee.pk)
    context = {**_place(detainee, now), **_opens(request.account, detainee, now)}
    return render(request, "portal/waiting/opening.html", context)


@dataclass(frozen=True)
class _Shown:
    """A wait in words."""

    wait: Wait
    now: datetime

    @property
    def prison(self) -> str:
        """The prison's name, if it may be known."""
        entry = self.wait.entry
        today = self.now.astimezone(entry.wing.establishment.zone).date()
        return entry.wing.establishment.name if entry.active_from <= today else ""

    @property
    def weekdays(self) -> str:
        return _(", ").join(str(WEEKDAYS[day - 1]) for day in self.wait.entry.weekdays)

    @property
    def moments(self) -> str:
        entry = self.wait.entry
        if entry.latest < NOON:
            return _("le matin")
        return _("l’après-midi") if entry.earliest >= NOON else _("le matin et l’après-midi")

    @property
    def notice_days(self) -> int:
        return self.wait.entry.notice_hours // _HOURS_OF_A_DAY


def _form(request: AccountRequest, detainee: Detainee, now: datetime) -> WaitForm:
    today = now.astimezone(detainee.wing.establishment.zone).date()
    people, weekdays = list(permits_for(request.account, detainee)), weekdays_of(detainee, now=now)
    entry = wait_of(request.account, detainee)
    first = initial(entry, people=people, weekdays=weekdays, first=today)
    form = WaitForm(sent(request), people=people, weekdays=weekdays, today=today, initial=first)
    return refill(form, request.typed)


def _reasons(refusals: Iterable[Refusal], detainee: Detainee, form: WaitForm) -> list[tuple[str | None, str]]:
    """Return each reason, and what to do about it, with the name of the person it is about."""
    who: Any = form.fields["permis"]
    labels = {value: str(label) for value, label in who.choices}
    names = {int(permit): labels[value] for permit, value in who.other_values.items()}
    told = told_to_family(refusals, zone=detainee.wing.establishment.zone)
    return [(names.get(reason.permit_id or 0), f"{reason.text} {reason.advice}") for reason in told]


def _offered(found: Proposal, refusals: Iterable[Refusal] = ()) -> dict[str, Any]:
    """Return what a page says of an offer."""
    slot, entry = found.offer.slot, found.offer.entry
    zone = slot.wing.establishment.zone
    return {
        "proposal": found,
        "offer": found.offer,
        "slot": slot,
        "detainee": entry.detainee if entry else None,
        "prison": slot.wing.establishment,
        "zone": zone,
        "reasons": [(None, told.text) for told in told_to_family(refusals, zone=zone)],
    }


def _opens(account: Account, detainee: Detainee, now: datetime) -> dict[str, Any]:
    """Return the next day to open and whether the family is told of it, or why it opens for others alone."""
    next_day = next_day_to_open(detainee, now=now) if detainee.is_disclosed(now=now) else None
    if next_day is None:
        return {"next_day": None}
    against = reasons_against_opening(detainee, permits_named(account, detainee), next_day[0], now=now)
    refused = told_to_family(against, zone=detainee.wing.establishment.zone)
    return {"next_day": next_day, "refused": refused, "is_asked": alert_of(account, detainee, next_day[0]) is not None}


def _place(detainee: Detainee, now: datetime) -> dict[str, Any]:
    """Return whom it is about; no prison before it may be known."""
    prison = detainee.wing.establishment
    known = prison if detainee.is_disclosed(now=now) else None
    return {"detainee": detainee, "prison": known, "zone": prison.zone, "policy": detainee.wing.policy}

"""Book a visit, step by step: for whom, when, who comes, check.

Each step is an address that holds all that was chosen so far, as ids only: the back button, a second
tab and a new sign-in find the draft as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from parloir.establishments.rules import Channel
from parloir.foundation.access import missing_is_404
from parloir.notifications.queries import address_of
from parloir.portal.forms.booking import CheckForm, PeopleForm
from parloir.visits.operations import VisitRefused, Wish, book_visit, tally_search
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.mine import detainee_of, detainees_of, slot_of
from parloir.visits.queries.people import may_book, party_for
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from django.forms import Form
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot
    from parloir.visits.queries.calendar import Calendar, DayChoice
    from parloir.visits.queries.people import Party
    from parloir.visits.rules import Refusal

_LONGEST_ID = 19


def choose_detainee(request: AccountRequest) -> HttpResponse:
    """Ask whom to visit; with one detained person there is nothing to ask, without a permit no way to book."""
    if not address_of(request.account.pk).email:
        return redirect(f"{reverse('portal:email')}?{urlencode({'suite': request.path})}")
    detainees = list(detainees_of(request.account)[:50])
    if len(detainees) == 1:
        return redirect("portal:visit_slot", detainees[0].pk)
    return render(request, "portal/booking/detainee.html", {"detainees": detainees, "today": timezone.localdate()})


@missing_is_404
def choose_slot(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Show the days, then the times of one day; nothing to choose says why and when to come back."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    if not may_book(request.account, detainee, now=now):
        return render(request, "portal/booking/too_young.html", _place(detainee, now))
    calendar = _searched(request, detainee, now)
    chosen = _chosen_day(calendar, _as_date(request.GET.get("jour", "")))
    zone = detainee.wing.establishment.zone
    context = {
        **_place(detainee, now),
        "calendar": calendar,
        "chosen": chosen,
        "reasons": told_to_family(calendar.refusals, zone=zone),
        "chosen_reasons": told_to_family(_why_closed(chosen), zone=zone),
    }
    return render(request, "portal/booking/slot.html", context)


@missing_is_404
def choose_people(request: AccountRequest, detainee_id: int, slot_id: int) -> HttpResponse:
    """Ask who comes, and judge them together before the last check."""
    step = _step(request, detainee_id, slot_id, (request.POST or request.GET).getlist("permis"))
    form = PeopleForm(
        request.POST or None, party=step.party, zone=step.zone, initial={"permis": [str(pk) for pk in step.chosen]}
    )
    if form.is_valid() and not step.party.refusals:
        return redirect(step.address("portal:visit_check", form.permit_ids()))
    refusals = step.party.refusals if form.is_bound and form.is_valid() else step.party.slot_refusals
    return render(request, "portal/booking/people.html", step.context(form, refusals))


@missing_is_404
def check(request: AccountRequest, detainee_id: int, slot_id: int) -> HttpResponse:
    """Show what is about to be booked; the button books it."""
    step = _step(request, detainee_id, slot_id, request.GET.getlist("permis"))
    form = CheckForm(request.POST or None, initial={"cle": CheckForm.new_key()})
    if not form.is_valid():
        return render(request, "portal/booking/check.html", step.context(form, step.party.refusals))
    try:
        visit = book_visit(booker=request.account, wish=step.wish(form), channel=Channel.ONLINE, now=step.now)
    except VisitRefused as refused:
        return render(request, "portal/booking/check.html", step.context(form, refused.refusals), status=409)
    return redirect(f"{reverse('portal:visit', args=[visit.reference])}?confirme=1")


@dataclass(frozen=True)
class _Step:
    """What the address of a step says, and what it means for this account."""

    account: Account
    detainee: Detainee
    slot: Slot
    chosen: frozenset[int]
    now: datetime

    @cached_property
    def party(self) -> Party:
        """Those who may come, judged for the page: booking judges anew, under its lock."""
        return party_for(self.account, self.detainee, self.slot, chosen=self.chosen, now=self.now)

    @property
    def zone(self) -> ZoneInfo:
        return self.detainee.wing.establishment.zone

    def address(self, name: str, permit_ids: Iterable[int]) -> str:
        query = urlencode({"permis": sorted(permit_ids)}, doseq=True)
        return f"{reverse(name, args=[self.detainee.pk, self.slot.pk])}?{query}"

    def wish(self, form: CheckForm) -> Wish:
        return Wish(
            detainee_id=self.detainee.pk,
            slot_id=self.slot.pk,
            permit_ids=self.chosen,
            idempotency_key=form.cleaned_data["cle"],
            sms_reminder=form.cleaned_data["rappel_sms"],
        )

    def context(self, form: Form, refusals: Iterable[Refusal]) -> dict[str, object]:
        people = [person for person in self.party.people if person.permit.pk in self.chosen]
        names = {person.permit.pk: person.permit.visitor.short_name for person in self.party.people}
        reasons = told_to_family(refusals, zone=self.zone)
        return {
            **_place(self.detainee, self.now),
            "slot": self.slot,
            "form": form,
            "people": people,
            "reasons": [(names.get(told.permit_id or 0), told.text) for told in reasons],
            "change_people": self.address("portal:visit_people", self.chosen),
        }


def _step(request: AccountRequest, detainee_id: int, slot_id: int, permits: list[str]) -> _Step:
    """Read an address; what is not this account's is not found."""
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    slot = slot_of(detainee, slot_id, now=now)
    chosen = frozenset(int(pk) for pk in permits[:20] if pk.isdecimal() and len(pk) < _LONGEST_ID)
    return _Step(request.account, detainee, slot, chosen, now)


def _place(detainee: Detainee, now: datetime) -> dict[str, object]:
    """Return what every step says of the place: no prison before it may be known."""
    prison = detainee.wing.establishment
    known = prison if detainee.is_disclosed(now=now) else None
    return {"detainee": detainee, "prison": known, "zone": prison.zone, "policy": detainee.wing.policy}


def _searched(request: AccountRequest, detainee: Detainee, now: datetime) -> Calendar:
    """Return the calendar; a search that finds no place is counted, without whose it was."""
    calendar = calendar_of(detainee, now=now)
    tally_search(calendar, account=request.account, detainee=detainee, sign_in_id=request.sign_in.pk, now=now)
    return calendar


def _chosen_day(calendar: Calendar, asked: date | None) -> DayChoice | None:
    """Return the day asked for, else the first that is open."""
    days = calendar.days
    return next((day for day in days if day.day == asked), None) or next((day for day in days if day.is_open), None)


def _why_closed(day: DayChoice | None) -> list[Refusal]:
    """Return why no time of a day can be chosen, each reason once."""
    if day is None or day.is_open:
        return []
    return list(dict.fromkeys(refusal for time in day.times for refusal in time.refusals))


def _as_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None

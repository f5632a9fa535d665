"""Why one cannot book: every reason, what to do, and a code that lets an agent read more."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from parloir.foundation.access import missing_is_404
from parloir.foundation.errors import to_be_tried_later
from parloir.portal.calendar_weeks import closed_runs
from parloir.visits.day_sentences import told_of_one_hour
from parloir.visits.operations import VisitRefused, give_why_not_code
from parloir.visits.queries.mine import detainee_of, slot_of
from parloir.visits.queries.why_not import code_given, why_not
from parloir.visits.rules import Code
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest, HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot

_LONGEST_ID = 19


@require_http_methods(["GET", "HEAD", "POST"])
@missing_is_404
def explain(request: AccountRequest, detainee_id: int) -> HttpResponse:
    """Say every reason; the button gives a code for the agent on the telephone."""
    question = _question(request, detainee_id)
    if request.method != "POST":
        return render(request, "portal/booking/why_not.html", question.context())
    try:
        give_why_not_code(**question.asked(), now=question.now)
    except VisitRefused as refused:
        return _refused(request, question, refused)
    return redirect(f"{question.address()}#code")


def _refused(request: AccountRequest, question: _Question, refused: VisitRefused) -> HttpResponse:
    """Say why no code is given; where it is for having had many, until when."""
    told = told_to_family(refused.refusals, zone=question.zone)
    context = {**question.context(), "refused": told}
    page = render(request, "portal/booking/why_not.html", context, status=HTTPStatus.CONFLICT)
    until = max((refusal.opens for refusal in refused.refusals if refusal.opens), default=None)
    return to_be_tried_later(page, until=until, now=question.now) if until else page


@dataclass(frozen=True)
class _Question:
    """What the address asks about: one hour or any, these people or nobody yet."""

    account: Account
    detainee: Detainee
    slot: Slot | None
    permit_ids: list[int]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.detainee.wing.establishment.zone

    def asked(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "detainee_id": self.detainee.pk,
            "slot_id": self.slot.pk if self.slot else None,
            "permit_ids": self.permit_ids,
        }

    def address(self) -> str:
        query = urlencode({"creneau": [self.slot.pk] if self.slot else [], "permis": self.permit_ids}, doseq=True)
        return f"{reverse('portal:why_not', args=[self.detainee.pk])}{query and '?'}{query}"

    def context(self) -> dict[str, object]:
        """Return all that the page says; the prison only where it may be known."""
        why = why_not(self.account, self.detainee, slot=self.slot, permit_ids=self.permit_ids, now=self.now)
        people = [(p.permit.told_name, told_of_one_hour(p.refusals, zone=self.zone)) for p in why.people]
        runs = [] if self.slot else closed_runs(why.calendar, zone=self.zone)
        general = why.beside_the_days if runs else why.general
        is_known = self.detainee.is_disclosed(now=self.now)
        return {
            "detainee": self.detainee,
            "prison": self.detainee.wing.establishment if is_known else None,
            "zone": self.zone,
            "slot": self.slot,
            "why": why,
            "general": told_of_one_hour([*general, *why.together], zone=self.zone),
            "runs": runs,
            "last_day": runs[-1].last if runs else None,
            "may_wait": why.calendar.lacks_places or Code.FULL in {refusal.code for refusal in why.general},
            "people": [(name, reasons) for name, reasons in people if reasons],
            "free_people": [name for name, reasons in people if not reasons],
            "given": code_given(self.account, self.detainee, slot=self.slot, now=self.now),
        }


def _question(request: AccountRequest, detainee_id: int) -> _Question:
    """Read an address.

    :raises ObjectDoesNotExist: when what it asks about is not this account's.
    """
    now = timezone.now()
    detainee = detainee_of(request.account, detainee_id, now=now)
    asked = _ids(request, "creneau")
    slot = slot_of(detainee, asked[0], now=now) if asked else None
    return _Question(request.account, detainee, slot, _ids(request, "permis"), now)


def _ids(request: HttpRequest, name: str) -> list[int]:
    given = request.GET.getlist(name)[:20]
    return [int(value) for value in given if value.isdecimal() and len(value) < _LONGEST_ID]

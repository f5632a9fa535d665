"""What every page about one visit shows, and what may be done with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.utils import timezone

from parloir.establishments.rules import Channel
from parloir.portal.documents.codes import code_as_address
from parloir.portal.documents.house_rules import house_rules
from parloir.portal.documents.routes import routes_to
from parloir.visits.queries.mine import trip_of, visits_of
from parloir.visits.queries.reminders import reminders_of
from parloir.visits.rules import Code, VisitStatus, as_reference, reasons_to_refuse_changing, visit_is_given_back
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest
    from parloir.visits.models import Visit
    from parloir.visits.rules import Refusal


def context_of(request: AccountRequest, reference: str, *, booked_by_me: bool = False) -> dict[str, Any]:
    """Return a visit this account may see, and what it may do with it.

    :raises ObjectDoesNotExist: when it is not one of its visits, or, if asked for, not one that it booked.
    """
    now = timezone.now()
    visits = visits_of(request.account)
    found = (visits.filter(booker=request.account) if booked_by_me else visits).get(
        reference=as_reference(reference) or ""
    )
    wing, is_mine = found.slot.wing, found.booker_id == request.account.pk
    against_change = _against_change(found, now=now)
    to_come = found.status == VisitStatus.BOOKED and now < found.slot.starts_at
    return {
        "visit": found,
        "now": now,
        "prison": wing.establishment,
        "zone": wing.establishment.zone,
        "policy": wing.policy,
        "people": [attendance.told_name for attendance in found.coming],
        "is_mine": is_mine,
        "is_cancelled": found.status == VisitStatus.CANCELLED,
        "can_cancel": is_mine and to_come,
        "can_change": is_mine and not against_change,
        "can_leave": not is_mine and to_come,
        "why_not_change": told_to_family(against_change, zone=wing.establishment.zone),
        "not_given_back": _is_counted_all_the_same(found, now=now),
    }


def visit_page(
    request: AccountRequest,
    reference: str,
    *,
    refused: Iterable[Refusal] = (),
    wanted: datetime | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Show one visit in full, and the others of its trip; ``refused`` is why it is not had again at ``wanted``."""
    context = context_of(request, reference)
    visit = context["visit"]
    context |= {
        "code": code_as_address(visit.reference),
        "house_rules": house_rules(visit),
        "routes": routes_to(context["prison"]),
        "trip": list(trip_of(request.account, visit)),
        "just_booked": "confirme" in request.GET,
        "just_changed": "change" in request.GET,
        "reminders": reminders_of(visit, request.account, hour=settings.REMINDER_HOUR, now=context["now"]),
        "done": request.GET.get("fait", ""),
        "refused": told_to_family([r for r in refused if r.code is not Code.NO_SUCH_SLOT], zone=context["zone"]),
        "wanted": wanted,
        "wanted_day": wanted.astimezone(context["zone"]).date() if wanted else None,
    }
    return render(request, "portal/visits/visit.html", context, status=status)


def coming_to(visit: Visit) -> list[tuple[int, str]]:
    """Return the permits and names of those who come."""
    return [(attendance.permit_id, attendance.told_name) for attendance in visit.coming]


def _against_change(visit: Visit, *, now: datetime) -> list[Refusal]:
    return reasons_to_refuse_changing(
        starts_at=visit.slot.starts_at,
        is_booked=visit.status == VisitStatus.BOOKED,
        policy=visit.slot.wing.policy.as_rules(),
        channel=Channel.ONLINE,
        under_review=visit.confirm_by is not None,  # type: ignore[attr-defined]
        now=now,
    )


def _is_counted_all_the_same(visit: Visit, *, now: datetime) -> bool:
    """Whether leaving now does not give a limited permit its visit back."""
    limited = any(attendance.permit.visits_allowed is not None for attendance in visit.coming)
    policy = visit.slot.wing.policy.as_rules()
    return limited and not visit_is_given_back(starts_at=visit.slot.starts_at, policy=policy, now=now)

"""Every message with invented data, for whoever reads them over: nothing here is anybody's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parloir.establishments.models import Establishment
from parloir.establishments.rules import Policy
from parloir.notifications.messages import code_sms, confirmation_email, notice_email
from parloir.notifications.queries import CodeToSend, ConfirmationToSend, NoticeToSend
from parloir.notifications.rules import Address, Email, NoticeKind, Sms
from parloir.people.models import Account
from parloir.permits.messages import may_change_email, news_email, news_sms, registered_elsewhere_email
from parloir.permits.queries import PermitToTell
from parloir.permits.rules import News
from parloir.visits import messages, messages_waiting, sms
from parloir.visits.queries.messages import Person, Recipient, VisitToTell
from parloir.visits.queries.messages_waiting import OfferToTell, OpeningToTell, WaitOver
from parloir.visits.rules import CancelledBy, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SPECIMEN = "Prénom NOM"
_START = datetime(2026, 9, 23, 12, 0, tzinfo=UTC)
"""A Wednesday of September, 14:00 in Paris: the longest day and month of the year."""

_ACCOUNT = 9_999_999
"""A greater account number than a service of this size will see: its links are the longest."""

_NOW = _START - timedelta(days=9)
_EARLIER = _START - timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as somebody would receive it; ``variant`` says to whom or in which case."""

    kind: str
    variant: str
    language: str
    message: Email | Sms


def samples(languages: Sequence[str]) -> Iterator[Sample]:
    """Yield every message in every language, through every channel that it takes."""
    for language in languages:
        yield from _about_addresses(language)
        for confirmed, zone in product((True, False), ("Europe/Paris", "America/Miquelon")):
            yield from _about_visits(language, confirmed=confirmed, zone=zone)
        for zone in ("Europe/Paris", "America/Miquelon"):
            yield from _about_waiting(language, zone=zone)


def _about_addresses(language: str) -> Iterator[Sample]:
    asked = ConfirmationToSend(0, "key", "prenom.nom@exemple.fr", language, _NOW)
    yield Sample("confirm_address", "", language, confirmation_email(asked, now=_NOW))
    code = CodeToSend(0, "+33600000000", "123456", language, _NOW)
    yield Sample("phone_code", "", language, code_sms(code))
    for kind in NoticeKind:
        notice = NoticeToSend(0, kind, "prenom.nom@exemple.fr", language, _NOW)
        yield Sample(f"notice_{kind}", "", language, notice_email(notice))
    account = Account(pk=0, language=language)
    yield from _about_permits(language)
    yield Sample("permit_registered_elsewhere", "", language, registered_elsewhere_email(account, now=_NOW, since=_NOW))
    yield Sample("permits_may_change", "", language, may_change_email(account, since=_NOW, now=_NOW))


def _about_permits(language: str) -> Iterator[Sample]:
    ends = (_START + timedelta(days=60)).date()
    for news, until, confirmed in product(News, (None, ends), (True, False)):
        if until and news is not News.SUSPENDED:
            continue
        address = Address(email="prenom.nom@exemple.fr", confirmed=confirmed)
        to = PermitToTell(_ACCOUNT, language, address, ends, until, _NOW)
        variant = f"{'confirmed' if confirmed else 'unconfirmed'} address{', until a day' if until else ''}"
        yield Sample(f"permit_{news}", variant, language, news_email(to, news, now=_NOW))
        if confirmed:
            yield Sample(f"permit_{news}", variant, language, news_sms(to, news))


def _about_visits(language: str, *, confirmed: bool, zone: str) -> Iterator[Sample]:
    to = _recipient(language, confirmed=confirmed)
    visit = _visit(zone)
    more = [replace(visit, visit_id=number, starts_at=_START + timedelta(days=number)) for number in (1, 2)]
    cancelled = replace(visit, status=VisitStatus.CANCELLED, cancelled_by=CancelledBy.STAFF)
    by_family = replace(cancelled, cancelled_by=CancelledBy.FAMILY)
    emails = {
        "booked": messages.booked_email(visit, to, now=_NOW),
        "booked_trip": messages.booked_email(visit, to, companions=more, now=_NOW),
        "changed_time": messages.changed_email(visit, to, before=_EARLIER, now=_NOW),
        "changed_people": messages.changed_email(visit, to, before=_START, now=_NOW),
        "gone": messages.gone_email(visit, to, before=_START, now=_NOW),
        "cancelled_by_family": messages.cancelled_email(by_family, to, before=_START, now=_NOW),
        "cancelled_by_prison": messages.cancelled_email(cancelled, to, before=_START, now=_NOW),
        "to_confirm": messages.to_confirm_email(visit, to, deadline=_NOW, now=_NOW),
        "kept": messages.kept_email(visit, to, now=_NOW),
        "reminder": messages.reminder_email(visit, to, now=_NOW),
    }
    variant = f"{'confirmed' if confirmed else 'unconfirmed'} address, {zone}"
    yield from (Sample(kind, variant, language, email) for kind, email in emails.items())
    if confirmed:
        texts = _texts(visit, cancelled, more, to)
        yield from (Sample(kind, zone, language, text) for kind, text in texts.items())


def _texts(visit: VisitToTell, cancelled: VisitToTell, more: list[VisitToTell], to: Recipient) -> dict[str, Sms]:
    return {
        "booked": sms.booked_sms(visit, to),
        "booked_trip": sms.booked_sms(visit, to, companions=more),
        "changed_time": sms.changed_sms(visit, to, before=_EARLIER),
        "changed_people": sms.changed_sms(visit, to, before=_START),
        "gone": sms.gone_sms(visit, to, before=_START),
        "cancelled": sms.cancelled_sms(cancelled, to, before=_START),
        "to_confirm": sms.to_confirm_sms(visit, to),
        "kept": sms.kept_sms(visit, to),
        "reminder": sms.reminder_sms(visit, to),
    }


def _about_waiting(language: str, *, zone: str) -> Iterator[Sample]:
    address = Address(email="prenom.nom@exemple.fr", confirmed=True)
    offer = OfferToTell(0, _ACCOUNT, language, address, _START, _NOW + timedelta(hours=4), ZoneInfo(zone))
    opening = OpeningToTell(_ACCOUNT, language, address, 0, _START.date(), _NOW + timedelta(hours=12), ZoneInfo(zone))
    yield Sample("offer", zone, language, messages_waiting.offer_email(offer, now=_NOW))
    yield Sample("offer", zone, language, sms.offer_sms(offer))
    yield Sample("opening", zone, language, messages_waiting.opening_email(opening, now=_NOW))
    yield Sample("opening", zone, language, sms.opening_sms(opening))
    over = WaitOver(_ACCOUNT, language, address, _NOW + timedelta(days=7), ZoneInfo(zone))
    yield Sample("wait_over", "", language, messages_waiting.wait_over_email(over, now=_NOW))
    yield Sample("wait_over", "", language, sms.wait_over_sms(over))
    no_day = replace(over, no_day=True)
    yield Sample("wait_over", "no_day", language, messages_waiting.wait_over_email(no_day, now=_NOW))
    yield Sample("wait_over", "no_day", language, sms.wait_over_sms(no_day))


def _recipient(language: str, *, confirmed: bool) -> Recipient:
    address = Address(email="prenom.nom@exemple.fr", confirmed=confirmed)
    people = (
        Person(name=SPECIMEN, is_adult=True, is_limited=True),
        Person(name=SPECIMEN, is_adult=False, is_limited=False),
    )
    return Recipient(account_id=_ACCOUNT, language=language, address=address, is_booker=True, people=people)


def _visit(zone: str) -> VisitToTell:
    prison = _prison(zone)
    return VisitToTell(
        visit_id=0,
        trip_id=None,
        version=1,
        slot_id=0,
        reference="PAR-2345-67",
        status=VisitStatus.BOOKED,
        cancelled_by="",
        starts_at=_START,
        zone=prison.zone,
        establishment=prison,
        policy=Policy(),
        recipients=(),
        gone=(),
    )


def _prison(zone: str) -> Establishment:
    return Establishment(
        name="Établissement d’exemple",
        street="1 rue de l’Exemple",
        postal_code="00000",
        postal_city="VILLE",
        phone="+33100000000",
        time_zone=zone,
    )

"""A space in which everything happens at once, with names as long as names can be: for looking at its every state."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from parloir.people.models import Account, Detainee, Visitor
from parloir.permits.models import Permit, Registration
from parloir.review.models import Entry
from parloir.visits.models import Offer
from parloir.visits.rules import OfferState
from tests.factories import AccountFactory, AttendanceFactory, RegistrationFactory, SlotFactory, VisitFactory
from tests.journeys.families import in_front_of_times
from tests.portal.booking import at_two
from tests.signed_in import signed_in
from tests.visits.waiting_families import wait

LONG = {
    "first_names": ["Marie-Antoinette-Guillaumette"],
    "birth_name": "VANDERMEERSCH-DE ROCHEFOUCAULD-MONTBÉLIARD",
}
PRISON = "Centre pénitentiaire de Villeneuve-Saint-Georges – quartier maison d’arrêt des femmes et nurserie"


def busy_space():
    """Return a family to whom everything has happened."""
    family = in_front_of_times()
    prison = family.wing.establishment
    prison.name, prison.street, prison.city = PRISON, "12 bis chemin rural des Vieilles-Fermes-aux-Moines", "Villeneuve"
    prison.save()
    Account.objects.filter(pk=family.account.pk).update(**LONG, reconciliation="proposed", language="fr")
    Visitor.objects.filter(pk=family.permit.visitor_id).update(**LONG)
    limits = {"number": "2026000123456789", "visits_allowed": 10, "weekdays": [2, 3, 4, 5, 6]}
    Permit.objects.filter(pk=family.permit.pk).update(**limits)
    Detainee.objects.filter(pk=family.detainee.pk).update(
        first_names=["Jean-Christophe-Emmanuel"], birth_name="CHARPENTIER-VILLENEUVE DE SAINT-JEAN"
    )
    family.account.refresh_from_db()
    family.permit.refresh_from_db()
    _permits_of_every_kind(family)
    _visits_of_every_kind(family)
    _places_waited_for(family)
    family.hold(family.slots[4], now=timezone.now())
    other = AccountFactory(birth_name="AUTRE-PERSONNE-AU-NOM-INTERMINABLE", first_names=["Maximilienne-Éléonore"])
    family.elsewhere = RegistrationFactory(account=other, permit=family.permit, holding="adult").pk
    for _time in range(3):
        signed_in(family.account)
    return family


def _permits_of_every_kind(family):
    """One of each state, in the order in which they are named in ``family.permits``."""
    today = timezone.localdate()
    states = {
        "ending": {"valid_until": today + timedelta(days=12)},
        "suspended": {"status": "suspended", "suspended_until": today + timedelta(days=40)},
        "withdrawn": {"status": "withdrawn"},
        "over": {"valid_until": today - timedelta(days=3)},
        "not-yet": {"valid_from": today + timedelta(days=9)},
    }
    family.permits = {
        name: family.add(holding="adult", born=date(1960, 1, 1), **about) for name, about in states.items()
    }
    Visitor.objects.filter(pk=family.permits["ending"].visitor_id).update(
        first_names=["Marguerite"], birth_name="DUPONT-DESMOULINS-LEFEBVRE"
    )
    registered = Registration.objects.filter(account=family.account)
    family.registrations = {permit: pk for pk, permit in registered.values_list("pk", "permit_id")}


def _at_five(days):
    """Return an hour at which :func:`in_front_of_times` has no slot."""
    return at_two(days) + timedelta(hours=3)


def _visit(family, days, **about):
    visit = VisitFactory(
        detainee=family.detainee,
        slot=SlotFactory(wing=family.wing, starts_at=_at_five(days), taken=0 if about.get("status") else 1),
        booker=family.account,
        **about,
    )
    live = about.get("status") != "cancelled"
    for permit in (family.permit, family.permits["ending"]):
        AttendanceFactory(visit=visit, permit=permit, live=live)
    return visit


def _visits_of_every_kind(family):
    now = timezone.now()
    family.next = _visit(family, 3)
    family.by_telephone = _visit(family, 30, channel="telephone")
    family.to_confirm = _visit(family, 37)
    Entry.objects.create(
        cause="hospital",
        subject_kind="visit",
        subject_id=family.to_confirm.pk,
        establishment_id=family.wing.establishment_id,
        opened_at=now,
        deadline=now + timedelta(days=2),
    )
    lost = {"status": "cancelled", "cancelled_by": "register", "cancelled_at": now, "cancel_cause": "hospital"}
    family.lost = _visit(family, 44, **lost)
    for days in range(2, 14):
        _visit(family, -days, status="attended" if days % 3 else "missed")


def _places_waited_for(family):
    now = timezone.now()
    today = timezone.localdate()
    entry = wait(family, first_day=today, last_day=today + timedelta(days=29), now=now)
    slot = SlotFactory(wing=family.wing, starts_at=_at_five(20), capacity=1, taken=1)
    family.offer = Offer.objects.create(
        slot=slot, entry=entry, state=OfferState.OPEN, made_at=now, expires_at=now + timedelta(hours=2)
    )

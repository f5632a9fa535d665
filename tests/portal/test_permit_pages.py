"""What the pages of permits say of each: how much is left of it, what it allows, what taking it out means."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.visits.models import PastUse
from parloir.visits.queries.permits import visits_left
from tests.factories import AttendanceFactory, RegistrationFactory, SlotFactory, VisitFactory
from tests.portal.booking import at_two
from tests.visits.waiting_families import wait

pytestmark = pytest.mark.django_db

BOOK = '<a class="fr-btn" href="/espace/rendez-vous/nouveau/'


def read(family, address="/espace/permis/"):
    return re.sub(r"\s+", " ", family.browser.get(address).content.decode())


def removal(family, permit):
    registration = permit.registrations.get(account=family.account)
    return read(family, f"/espace/permis/{registration.pk}/retirer/")


def test_what_is_left_of_a_limited_permit_counts_every_channel_and_what_is_anonymous_now(family):
    limited = family.add(visits_allowed=10)
    PastUse.objects.create(permit=limited, visits=2)
    for number, debits in enumerate((True, True, False)):
        slot = SlotFactory(wing=family.wing, starts_at=at_two(20 + number))
        visit = VisitFactory(detainee=family.detainee, slot=slot, channel="telephone", booker=None)
        AttendanceFactory(visit=visit, permit=limited, debits=debits)

    left = visits_left(family.account)

    assert left == {limited.pk: 6}
    assert "Il reste 6 visites sur 10." in read(family)


def test_a_permit_without_visits_left_says_so(family):
    limited = family.add(visits_allowed=1)
    AttendanceFactory(visit=VisitFactory(detainee=family.detainee, slot=family.slot), permit=limited)

    assert "Toutes les visites de ce permis sont utilisées ou réservées." in read(family)


def test_a_permit_without_visits_left_does_not_invite_to_book(family):
    family.permit.visits_allowed = 1
    family.permit.save()
    address = f"/espace/permis/{family.permit.registrations.get().pk}/?fait=deja"
    invited = [BOOK in read(family), BOOK in read(family, address)]
    AttendanceFactory(visit=VisitFactory(detainee=family.detainee, slot=family.slot), permit=family.permit)

    used_up = read(family, address)

    assert (invited, BOOK in read(family), BOOK in used_up) == ([True, True], False, False)
    assert "Vous pouvez prendre rendez-vous tout de suite." not in used_up
    assert "Toutes les visites de ce permis sont utilisées ou réservées." in used_up


def test_another_permit_for_the_same_person_still_lets_book(family):
    AttendanceFactory(
        visit=VisitFactory(detainee=family.detainee, slot=family.slot), permit=family.add(visits_allowed=1)
    )

    assert BOOK in read(family)


def test_a_permit_without_conditions_says_what_it_allows(family):
    assert "Permet les parloirs ordinaires, tous les jours de visite." in read(family)


def test_relatives_are_added_from_the_same_page(family):
    page = read(family)

    for whose in ("moi", "enfant", "adulte"):
        assert f"?pour={whose}&amp;etablissement={family.wing.establishment.slug}" in page


def test_a_permit_that_ends_soon_says_when_and_what_to_do(family):
    family.permit.valid_until = timezone.localdate() + timedelta(days=10)
    family.permit.save()

    page = read(family)

    assert "Expire bientôt" in page
    assert "Demandez-en un nouveau dès maintenant à l’autorité qui l’a délivré." in page


def test_taking_a_permit_out_names_the_visits_that_stay(family):
    child = family.add()
    visit = family.book(family.permit, child, now=timezone.now())

    page = removal(family, child)

    assert visit.reference in page
    assert "Ces rendez-vous ne sont pas annulés." in page
    assert "vous ne le verrez plus ici" not in page


def test_taking_out_ones_own_permit_says_what_will_no_longer_be_seen(family):
    visit = VisitFactory(detainee=family.detainee, slot=family.slot, channel="telephone", booker=None)
    AttendanceFactory(visit=visit, permit=family.permit)

    assert "vous ne le verrez plus ici" in removal(family, family.permit)


def test_a_permit_without_visits_to_come_changes_nothing_else(family):
    assert "rien d’autre ne change" in removal(family, family.permit)


def test_a_wait_that_would_no_longer_be_served_is_said(family):
    wait(family, now=timezone.now(), first_day=timezone.localdate(), last_day=timezone.localdate())

    assert "Changez ensuite votre demande" in removal(family, family.permit)


def test_somebody_else_s_limit_is_not_ours(family):
    RegistrationFactory(permit__visits_allowed=3)

    assert visits_left(family.account) == {}

"""The page that says why one cannot book."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from parloir.foundation.text import local_day
from parloir.people.models import Detainee
from parloir.permits.models import Registration
from parloir.visits.models import WhyNot
from parloir.visits.rules import CODES_PER_HOUR
from tests.factories import ContactFactory, RestrictionFactory, SlotFactory
from tests.signed_in import signed_in
from tests.visits.families import Family

pytestmark = pytest.mark.django_db


@pytest.fixture
def family():
    starts_at = (timezone.now() + timedelta(days=9)).replace(hour=13, minute=0, second=0, microsecond=0)
    family = Family(slot=SlotFactory(wing=Family().wing, starts_at=starts_at))
    ContactFactory(account=family.account)
    family.browser = signed_in(family.account)
    family.address = f"/espace/rendez-vous/nouveau/{family.detainee.pk}/pourquoi/"
    return family


def read(family, query=""):
    return " ".join(family.browser.get(f"{family.address}{query}").content.decode().split())


def test_every_reason_is_there_with_what_to_do_and_whom_to_call(family):
    family.slot.taken = 3
    family.slot.save()
    family.permit.status = "suspended"
    family.permit.save()

    page = read(family, f"?creneau={family.slot.pk}")

    for said in (
        "Ce créneau est complet.",
        "Des places se libèrent aussi quand une famille annule.",
        "Le permis est suspendu.",
        "Attendez la fin de la suspension, ou appelez le service parloir.",
        "Sophie DURAND",
        "tel:+33380000000",
        "03 80 00 00 00",
    ):
        assert said in page, said


def test_a_cause_of_the_detained_person_is_never_on_the_page(family):
    today = timezone.localdate()
    RestrictionFactory(detainee=family.detainee, since=today, until=today + timedelta(days=60))
    pages = [read(family), read(family, f"?creneau={family.slot.pk}")]
    for presence in ("hospital", "released", "disciplinary"):
        Detainee.objects.update(presence=presence)
        pages += [read(family), read(family, f"?creneau={family.slot.pk}")]

    for page in pages:
        assert "Les visites ne sont pas possibles" in page
        for unsaid in ("interdi", "hôpital", "hospital", "libéré", "disciplin"):
            assert unsaid not in page.lower(), unsaid


def test_a_prison_that_may_not_be_known_is_neither_named_nor_called(family):
    Detainee.objects.update(disclose_from=timezone.localdate() + timedelta(days=9))

    page = read(family)

    assert "Les visites ne sont pas possibles pour le moment." in page
    assert family.wing.establishment.name not in page
    assert "tel:" not in page
    assert family.browser.get(f"{family.address}?creneau={family.slot.pk}").status_code == 404


def test_the_button_gives_a_code_that_a_page_loaded_again_still_shows(family):
    answer = family.browser.post(family.address)

    given = WhyNot.objects.get()
    assert (answer.status_code, answer.headers["location"]) == (302, f"{family.address}#code")
    assert given.code in read(family)
    assert WhyNot.objects.count() == 1
    assert given.code not in read(family, f"?creneau={family.slot.pk}")


def test_the_code_is_for_the_hour_and_the_people_asked_about(family):
    query = f"?creneau={family.slot.pk}&permis={family.permit.pk}"

    answer = family.browser.post(f"{family.address}{query}")

    given = WhyNot.objects.get()
    assert (given.slot_id, given.permit_ids) == (family.slot.pk, [family.permit.pk])
    assert answer.headers["location"] == f"{family.address}{query}#code"
    assert given.code in read(family, query)


def test_too_many_codes_are_said_plainly(family):
    for _ in range(CODES_PER_HOUR):
        family.browser.post(family.address)

    answer = family.browser.post(family.address)

    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    page = answer.content.decode()
    assert f"Vous avez déjà demandé {CODES_PER_HOUR} codes en une heure." in page
    assert "Attendez une heure, ou lisez cette page à l’agent." in page
    assert WhyNot.objects.count() == CODES_PER_HOUR


def test_somebody_elses_detained_person_is_not_found(family):
    other = Family()
    address = f"/espace/rendez-vous/nouveau/{other.detainee.pk}/pourquoi/"

    assert family.browser.get(address).status_code == 404
    assert family.browser.post(address).status_code == 404
    assert family.browser.post(f"{family.address}?creneau={other.slot.pk}").status_code == 404
    assert WhyNot.objects.count() == 0


@pytest.mark.parametrize("query", ["?creneau=abc", "?creneau=", "?permis=x&permis=" + "9" * 40])
def test_a_senseless_address_is_about_the_whole_calendar(family, query):
    assert "Vous pouvez prendre rendez-vous en ce moment." in read(family, query)


def test_a_full_calendar_leads_to_the_page(family):
    family.slot.taken = 3
    family.slot.save()

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert family.address in page


# One advice, with its date -----------------------------------------------------------------


def advice(page):
    return page.partition('id="que-faire"')[2].partition("</section>")[0]


def another(family, days, **about):
    return SlotFactory(wing=family.wing, starts_at=family.slot.starts_at + timedelta(days=days), **about)


def test_the_one_advice_is_the_next_possible_day(family):
    family.slot.taken = 3
    family.slot.save()
    another(family, 1, taken=3)
    free = another(family, 2)

    page = read(family, f"?creneau={family.slot.pk}")

    assert f"Prochain jour possible : <strong>{local_day(free.local_date)}</strong>" in advice(page)
    assert f"?jour={free.local_date}#heures" in advice(page)
    assert "Choisissez" not in page.partition("<main")[2].partition("</main>")[0]


def test_a_day_on_which_no_permit_is_good_is_not_the_next_possible_one(family):
    family.slot.taken = 3
    family.slot.save()
    first, then = another(family, 1), another(family, 2)
    family.permit.weekdays = [then.local_date.isoweekday()]
    family.permit.save()
    assert first.local_date.isoweekday() != then.local_date.isoweekday()

    assert local_day(then.local_date) in advice(read(family, f"?creneau={family.slot.pk}"))
    family.permit.visits_allowed = 1
    family.permit.save()
    family.book(slot=then, now=timezone.now())
    assert "Prochain jour possible" not in advice(read(family))


def test_without_an_hour_the_whole_period_is_explained_day_by_day(family):
    family.slot.taken = 3
    family.slot.save()
    full, free = another(family, 1, taken=3), another(family, 2)
    barred = another(family, 3)
    RestrictionFactory(detainee=family.detainee, since=barred.local_date, until=barred.local_date)

    page = read(family)

    since, until = local_day(family.slot.local_date).rpartition(" ")[0], local_day(full.local_date)
    assert f"<strong>Du {since} au {until}</strong><br>Toutes les places sont prises." in page
    assert f"<strong>{local_day(barred.local_date).capitalize()}</strong><br>Les visites ne sont pas possibles" in page
    assert local_day(free.local_date) in advice(page)


def test_a_full_period_says_until_when_what_opens_next_and_the_list_and_sends_to_no_other_time(family):
    family.slot.taken = 3
    family.slot.save()
    later = another(family, 30)

    page = read(family)

    assert f"Tous les créneaux sont complets jusqu’au {local_day(family.slot.local_date)}" in page
    assert f"Ils sont pour les visites du {local_day(later.local_date)} et après." in advice(page)
    assert "M’inscrire sur la liste d’attente" in advice(page)
    for unsaid in ("Choisissez une autre heure", "Choisissez un autre"):
        assert unsaid not in page


def test_what_ends_on_a_day_that_may_be_read_gives_the_day_after(family):
    today = timezone.localdate()
    family.permit.status, family.permit.suspended_until = "suspended", today + timedelta(days=60)
    family.permit.save()

    assert f"à partir du <strong>{local_day(today + timedelta(days=61))}</strong>" in advice(read(family))

    RestrictionFactory(detainee=family.detainee, since=today, until=today + timedelta(days=70))
    assert f"à partir du <strong>{local_day(today + timedelta(days=71))}</strong>" in advice(read(family))

    RestrictionFactory(detainee=family.detainee, since=today, until=date.max, kind="no_visits")
    assert "à partir du" not in advice(read(family))


def test_the_end_of_another_adult_s_suspension_is_not_told(family):
    today = timezone.localdate()
    until = today + timedelta(days=60)
    permit = family.add(holding="adult", born=date(1970, 1, 1), status="suspended", suspended_until=until)
    Registration.objects.exclude(permit=permit).delete()
    assert "à partir du" in advice(read(family))
    Registration.objects.update(agreed_at=None, typed_name="Monique")

    assert "à partir du" not in advice(read(family))

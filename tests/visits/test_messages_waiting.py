"""What families that wait are written: a day, a time, a link; never what for, where, or for whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import resolve
from procrastinate.contrib.django import app

from parloir.notifications.models import Contact, Delivery
from parloir.visits.models import Offer, OpeningAlert
from parloir.visits.operations import ask_to_be_told_of_opening, tell_openings
from parloir.visits.tasks import offer_place, tell_offer, tell_opening, tell_openings_of_now
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, ContactFactory
from tests.mailbox import visible
from tests.visits.families import Family, jobs, slot_in, taken
from tests.visits.waiting_families import cancel, full, open_offer, states, wait

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]


def asks(family, *, language="fr", confirmed=True):
    family.account.language = language
    family.account.save()
    confirmed_at = NOW if confirmed else None
    ContactFactory(account=family.account, email="sophie@example.org", email_confirmed_at=confirmed_at)
    return family


def offered(*, zone="Europe/Paris", **about):
    """Return a family that is offered a place, by the jobs as they run."""
    (owner,) = full()
    owner.wing.establishment.time_zone = zone
    owner.wing.establishment.save()
    family = asks(Family(slot=owner.slot), **about)
    wait(family)
    cancel(owner)
    offer_place(offer_id=Offer.objects.get().pk)
    return family


def opened(**about):
    family = asks(Family(), **about)
    slot_in(family.wing, days=28)
    alert = ask_to_be_told_of_opening(account=family.account, detainee_id=family.detainee.pk, now=NOW)
    tell_openings(now=alert.opens_at)
    return alert


def assert_lock_screen_tells_nothing(letter):
    title = re.search(r"<title>(.*?)</title>", letter.html, re.DOTALL)
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=title[1]
    )
    assert_discreet(seen, "Sophie DURAND", "Paul MARTIN", "Essai")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_a_lock_screen_never_tells_what_an_offer_is_about(mailbox, language, confirmed, zone):
    offered(language=language, confirmed=confirmed, zone=zone)

    tell_offer(offer_id=open_offer().pk)

    (letter,) = mailbox.letters
    assert_lock_screen_tells_nothing(letter)
    assert ("/courriel/confirmer/" in letter.text) == (not confirmed)
    assert ("/courriel/confirmer/" in letter.html) == (not confirmed)
    assert "MARTIN" not in letter.text + letter.html
    assert f'lang="{language}"' in letter.html


def test_an_offer_says_when_it_is_until_when_it_is_kept_and_where_to_answer(mailbox, settings):
    offered()

    tell_offer(offer_id=open_offer().pk)

    (letter,) = mailbox.letters
    url = f"{settings.LINK_URL}/espace/attente/{open_offer().pk}/"
    assert letter.subject == "Une place est gardée pour vous"
    for body in (" ".join(letter.text.split()), visible(letter.html)):
        assert "ercredi 11 novembre 2026" in body
        assert "14 h 00" in body
        assert "Répondez avant 22 h 00, le lundi 2 novembre 2026." in body
        assert "Vous garderez votre rang." in body
    assert letter.links == [url]
    assert f'href="{url}"' in letter.html
    assert resolve(url.removeprefix(settings.LINK_URL)).url_name == "offer"


def test_an_offer_is_told_once(mailbox):
    offered()

    tell_offer(offer_id=open_offer().pk)
    tell_offer(offer_id=open_offer().pk)

    assert [letter.to for letter in mailbox.letters] == ["sophie@example.org"]
    assert Delivery.objects.get().dedup_key == f"offer-{open_offer().pk}"


def test_an_offer_over_is_not_told(mailbox):
    offered()
    Offer.objects.update(state="expired", ended_at=NOW)

    tell_offer(offer_id=Offer.objects.get().pk)

    assert mailbox.letters == []


def test_an_offer_that_ends_before_it_is_sent_is_not_sent(mailbox):
    offered()
    with time_machine.travel(NOW + timedelta(hours=12), tick=False):
        tell_offer(offer_id=open_offer().pk)

    assert mailbox.letters == []
    assert Delivery.objects.get().outcome == "too_late"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
def test_a_lock_screen_never_tells_what_has_opened(mailbox, language, confirmed):
    alert = opened(language=language, confirmed=confirmed)

    with time_machine.travel(alert.opens_at, tick=False):
        tell_opening(alert_id=alert.pk)

    (letter,) = mailbox.letters
    assert_lock_screen_tells_nothing(letter)
    assert ("/courriel/confirmer/" in letter.text) == (not confirmed)


def test_an_opening_says_which_day_and_that_all_are_told_together(mailbox, settings):
    alert = opened()

    with time_machine.travel(alert.opens_at, tick=False):
        tell_opening(alert_id=alert.pk)
        tell_opening(alert_id=alert.pk)

    (letter,) = mailbox.letters
    assert letter.subject == "Vous pouvez réserver le jour que vous attendiez"
    assert "Vous pouvez maintenant réserver pour le mercredi 9 décembre 2026." in " ".join(letter.text.split())
    assert "en même temps" in visible(letter.html)
    assert letter.links == [
        f"{settings.LINK_URL}/espace/rendez-vous/nouveau/{alert.detainee_id}/?jour=2026-12-09",
    ]


def test_an_opening_that_nobody_asks_for_any_more_is_not_told(mailbox):
    alert = opened()
    OpeningAlert.objects.all().delete()

    tell_opening(alert_id=alert.pk)

    assert mailbox.letters == []


def test_every_minute_openings_are_told():
    family = asks(Family())
    slot_in(family.wing, days=28)
    alert = ask_to_be_told_of_opening(account=family.account, detainee_id=family.detainee.pk, now=NOW)

    with time_machine.travel(alert.opens_at, tick=False):
        tell_openings_of_now(timestamp=0)

    assert jobs()[-1] == "visits.tell_opening"


def test_every_minute_an_offer_left_unanswered_passes_on():
    family = offered()
    with time_machine.travel(NOW + timedelta(hours=12), tick=False):
        app.tasks["visits.expire_offers"].func(timestamp=0)

    assert (states(), taken(family.slot)) == (["expired"], 0)
    assert Contact.objects.count() == 1

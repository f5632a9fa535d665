"""Every form of every front: what cannot be read answers 400 with what was typed, never a page like any other."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import get_resolver
from django.utils import timezone

from parloir.visits.models import Offer
from tests.factories import SlotFactory
from tests.portal.booking import a_family, at_two
from tests.test_architecture import patterns
from tests.visits.families import slot_in
from tests.visits.waiting_families import wait

TYPED = "rien-de-bon"

NOTHING_TO_READ = {
    "/attente/ouverture/": "one button: the page says that it is asked for",
    "/prolonger/": "one button: the same step again, its place kept longer",
}
"""Where a post may answer a page that is no refusal, and why there is nothing to be read wrongly."""

_FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)
_ACTION = re.compile(r'action="([^"]+)"')
_FIELD = re.compile(r'<(?:input|textarea|select|button)[^>]* name="([^"]+)"')
_TEXTS = re.compile(r'<input type="(?:text|tel|email|search)"[^>]* name="([^"]+)"|<textarea[^>]* name="([^"]+)"')


@pytest.fixture
def world(db):
    """A family with a visit, a wait, an offer and a place held; and how to fill each address."""
    family = a_family()
    now, today = timezone.now(), timezone.localdate()
    visit = family.book(now=now)
    entry = wait(family, now=now, first_day=today, last_day=today + timedelta(days=30))
    about_it = {"entry": entry, "made_at": now, "expires_at": now + timedelta(hours=1)}
    offer = Offer.objects.create(slot=slot_in(family.wing, days=40, taken=1), state="open", **about_it)
    family.hold(SlotFactory(wing=family.wing, starts_at=at_two(days=17)), now=now)
    family.filled = {
        "<int:detainee_id>": family.detainee.pk,
        "<int:offer_id>": offer.pk,
        "<int:entry_id>": entry.pk,
        "<str:reference>": visit.reference,
        "<int:registration_id>": family.account.registrations.get().pk,
    }
    return family


def forms_of(world):
    """Return every form that posts, on every page that opens: where it goes, its fields, those typed in."""
    found = {}
    for route, _view in patterns(get_resolver()):
        address = f"/{route}"
        for name, value in world.filled.items():
            address = address.replace(name, str(value))
        if "<" in address or address.startswith(("/demo/", "/connexion/")):
            continue
        answer = world.browser.get(address)
        if answer.status_code != 200 or answer.streaming or b"<form" not in answer.content:
            continue
        for form in _FORM.findall(answer.content.decode()):
            if 'method="post"' in form.partition(">")[0]:
                target = _ACTION.search(form.partition(">")[0])
                texts = {one or other for one, other in _TEXTS.findall(form)}
                names = set(_FIELD.findall(form)) - {"csrfmiddlewaretoken"}
                found[target[1] if target else address] = names, texts
    return found


def post(world, address, sent):
    """Send a form as if it were the first one: what it does is undone."""
    cookies = world.browser.cookies.copy()
    with transaction.atomic():
        answer = world.browser.post(address, sent)
        transaction.set_rollback(True)
    world.browser.cookies = cookies
    return answer


def test_the_forms_are_found(world):
    assert len(forms_of(world)) > 25


def test_what_a_form_cannot_read_never_answers_like_a_page_that_was_only_opened(world):
    wrong = {}
    for address, (names, _texts) in forms_of(world).items():
        for sent in ({}, dict.fromkeys(names, TYPED)):
            status = post(world, address, sent).status_code
            if status >= 500 or (status == 200 and not any(part in address for part in NOTHING_TO_READ)):
                wrong[address, bool(sent)] = status

    assert wrong == {}


def test_an_error_gives_back_what_was_typed(world):
    lost = {}
    for address, (names, texts) in forms_of(world).items():
        answer = post(world, address, dict.fromkeys(names, TYPED))
        if answer.status_code == 400:
            page = answer.content.decode()
            kept = rf'name="%s"[^>]*(?:value="{TYPED}"|>\s*{TYPED})'
            if gone := {name for name in texts if not re.search(kept % name, page)}:
                lost[address] = gone

    assert lost == {}

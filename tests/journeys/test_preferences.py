"""A relative gives their telephone, agrees to SMS, books, is reminded, and stops the SMS from an SMS."""

from __future__ import annotations

import re

import pytest

from parloir.notifications.models import Contact
from parloir.notifications.operations import note_returned_address
from parloir.notifications.queries import choices_of, withdraw_url
from parloir.notifications.rules import Channel
from tests.journeys.test_booking import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_preferences")]

SCREENS = [
    pytest.param(375, 740, True, id="375"),
    pytest.param(1280, 800, True, id="1280", marks=pytest.mark.soak),
    pytest.param(375, 740, False, id="375-without-javascript", marks=pytest.mark.soak),
]


@pytest.mark.parametrize(("width", "height", "javascript"), SCREENS)
def test_a_relative_chooses_sms_and_stops_them(service, chromium, look, width, height, javascript):
    screen = {"width": width, "height": height}
    context = chromium.new_context(viewport=screen, locale="fr-FR", java_script_enabled=javascript)
    page = context.new_page()
    seen = look(page, scripts=javascript)
    sign_in(page, service, "prete")

    page.goto(f"{service.site}/espace/")
    page.get_by_role("link", name="Mes préférences").click()
    page.wait_for_url("**/espace/preferences/")
    seen("preferences-first")
    give_telephone(page, service, seen)
    agree(page, seen)
    stop(page, service, seen)
    context.close()

    assert seen.faults() == []


def give_telephone(page, service, seen):
    page.get_by_role("link", name="Donner mon téléphone").click()
    page.wait_for_url("**/preferences/telephone/")
    seen("telephone")
    page.get_by_label("Votre numéro de téléphone mobile").fill("01 42 34 56 78")
    page.keyboard.press("Enter")
    page.locator(".fr-error-text").first.wait_for()
    seen("telephone-refused")
    page.get_by_label("Votre numéro de téléphone mobile").fill("06 12 34 56 78")
    page.keyboard.press("Enter")
    page.wait_for_url("**/telephone/code/")
    seen("code")
    page.get_by_label("Le code à 6 chiffres du SMS").fill("000000")
    page.keyboard.press("Enter")
    page.locator(".fr-error-text").first.wait_for()
    seen("code-refused")
    code = re.search(r"\d{6}", service.telephone.wait_for("+33612345678"))
    page.get_by_label("Le code à 6 chiffres du SMS").fill(code[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/preferences/?fait=telephone")
    seen("telephone-confirmed")


def agree(page, seen):
    assert not page.get_by_label("Je veux recevoir des SMS").is_checked()
    page.get_by_label("Je veux recevoir des SMS").check()
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/preferences/?fait=enregistre")
    seen("preferences-kept")
    contact = Contact.objects.get(phone="+33612345678")
    assert contact.sms_since is not None
    note_returned_address(email=contact.email, now=contact.sms_since)
    page.reload()
    seen("dead-address")


def stop(page, service, seen):
    account_id = Contact.objects.get(phone="+33612345678").account_id
    path = withdraw_url(account_id, Channel.SMS).partition("/m/")[2]
    page.context.clear_cookies()
    page.goto(f"{service.site}/m/{path}")
    seen("stop")
    assert choices_of(account_id).sms_since is not None
    page.get_by_role("button", name="Oui, arrêter").click()
    page.get_by_role("heading", name="C’est arrêté").wait_for()
    seen("stopped")
    assert choices_of(account_id).sms_since is None
    page.goto(f"{service.site}/m/sx-AAAAAAAAAAAA/")
    seen("stop-unusable")

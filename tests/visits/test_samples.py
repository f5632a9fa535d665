"""Every message there is, in every language: discreet, complete, and each SMS in one."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.core.management import call_command

from parloir.notifications.rules import Sms
from parloir.notifications.texts import signs, sms_needed
from parloir.visits.samples import SPECIMEN, samples
from tests.discretion import assert_discreet, folded, told_by_lock_screen

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in configured.LANGUAGES]


def found(kind):
    return [sample for sample in samples(LANGUAGES) if isinstance(sample.message, kind)]


@pytest.mark.parametrize("link_url", ["http://127.0.0.1:8000", "https://mes-rendez-vous.exam"])
@pytest.mark.parametrize("official", [True, False])
def test_every_sms_is_one_sms_even_the_longest(settings, link_url, official):
    settings.LINK_URL, settings.OFFICIAL = link_url, official

    texts = found(Sms)

    assert len(texts) >= 2 * 17
    assert {
        (s.kind, s.language, s.message.text, signs(s.message.text)) for s in texts if sms_needed(s.message.text) > 1
    } == set()
    assert max(signs(sample.message.text) for sample in texts) <= 160


def test_every_sms_is_discreet_from_end_to_end_and_says_how_to_stop(settings):
    for sample in found(Sms):
        text = sample.message.text
        assert_discreet({"sms": text, "sender": settings.SMS_SENDER}, SPECIMEN, "Paul MARTIN")
        assert re.search(r"\bdemonstration\b", folded(text)), text
        assert (f"{settings.LINK_URL}/m/s" in text) == (sample.kind != "phone_code"), text


def test_an_official_site_does_not_say_demonstration_in_an_sms(settings):
    settings.OFFICIAL = True

    assert [sample.kind for sample in found(Sms) if "emonstration" in folded(sample.message.text)] == []


def test_every_email_is_discreet_on_a_lock_screen():
    emails = [sample for sample in samples(LANGUAGES) if not isinstance(sample.message, Sms)]

    for sample in emails:
        email = sample.message
        seen = told_by_lock_screen(
            sender="Mes rendez-vous", subject=email.subject, text=email.text, html=email.html, title=email.subject
        )
        assert_discreet(seen, SPECIMEN)
    assert len({sample.kind for sample in emails}) == 21


def test_english_messages_are_in_english():
    for sample in samples(["en"]):
        text = sample.message.text
        assert not re.search(r"\b(rendez-vous (confirmé|est)|Bonjour|votre|Arrivez)\b", text), text


def test_the_command_lays_every_message_out_on_one_page(tmp_path, capsys):
    page = tmp_path / "messages.html"

    call_command("render_messages", output=page)

    written = page.read_text()
    assert capsys.readouterr().out == f"{page}: {len(list(samples(LANGUAGES)))} messages\n"
    assert "reminder · en ·" in written
    assert "1 SMS" in written


def test_an_operator_is_warned_of_an_address_too_long_for_an_sms(settings):
    def said():
        return [check.id for check in run_checks() if check.id == "notifications.W001"]

    settings.LINK_URL = "https://" + "a" * 20
    at_the_limit = said()
    settings.LINK_URL += "a"

    assert (at_the_limit, said()) == ([], ["notifications.W001"])

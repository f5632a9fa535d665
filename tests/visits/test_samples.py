"""Every message there is, in every language: discreet, complete, and each SMS in one."""

from __future__ import annotations

import re

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from parloir.foundation import languages
from parloir.notifications.rules import Sms
from parloir.notifications.texts import signs, sms_needed
from parloir.visits.samples import SPECIMEN, samples
from tests.discretion import assert_discreet, folded, told_by_lock_screen

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in languages.of_messages()]


def found(kind):
    return [sample for sample in samples(LANGUAGES) if isinstance(sample.message, kind)]


@pytest.mark.parametrize("link_url", ["http://127.0.0.1:8000", "https://mes-rendez-vous.exam"])
@pytest.mark.parametrize("official", [True, False])
def test_every_sms_is_one_sms_even_the_longest(settings, link_url, official):
    settings.LINK_URL, settings.OFFICIAL = link_url, official

    texts = [sample for sample in found(Sms) if sample.language != "ar"]

    assert len(texts) >= 2 * 17
    assert {
        (s.kind, s.language, s.message.text, signs(s.message.text)) for s in texts if sms_needed(s.message.text) > 1
    } == set()
    assert max(signs(sample.message.text) for sample in texts) <= 160


@pytest.mark.parametrize("link_url", ["http://127.0.0.1:8000", "https://mes-rendez-vous.exam"])
@pytest.mark.parametrize("official", [True, False])
def test_an_arabic_sms_travels_in_two_at_most_for_its_letters_leave_seventy_signs_to_one(settings, link_url, official):
    settings.LINK_URL, settings.OFFICIAL = link_url, official

    texts = {sample.message.text for sample in found(Sms) if sample.language == "ar"}

    assert len(texts) >= 17
    assert {(signs(text), text) for text in texts if sms_needed(text) > 2} == set()


def test_every_sms_is_discreet_from_end_to_end_and_says_how_to_stop(settings):
    for sample in found(Sms):
        text = sample.message.text
        assert_discreet({"sms": text, "sender": settings.SMS_SENDER}, SPECIMEN, "Paul MARTIN")
        assert re.search(r"\bdemonstration\b|نسخة تجريبية", folded(text)), text
        assert (f"{settings.LINK_URL}/m/s" in text) == (sample.kind != "phone_code"), text


def test_an_official_site_does_not_say_demonstration_in_an_sms(settings):
    settings.OFFICIAL = True

    assert [
        sample.kind for sample in found(Sms) if re.search("emonstration|تجريبية", folded(sample.message.text))
    ] == []


def test_every_email_is_discreet_on_a_lock_screen():
    emails = [sample for sample in samples(LANGUAGES) if not isinstance(sample.message, Sms)]

    for sample in emails:
        email = sample.message
        seen = told_by_lock_screen(
            sender="Mes rendez-vous", subject=email.subject, text=email.text, html=email.html, title=email.subject
        )
        assert_discreet(seen, SPECIMEN)
    assert len({sample.kind for sample in emails}) == 25


def test_english_messages_are_in_english():
    for sample in samples(["en"]):
        text = sample.message.text
        assert not re.search(r"\b(rendez-vous (confirmé|est)|Bonjour|votre|Arrivez)\b", text), text


def test_arabic_messages_are_in_arabic_run_from_right_to_left_and_say_that_nobody_has_read_them_over():
    for sample in samples(["ar"]):
        text = re.sub(r"https?://\S+", "", sample.message.text)
        assert not re.search(r"\b(rendez-vous|bonjour|votre|vous|arrivez|place)\b", text, re.IGNORECASE), text
        if not isinstance(sample.message, Sms):
            assert '<html lang="ar" dir="rtl">' in sample.message.html
            assert "ترجمة غير مُراجَعة." in text
            assert "ترجمة غير مُراجَعة." in sample.message.html


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

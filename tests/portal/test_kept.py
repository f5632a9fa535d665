"""All that is kept about an account is shown, or refused with a reason: by a registry that no model escapes."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.utils import timezone

from parloir.notifications.models import Delivery, PhoneCode
from parloir.people.models import Account
from parloir.permits.models import Attempt, Barred
from parloir.visits.models import OpeningAlert
from parloir.visits.queries.kept import REGISTRY, WHY
from tests.factories import VisitorFactory

PAGES = ("/espace/mes-donnees/", "/espace/mes-donnees/fichier/", "/espace/mes-donnees/a-lire/")
KEY = "visit-77-reminder-5-4"
SUBJECT = {"/espace/mes-donnees/fichier/": KEY}
"""What each page says of a message: a machine reads the key, a person what it was about."""


def is_of_an_account(model):
    fields = model._meta.concrete_fields
    return model is Account or any(field.remote_field and field.remote_field.model is Account for field in fields)


def test_no_model_linked_to_an_account_and_none_of_its_fields_escapes_the_registry():
    linked = {
        model._meta.label: {field.name for field in model._meta.concrete_fields}
        for model in apps.get_models()
        if is_of_an_account(model)
    }

    assert {kind.model: set(kind.fields) for kind in REGISTRY} == linked


def test_names_in_the_file_are_each_one_thing():
    assert len({kind.key for kind in REGISTRY}) == len(REGISTRY)
    for kind in REGISTRY:
        named = [told[0] for told in kind.fields.values() if isinstance(told, tuple)]
        assert len(named) == len(set(named)), kind.key


@pytest.fixture
def full(family):
    """A family of whom something of each kind is kept."""
    now, account = timezone.now(), family.account
    account.contact.phone, account.contact.phone_confirmed_at, account.contact.sms_since = "+33612345678", now, now
    account.contact.save()
    PhoneCode.objects.create(account=account, phone="+33687654321", seed="graine-secrete", asked_at=now)
    Delivery.objects.create(account=account, dedup_key=KEY, channel="sms", created_at=now, token="jeton-secret")
    OpeningAlert.objects.create(
        account=account, detainee=family.detainee, day=now.date(), asked_at=now, opens_at=now, told_at=now
    )
    Attempt.objects.create(account=account, address="1:empreinte-d-adresse", pair="1:empreinte-de-paire", at=now)
    return family


@pytest.mark.parametrize("page", PAGES)
def test_telephone_consent_language_deliveries_alerts_and_tries_are_shown_and_secrets_are_not(full, page):
    said = full.browser.get(page).content.decode()

    for word in ("+33612345678", "+33687654321", SUBJECT.get(page, "Rappel d’un rendez-vous")):
        assert word in said, word
    for secret in ("graine-secrete", "jeton-secret", "empreinte-d-adresse", "empreinte-de-paire"):
        assert secret not in said
    for reason in WHY.values():
        assert str(reason) in said.replace("&#x27;", "'")


def test_the_file_names_each_kind(full):
    kept = json.loads(full.browser.get(PAGES[1]).content)["tout"]

    assert kept["joindre"][0]["sms_acceptes_le"] is not None
    assert kept["compte"][0]["langue"] == "fr"
    assert (len(kept["alertes_d_ouverture"]), len(kept["essais_d_enregistrement"])) == (1, 1)
    assert "refus_de_permis" not in kept


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_barred_reads_the_very_words_that_everybody_reads(full, page):
    def body():
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", full.browser.get(page).content.decode())

    before = body()
    Barred.objects.create(account=full.account, visitor=VisitorFactory(), at=timezone.now())

    assert body() == before

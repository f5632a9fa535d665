"""What is kept of a person is read in words: no code of ours is shown."""

from __future__ import annotations

import ast
from datetime import time, timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CheckConstraint
from django.utils import timezone

from parloir.notifications.models import Delivery
from parloir.notifications.rules import Outcome
from parloir.permits.rules import News
from parloir.portal.kept_in_words import CODES, subject_of
from parloir.visits.models import WaitingEntry
from parloir.visits.queries.kept import REGISTRY, Why
from tests.visits.waiting_families import wait


def codes_in_the_database():
    """Return each shown field that a constraint keeps to a list of codes, with the codes that are not empty."""
    for kind in REGISTRY:
        model = apps.get_model(kind.model)
        for constraint in model._meta.constraints:
            for asked in constraint.condition.children if isinstance(constraint, CheckConstraint) else ():
                name, codes = asked if isinstance(asked, tuple) else ("", ())
                field = name.removesuffix("__in")
                if name.endswith("__in") and not isinstance(kind.fields[field], Why):
                    yield (kind.model, field), {str(code) for code in codes if code}


def test_every_code_that_a_shown_field_can_hold_has_words():
    known = dict(codes_in_the_database())

    assert known
    assert {field: {str(code) for code in CODES.get(field, ())} for field in known} == known


def beginnings_of_keys():
    """Return how the keys of messages begin, as the jobs write them."""
    for path in settings.ROOT.glob("parloir/*/tasks*/**/*.py"):
        yield from beginnings_in(path)
    for path in settings.ROOT.glob("parloir/*/tasks.py"):
        yield from beginnings_in(path)


def beginnings_in(path):
    for node in ast.walk(ast.parse(path.read_text())):
        first = node.values[0] if isinstance(node, ast.JoinedStr) else None
        if isinstance(first, ast.Constant) and str(first.value).endswith("-"):
            yield str(first.value)


def test_every_key_that_a_job_gives_a_message_says_what_it_was_about():
    whats_of_visits = {"in-full-", "kept-", "to-confirm-"}
    whats = ("booked", "changed-2", "cancelled", "reminder-3", *(f"{what}1" for what in whats_of_visits))
    begun = {*beginnings_of_keys(), "address-", "notice-", *(f"permit-{news}-" for news in News)} - {
        "permit-",
        *whats_of_visits,
    }
    keys = {*begun - {"visit-"}, *(f"visit-7-{what}-4" for what in whats)}

    assert "visit-" in begun
    assert [key for key in sorted(keys) if subject_of(key) == "Un message"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/espace/mes-donnees/", "/espace/mes-donnees/a-lire/"])
def test_a_person_reads_words_and_not_the_codes_that_we_keep(family, page):
    now = timezone.now()
    Delivery.objects.create(
        account=family.account,
        dedup_key="visit-1-booked-4",
        channel="email",
        outcome=Outcome.NO_ADDRESS,
        created_at=now,
    )
    wait(family, first_day=timezone.localdate(), last_day=timezone.localdate() + timedelta(days=20), now=now)
    WaitingEntry.objects.update(weekdays=[1, 6], earliest=time(14))

    html = family.browser.get(page).content.decode()
    in_detail = html[html.index('id="en-detail"') :]

    for code in ("no_address", "visit-1-booked", ">own<", ">fr<", "14:00:00", ">1, 6<"):
        assert code not in in_detail, code
    for words in ("Rendez-vous confirmé", "nous n’avions pas d’adresse", "Français", "lundi, samedi", "14 h 00"):
        assert words in in_detail, words

"""Every constraint of the database: what can reach it, and what is said then; one without its line here fails.

A constraint is the last guard. In front of it stands a form's field, the reading of a line of the register, a lock,
or a statement that writes once what is asked for twice. Those that a race can reach all the same are told as
reasons; any other that is reached is a fault of ours, and is told as such.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from parloir.content.models import Opinion
from parloir.establishments.operations import publish_alert, save_policy
from parloir.establishments.rules import Policy
from parloir.journal.operations import SERVICE
from parloir.notifications.models import Contact
from parloir.people.models import Account
from parloir.permits.models import Registration
from parloir.timetable.operations import add_sessions, close_days, withdraw_session
from parloir.timetable.rules import WeeklySession
from parloir.visits.models import WaitingEntry
from parloir.visits.operations.refused import _CONSTRAINTS
from parloir.visits.rules import Refusal
from parloir.visits.sentences import told_to_family
from tests.factories import NOW, SessionFactory
from tests.portal.booking import a_family
from tests.register.feed import detainee, permit, restriction
from tests.register.test_lines import fault

pytestmark = pytest.mark.django_db

TOLD = frozenset(_CONSTRAINTS)
"""Reached by two presses or two families at once: told by the rule that it stands for."""

FORM = frozenset(
    {
        "an_opinion_says_how_easy_it_was",
        "consent_to_sms_is_for_a_confirmed_telephone",
        "only_a_telephone_is_confirmed",
        "account_suiting_part_is_a_part_of_the_day",
        "account_suiting_weekdays_are_days_of_a_week",
        "registration_says_whose_permit_it_is",
        "waiting_ends_after_it_begins",
        "waiting_hours_are_in_order",
    }
)
"""A person's field says it first: 400 with a sentence beside it, or nothing to be changed."""

FEED = frozenset(
    {
        "detainee_has_a_penal_category",
        "restriction_is_of_a_known_kind",
        "permit_has_a_known_status",
        "permit_has_a_known_authority",
        "permit_states_a_relationship",
        "permit_ends_after_it_begins",
        "only_a_suspended_permit_says_until_when",
        "a_limited_permit_allows_a_visit",
        # Two lines of one key are brought together by its clock; what still collides is that line's `conflict`.
        "people_detainee_committal_number_key",
        "people_visitor_register_id_key",
        "permits_permit_number_key",
        "one_restriction_per_kind_and_start",
        "a_number_is_replaced_once_at_a_time",
    }
)
"""The reading of a line says it first, by a reason and the key at fault; whatever else collides is `conflict`."""

OPERATOR = frozenset(
    {
        "a_session_is_not_listed_twice",
        "session_ends_after_it_begins",
        "closure_ends_after_it_begins",
        "adults_are_among_the_attendees",
        "a_visit_has_room_for_someone",
        "a_visit_lasts_five_minutes_to_ten_hours",
        "a_place_is_held_a_minute_to_an_hour",
        "a_hindered_visit_is_cancelled_or_reviewed",
        "an_offer_has_its_four_durations",
        "an_alert_ends_after_it_starts",
        "an_alert_is_written_in_french",
        "accessible_cabins_are_among_the_cabins",
        "session_is_of_a_known_kind",
        "session_is_on_a_weekday",
        "establishment_says_whether_it_books_online",
    }
)
"""Written by a prison's settings and timetable, which no page changes yet: the operation raises, nothing changes."""

ONCE = frozenset(
    {
        "one_account_per_identity",
        "a_device_is_known_once",
        "notifications_contact_account_id_key",
        "notifications_delivery_dedup_key_key",
        "sms_of_a_day_are_counted_once",
        "answers_are_counted_by_day",
        "a_permit_is_registered_once_per_account",
        "an_account_is_barred_once_per_person",
        "one_open_review_per_cause_and_subject",
        "one_slot_per_wing_kind_and_start",
        "an_opening_is_asked_for_once",
        "a_visit_is_reminded_of_once",
        "visits_pastuse_permit_id_key",
        "unmet_demand_is_one_figure",
    }
)
"""Written by `get_or_create`, `update_or_create` or `ON CONFLICT`: asked for twice, at once too, it is one row."""

LOCKED = frozenset(
    {
        "a_permit_attends_a_visit_once",
        "one_draft_per_account_and_detainee",
        "a_slot_is_chosen_once_in_a_draft",
        "a_family_has_one_offer_at_a_time",
        "a_family_waits_once",
        "a_version_has_its_number",
        "one_version_is_read",
        "a_word_is_kept_once",
        "content_question_slug_key",
        "establishments_establishment_slug_key",
        "establishments_bookingpolicy_wing_id_key",
        "establishments_informationsheet_establishment_id_key",
        "a_wing_code_is_unique_in_its_prison",
        "people_signin_key_key",
        "notifications_delivery_token_key",
    }
)
"""Written under a lock after what is there was read, by a loading that an operator starts, or drawn from 128 bits."""

OURS = frozenset(
    {
        "a_question_is_in_a_section",
        "a_flood_is_not_counted",
        "an_accessible_cabin_is_never_oversold",
        "a_slot_ends_after_it_starts",
        "account_is_reconciled_in_a_known_way",
        "detainee_is_somewhere_known",
        "journal_link_has_a_known_role",
        "delivery_ended_in_a_known_way",
        "only_what_was_sent_says_when",
        "receipt_is_of_a_known_kind",
        "notice_is_of_a_known_kind",
        "only_a_closed_review_says_how",
        "review_has_a_known_cause",
        "review_says_what_was_told",
        "allowance_is_of_a_known_kind",
        "an_allowance_says_why",
        "offer_is_in_a_known_state",
        "only_a_reserved_place_is_nobodys",
        "only_an_ended_offer_says_when",
        "only_an_ended_wait_says_why",
        "an_anonymous_visit_is_figures_only",
        "only_a_cancelled_visit_says_by_whom",
        "only_a_wanted_sms_was_agreed_to",
        "visit_came_through_a_known_channel",
        "visit_has_a_known_status",
    }
)
"""The code alone writes these columns, from its own lists: reached, it is a fault, answered 500 and reported."""

_NOT_NEGATIVE = re.compile(r"[a-z]+_[a-z]+_[a-z_]+_check")
"""Named by Django for a number that is not negative: counters, and numbers that a form or a line bounds first."""

_EVERY_CONSTRAINT = """
SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE contype IN ('c', 'x') AND relname ~ %(ours)s
UNION SELECT i.relname FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
WHERE indisunique AND NOT indisprimary AND t.relname ~ %(ours)s"""
_OURS = r"^(content|establishments|journal|notifications|people|permits|register|review|timetable|visits)_"


def constraints():
    with connection.cursor() as cursor:
        cursor.execute(_EVERY_CONSTRAINT, {"ours": _OURS})
        return {name for (name,) in cursor.fetchall()}


def bare(name):
    """Return a name without the hash that Django gives to some."""
    return re.sub(r"_[0-9a-f]{8}_uniq$", "_key", name)


def test_every_constraint_has_its_way_of_being_reached_and_no_more_are_listed():
    known = [TOLD, FORM, FEED, OPERATOR, ONCE, LOCKED, OURS]
    found = {bare(name) for name in constraints()}

    assert sum(map(len, known)) == len(frozenset().union(*known))
    assert sorted(name for name in found - frozenset().union(*known) if not _NOT_NEGATIVE.fullmatch(name)) == []
    assert sorted(frozenset().union(*known) - found) == []


@pytest.mark.parametrize("name", sorted(TOLD))
def test_one_that_a_race_reaches_is_told_in_a_sentence_with_what_to_do_next(name):
    [told] = told_to_family([Refusal(_CONSTRAINTS[name])], zone=ZoneInfo("Europe/Paris"))

    assert told.text.endswith(".")


PREFERENCES = "/espace/preferences/"
SENT = [
    ("/avis/", {"facilite": "x", "texte": "", "page": ""}, 400),
    (PREFERENCES, {"sms": "on", "langue": "fr"}, 302),
    ("/espace/permis/ajouter/", {"pour": "x", "numero": "12", "etablissement": "x"}, 400),
    ("{wait}", {"permis": "0", "jours": "9", "moment": "nuit", "du": "2026-12-30", "au": "2026-12-01"}, 400),
    ("{calendar}", {"jours": "9", "moment": "nuit"}, None),
]


@pytest.mark.parametrize(("address", "sent", "status"), SENT)
def test_a_form_answers_before_its_constraint_is_reached(address, sent, status):
    family = a_family()
    filled = {"{wait}": "/espace/attente/rejoindre/{}/", "{calendar}": "/espace/rendez-vous/nouveau/{}/"}
    address, registered = filled.get(address, address).format(family.detainee.pk), Registration.objects.count()

    answer = (family.browser if address.startswith("/espace") else Client()).post(address, sent)

    assert answer.status_code == status if status else answer.status_code < 500
    assert not Opinion.objects.exists()
    assert not WaitingEntry.objects.exists()
    assert not Contact.objects.filter(sms_since__isnull=False).exists()
    assert Registration.objects.count() == registered
    assert set(Account.objects.values_list("suiting_part", flat=True)) <= {"", "morning", "afternoon"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (detainee(category="x"), ("bad_value", "category")),
        (restriction(kind="x"), ("bad_value", "kind")),
        (permit(status="x"), ("bad_value", "status")),
        (permit(issued_by="x"), ("bad_value", "issued_by")),
        (permit(relationship="x"), ("bad_value", "relationship")),
        (permit(valid_from="2026-12-02", valid_until="2026-12-01"), ("bad_period", "valid_until")),
        (permit(status="active", suspended_until="2026-12-01"), ("bad_value", "suspended_until")),
        (permit(visits_allowed=0), ("bad_value", "visits_allowed")),
        (permit(visits_allowed=-1), ("bad_value", "visits_allowed")),
    ],
)
def test_a_line_of_the_register_is_refused_by_its_key_before_a_constraint_is_reached(line, reason):
    assert fault(line) == reason


def save(wing_id, **about):
    return save_policy(wing_id=wing_id, policy=replace(Policy(), **about), actor=SERVICE, now=NOW)


def add(session, **about):
    given = {
        "wing_id": session.wing_id,
        "kind": "ordinaire",
        "weekday": session.weekday,
        "starts_at": session.starts_at,
        "duration_minutes": 30,
        "capacity": 1,
        "valid_from": date(2026, 6, 1),
    }
    return add_sessions(sessions=[WeeklySession(**given | about)], actor=SERVICE, now=NOW)


def alert(**about):
    given = {"establishment_id": None, "texts": {"fr": "Grève."}, "starts_at": NOW, "ends_at": None}
    return publish_alert(**given | about, actor=SERVICE, now=NOW)


REFUSED_SETTINGS = {
    "a_session_is_not_listed_twice": add,
    "session_is_of_a_known_kind": lambda s: add(s, kind="x", weekday=7),
    "session_is_on_a_weekday": lambda s: add(s, weekday=8),
    "session_ends_after_it_begins": lambda s: withdraw_session(
        session_id=s.pk, last_day=s.valid_from - timedelta(days=1), actor=SERVICE, now=NOW
    ),
    "accessible_cabins_are_among_the_cabins": lambda s: add(s, weekday=7, accessible_capacity=2),
    "closure_ends_after_it_begins": lambda s: close_days(
        wing_id=s.wing_id, since=date(2026, 12, 2), until=date(2026, 12, 1), actor=SERVICE, now=NOW
    ),
    "adults_are_among_the_attendees": lambda s: save(s.wing_id, adults_maximum=9, attendees_maximum=3),
    "a_visit_has_room_for_someone": lambda s: save(s.wing_id, attendees_maximum=0),
    "a_visit_lasts_five_minutes_to_ten_hours": lambda s: save(s.wing_id, duration_minutes=1),
    "a_place_is_held_a_minute_to_an_hour": lambda s: save(s.wing_id, hold_minutes=0),
    "a_hindered_visit_is_cancelled_or_reviewed": lambda s: save(s.wing_id, on_hospital="x"),
    "an_offer_has_its_four_durations": lambda s: save(s.wing_id, offer_minutes=(1, 2)),
    "an_alert_ends_after_it_starts": lambda s: alert(ends_at=NOW - timedelta(hours=1)),
    "an_alert_is_written_in_french": lambda s: alert(texts={"en": "Strike."}),
}


@pytest.mark.parametrize("name", sorted(REFUSED_SETTINGS))
def test_a_setting_that_breaks_a_constraint_raises_and_changes_nothing(name):
    session = SessionFactory(valid_from=date(2026, 6, 1))
    with transaction.atomic(), pytest.raises((IntegrityError, ValidationError, ValueError)), transaction.atomic():
        REFUSED_SETTINGS[name](session)

    assert type(session).objects.count() == 1


def test_each_setting_is_tried():
    assert set(REFUSED_SETTINGS) == OPERATOR - {"establishment_says_whether_it_books_online"}

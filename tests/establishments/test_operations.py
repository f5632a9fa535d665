"""The referential is loaded as often as wished; what a prison decided stays."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from parloir.establishments.models import BookingPolicy, Establishment, Wing
from parloir.establishments.operations import Loaded, load_establishments, save_policy
from parloir.establishments.referential import read_referential
from parloir.establishments.rules import OnlineBooking, Policy, PolicyWarning
from parloir.journal.models import Entry
from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, WingFactory

MANAGER = Actor("staff", 7)
FACTS = {line.slug: line for line in read_referential()}
DIJON, VARENNES = FACTS["ma-dijon"], FACTS["cp-varennes-le-grand"]


def test_the_referential_holds_the_186_prisons_and_their_wings():
    assert len(FACTS) == 186
    assert sum(len(line.wings) for line in FACTS.values()) == 278
    assert sum(line.detainees or 0 for line in FACTS.values()) == 89_283
    assert sum(not line.time_zone.startswith("Europe/") for line in FACTS.values()) == 16
    assert sum(line.online_booking != OnlineBooking.OPEN for line in FACTS.values()) == 16


def test_a_cell_that_no_source_fills_is_empty():
    kone = FACTS["cd-kone"]

    assert (kone.phone, kone.latitude, kone.city) == ("", None, "")
    assert FACTS["ma-belfort"].capacity is None


@pytest.mark.django_db
def test_loading_creates_prisons_wings_and_default_policies():
    loaded = load_establishments(facts=[DIJON, VARENNES], now=NOW)

    assert loaded == Loaded(created=2, updated=0, unchanged=0, unlisted=0, wings_created=3, policies_created=3)
    dijon = Establishment.objects.get(slug="ma-dijon")
    assert (dijon.name, dijon.phone, dijon.time_zone) == ("Maison d’arrêt de Dijon", "+33380664732", "Europe/Paris")
    assert (dijon.capacity, dijon.detainees, dijon.online_booking) == (185, 324, "open")
    assert sorted(Wing.objects.values_list("establishment__slug", "code")) == [
        ("cp-varennes-le-grand", "CD/QCD"),
        ("cp-varennes-le-grand", "MA/QMA"),
        ("ma-dijon", "MA/QMA"),
    ]
    assert [policy.as_rules() for policy in BookingPolicy.objects.all()] == [Policy()] * 3
    assert Entry.objects.get().verb == "establishments.loaded"


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_writes_nothing():
    load_establishments(facts=[DIJON], now=NOW)
    Entry.objects.all().delete()

    again = load_establishments(facts=[DIJON], now=NOW)

    assert again == Loaded(created=0, updated=0, unchanged=1, unlisted=0, wings_created=0, policies_created=0)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_loading_corrects_what_the_file_says_otherwise_and_keeps_the_row():
    load_establishments(facts=[DIJON, VARENNES], now=NOW)
    row = Establishment.objects.get(slug="ma-dijon")
    moved = replace(DIJON, phone="+33380000001", wings=("MA/QMA", "SAS"))

    loaded = load_establishments(facts=[moved, VARENNES], now=NOW)

    assert loaded == Loaded(created=0, updated=1, unchanged=1, unlisted=0, wings_created=1, policies_created=1)
    row.refresh_from_db()
    assert row.phone == "+33380000001"
    assert Establishment.objects.get(slug="cp-varennes-le-grand").phone == VARENNES.phone


@pytest.mark.django_db
def test_loading_never_changes_a_policy_nor_removes_a_row():
    wing = WingFactory(establishment=EstablishmentFactory(slug="ma-dijon"), code="MA/QMA")
    policy = PolicyFactory(wing=wing, opens_days_before=14, attendees_maximum=3)
    elsewhere = WingFactory()

    loaded = load_establishments(facts=[DIJON], now=NOW)

    policy.refresh_from_db()
    assert loaded == Loaded(created=0, updated=1, unchanged=0, unlisted=1, wings_created=0, policies_created=1)
    assert (policy.opens_days_before, policy.attendees_maximum) == (14, 3)
    assert Wing.objects.filter(pk=elsewhere.pk, policy__isnull=False).exists()


@pytest.mark.django_db
def test_the_command_reports_its_counts():
    out, again = StringIO(), StringIO()

    call_command("load_establishments", stdout=out)
    call_command("load_establishments", stdout=again)

    assert out.getvalue() == (
        "establishments: created=186 updated=0 unchanged=0 unlisted=0; wings created=278; policies created=278\n"
    )
    assert again.getvalue() == (
        "establishments: created=0 updated=0 unchanged=186 unlisted=0; wings created=0; policies created=0\n"
    )


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_changes_nothing(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("slug,name\nma-dijon,Dijon\n", encoding="utf-8")

    with pytest.raises(CommandError, match="could not be read"):
        call_command("load_establishments", file=bad)

    assert not Establishment.objects.exists()


@pytest.mark.django_db
def test_a_policy_at_the_laws_floors_raises_no_warning():
    wing = WingFactory()

    warnings = save_policy(
        wing_id=wing.id, policy=Policy(weekly_maximum_condamne=1, visit_weekdays=(1, 3)), actor=MANAGER, now=NOW
    )

    assert warnings == []
    assert wing.policy.as_rules() == Policy(weekly_maximum_condamne=1, visit_weekdays=(1, 3))


@pytest.mark.django_db
def test_a_policy_below_the_laws_floors_is_saved_and_warns():
    wing = PolicyFactory().wing

    warnings = save_policy(
        wing_id=wing.id,
        policy=Policy(weekly_maximum_prevenu=2, weekly_maximum_condamne=0),
        actor=MANAGER,
        now=NOW,
    )

    assert warnings == [PolicyWarning.PREVENU_BELOW_LEGAL_FLOOR, PolicyWarning.CONDAMNE_BELOW_LEGAL_FLOOR]
    saved = BookingPolicy.objects.get(wing=wing)
    assert (saved.weekly_maximum_prevenu, saved.weekly_maximum_condamne) == (2, 0)
    entry = journal_entries().get()
    assert (entry.actor_id, entry.verb, entry.subject_id) == (7, "policy.saved", wing.id)
    assert entry.detail == {"weekly_maximum_prevenu": 2, "weekly_maximum_condamne": 0}


@pytest.mark.django_db
def test_no_maximum_at_all_is_above_the_floors():
    unlimited = Policy(weekly_maximum_prevenu=None, weekly_maximum_condamne=None)

    assert save_policy(wing_id=WingFactory().id, policy=unlimited, actor=MANAGER, now=NOW) == []


@pytest.mark.django_db
def test_a_policy_that_nobody_could_book_under_is_not_saved():
    wing = PolicyFactory().wing

    with pytest.raises(ValidationError, match="adults_are_among_the_attendees"):
        save_policy(wing_id=wing.id, policy=Policy(attendees_maximum=2, adults_maximum=3), actor=MANAGER, now=NOW)

    assert BookingPolicy.objects.get(wing=wing).as_rules() == Policy()
    assert not Entry.objects.exists()

"""Questions are loaded as often as wished; what was read is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from parloir.content.documents import read_questions
from parloir.content.models import Question, Tally, Version, Word
from parloir.content.operations import Loaded, count_opinion, load_questions
from parloir.content.queries import answer_to, tree
from parloir.content.rules import DAILY_CEILING
from parloir.journal.models import Entry
from tests.factories import NOW

FACTS = read_questions()
LINGE = replace(next(fact for fact in FACTS if fact.slug == "linge"), related=())
RETARD = replace(next(fact for fact in FACTS if fact.slug == "retard"), related=())
LATER = NOW + timedelta(days=1)
DAY = date(2026, 11, 25)

pytestmark = pytest.mark.django_db


def saying(fact, body):
    return replace(fact, texts={**fact.texts, "fr": replace(fact.texts["fr"], body=body)})


def on_screen(slug, body):
    """Write as the editing screen will: a new current version that no file holds."""
    question = Question.objects.get(slug=slug)
    earlier = Version.objects.filter(question=question, language="fr")
    earlier.filter(is_current=True).update(is_current=False)
    Version.objects.create(
        question=question,
        language="fr",
        number=earlier.count() + 1,
        is_current=True,
        from_files=False,
        title="Linge",
        body=body,
        text=body,
        updated_on=DAY,
        written_at=NOW,
        search="",
    )


def test_loading_writes_each_text_once_and_says_so():
    assert load_questions(facts=[LINGE, RETARD], now=NOW) == Loaded(created=4)
    assert sorted(Version.objects.values_list("question__slug", "language", "number", "is_current")) == [
        ("linge", "en", 1, True),
        ("linge", "fr", 1, True),
        ("retard", "en", 1, True),
        ("retard", "fr", 1, True),
    ]
    assert Entry.objects.get().verb == "questions.loaded"
    assert Word.objects.filter(language="fr", word="linge").exists()


def test_families_words_are_known_again_though_no_answer_changed(db):
    load_questions(facts=FACTS, now=NOW)
    Word.objects.filter(word="hosto").delete()

    load_questions(facts=FACTS, now=NOW)

    assert Word.objects.filter(language="fr", word="hosto").count() == 1


def test_loading_again_writes_nothing():
    load_questions(facts=[LINGE], now=NOW)
    Entry.objects.all().delete()

    assert load_questions(facts=[LINGE], now=LATER) == Loaded(unchanged=2)
    assert Entry.objects.count() == 0
    assert Version.objects.count() == 2


def test_a_text_that_changes_is_a_version_more_and_the_old_one_stays():
    load_questions(facts=[LINGE], now=NOW)

    assert load_questions(facts=[saying(LINGE, "Demandez à l’accueil.")], now=LATER) == Loaded(rewritten=1, unchanged=1)
    french = Version.objects.filter(language="fr").order_by("number")
    assert [(v.number, v.is_current, v.written_at) for v in french] == [(1, False, NOW), (2, True, LATER)]
    assert french[0].body == LINGE.texts["fr"].body
    assert answer_to("visites", "linge", "fr").html == "<p>Demandez à l’accueil.</p>\n"


def test_what_was_written_on_screen_stays_what_people_read():
    load_questions(facts=[LINGE], now=NOW)
    on_screen("linge", "Écrit à l’écran.")

    assert load_questions(facts=[LINGE], now=LATER) == Loaded(unchanged=2, kept=1)
    assert load_questions(facts=[saying(LINGE, "Autre.")], now=LATER) == Loaded(rewritten=1, unchanged=1, kept=1)
    assert answer_to("visites", "linge", "fr").html == "<p>Écrit à l’écran.</p>\n"
    assert Version.objects.filter(language="fr").count() == 3


def test_a_question_without_a_file_is_withdrawn_and_may_come_back():
    load_questions(facts=[LINGE, RETARD], now=NOW)

    assert load_questions(facts=[LINGE], now=LATER) == Loaded(unchanged=2, withdrawn=1)
    assert [leaf.slug for branch in tree("fr") for chapter in branch.chapters for leaf in chapter.leaves] == ["linge"]
    with pytest.raises(Question.DoesNotExist):
        answer_to("visites", "retard", "fr")

    load_questions(facts=[LINGE, RETARD], now=LATER)
    assert answer_to("visites", "retard", "fr").leaf.slug == "retard"


def test_the_command_loads_everything_and_can_be_run_again():
    said = StringIO()
    call_command("load_questions", stdout=said)
    call_command("load_questions", stdout=said)

    first, second = said.getvalue().splitlines()
    assert first == f"questions: created={2 * len(FACTS)} rewritten=0 unchanged=0 kept=0 withdrawn=0"
    assert second == f"questions: created=0 rewritten=0 unchanged={2 * len(FACTS)} kept=0 withdrawn=0"


def test_opinions_are_two_numbers_a_day():
    load_questions(facts=[LINGE], now=NOW)

    for helped in (True, True, False):
        count_opinion(slug="linge", language="fr", helped=helped, day=DAY)
    count_opinion(slug="linge", language="fr", helped=True, day=DAY + timedelta(days=1))

    assert sorted(Tally.objects.values_list("day", "helped", "missed")) == [
        (DAY, 2, 1),
        (DAY + timedelta(days=1), 1, 0),
    ]


def test_a_flood_stops_at_the_days_ceiling():
    load_questions(facts=[LINGE], now=NOW)
    count_opinion(slug="linge", language="fr", helped=True, day=DAY)
    Tally.objects.update(helped=DAILY_CEILING)

    count_opinion(slug="linge", language="fr", helped=True, day=DAY)

    assert Tally.objects.get().helped == DAILY_CEILING

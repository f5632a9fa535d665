"""Many rows in one statement: what goes in comes out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from parloir.foundation.rows import reserve_ids, write_rows
from parloir.journal.models import Entry
from parloir.people.models import Visitor
from tests.factories import VisitorFactory

pytestmark = pytest.mark.django_db


def visitor(pk, **fields):
    told = {"birth_name": "N'", "use_name": "", "first_names": ["Zoé"], "birth_date": date(1992, 1, 30)} | fields
    return Visitor(pk=pk, **{"register_id": f"V{pk}"} | told)


def test_every_character_and_list_comes_out_as_it_went_in():
    odd = "O'Brien \"\\ %s {} 李\u2028é\u0301"
    first, second = reserve_ids(Visitor, 2)

    write_rows([visitor(second), visitor(first, birth_name=odd, first_names=[odd, "a,b", "NULL", "{}"])])

    row = Visitor.objects.get(pk=first)
    assert (row.birth_name, row.first_names) == (odd, [odd, "a,b", "NULL", "{}"])
    assert list(Visitor.objects.order_by("pk").values_list("pk", flat=True)) == [first, second]


def test_rows_without_id_get_one_and_keep_instants_and_documents():
    at = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
    entry = {"actor_kind": "service", "verb": "x", "subject_kind": "y", "at": at}

    write_rows([Entry(**entry, detail={"a": 1, "b": None}), Entry(**entry, detail={})])

    assert list(Entry.objects.order_by("pk").values_list("at", "detail")) == [
        (at, {"a": 1, "b": None}),
        (at, {}),
    ]


def test_known_rows_change_only_in_the_columns_named():
    known = VisitorFactory(register_id="V1", birth_name="AVANT", first_names=["Avant"])

    write_rows([visitor(known.pk, register_id="V9", birth_name="APRÈS")], update=("birth_name",))

    known.refresh_from_db()
    assert (known.register_id, known.birth_name, known.first_names) == ("V1", "APRÈS", ["Avant"])


def test_a_constraint_refuses_all_the_rows():
    VisitorFactory(register_id="V1")

    with pytest.raises(IntegrityError), transaction.atomic():
        write_rows([visitor(pk, register_id="V1") for pk in reserve_ids(Visitor, 1)], update=("birth_name",))

    assert Visitor.objects.count() == 1


def test_any_of_finds_what_a_list_names_and_nothing_for_none():
    known = [VisitorFactory().pk for _ in range(3)]

    assert set(Visitor.objects.filter(pk__any_of=known[:2]).values_list("pk", flat=True)) == set(known[:2])
    assert not Visitor.objects.filter(register_id__any_of=[]).exists()


def test_nothing_to_write_and_nothing_to_reserve_cost_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        write_rows([])
        assert list(reserve_ids(Visitor, 0)) == []

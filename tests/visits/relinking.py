"""Look, in a dump of the whole database, for every way that leads from one row to another.

Two rows are joined by a foreign key, by an id that a text or a document names (``visit-12-booked-3``, ``{"visit_id":
12}``), and by what is rarely the same by chance: an instant to the microsecond, a long text. What everybody shares (a
prison, a wing, a language) joins nobody, and neither do the hours that a timetable gives.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime

from django.apps import apps
from django.db import connection

NAMED = {
    "account": "people_account",
    "detainee": "people_detainee",
    "visitor": "people_visitor",
    "permit": "permits_permit",
    "registration": "permits_registration",
    "visit": "visits_visit",
    "offer": "visits_offer",
    "wait": "visits_waitingentry",
    "entry": "visits_waitingentry",
    "slot": "timetable_slot",
}
SHARED = re.compile(r"establishments_|timetable_session|content_|django_|procrastinate_(?!jobs)")
TIMETABLE = {"timetable_slot", "visits_slot"}
LONG = 12


def ways_from(start):
    """Return how each row that can be reached from ``(table, id)`` is reached: its own way, row by row."""
    joined = _joined(_dump())
    ways, to_follow = {start: [start]}, [start]
    while to_follow:
        row = to_follow.pop(0)
        for next_row in sorted(joined[row], key=str):
            if next_row not in ways and not SHARED.match(next_row[0]):
                ways[next_row] = [*ways[row], next_row]
                to_follow.append(next_row)
    return ways


def people_found(start, tables=("people_account", "people_detainee", "people_visitor", "permits_permit")):
    """Return the ways that lead to somebody."""
    return [way for row, way in ways_from(start).items() if row[0] in tables]


def _dump():
    """Return every row of every table, as the database holds them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall() if not SHARED.match(name)]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column.name for column in cursor.description]
            found[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return found


def _joined(dump):
    keys = {
        (model._meta.db_table, field.column): field.remote_field.model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.remote_field
    }
    joined, alike = defaultdict(set), defaultdict(set)
    for table, rows in dump.items():
        for row in rows:
            me = (table, row.get("id"))
            for other in _named_in(table, row, keys):
                joined[me].add(other)
                joined[other].add(me)
            for value in _telling(table, row):
                alike[value].add(me)
    for rows in alike.values():
        for row in rows:
            joined[row] |= rows - {row}
    return joined


def _named_in(table, row, keys):
    """Return the rows that a row names."""
    for column, value in row.items():
        if value is None:
            continue
        if (table, column) in keys:
            yield (keys[table, column], value)
        elif column in {"target_id", "subject_id"}:
            yield (NAMED.get(row.get("kind") or row["subject_kind"], "nothing"), value)
        elif column == "permit_ids":
            yield from (("permits_permit", pk) for pk in value)
        elif isinstance(value, str | dict | list):
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            yield from _named_in_text(text)


def _named_in_text(text):
    for kind, pk in re.findall(r"(\w+?)(?:_id)?\W{1,4}(\d+)", text):
        if kind in NAMED:
            yield (NAMED[kind], int(pk))
    if recipient := re.fullmatch(r"(?:visit|offer|registration|opening)-\d+-[\w-]*?(\d+)(?:-sms)?", text):
        yield ("people_account", int(recipient[1]))


def _telling(table, row):
    for column, value in row.items():
        if (isinstance(value, datetime) and table not in TIMETABLE and (value.minute, value.second) != (0, 0)) or (
            isinstance(value, str) and len(value) >= LONG and column in {"idempotency_key", "change_key", "reference"}
        ):
            yield value

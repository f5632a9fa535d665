"""One door: only ``visits.operations`` writes visits, holds, offers and the counters of slots; read in the sources.

A module outside may neither make such a row, nor change or delete one, by the ORM or by SQL of its own. A
module that handles visits at all (it imports from ``parloir.visits``) calls no writing method on anything:
a row that a query gave it is a row all the same.
"""

from __future__ import annotations

import ast
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from parloir.visits import models

ROOT = Path(__file__).parents[2]
DOOR = "parloir/visits/operations/"
GUARDED = {
    "Visit", "Attendance", "Draft", "Hold", "WaitingEntry", "Offer", "OpeningAlert", "WhyNot", "Allowance",
    "UnmetDemand", "Reminder", "PastUse",
}  # fmt: skip
TABLES = {f"visits_{name.lower()}" for name in GUARDED}
RELATED = {
    "visits", "attendances", "drafts", "holds", "waiting_entries", "offers", "opening_alerts", "allowances",
    "companions",
}  # fmt: skip
"""Ways to these rows from others."""

COUNTERS = {"taken", "overbooked", "accessible_taken"}
BY_ROW = {"save", "delete", "save_base"}
BY_SET = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "raw_delete"}
WRITING = {*BY_ROW, *BY_SET, *(f"a{name}" for name in BY_ROW | BY_SET)}
SQL_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO|COPY)\s+(?:ONLY\s+)?\"?(\w+)\"?",
    re.IGNORECASE,
)
ZEROS_OF_NEW_SLOTS = re.compile(
    r"INSERT INTO timetable_slot.*taken, overbooked, accessible_taken\).*, 0, 0, 0\n", re.DOTALL
)


def chain(node):
    """Return the name at the root of ``a.b().c`` and the attributes on the way."""
    names = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript | ast.Await):
            node = node.value
        else:
            return "", names
    return node.id, names


def imports(tree):
    """Return how this module calls the guarded models, and whether it handles visits at all."""
    called, handles = {}, False
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("parloir.visits"):
            handles = True
            called |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in GUARDED}
        elif isinstance(node, ast.Import):
            handles |= any(alias.name.startswith("parloir.visits") for alias in node.names)
    return called, handles


def texts(tree):
    """Yield every string of a module, the pieces of an f-string together."""
    inside = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield node, "".join(pieces)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node, node.value


def faults_of_call(node, called, *, handles):
    root, way = chain(node.func)
    method = way[0] if way else ""
    words = {word.value for word in ast.walk(node) if isinstance(word, ast.Constant) and isinstance(word.value, str)}
    named = {keyword.arg for keyword in node.keywords}
    if not way and root in called:
        yield f"makes a {called[root]}"
    if way and GUARDED & {*way} and method not in WRITING and way[0] in GUARDED:
        yield f"makes a {way[0]}"
    if root == "Slot" and (not way or method in WRITING) and named & COUNTERS:
        yield "writes the counters of a slot"
    if method in WRITING:
        if root in called or GUARDED & {*way[1:]} or RELATED & {*way[1:]}:
            yield f"writes by {method}"
        elif handles:
            yield f"writes by {method} while it handles visits"
        if named & COUNTERS or words & COUNTERS:
            yield "writes the counters of a slot"


def faults_of_assignment(node):
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Attribute) and part.attr in COUNTERS and isinstance(part.ctx, ast.Store):
                yield f"sets {part.attr}"


def faults_of_sql(text):
    for table in SQL_WRITE.findall(text):
        if table.lower() in TABLES:
            yield f"writes {table}"
        elif table.lower() == "timetable_slot" and not ZEROS_OF_NEW_SLOTS.search(text):
            written = COUNTERS & set(re.findall(r"\w+", text))
            if written:
                yield "writes the counters of a slot"


@cache
def faults_of(source):
    """Return where a module writes what only the door may write, and what; each text is read once."""
    tree = ast.parse(source)
    called, handles = imports(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [(node.lineno, fault) for fault in faults_of_call(node, called, handles=handles)]
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            found += [(node.lineno, fault) for fault in faults_of_assignment(node)]
    for node, text in texts(tree):
        found += [(node.lineno, fault) for fault in faults_of_sql(text)]
    return found


def faults(root):
    """Return one line for each place outside the door where something is written that only it may write."""
    found = []
    for path in sorted((root / "parloir").rglob("*.py")):
        name = str(path.relative_to(root))
        if not name.startswith(DOOR) and "migrations" not in path.parts:
            found += [f"{name}:{line} {fault}" for line, fault in faults_of(path.read_text())]
    return found


def test_the_guarded_are_all_the_rows_that_visits_keep():
    kept = {name for name, value in vars(models).items() if getattr(value, "__module__", "") == models.__name__}

    assert kept == GUARDED


def test_nothing_outside_the_door_writes_what_it_guards():
    assert faults(ROOT) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the sources, to be spoilt."""
    folder = tmp_path_factory.mktemp("spoilt")
    shutil.copytree(
        ROOT / "parloir", folder / "parloir", ignore=shutil.ignore_patterns("__pycache__", "static", "data", "locale")
    )
    return folder


VISITS = "from parloir.visits.models import Visit as Rendezvous, Hold\n"


@pytest.mark.parametrize(
    ("module", "lines"),
    [
        ("visits/queries/mine.py", "def f(): Visit.objects.filter(pk=1).update(status='booked')"),
        ("visits/queries/mine.py", "def f(visit): visit.save()"),
        ("visits/queries/calendar.py", "def f(): Hold.objects.all().delete()"),
        ("visits/queries/people.py", "def f(slot): slot.holds.filter(pk=1).update(held=False)"),
        ("visits/tasks/upkeep.py", "def f(): app; from parloir.visits.models import Offer; Offer(slot_id=1)"),
        ("visits/management/commands/check_invariants.py", f"{VISITS}def f(): Rendezvous.objects.create(slot_id=1)"),
        ("visits/management/commands/check_invariants.py", f"{VISITS}def f(): Rendezvous(slot_id=1)"),
        ("portal/views/visits.py", "def f(visit): visit.delete()"),
        ("portal/views/visits.py", "async def f(visit): await visit.asave()"),
        ("permits/operations/removing.py", "def f(permit): permit.attendances.update(live=False)"),
        ("people/operations/signing_in.py", "def f(account): account.visits.all().delete()"),
        ("people/operations/signing_in.py", "import parloir.visits.models\ndef f(x): x.save()"),
        ("timetable/operations.py", "def f(): Slot.objects.filter(pk=1).update(taken=F('taken') + 1)"),
        ("timetable/operations.py", "def f(): Slot.objects.create(capacity=1, overbooked=1)"),
        ("timetable/operations.py", "def f(slot): slot.taken += 1"),
        ("timetable/operations.py", "def f(slot): slot.accessible_taken, x = 1, 2"),
        ("timetable/operations.py", "def f(slot): slot.save(update_fields=['taken'])"),
        ("timetable/operations.py", "def f(slots): Slot.objects.bulk_update(slots, ['overbooked'])"),
        ("timetable/operations.py", "SQL = 'UPDATE timetable_slot SET taken = taken + 1'"),
        ("timetable/operations.py", "SQL = 'INSERT INTO timetable_slot (wing_id, taken) VALUES (1, 1)'"),
        ("register/importer.py", "SQL = 'DELETE FROM visits_visit'"),
        ("register/importer.py", "SQL = f'UPDATE \"visits_hold\" SET held = {1}'"),
        ("foundation/text.py", "SQL = 'insert into visits_unmetdemand values (1)'"),
        ("foundation/text.py", "SQL = 'TRUNCATE visits_offer CASCADE'"),
        ("foundation/text.py", "SQL = 'WITH x AS (SELECT 1) UPDATE ONLY visits_whynot SET code = 1'"),
    ],
)
def test_each_way_round_the_door_is_seen(copy, module, lines):
    spoilt = copy / "parloir" / module
    sound = spoilt.read_text()
    try:
        spoilt.write_text(f"{sound}\n{lines}\n")
        found = faults(copy)
    finally:
        spoilt.write_text(sound)

    assert found != []
    assert {line.partition(":")[0] for line in found} == {f"parloir/{module}"}

"""Watch in which order transactions lock rows: one order for all, and no ring of locks can ever close.

A ring shows itself once in an hour of rush; a statement out of order shows itself each time it runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from psycopg.pq import TransactionStatus

from parloir.timetable.operations import _TURN as MAKING_SLOTS
from parloir.visits.operations.receiving import _TURN as RECEIVING

ORDER = (
    "import",
    "people_detainee",
    "people_visitor",
    "permits_permit",
    "review of a detainee",
    "visits_visit",
    "visits_draft",
    "visits_hold",
    "visitor",
    "visits_waitingentry",
    "visits_offer",
    "people_account",
    "review_entry",
    "timetable_slot",
    "timetable",
)
"""The order of locks, as docs/architecture.md tells it.

Three are turns, not rows: of the register's batches, of the bookings of one visitor, of the making of slots.
"""

ONE_AT_A_TIME = {"people_detainee", "review of a detainee"}
"""Of these only an import takes several in one transaction, and imports take turns: it may take more of them later."""

_TURNS = {RECEIVING: "import", MAKING_SLOTS: "timetable"}
_LOCKING = re.compile(r"FOR (?:NO KEY )?UPDATE(?: OF (?P<of>[\w\", ]+?))?(?P<skip> SKIP LOCKED)?\s*(?:\)|$)")
_TABLES = re.compile(r'(?:FROM|JOIN)\s+"?(?P<table>\w+)"?(?:\s+(?P<alias>[a-z]\w*)\b)?')
_WRITING = re.compile(r'^\s*(?:UPDATE|DELETE FROM)\s+"?(?P<table>\w+)"?')
_MAKING = re.compile(r'^INSERT INTO "(\w+)"')


@dataclass(frozen=True)
class Lock:
    """What a statement locks: a table, the rows when it names them, and whether it waits for them."""

    table: str
    rows: frozenset[int] = frozenset()
    waits: bool = True


class LockWatch:
    """Wraps the statements of one connection; ``found`` says what was locked after what, out of order."""

    def __init__(self):
        self.found = set()
        self.doing = ""
        self._held = []
        self._made = set()
        self._savepoints = {}

    def __call__(self, execute, sql, params, many, context):
        connection = context["connection"].connection
        if connection is None or connection.info.transaction_status == TransactionStatus.IDLE:
            self._held, self._made, self._savepoints = [], set(), {}
        self._follow_savepoint(sql)
        result = execute(sql, params, many, context)
        if context["cursor"].rowcount > 0:
            new = [lock for lock in _locks_of(sql, params) if not self._has(lock, is_writing=bool(_WRITING.match(sql)))]
            for lock in new:
                if lock.waits:
                    self._check(lock)
            self._held += new
            self._made.update(_MAKING.findall(sql))
        return result

    def _has(self, lock, *, is_writing):
        """Tell whether a lock is held already: of rows named, read by something else than their ids, or made here."""
        tables = {lock.table, "review of a detainee"} if lock.table == "review_entry" else {lock.table}
        held = [one for one in self._held if one.table in tables]
        if is_writing and lock.table in self._made:
            return True
        if is_writing or lock.table == "visitor":
            return any(not one.rows for one in held) or (bool(held) and not lock.rows) or _are_named(lock.rows, held)
        return _are_named(lock.rows, held)

    def _check(self, lock):
        for held in self._held:
            rank, before = ORDER.index(lock.table), ORDER.index(held.table)
            is_later = before < rank or (before == rank and held.rows and lock.rows and max(held.rows) < min(lock.rows))
            if not is_later and not self._is_in_turn(lock, held):
                self.found.add(f"{self.doing}: {lock.table} after {held.table}")

    def _is_in_turn(self, lock, held):
        early = ORDER[: ORDER.index("visits_visit")]
        return lock.table in ONE_AT_A_TIME and held.table in early and self._held[0].table == "import"

    def _follow_savepoint(self, sql):
        if sql.startswith("SAVEPOINT "):
            self._savepoints[sql.removeprefix("SAVEPOINT ")] = len(self._held)
        elif sql.startswith("ROLLBACK TO SAVEPOINT "):
            del self._held[self._savepoints[sql.removeprefix("ROLLBACK TO SAVEPOINT ")] :]


def _are_named(rows, locks):
    return bool(rows) and rows <= {row for lock in locks for row in lock.rows}


def _locks_of(sql, params):
    return [lock for lock in (*_turns(sql, params), *_rows(sql, params)) if lock.table in ORDER]


def _turns(sql, params):
    if "pg_advisory_xact_lock" not in sql:
        return
    if not isinstance(params, dict):
        yield Lock(_TURNS[params[0]])
    elif "in_turn" not in params or params["in_turn"]:
        yield Lock("visitor", rows=frozenset(params.get("in_turn", ())))


def _rows(sql, params):
    if locking := _LOCKING.search(sql):
        tables = {}
        for found in _TABLES.finditer(sql):
            tables[found["table"]] = tables[found["alias"] or found["table"]] = found["table"]
        named = re.findall(r"\w+", locking["of"]) if locking["of"] else [_TABLES.search(sql)["table"]]
        for name in named:
            yield _lock(tables[name], sql, params, waits=not locking["skip"])
    elif writing := _WRITING.match(sql):
        yield _lock(writing["table"], sql, params, waits=True)


def _lock(table, sql, params, *, waits):
    rows = _rows_named(table, sql, params)
    if table == "review_entry" and "detainee" in (params or ()):
        table = "review of a detainee"
    return Lock(table, rows, waits)


def _rows_named(table, sql, params):
    """Return the rows that a statement names by their ids alone."""
    start = sql.rfind(" WHERE ")
    named = re.search(rf'"{table}"\."id" (?:= %s|IN \((?P<several>[%s, ]+)\))', sql[start:]) if start > 0 else None
    if not named:
        return frozenset()
    before = sql[: start + named.start()].count("%s")
    return frozenset(params[before : before + (named["several"] or "%s").count("%s")])

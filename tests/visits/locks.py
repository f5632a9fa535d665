"""Watch in which order transactions lock rows: one order for all, and no ring of locks can ever close.

A ring shows itself once in an hour of rush; a statement out of order shows itself each time it runs. Which rows a
statement locked is read from what the database answers, not guessed from its text: a second statement that locks
other rows of a table is seen, however it names them.
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
    "review of a person or permit",
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

ONE_AT_A_TIME = {"people_detainee", "review of a person or permit"}
"""Of these only an import takes several in one transaction, and imports take turns: it may take more of them later."""

_TURNS = {RECEIVING: "import", MAKING_SLOTS: "timetable"}
_TURN_NAMES = {"import", "timetable", "visitor"}
_LOCKING = re.compile(r"FOR (?:NO KEY )?UPDATE(?: OF (?P<of>[\w\", ]+?))?(?P<skip> SKIP LOCKED)?\s*(?:\)|$)")
_TABLES = re.compile(r'(?:FROM|JOIN)\s+"?(?P<table>\w+)"?(?:\s+(?P<alias>[a-z]\w*)\b)?')
_WRITING = re.compile(r'^\s*(?:UPDATE|DELETE FROM)\s+"?(?P<table>\w+)"?')
_WRITING_ROWS = re.compile(r'^(?:UPDATE|DELETE FROM) "(?P<table>\w+)" ')
_MAKING = re.compile(r'^INSERT INTO "(\w+)"')
_KINDS = {}


@dataclass(frozen=True)
class Lock:
    """What a statement locks: a table, the rows where they are known, and whether it waits for them."""

    table: str
    rows: frozenset[int] = frozenset()
    waits: bool = True


class LockWatch:
    """Wraps the statements of one connection; ``found`` says what was locked after what, out of order."""

    def __init__(self):
        self.found = set()
        self.doing = ""
        self._held = []
        self._made = {}
        self._savepoints = {}

    def __call__(self, execute, sql, params, many, context):
        connection = context["connection"].connection
        if connection is None or connection.info.transaction_status == TransactionStatus.IDLE:
            self._held, self._made, self._savepoints = [], {}, {}
        self._follow_savepoint(sql)
        if (writing := _WRITING_ROWS.match(sql)) and "RETURNING" not in sql:
            sql = f'{sql} RETURNING "{writing["table"]}"."id"'
        result = execute(sql, params, many, context)
        if context["cursor"].rowcount > 0:
            answer = context["cursor"].cursor
            is_writing = bool(_WRITING.match(sql))
            locks = [self._without_own(_as_answered(lock, answer)) for lock in _locks_of(sql, params)]
            new = [lock for lock in locks if lock and not self._has(lock, is_writing=is_writing)]
            for lock in new:
                if lock.waits:
                    self._check(lock)
            self._held += new
            for table in _MAKING.findall(sql):
                self._made.setdefault(table, set()).update(_ids_in(answer, table))
        return result

    def _without_own(self, lock):
        """Return a lock of what others may want too: nobody else sees the rows that this transaction has made."""
        own = self._made.get(lock.table, set())
        if not lock.rows or not own & lock.rows:
            return lock
        return Lock(lock.table, lock.rows - own, lock.waits) if lock.rows - own else None

    def _has(self, lock, *, is_writing):
        """Tell whether a lock is held already: the same rows or, where a statement hides them, any of that table."""
        tables = {lock.table, "review of a person or permit"} if lock.table == "review_entry" else {lock.table}
        held = [one for one in self._held if one.table in tables]
        if is_writing and not lock.rows and lock.table in self._made:
            return True
        if is_writing or lock.table == "visitor":
            return any(not one.rows for one in held) or (bool(held) and not lock.rows) or _are_named(lock.rows, held)
        return _are_named(lock.rows, held)

    def _check(self, lock):
        for held in self._held:
            rank, before = ORDER.index(lock.table), ORDER.index(held.table)
            rows = lock.rows - held.rows
            is_later = before < rank or (before == rank and held.rows and rows and max(held.rows) < min(rows))
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


def _as_answered(lock, answer):
    """Return a lock with the rows that the database answered with, where it told which."""
    if lock.table in _TURN_NAMES:
        return lock
    table = "review_entry" if lock.table == "review of a person or permit" else lock.table
    return Lock(lock.table, frozenset(_ids_in(answer, table)) or lock.rows, lock.waits)


def _ids_in(answer, table):
    """Return the ids of a table's rows in an answer, none if it holds no such column; nothing of it is consumed."""
    result = answer.pgresult
    if result is None or not result.ntuples:
        return set()
    kind = _kind_of(table, answer.connection)
    columns = [n for n in range(result.nfields) if result.ftable(n) == kind and result.fname(n) == b"id"]
    if not columns:
        return set()
    raw = [result.get_value(row, columns[0]) for row in range(result.ntuples)]
    is_binary = bool(result.fformat(columns[0]))
    return {int.from_bytes(one) if is_binary else int(one) for one in raw if one is not None}


def _kind_of(table, connection):
    """Return the number by which the database's answers name a table."""
    if table not in _KINDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)::oid", [table])
            _KINDS[table] = int(cursor.fetchone()[0])
    return _KINDS[table]


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
    if table == "review_entry" and any(kind in (params or ()) for kind in ("detainee", "permit")):
        table = "review of a person or permit"
    return Lock(table, rows, waits)


def _rows_named(table, sql, params):
    """Return the rows that a statement names by their ids alone."""
    if named := re.search(r"\.id = %\((\w+)\)s FOR NO KEY UPDATE", sql):
        return frozenset([params[named[1]]])
    start = sql.rfind(" WHERE ")
    named = re.search(rf'"{table}"\."id" (?:= %s|IN \((?P<several>[%s, ]+)\))', sql[start:]) if start > 0 else None
    if not named:
        return frozenset()
    before = sql[: start + named.start()].count("%s")
    return frozenset(params[before : before + (named["several"] or "%s").count("%s")])

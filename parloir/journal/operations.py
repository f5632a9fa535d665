"""Write the journal, always inside the operation that it tells of, and forget whom entries are about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from parloir.journal.models import Link

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

PERSONAL = ("account", "visit", "permit", "detainee", "visitor", "wait", "offer")
"""Kinds of rows that are somebody's: what leads to one of them leads to a person."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, a staff member, the register, or the service itself."""

    kind: str
    id: int | None = None


SERVICE = Actor("service")
REGISTER = Actor("register")


@dataclass(frozen=True)
class Act:
    """One thing done to one subject.

    :ivar detail: codes and numbers, never a person's data nor the id of a row that is somebody's.
    :ivar about: the ids of what else it is about, by kind; they can be forgotten, ``detail`` cannot.
    """

    verb: str
    subject_kind: str
    subject_id: int | None
    detail: dict[str, str | int | None] = field(default_factory=dict)
    about: Mapping[str, Collection[int]] = field(default_factory=dict)


def record(*, actor: Actor, acts: Iterable[Act], at: datetime) -> None:
    """Append acts to the journal with whom they are about, in one statement."""
    told = [
        {
            "actor_kind": actor.kind,
            "verb": act.verb,
            "subject_kind": act.subject_kind,
            "detail": act.detail,
            "links": _links(actor, act),
        }
        for act in acts
    ]
    if told:
        with connection.cursor() as cursor:
            cursor.execute(_RECORD, {"told": json.dumps(told), "at": at})


def forget_links(targets: Mapping[str, Collection[int]]) -> None:
    """Forget whom the entries about some rows name, in the caller's transaction; the entries stay.

    Of an entry that leads to one of ``targets`` (ids by kind) and is somebody's, every identity goes but the acting
    staff member's: what remains says what was done, and leads nowhere.
    """
    pairs = sorted((kind, target_id) for kind, ids in targets.items() for target_id in ids)
    if pairs:
        with connection.cursor() as cursor:
            kinds, ids = zip(*pairs, strict=True)
            cursor.execute(_FORGET, {"kinds": list(kinds), "ids": list(ids), "personal": list(PERSONAL)})


def _links(actor: Actor, act: Act) -> list[dict[str, str | int]]:
    named = [(Link.Role.ACTOR, actor.kind, actor.id), (Link.Role.SUBJECT, act.subject_kind, act.subject_id)]
    named += [(Link.Role.ABOUT, kind, target_id) for kind, ids in act.about.items() for target_id in ids]
    return [{"role": role, "kind": kind, "target_id": pk} for role, kind, pk in named if pk is not None]


_RECORD = """
WITH told AS (
    SELECT nextval(pg_get_serial_sequence('journal_entry', 'id')) AS id, t.*
    FROM json_to_recordset(%(told)s::json)
        AS t(actor_kind varchar, verb varchar, subject_kind varchar, detail jsonb, links json)
), entries AS (
    INSERT INTO journal_entry (id, at, actor_kind, verb, subject_kind, detail)
    SELECT id, %(at)s::timestamptz, actor_kind, verb, subject_kind, detail FROM told
)
INSERT INTO journal_link (entry_id, role, kind, target_id, at)
SELECT told.id, l.role, l.kind, l.target_id, %(at)s::timestamptz
FROM told, json_to_recordset(told.links) AS l(role varchar, kind varchar, target_id bigint)
"""

_FORGET = """
WITH about AS (
    SELECT DISTINCT l.entry_id FROM unnest(%(kinds)s::text[], %(ids)s::bigint[]) AS t(kind, id)
    JOIN journal_link l ON l.kind = t.kind AND l.target_id = t.id
), gone AS (
    SELECT l.id FROM journal_link l JOIN about USING (entry_id)
    WHERE NOT (l.role = 'actor' AND NOT l.kind = ANY(%(personal)s::text[]))
    AND EXISTS (SELECT FROM journal_link p WHERE p.entry_id = l.entry_id AND p.kind = ANY(%(personal)s::text[]))
    ORDER BY l.id FOR UPDATE
)
DELETE FROM journal_link WHERE id IN (SELECT id FROM gone)
"""

"""Every act that the journal of an account may hold is told in words, not as “another operation”."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from parloir.people.rules import Reconciliation
from parloir.portal.my_data import VERBS
from parloir.visits.rules import OfferState

SOURCES = sorted((Path(__file__).parents[2] / "parloir").glob("*/operations*/**/*.py")) + sorted(
    (Path(__file__).parents[2] / "parloir").glob("*/operations.py")
)
VERB = re.compile(r"(?!parloir|visits\.tell_)[a-z_]+\.[a-z_]+")
"""As verbs are written; names of modules and of the tasks that tell are not."""
ELSEWHERE = frozenset({"configure_task", "warning", "error", "info", "debug", "filter", "exclude", "task"})
"""Calls whose texts are names of tasks, of lines of the log, or of columns."""

NEVER_OF_AN_ACCOUNT = frozenset(
    {
        "account.erased",
        "account.forgotten",
        "alert.published",
        "alert.withdrawn",
        "days.closed",
        "days.reopened",
        "establishments.loaded",
        "offer.open",
        "offer.expired",
        "offer.released",
        "policy.saved",
        "questions.loaded",
        "register.detainee",
        "register.movement",
        "register.permit",
        "register.restriction",
        "review.closed",
        "review.opened",
        "review.owned",
        "session.changed",
        "session.withdrawn",
        "sessions.added",
        "sheet.saved",
        "slot.changed",
        "slot.overbooked",
        "visit.allowed",
        "visit.kept",
        "visits.anonymised",
        "why_not.read",
        "why_not.refused",
    }
)
"""Done by staff, the register or the service, to what is not an account: no line of any account."""

NO_VERBS = frozenset({"email.not_sent", "sms.not_sent", "register.jsonl", "visitor.birth_date"})
"""Lines of the log, a file, a key of the register's feed."""


def written(source):
    """Return the verbs that a source writes, as they stand in it; a part filled in is a star."""
    tree, verbs = ast.parse(source.read_text(encoding="utf-8")), set()
    elsewhere = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in ELSEWHERE
        for part in ast.walk(call)
    }
    for node in ast.walk(tree):
        if id(node) in elsewhere:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VERB.fullmatch(node.value):
            verbs.add(node.value)
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
            verbs |= {text} if re.fullmatch(r"[a-z_]+\.\*", text) else set()
    return verbs


def test_every_act_of_the_journal_has_its_words_or_is_never_an_accounts():
    filled = {"offer.*": OfferState, "reconciliation.*": Reconciliation}
    verbs = set().union(*(written(source) for source in SOURCES)) - NO_VERBS
    stars = {verb for verb in verbs if verb.endswith("*")}
    verbs = verbs - stars | {verb.replace("*", str(state)) for verb in stars for state in filled[verb] if state}
    verbs -= {"offer.reserved", "reconciliation.proposed"}  # states in which nothing is written

    assert sorted(verbs - set(VERBS) - NEVER_OF_AN_ACCOUNT) == []
    assert sorted(verb for verb in (set(VERBS) | NEVER_OF_AN_ACCOUNT) - verbs if "." in verb) == []

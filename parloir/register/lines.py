"""Read one line of the register's feed: its shape, never the database.

Faults are looked for in the order of :class:`~parloir.people.feed.Reason`, and within one reason in the
order of the keys in the format. Only the name of the key at fault is ever repeated.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NoReturn

from parloir.establishments.rules import PenalCategory
from parloir.people.feed import (
    CivilStatus,
    Clock,
    DetaineeLine,
    MovementKind,
    MovementLine,
    PlaceName,
    Reason,
    RestrictionLine,
)
from parloir.people.rules import RestrictionKind
from parloir.permits.feed import PermitLine, Terms
from parloir.permits.rules import Authority, PermitStatus, Relationship
from parloir.register import values
from parloir.register.values import BadLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from parloir.permits.feed import Line

type Json = dict[str, Any]
type Keys = dict[str, None]

LONGEST = 1024 * 1024
"""Bytes in a line; beyond, it is not read."""

EARLY = timedelta(minutes=5)
"""How far a line's moment may lie ahead of our clock."""

_CIVIL = ("birth_name", "use_name", "first_names", "birth_date")
_DETAINEE = dict.fromkeys(("type", "at", "committal_number", "establishment", "wing", *_CIVIL, "category"))
_VISITOR = dict.fromkeys(("id", *_CIVIL))
_PERMIT = dict.fromkeys(
    (
        *("type", "at", "number", "committal_number", "status", "suspended_until", "issued_by", "relationship"),
        *("visitor", "valid_from", "valid_until", "visits_allowed", "weekdays", "separated", "alone_from_16"),
    )
)
_MOVEMENT = dict.fromkeys(("type", "at", "committal_number", "kind"))
_TRANSFER = dict.fromkeys((*_MOVEMENT, "establishment", "wing", "new_committal_number", "disclose_from"))
_RESTRICTION = dict.fromkeys(("type", "at", "committal_number", "kind", "from", "until"))

_LOOKS_LIKE_A_KEY = re.compile(r"[a-z_]{1,40}")


def read_line(raw: bytes, *, now: datetime) -> Line:
    """Return what a line tells.

    :raises BadLine: with the reason and the key at fault.
    """
    told = _object(raw)
    kind = told.get("type")
    if "type" not in told:
        raise BadLine(Reason.MISSING_KEY, "type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadLine(Reason.BAD_TYPE, "type")
    return reader(told, now)


def _object(raw: bytes) -> Json:
    """Decode a line: one JSON object in UTF-8, each key once."""
    if len(raw) > LONGEST:
        raise BadLine(Reason.BAD_JSON, "longer than 1 MiB")
    try:
        told = _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        raise BadLine(Reason.BAD_JSON, "not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine(Reason.BAD_JSON, "not JSON") from None
    if not isinstance(told, dict):
        raise BadLine(Reason.BAD_JSON, "not an object")
    return told


def _each_key_once(pairs: list[tuple[str, Any]]) -> Json:
    """Make an object of its pairs, its texts in the one form (NFC) in which the same text is the same."""
    told = {key: _in_one_form(value) for key, value in pairs}
    if len(told) != len(pairs):
        raise BadLine(Reason.BAD_JSON, "a key given twice")
    return told


def _in_one_form(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_one_form(one) if isinstance(one, str) else one for one in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _integer(digits: str) -> int | float:
    """Read an integer; one too large for anything here is kept as a number that no key accepts."""
    return int(digits) if len(digits) <= len("-2147483648") else float("inf")


def _no_such_number(_name: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(object_pairs_hook=_each_key_once, parse_int=_integer, parse_constant=_no_such_number)


def _detainee(told: Json, now: datetime) -> DetaineeLine:
    _require(told, _DETAINEE)
    number = values.key(told, "committal_number")
    place = PlaceName(values.text(told, "establishment"), values.text(told, "wing"))
    civil = _civil(told, now)
    category = values.one_of(told, "category", PenalCategory)
    return DetaineeLine(_clock(told, now), number, place, civil, category)


def _permit(told: Json, now: datetime) -> PermitLine:
    _require(told, _PERMIT, nested={"visitor": _VISITOR})
    number = values.key(told, "number")
    committal_number = values.key(told, "committal_number")
    status = values.one_of(told, "status", PermitStatus)
    suspended_until = values.last_day_or_none(told, "suspended_until")
    if told["suspended_until"] is not None and status is not PermitStatus.SUSPENDED:
        raise BadLine(Reason.BAD_VALUE, "suspended_until")
    issued_by = values.one_of(told, "issued_by", Authority)
    relationship = values.one_of(told, "relationship", Relationship)
    visitor = told["visitor"]
    visitor_id = values.key(visitor, "id", prefix="visitor.")
    civil = _civil(visitor, now, prefix="visitor.")
    terms = Terms(
        status=status,
        suspended_until=suspended_until,
        issued_by=issued_by,
        relationship=relationship,
        valid_from=values.date_of(told, "valid_from"),
        valid_until=values.last_day_or_none(told, "valid_until"),
        visits_allowed=values.count_or_none(told, "visits_allowed"),
        weekdays=values.weekdays_or_none(told, "weekdays"),
        separated=values.boolean(told, "separated"),
        alone_from_16=values.boolean(told, "alone_from_16"),
    )
    clock = _clock(told, now)
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        raise BadLine(Reason.BAD_PERIOD, "valid_until")
    return PermitLine(clock, number, committal_number, terms, visitor_id, civil)


def _movement(told: Json, now: datetime) -> MovementLine:
    if told.get("kind") == MovementKind.TRANSFER:
        return _transfer(told, now)
    _allow(told, _TRANSFER)
    if "kind" not in told:
        _need(told, _MOVEMENT)
    kind = values.one_of(told, "kind", MovementKind)
    _require(told, _MOVEMENT)
    number = values.key(told, "committal_number")
    return MovementLine(_clock(told, now), number, kind)


def _transfer(told: Json, now: datetime) -> MovementLine:
    _require(told, _TRANSFER)
    number = values.key(told, "committal_number")
    place = PlaceName(values.text(told, "establishment"), values.text(told, "wing"))
    new_number = values.key_or_none(told, "new_committal_number")
    disclose_from = values.day_to_come_or_none(told, "disclose_from")
    return MovementLine(_clock(told, now), number, MovementKind.TRANSFER, place, new_number, disclose_from)


def _restriction(told: Json, now: datetime) -> RestrictionLine:
    _require(told, _RESTRICTION)
    number = values.key(told, "committal_number")
    kind = values.one_of(told, "kind", RestrictionKind)
    since, until = values.date_of(told, "from"), values.last_day(told, "until")
    return RestrictionLine(_clock(told, now), number, kind, since, until)


_READERS: Mapping[str, Callable[[Json, datetime], Line]] = {
    "detainee": _detainee,
    "permit": _permit,
    "movement": _movement,
    "restriction": _restriction,
}


def _civil(told: Json, now: datetime, prefix: str = "") -> CivilStatus:
    return CivilStatus(
        birth_name=values.text(told, "birth_name", prefix=prefix),
        use_name=values.text_or_none(told, "use_name", prefix=prefix) or "",
        first_names=values.first_names(told, "first_names", prefix=prefix),
        birth_date=values.birth_date(told, "birth_date", now=now, prefix=prefix),
    )


def _clock(told: Json, now: datetime) -> Clock:
    """Return a line's moment and content.

    The committal number is left out of the content: a transfer may have replaced it when the line is
    told again.
    """
    at = values.moment(told, "at", latest=now + EARLY)
    content = {key: value for key, value in told.items() if key not in {"at", "committal_number"}}
    if content.get("weekdays"):
        content["weekdays"] = sorted(content["weekdays"])
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return Clock(at, blake2b(canonical.encode(), digest_size=16).hexdigest())


def _require(told: Json, keys: Keys, nested: Mapping[str, Keys] | None = None) -> None:
    """Check that an object, and the objects inside it, have their keys and no other.

    :raises BadLine: when they do not; a misspelt key is told before the one that it leaves missing.
    """
    inner = [(key, told.get(key), inside) for key, inside in (nested or {}).items()]
    _allow(told, keys)
    for key, value, inside in inner:
        if isinstance(value, dict):
            _allow(value, inside, f"{key}.")
    _need(told, keys)
    for key, value, inside in inner:
        if not isinstance(value, dict):
            raise BadLine(Reason.BAD_VALUE, key)
        _need(value, inside, f"{key}.")


def _allow(told: Json, keys: Keys, prefix: str = "") -> None:
    if told.keys() <= keys.keys():
        return
    key = next(key for key in told if key not in keys)
    # A key that nobody chose could itself hold a name.
    raise BadLine(Reason.UNKNOWN_KEY, prefix + key if _LOOKS_LIKE_A_KEY.fullmatch(key) else "unknown key")


def _need(told: Json, keys: Keys, prefix: str = "") -> None:
    if not keys.keys() <= told.keys():
        raise BadLine(Reason.MISSING_KEY, prefix + next(key for key in keys if key not in told))

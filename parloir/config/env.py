"""Read the environment: typed, and a missing variable is named once and for all.

Under ``DEV`` every variable has a development value and an explicit variable always wins.
Without ``DEV`` whatever is required and missing stops the start.
"""

from __future__ import annotations

import os
import re
import zlib
from base64 import b64decode
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult


class MissingVariable(SystemExit):
    """A required environment variable is not set."""

    def __init__(self, name: str) -> None:
        """Name the variable in a sentence for the person who starts the server."""
        super().__init__(f"Environment variable {name} is required (see README.md, “Environment”).")


class BadVariable(SystemExit):
    """An environment variable has a value that cannot be used."""

    def __init__(self, name: str, why: str) -> None:
        """Name the variable and what is expected of it."""
        super().__init__(f"Environment variable {name}: {why}.")


def flag(name: str) -> bool:
    """Tell whether a switch is on: set, and neither empty, 0, false nor no."""
    return os.environ.get(name, "").strip().lower() not in {"", "0", "false", "no"}


_KEY_BYTES = 32
_KEY_CHARACTERS = 32
_ZLIB_OVERHEAD = 8
_COMPRESSED = 24
"""Characters. Words and repetitions stay below, any 16 random bytes are above."""
_WEAK = 'short or easily guessed; make one with python3 -c "import secrets; print(secrets.token_urlsafe(64))"'

DEV = flag("DEV")


def optional(name: str, default: str = "") -> str:
    """Return a variable that may be absent anywhere."""
    return os.environ.get(name, "").strip() or default


def required(name: str, dev: str | None = None) -> str:
    """Return a variable, or under ``DEV`` its development value.

    :raises MissingVariable: when neither exists.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if DEV and dev is not None:
        return dev
    raise MissingVariable(name)


def secret(name: str, dev: str) -> str:
    """Return a key of the site, or under ``DEV`` its development value.

    :raises BadVariable: when it could be guessed.
    """
    value = required(name, dev)
    if value != dev and _is_weak(value):
        refuse(name, _WEAK)
    return value


def secrets(name: str) -> list[str]:
    """Return a comma-separated list of keys, which may be absent; each is judged like the first.

    :raises BadVariable: when one could be guessed.
    """
    keys = words(name, default="")
    if any(_is_weak(key) for key in keys):
        refuse(name, _WEAK)
    return keys


def versioned_keys(name: str, dev: str) -> list[tuple[str, bytes]]:
    """Read ``version:key,…``: each key at least 32 random bytes in hexadecimal or base64, the first in use first.

    :raises BadVariable: when a key is short, could be guessed, or a version comes twice.
    """
    keys = []
    for word in words(name, dev):
        version, _, text = word.partition(":")
        key = _bytes_of(text)
        if not re.fullmatch(r"[0-9A-Za-z._-]{1,16}", version) or len(key) < _KEY_BYTES or _is_weak(text):
            refuse(name, "expected version:key,… with keys of 32 random bytes or more, in hexadecimal or base64")
        keys.append((version, key))
    if not keys or len({version for version, _ in keys}) < len(keys):
        refuse(name, "expected at least one key and each version once")
    return keys


def _bytes_of(text: str) -> bytes:
    """Read hexadecimal or either kind of base64; nothing where it is neither."""
    try:
        if re.fullmatch(r"[0-9a-fA-F]+", text):
            return bytes.fromhex(text)
        plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return b""


def _is_weak(text: str) -> bool:
    """Tell whether a key is short or repeats itself: what a compressor makes of it bounds what it holds."""
    return len(text) < _KEY_CHARACTERS or len(zlib.compress(text.encode(), 9)) - _ZLIB_OVERHEAD < _COMPRESSED


def one_of(name: str, allowed: tuple[str, ...], dev: str) -> str:
    """Return a variable whose value is one of a list.

    :raises BadVariable: when it is something else.
    """
    value = required(name, dev)
    if value not in allowed:
        refuse(name, f"expected one of {', '.join(allowed)}")
    return value


def words(name: str, dev: str | None = None, *, default: str | None = None) -> list[str]:
    """Return a comma-separated list."""
    text = required(name, dev) if default is None else optional(name, default)
    return [word for part in text.split(",") if (word := part.strip())]


def address(name: str, dev: str | None = None) -> str:
    """Return an ``http(s)`` address without its final slash.

    :raises BadVariable: when it is not one.
    """
    value = required(name, dev).rstrip("/")
    try:
        parts = urlsplit(value)
    except ValueError:
        refuse(name, "expected an http or https address")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        refuse(name, "expected an http or https address")
    _port(name, parts)
    return value


def database(name: str) -> dict[str, str]:
    """Translate ``postgresql://user:password@host:port/name?host=/socket`` for Django.

    :raises BadVariable: when it is not a PostgreSQL address.
    """
    parts = urlsplit(required(name))
    if parts.scheme not in {"postgres", "postgresql"}:
        refuse(name, "expected a postgresql:// address")
    query = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or "") or query.get("user", ""),
        "PASSWORD": unquote(parts.password or "") or query.get("password", ""),
        "HOST": unquote(parts.hostname or "") or query.get("host", ""),
        "PORT": str(_port(name, parts) or query.get("port", "")),
    }


def database_options(name: str) -> dict[str, str]:
    """Return what else the address asks of the connection: ``sslmode``, for one, must never be dropped in silence.

    :raises BadVariable: when it asks for what is decided here.
    """
    options = dict(parse_qsl(urlsplit(required(name)).query))
    if "options" in options:
        refuse(name, "the parameter options is the product's own")
    return {key: value for key, value in options.items() if key not in {"user", "password", "host", "port"}}


def mail_server(name: str, dev: str) -> dict[str, str | int | bool]:
    """Translate ``smtp(s)://user:password@host:port`` into Django's mail options.

    :raises BadVariable: when it is not an SMTP address.
    """
    parts = urlsplit(required(name, dev))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        refuse(name, "expected smtp://host:port or smtps://host:port")
    implicit = parts.scheme == "smtps"
    return {
        "host": parts.hostname or "",
        "port": _port(name, parts) or (465 if implicit else 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": implicit,
        "use_tls": not implicit and "starttls=1" in parts.query,
        "timeout": 10,
    }


_SMS_COUNTRIES = (
    "FR,GP,BL,MF,MQ,GF,RE,YT,PM,NC,PF,WF,"
    "AT,BE,BG,HR,CY,CZ,DK,EE,FI,AX,DE,GR,HU,IE,IT,LV,LT,LU,MT,NL,PL,PT,RO,SK,SI,ES,SE,IS,LI,NO,SJ,"
    "GB,CH,MA,DZ,TN,TR,SN,ML,CI,KM,MG,HT,BR,SR"
)
"""France and its overseas territories, the European Economic Area, and where most families abroad live."""


def countries(name: str) -> frozenset[str]:
    """Return the countries, by their two letters, to which SMS are sent; satellites are none, whatever is said.

    :raises BadVariable: when one is not two capital letters.
    """
    found = words(name, default=_SMS_COUNTRIES)
    if any(not re.fullmatch("[A-Z]{2}", country) for country in found):
        refuse(name, "expected countries of two capital letters, for example FR,RE,BE")
    return frozenset(found)


def sms_gateway(name: str, dev: str) -> str:
    """Return ``ovh://KEY:SECRET@ovh-eu/SERVICE?consumer_key=…`` or ``https://…``; plain http reaches this machine only.

    :raises BadVariable: when it is neither.
    """
    value = required(name, dev)
    parts = urlsplit(value)
    if parts.scheme == "ovh":
        whole = parts.username and parts.password and parts.path.strip("/") and "consumer_key=" in parts.query
        if not whole:
            refuse(name, "expected ovh://KEY:SECRET@ovh-eu/SERVICE?consumer_key=…")
    elif not parts.hostname or (parts.scheme != "https" and not _is_here(parts)):
        refuse(name, "expected ovh://… or https://…")
    return value


def bounces(name: str) -> dict[str, str]:
    """Read ``PROVIDER://user:password``: whose word on returned e-mails is believed, with which secret.

    :raises BadVariable: when a part is missing.
    """
    provider, _, secret = optional(name).partition("://")
    if provider and not all(secret.partition(":")[::2]):
        refuse(name, "expected PROVIDER://user:password, for example brevo://hook:a-long-secret")
    return {"provider": provider, "secret": secret}


def instant(name: str) -> datetime | None:
    """Return an instant that may be absent, such as ``2026-12-01T06:00+01:00``.

    :raises BadVariable: when it is none, or does not say its zone.
    """
    value = optional(name)
    if not value:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        refuse(name, "expected an instant like 2026-12-01T06:00+01:00")
    if read.tzinfo is None:
        refuse(name, "expected a zone, like 2026-12-01T06:00+01:00")
    return read


def hour(name: str, default: str) -> int:
    """Return an hour of the day that may be absent.

    :raises BadVariable: when it is none.
    """
    return number(name, default, highest=23)


def _is_here(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}


def number(name: str, default: str, *, lowest: int = 0, highest: int | None = None) -> int:
    """Return a whole number that may be absent.

    :raises BadVariable: when it is not one, or out of bounds.
    """
    value = optional(name, default)
    if not value.isdecimal():
        refuse(name, "expected a whole number")
    if int(value) < lowest or (highest is not None and int(value) > highest):
        refuse(name, f"expected a number from {lowest}" + (f" to {highest}" if highest is not None else ""))
    return int(value)


def _port(name: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        refuse(name, "expected a port from 0 to 65535")


def refuse(name: str, why: str) -> NoReturn:
    """Stop the start because of a variable's value."""
    raise BadVariable(name, why)


def origin(url: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

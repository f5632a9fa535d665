"""Requests that nobody sends by accident: every address, parameter, cookie, header and JSON key, with hostile values.

Addresses come from the URL configuration, names from the sources and from the forms that pages show: what is new is
covered by itself. The same seed makes the same requests.
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import lxml.html
from django.db import transaction
from django.urls import get_resolver
from django.utils import timezone

from parloir.foundation.front import content_type
from tests.test_architecture import patterns

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from django.test import Client

ROOT = Path(__file__).parents[1]
HEADERS = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Type", "Cookie", "Forwarded", "Host"),
    *(
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "Origin",
        "Range",
        "Referer",
        "User-Agent",
        "Transfer-Encoding",
    ),
    *("X-CSRFToken", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override"),
]
_NAMED = re.compile(
    r"""(?:GET|POST|COOKIES|META|headers|said|given|data|claims|asked)(?:\.get|\.getlist|\.pop)?[\[(]\s*["']([\w-]+)["']"""
)
_FIELD = re.compile(r"^    (\w+) = (?:forms\.|[A-Z_]\w*)\w*\(", re.MULTILINE)
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_CONSTANT = re.compile(r"^[A-Z_]+ = \"([a-z_-]{2,30})\"$", re.MULTILINE)

HOSTILE = [
    *("", " ", "\x00", "a\x00b", "\x1b[31m", "\ud800", "a\udfffb", "\ufeff", "\u202e", "\u200b", "\ufffd"),
    *(
        "0",
        "-1",
        "+1",
        "1.5",
        "1e309",
        "NaN",
        "9" * 20,
        "9" * 5000,
        "2147483648",
        "9223372036854775808",
        "0x10",
        "1_000",
    ),
    *("٣", "¹", "½", "Ⅷ", "０", "1" * 19, "00", "-9" * 15),
    *(
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "0000-00-00",
        "2026-02-30",
        "2026-11-31T25:00",
        "31/12/9999",
        "1er mai",
    ),
    *(
        "'",
        '"',
        "';--",
        "<script>",
        "{{7*7}}",
        "%s%n",
        "%00",
        "%ED%A0%80",
        "..%2f..",
        "../../etc/passwd",
        "\\",
        "//evil",
    ),
    *(
        "http://evil.example/",
        "javascript:alert(1)",
        "a" * 300,
        "é" * 5000,
        "😀" * 90,
        "A" * 30_000,
        "\r\nSet-Cookie: a=b",
    ),
    *("[]", "{}", "null", "true", "on", "a@b", "@", "a@b.c" + "d" * 300, "=?utf-8?q?=00?=", "İ", "ß", "ǆ", "x́" * 60),
]
WORST = [
    "\x00",
    "a\x00b",
    "\ud800",
    "9" * 20,
    "9" * 5000,
    "-1",
    "",
    "0001-01-01",
    "9999-12-31",
    "2147483648",
    "٣",
    "é" * 5000,
]
"""What has made other sites fail most; tried as often as all the rest."""
ON_EVERY_PAGE = {"/langue/", "/deconnexion/", "/espace/rester/", "/etablissements/", "/aide/"}
TOKEN = "csrfmiddlewaretoken"
CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=rot13",
    "application/json",
    "application/json; charset=utf-7",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=b; charset=rot13",
    "multipart/form-data; boundary=b; charset=idna",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 300,
    "text/plain; a*=nonsense''%41",
    "text/plain; charset=undefined",
    "",
    "\x00/;=",
]


@dataclass
class Sent:
    """One request, so that a failure can be told."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = {name: value[:80] for name, value in self.headers.items()}
        return f"{self.method} {self.path[:200]!r} {said!r} {self.body[:200]!r}"


@cache
def names() -> list[str]:
    """Return every name by which the sources ask for something that comes with a request."""
    found = {"suite", "langue", "csrfmiddlewaretoken"}
    for source in sorted((ROOT / "parloir").rglob("*.py")):
        text = source.read_text()
        for pattern in (_NAMED, _FIELD, _CONSTANT):
            found.update(pattern.findall(text))
    return sorted(found | {f"{name}_{part}" for name in found for part in ("jour", "annee") if "naissance" in name})


@cache
def routes() -> dict[str, list[str]]:
    """Return the routes of the URL configuration, each with the names that its view's module asks for."""
    asked = {}
    for route, view in patterns(get_resolver()):
        source = Path(inspect.getsourcefile(inspect.unwrap(view)) or "")
        asked[route] = sorted({"suite"}.union(*(pattern.findall(source.read_text()) for pattern in (_NAMED, _FIELD))))
    return asked


class Fuzzer:
    """Somebody who sends a signed-in person's browser, and a stranger's, what no browser would."""

    def __init__(self, chance: random.Random, *, known: dict[str, list[str]]) -> None:
        """``known`` gives true values by the names of the routes' parameters: they reach further."""
        self.chance, self.known = chance, known
        today = timezone.localdate()
        self.likely = [
            *(value for values in known.values() for value in values),
            "1",
            "oui",
            "on",
            *(f"{today + timedelta(d):%Y-%m-%d}" for d in (1, 9)),
        ]

    def value(self) -> str:
        return self.chance.choice(self.chance.choice([self.likely, HOSTILE, HOSTILE, WORST, WORST]))

    def address(self, route: str, *, hostile: bool) -> str:
        """Fill a route."""

        def fill(found: re.Match[str]) -> str:
            known = self.known.get(found[1], ["a"])
            return quote(self.value() if hostile else self.chance.choice(known), errors="surrogatepass")

        return "/" + _PARAMETER.sub(fill, route)

    def pairs(self, route: str) -> list[tuple[str, str]]:
        """Return parameters: most of them those that the view asks for, most of them hostile."""
        pairs = []
        for _ in range(self.chance.randint(0, 4)):
            name = self.chance.choice(routes()[route] if self.chance.random() < 0.7 else names())
            fits = name in self.known and self.chance.random() < 0.6
            pairs.append((name, self.chance.choice(self.known[name]) if fits else self.value()))
        return pairs

    def headers(self) -> dict[str, str]:
        few = self.chance.sample(HEADERS, k=self.chance.choice([0, 0, 1, 2]))
        said = {name: self.value() for name in few}
        if self.chance.random() < 0.2:
            octal = "".join(f"\\{ord(sign) % 512:03o}" for sign in self.value()[:20])
            said["Cookie"] = f'{self.chance.choice(names())}="{octal}"; {self.chance.choice(names())}={self.value()}'
        return said

    def tree(self, pairs: list[tuple[str, str]]) -> bytes:
        """Return JSON, or nearly."""
        if self.chance.random() < 0.1:
            return self.chance.choice([b"[" * 90_000, b'{"status":' * 30_000, b"[" * 60 + b"]" * 60, b"\xff", b"nul"])
        leaves = [10**20, -1, 1e300, None, True, [self.value()], {"status": [[self.value()]]}]
        said = {name: value if self.chance.random() < 0.7 else self.chance.choice(leaves) for name, value in pairs}
        return json.dumps(said if self.chance.random() < 0.8 else [said]).encode()

    def body(self, pairs: list[tuple[str, str]]) -> tuple[bytes, str]:
        """Return a body and its content type, not always that of the other."""
        kind = self.chance.random()
        if kind < 0.6:
            return _as_form(pairs), CONTENT_TYPES[0]
        if kind < 0.75:
            return self.tree(pairs), "application/json"
        if kind < 0.9:
            return _as_parts(pairs), self.chance.choice([t for t in CONTENT_TYPES if "multipart" in t])
        return self.chance.choice([_as_form(pairs), self.tree(pairs), b"\x00" * 9, b""]), self.chance.choice(
            CONTENT_TYPES
        )

    def wild(self, route: str) -> Sent:
        """Return a request to a route with whatever comes."""
        method = self.chance.choice(["GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
        address = self.address(route, hostile=self.chance.random() < 0.4)
        if self.chance.random() < 0.7:
            address += "?" + _as_form(self.pairs(route)).decode()
        headers = self.headers()
        body = b""
        if method in {"POST", "PUT"}:
            body, headers["Content-Type"] = self.body(self.pairs(route))
        return Sent(method, address, body, headers)

    def filled(self, route: str, page: bytes) -> Iterator[Sent]:
        """Return the page's own forms as a person fills them in, but for one or two fields."""
        own = f"/{route}"
        forms = list(lxml.html.fromstring(page).forms) if b"<form" in page else []
        for form in forms:
            action = form.action or self.address(route, hostile=False)
            if action.partition("?")[0] in ON_EVERY_PAGE and action != own:
                continue
            pairs = [pair for name in form.fields if name and name != TOKEN for pair in self.field(name, form)]
            for _time in range(2):
                sent = list(pairs)
                for place in self.chance.sample(range(len(sent)), k=min(len(sent), self.chance.choice([1, 1, 2]))):
                    sent[place] = (sent[place][0], self.value())
                if form.method == "GET":
                    yield Sent("GET", f"{action.partition('?')[0]}?{_as_form(sent).decode()}")
                elif action.startswith("/"):
                    yield Sent("POST", action, _as_form(sent), {"Content-Type": CONTENT_TYPES[0]})

    def field(self, name: str, form: lxml.html.FormElement) -> list[tuple[str, str]]:
        """Return what a person puts in a field: what it proposes, else what is known to fit."""
        control = form.inputs[name]
        options = [value for value in getattr(control, "value_options", []) if value]
        if options:
            several = [1, len(options)] if isinstance(control, lxml.html.CheckboxGroup) else [1]
            return [(name, value) for value in self.chance.sample(options, k=self.chance.choice(several))]
        if name in self.known:
            return [(name, self.chance.choice(self.known[name]))]
        proposed = getattr(control, "value", None) or (getattr(control, "checkable", False) and "on")
        return [(name, str(proposed or "1"))]


def _as_form(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs, errors="surrogatepass").encode()


def _as_parts(pairs: list[tuple[str, str]]) -> bytes:
    parts = []
    for place, (name, value) in enumerate(pairs):
        file = '; filename="a.exe"' if place % 2 else "; filename*=nonsense''%41" if place % 3 else ""
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
        head += "Content-Transfer-Encoding: base64\r\n" if place % 5 == 4 else ""
        parts.append(head.encode() + b"\r\n" + value.encode(errors="surrogatepass") + b"\r\n")
    return b"".join(parts) + b"--b--\r\n"


def send(browser: Client, sent: Sent) -> tuple[int, bytes, str]:
    """Send a request whose effects are then undone; return the status, the page, and what went wrong."""
    path, _, query = sent.path.partition("?")
    extra = {
        _key(name): value.encode(errors="surrogatepass").decode("latin-1")
        for name, value in sent.headers.items()
        if name != "Content-Type"
    }
    extra["QUERY_STRING"] = query
    kind = content_type(sent.headers.get("Content-Type", CONTENT_TYPES[0]))
    undone = transaction.atomic()
    undone._from_testcase = True  # as the test's own transaction, it is none for what must be the outermost
    with undone:
        cookies = browser.cookies.copy()
        browser.raise_request_exception = False
        try:
            answer = browser.generic(sent.method, path, sent.body, content_type=kind, **extra)
            page = b"" if answer.streaming else answer.content
            wrong = getattr(answer, "exc_info", None)
            return answer.status_code, page, repr(wrong[1]) if wrong else ""
        finally:
            browser.cookies = cookies
            transaction.set_rollback(True)


def _key(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"

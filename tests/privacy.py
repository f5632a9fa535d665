"""Watch the whole run: no name of a detained person or a visitor in a subject, an SMS, a log line or an address.

The names are those of the demonstration's cast, of the factories, and whatever else the tests write in the
database. What is found fails the run at its end.
Places bear names of saints (« Saint-Martin »), and what somebody looks for is their own words: neither counts.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

import pytest

from tests.verdict import ask_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterable

pytest_plugins = ["tests.verdict"]

KNOWN = ("DURAND", "Sophie", "MARTIN", "Paul")
"""The names of the factories."""

ORDINARY = frozenset(
    {"apres", "autre", "avant", "petit", "grand", "blanc", "leger", "nouveau", "robin", "test", "personne", "pierre"}
)
"""Names that are words of our sentences or of places."""

SHORTEST = 4
_SEARCHES = re.compile(r"(?<=[?&])q=[^&]*")
_OUR_SITE = {"127.0.0.1", "testserver", ""}


def folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.casefold()


@dataclass
class Watch:
    """What was said, and whether a name was in it."""

    names: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    def learn(self, names: Iterable[str]) -> None:
        for name in names:
            for part in re.findall(r"[^\W\d_]+", folded(name)):
                if len(part) >= SHORTEST and part not in ORDINARY:
                    self.names.add(part)

    def hear(self, where: str, text: str) -> None:
        """Note what was said, and by which test, if it holds a name known by now."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        words = frozenset(re.findall(r"(?<!saint-)(?<!saint )(?<!st-)[^\W\d_]+", folded(text)))
        suspects = words & self.names
        if suspects:
            self.found.append(f"{where}: {sorted(suspects)} in {text[:160]!r} ({test})")


WATCH = Watch()


class _Listener(logging.Handler):
    """Reads each line as it is written, by the site's own formatter."""

    def emit(self, record: logging.LogRecord) -> None:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and type(handler.formatter).__name__ == "ProcessorFormatter":
                try:
                    WATCH.hear("log", handler.format(logging.makeLogRecord(record.__dict__)))
                except Exception:  # noqa: BLE001 - a line that cannot be formatted is not written either
                    return
                return


_LISTENER = _Listener()


def hear_address(address: str) -> None:
    """Hear an address of ours, without the words that somebody looks for."""
    parts = urlsplit(address)
    if (parts.hostname or "") in _OUR_SITE:
        WATCH.hear("address", unquote_plus(_SEARCHES.sub("q=", f"{parts.path}?{parts.query}")))


def _watch_messages() -> None:
    from parloir.notifications.rules import Email, Sms

    for message, where, said in ((Email, "subject", "subject"), (Sms, "sms", "text")):
        made = message.__init__

        @wraps(made)
        def watched(
            self: Any, *args: Any, _made: Any = made, _where: str = where, _said: str = said, **how: Any
        ) -> None:
            _made(self, *args, **how)
            WATCH.hear(_where, getattr(self, _said))

        message.__init__ = watched  # type: ignore[method-assign]


def _watch_addresses() -> None:
    from django.core.handlers.base import BaseHandler
    from playwright.sync_api import Browser

    answer, opened = BaseHandler.get_response, Browser.new_context

    @wraps(answer)
    def watched(self: Any, request: Any) -> Any:
        hear_address(request.get_full_path())
        response = answer(self, request)
        hear_address(response.headers.get("Location", ""))
        return response

    @wraps(opened)
    def watched_context(self: Any, **how: Any) -> Any:
        context = opened(self, **how)
        context.on("request", lambda request: hear_address(request.url))
        return context

    BaseHandler.get_response = watched  # type: ignore[method-assign]
    Browser.new_context = watched_context  # type: ignore[method-assign]


def _learn_from(sender: type, instance: Any, **_how: Any) -> None:
    if sender.__name__ in {"Account", "Visitor", "Detainee"}:
        WATCH.learn([instance.birth_name, instance.use_name or "", *instance.first_names])


def pytest_configure(config: pytest.Config) -> None:
    ask_at_the_end("names where none may be", lambda: WATCH.found)
    from django.db.models.signals import post_save

    from parloir.demo import cast

    WATCH.learn(KNOWN)
    for person in vars(cast).values():
        if hasattr(person, "birth_name"):
            WATCH.learn([person.birth_name, getattr(person, "use_name", "") or "", *person.first_names])
    post_save.connect(_learn_from, weak=False, dispatch_uid="tests.privacy")
    _watch_messages()
    _watch_addresses()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    root = logging.getLogger()
    if _LISTENER not in root.handlers:
        root.addHandler(_LISTENER)

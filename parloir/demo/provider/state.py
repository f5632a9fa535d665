"""What the look-alike remembers, in memory and for as long as the real one does.

Instants are epoch seconds. Each kind is a drawer whose entries die at their time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from parloir.demo.provider.rules import CODE_SECONDS, SESSION_SECONDS, TOKEN_SECONDS

if TYPE_CHECKING:
    from parloir.demo.people import Persona
    from parloir.demo.provider.rules import Asked


@dataclass(frozen=True)
class Session:
    """Who identified themselves in a browser, and when."""

    persona: Persona
    began: float


@dataclass(frozen=True)
class Grant:
    """What a code, then an access token, stands for; ``began`` is when the person identified themselves."""

    persona: Persona
    asked: Asked
    began: float


class Drawer[Kept]:
    """Things kept under an unguessable key until their time has passed."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, Kept]] = {}
        self._lock = Lock()

    def put(self, thing: Kept, *, now: float) -> str:
        """Keep a thing, and return its key."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._kept = {name: entry for name, entry in self._kept.items() if entry[0] > now}
            self._kept[key] = (now + self._seconds, thing)
        return key

    def get(self, key: str, *, now: float) -> Kept | None:
        """Return a thing that is still kept."""
        until, thing = self._kept.get(key, (0.0, None))
        return thing if until > now else None

    def take(self, key: str, *, now: float) -> Kept | None:
        """Return a thing that is still kept, for the last time."""
        with self._lock:
            until, thing = self._kept.pop(key, (0.0, None))
        return thing if until > now else None

    def drop(self, thing: Kept) -> None:
        """Forget every entry of a thing."""
        with self._lock:
            self._kept = {name: entry for name, entry in self._kept.items() if entry[1] != thing}


requests: Drawer[Asked] = Drawer(SESSION_SECONDS)
codes: Drawer[Grant] = Drawer(CODE_SECONDS)
tokens: Drawer[Grant] = Drawer(TOKEN_SECONDS)
sessions: Drawer[Session] = Drawer(SESSION_SECONDS)

"""A provider's answer that serves many sign-ins: asked anew now and then, and still good while the provider is away."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from parloir.identity.faults import Fault, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

log = structlog.get_logger("parloir.identity")

FRESH_FOR = timedelta(minutes=10)
TRIED_AGAIN_AFTER = timedelta(seconds=30)
GOOD_FOR = timedelta(hours=24)
"""How long the last good answer is used while no newer one can be had."""


class Kept[T]:
    """The last good answer to one question. One thread at a time asks again; the others use what is known."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._asking = threading.Lock()
        self._known: tuple[datetime, T] | None = None
        self._again_at: datetime | None = None

    def read(self, ask: Callable[[], T], *, now: datetime, patience: float) -> T:
        """Return what is known, asked anew when it is no longer fresh.

        :param patience: seconds to wait for another thread that asks, where nothing is known.
        :raises ProviderUnavailable: when nothing good is known and ``ask`` fails.
        """
        known = self._known
        good = known is not None and now - known[0] < GOOD_FOR
        if known and good and (now - known[0] < FRESH_FOR or (self._again_at is not None and now < self._again_at)):
            return known[1]
        if known and good:
            return self._anew(ask, known, now) if self._asking.acquire(blocking=False) else known[1]
        self._wait(patience)
        # Whoever was waited for has the answer.
        if (newer := self._known) is not None and newer is not known:
            self._asking.release()
            return newer[1]
        return self._anew(ask, None, now)

    def renew(self, ask: Callable[[], T], *, instead_of: T, now: datetime, patience: float) -> T:
        """Return a newer answer than one that does not serve: another thread's, if it asked meanwhile.

        :raises ProviderUnavailable: when it cannot be had.
        """
        self._wait(patience)
        if self._known is not None and self._known[1] is not instead_of:
            self._asking.release()
            return self._known[1]
        return self._anew(ask, None, now)

    def _wait(self, patience: float) -> None:
        if not self._asking.acquire(timeout=patience):
            raise ProviderUnavailable(Fault.TOO_LATE)

    def _anew(self, ask: Callable[[], T], otherwise: tuple[datetime, T] | None, now: datetime) -> T:
        """Ask, as the one who may; what was known serves when no better answer comes."""
        try:
            self._known = now, ask()
        except ProviderUnavailable as failure:
            if otherwise is None:
                raise
            self._again_at = now + TRIED_AGAIN_AFTER
            minutes = int((now - otherwise[0]).total_seconds() // 60)
            log.warning("provider_answer_is_old", what=self._name, fault=failure.fault.value, minutes=minutes)
            return otherwise[1]
        else:
            self._again_at = None
            return self._known[1]
        finally:
            self._asking.release()

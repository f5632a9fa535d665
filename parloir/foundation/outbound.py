"""The one door through which a request asks something of another machine, and waits for the answer.

Whoever waits there keeps a thread from other people's pages. So everything is bounded: how long one call and one whole
visit last, how much is read, how many of a process's threads are outside at once; and nobody asks a machine that has
not answered in time again and again (docs/decisions/0021-one-door-outwards.md).
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import structlog
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

log = structlog.get_logger("parloir.outbound")

LATE_IN_A_ROW = 3
"""Visits that came back too late before the door shuts for a while."""
SOON = 2
"""Seconds after which somebody who found every place taken may try again."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a visit may cost: seconds of one call and of the whole visit, bytes of one answer, seconds of a pause."""

    call_seconds: float
    visit_seconds: float
    most_bytes: int
    pause_seconds: float


@dataclass(frozen=True)
class Answer:
    """What another machine answered: its status, the media type without parameters, the body as it came."""

    status: int
    media_type: str
    body: bytes

    def object(self) -> dict[str, Any]:
        """Return the JSON object of the body; an empty one when it holds something else, or nothing readable."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class NotNow(Exception):
    """Nothing was asked: every place outside is taken, or the other side is given a pause.

    :ivar retry_after: seconds until another try makes sense.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = math.ceil(retry_after)


class OutsideFailed(Exception):
    """Something was asked and no answer came that can be used."""


class TooLate(OutsideFailed):
    """The time for one call, or for the whole visit, was over."""


class TooLarge(OutsideFailed):
    """The answer is longer than any that is expected."""


class Unreachable(OutsideFailed):
    """The other side is away, cannot be addressed, or speaks no HTTP."""


class Door:
    """The way to one other party: its own pause when it is late, the places outside shared with every other door.

    ``environment`` believes the environment's proxy, which is for the outside and never for this machine.
    """

    def __init__(
        self,
        name: str,
        *,
        places: threading.BoundedSemaphore,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        environment: bool = False,
    ) -> None:
        self.limits, self.clock = limits, clock
        self._name, self._places = name, places
        self._guard = threading.Lock()
        self._late = 0
        self._shut_until = 0.0
        # No time-outs of its own: they are told for each read, and a drip is never late. The deadline is ours.
        headers = {"Accept-Encoding": "identity", "Accept-Language": "fr"}
        self.client = httpx.AsyncClient(timeout=None, trust_env=environment, headers=headers)  # noqa: S113

    def check_open(self) -> None:
        """Refuse to send anybody towards a party that is given a pause.

        :raises NotNow: until the pause is over.
        """
        with self._guard:
            self._check_pause()

    @contextmanager
    def entered(self) -> Iterator[Visit]:
        """Take a place outside for the time of a visit.

        :raises NotNow: at once, when none is free or the other side is given a pause.
        """
        self._leave_for_outside()
        visit = Visit(self)
        try:
            yield visit
        finally:
            self._places.release()
            self._note(visit)

    def _leave_for_outside(self) -> None:
        with self._guard:
            self._check_pause()
            if not self._places.acquire(blocking=False):
                raise NotNow(SOON)
            if self._late >= LATE_IN_A_ROW:
                # The pause is over: this visit tries for all, the others wait for what becomes of it.
                self._shut_until = self.clock() + self.limits.pause_seconds

    def _check_pause(self) -> None:
        left = self._shut_until - self.clock()
        if self._late >= LATE_IN_A_ROW and left > 0:
            raise NotNow(left)

    def _note(self, visit: Visit) -> None:
        with self._guard:
            if visit.was_late:
                self._late += 1
                if self._late >= LATE_IN_A_ROW:
                    self._shut_until = self.clock() + self.limits.pause_seconds
                    log.error("outside_shut", door=self._name, late=self._late, seconds=self.limits.pause_seconds)
            elif visit.was_answered:
                self._late = 0


class Visit:
    """One stay outside, of as many calls as its time allows."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._until = door.clock() + door.limits.visit_seconds
        self.was_late = self.was_answered = False

    @property
    def seconds_left(self) -> float:
        """How long this visit may still last; never negative."""
        return max(0.0, self._until - self._door.clock())

    def ask(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        content: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask one thing and return the answer, whatever its status; no redirection is followed.

        :param form: sent as a form does; ``content``: sent as a JSON object.

        :raises OutsideFailed: saying how, when there is none to be used.
        """
        seconds = min(self._door.limits.call_seconds, self.seconds_left)
        try:
            request = self._door.client.build_request(method, address, data=form, json=content, headers=headers)
            answer = _wait_for(_asked(self._door.client, request, seconds, self._door.limits.most_bytes), seconds)
        except TimeoutError as error:
            self.was_late = True
            raise TooLate from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, TypeError) as error:
            raise Unreachable from error
        self.was_answered = True
        return answer


async def _asked(client: httpx.AsyncClient, request: httpx.Request, seconds: float, most_bytes: int) -> Answer:
    async with asyncio.timeout(seconds):
        answer = await client.send(request, stream=True)
        try:
            body = bytearray()
            # As it came: what was compressed all the same is not inflated.
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > most_bytes:
                    raise TooLarge
        finally:
            await answer.aclose()
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(answer.status_code, media_type, bytes(body))


def _wait_for[T](answer: Coroutine[None, None, T], seconds: float) -> T:
    """Have the loop outside do it; the deadline is kept there, the second more is for a loop that is itself late."""
    under_way = asyncio.run_coroutine_threadsafe(answer, _loop())
    try:
        return under_way.result(seconds + 1)
    except TimeoutError:
        under_way.cancel()
        raise


_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        return _running()


@cache
def _running() -> asyncio.AbstractEventLoop:
    """Return the loop of this process, which can leave any call at any point: a thread that reads cannot be told to."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="outbound", daemon=True).start()
    return loop


@cache
def shared_places() -> threading.BoundedSemaphore:
    """Return the places outside of this process, shared by every door (``OUTBOUND_PLACES``)."""
    return threading.BoundedSemaphore(settings.OUTBOUND_PLACES)


def limits_of_settings() -> Limits:
    """Return what the operator allows a visit."""
    return Limits(
        call_seconds=settings.OUTBOUND_CALL_SECONDS,
        visit_seconds=settings.OUTBOUND_VISIT_SECONDS,
        most_bytes=settings.OUTBOUND_MOST_BYTES,
        pause_seconds=settings.OUTBOUND_PAUSE_SECONDS,
    )

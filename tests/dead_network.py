"""A network between a browser and the site that can die: what is sent after that reaches nobody who answers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = struct.pack("ii", 1, 0)
"""Closing a connection says so to the other end by a reset, as a box that loses its line does."""


class Network:
    """Carries bytes from its own port to the site's and back, until it is dead; then it keeps what it is given."""

    def __init__(self, site: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.kept: list[bytes] = []
        """The first line of each request that was kept instead of carried."""
        self._there = urlsplit(site)
        self._dead, self._broken = threading.Event(), threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ends: set[asyncio.StreamWriter] = set()

    def die(self) -> None:
        """Carry nothing from now on; connections stay open, and new ones are accepted."""
        self._dead.set()

    def live(self) -> None:
        """Carry again what comes on new connections."""
        self._dead.clear()
        self._broken.clear()

    def sent(self, method: str) -> int:
        """Return how many requests of a method were kept."""
        return sum(line.startswith(f"{method} ".encode()) for line in self.kept)

    def cut(self) -> None:
        """Reset every connection, and each new one: a browser tries once more by itself."""
        self._broken.set()
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    async def _cut(self) -> None:
        for end in list(self._ends):
            _reset(end)

    async def _carried(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._broken.is_set():
            _reset(writer)
            return
        self._ends.add(writer)
        with contextlib.suppress(ConnectionError):
            answers, there = await asyncio.open_connection(self._there.hostname, self._there.port)
            back = asyncio.ensure_future(_poured(answers, writer))
            while data := await reader.read(65536):
                if self._dead.is_set():
                    self.kept.append(data.split(b"\r\n", 1)[0])
                else:
                    there.write(data)
        self._ends.discard(writer)
        there.close()
        back.cancel()
        writer.close()

    def run(self, ready: threading.Event) -> None:
        """Carry until ``stop`` is called."""
        self._loop.run_until_complete(asyncio.start_server(self._carried, "127.0.0.1", self.port))
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    def stop(self) -> None:
        """End the carrying."""
        self._loop.call_soon_threadsafe(self._loop.stop)


def _reset(end: asyncio.StreamWriter) -> None:
    end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    end.transport.abort()


async def _poured(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextlib.contextmanager
def network_to(site: str) -> Iterator[Network]:
    """Give a network between a browser and the site; a browser uses its ``address`` instead of the site's."""
    network, ready = Network(site), threading.Event()
    thread = threading.Thread(target=network.run, args=[ready], daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield network
    finally:
        network.stop()
        thread.join(10)

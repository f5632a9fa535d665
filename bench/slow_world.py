"""A slow world around the site, and what everybody else's pages cost meanwhile: ``python -m bench.slow_world``.

Sixty who send a body slowly, sixty who ask slowly, sixty who read a film slowly; sixteen who come back from a
FranceConnect that hangs, eight from one that drips. Other people's pages: p95 at most twice that of a quiet time;
``/sante/vivant`` always within a second; nobody failed. Ends with 1 when it is not so.

Options: ``--threads N`` of each process (default: the site's own), ``--seconds N`` of each quiet and each slow time
(20), ``--rounds N`` (3). Quiet and slow times alternate, and the middle round counts: others may use the machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.slowness import Callbacks, Drippers, slow_bodies, slow_headers, slow_readers
from parloir.config.serve import THREADS
from parloir.demo import postgres
from tests.outside import Outside, answers, drips, hangs

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

OF_EACH = 60
HANGING, DRIPPING = 16, 8
MOST_TIMES = 2.0
LONGEST_HEALTH = 1000.0
"""Milliseconds."""


@dataclass
class Times:
    """What other people waited for, in milliseconds; and how often the site failed them."""

    pages: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def p95(self) -> float:
        return quantiles(self.pages, n=20)[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    with postgres.running(name="slow-world") as url:
        os.environ["DATABASE_URL"] = url
        subprocess.run([sys.executable, "manage.py", "prepare"], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        rounds = [measure(options.threads, options.seconds) for _ in range(options.rounds)]
    return told(rounds)


def measure(threads: int, seconds: int) -> tuple[Times, Times]:
    """Return a quiet time and a slow one, of one site that was started for both."""
    from tests.serving import served

    with provider() as issuer, served(threads=threads, FRANCECONNECT_ISSUER=issuer) as site:
        others = Others(site)
        others.watch(3)  # every page once, before anything is measured
        quiet = others.watch(seconds)
        with slow_world(site, issuer):
            slow = others.watch(seconds)
    return quiet, slow


@contextmanager
def provider() -> Iterator[str]:
    """Serve a FranceConnect whose addresses can be read, and whose token endpoint hangs or drips in turn."""
    turns = iter(range(1_000_000))
    drip = drips(every=3.0)

    def hangs_or_drips(line: socket.socket) -> None:
        share = HANGING // DRIPPING + 1
        (drip if next(turns) % share == 0 else hangs)(line)

    published, tokens = Outside(answers()), Outside(hangs_or_drips)
    issuer = published.address.rstrip("/")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    published.manner = answers(json.dumps({"issuer": issuer, **dict.fromkeys(names, tokens.address)}).encode())
    try:
        yield issuer
    finally:
        published.close()
        tokens.close()


@contextmanager
def slow_world(site: str, issuer: str) -> Iterator[None]:
    """Keep all of them at it; whoever is sent away comes again."""
    with ExitStack() as all_of_them:
        for manner in (slow_bodies, slow_headers, slow_readers):
            all_of_them.enter_context(Drippers(site, manner(), count=OF_EACH))
        all_of_them.enter_context(Callbacks(site, issuer, count=HANGING + DRIPPING))
        time.sleep(1)
        yield


class Others:
    """People who use the site, and whoever watches it: in a process of their own, apart from the slow ones."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._cookies = _signed_in()

    def watch(self, seconds: int) -> Times:
        """Return what they waited for meanwhile."""
        asked = json.dumps({"site": urlsplit(self._site).netloc, "seconds": seconds, "cookies": self._cookies})
        command = [sys.executable, "-m", "bench.others"]
        said = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True).stdout
        return Times(**json.loads(said))


def _signed_in() -> dict[str, str]:
    """Return the cookies of somebody who is signed in."""
    from django.utils import timezone

    from parloir.people.operations import sign_in
    from parloir.people.rules import Identity
    from tests.serving import session_cookie

    identity = Identity("bench", "slow-world", "BANC", "", ("Essai",), "1980-01-01", "")
    return session_cookie(sign_in(identity=identity, id_token="", language="fr", now=timezone.now()).key)


def told(rounds: list[tuple[Times, Times]]) -> int:
    """Print what was measured; 0 when it holds."""
    times = median(slow.p95 / quiet.p95 for quiet, slow in rounds)
    health = max(ms for both in rounds for part in both for ms in part.health)
    failed = sum(part.failed for both in rounds for part in both)
    for quiet, slow in rounds:
        print(
            f"pages of others: p50 {median(quiet.pages):.0f} → {median(slow.pages):.0f} ms,"
            f" p95 {quiet.p95:.0f} → {slow.p95:.0f} ms, longest {max(quiet.pages):.0f} → {max(slow.pages):.0f} ms;"
            f" health at most {max(quiet.health):.0f} → {max(slow.health):.0f} ms ({len(slow.pages)} pages)"
        )
    print(f"p95 {times:.2f} times the quiet one (≤ {MOST_TIMES:g}), health at most {health:.0f} ms, {failed} failed")
    return int(times > MOST_TIMES or health >= LONGEST_HEALTH or failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())

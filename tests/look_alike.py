"""The look-alike identity provider in a process of its own, and somebody who signs in there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from django.conf import settings
from django.test import Client

from tests.ports import free_port
from tests.serving import end, wait_until_it_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

SITE = "http://testserver"
"""The product's address when Django's test client visits it."""


CSRF_TOKEN = r'name="csrfmiddlewaretoken" value="([^"]+)"'


def first(pattern: str, page: str) -> str:
    """Return what a pattern's group finds first on a page.

    :raises AssertionError: when it finds nothing.
    """
    found = re.search(pattern, page)
    assert found, f"{pattern} is not on the page"
    return found[1]


def parts(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def bare(address: str) -> str:
    """Return an address without its parameters."""
    return address.partition("?")[0]


def issuer_at(port: int) -> str:
    return f"http://localhost:{port}/api/v2"


@contextmanager
def look_alike(*, site: str, port: int | None = None, alg: str = "ES256") -> Iterator[str]:
    """Serve the look-alike for a product at an address; yields the issuer."""
    port = port or free_port()
    issuer = issuer_at(port)
    command = [sys.executable, "-m", "parloir.demo.serve", "parloir.demo.provider_wsgi:application", "127.0.0.1"]
    declared = {"SITE_URL": site, "FRANCECONNECT_ISSUER": issuer, "FRANCECONNECT_ALG": alg}
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [*command, str(port), "1", "4"],
            cwd=settings.ROOT,
            env={**without, "DEV": "1", **declared},
            stdout=said,
            stderr=said,
        ) as process,
    ):
        try:
            wait_until_it_answers(f"{issuer}/.well-known/openid-configuration", process, said)
            yield issuer
        finally:
            end(process)


@dataclass
class Browser:
    """One browser: its cookies on our site and at the provider, and the three steps of a sign-in."""

    ours: Client = field(default_factory=Client)
    theirs: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    def start(self, suite: str = "/espace/", *, again: bool = False) -> str:
        """Click on the FranceConnect link; returns the address one is sent to."""
        asked = {"suite": suite, **({"encore": "1"} if again else {})}
        return self.ours.get("/connexion/franceconnect/", asked).headers["Location"]

    def choose(self, address: str, persona: str = "", *, choice: str = "") -> str:
        """Choose a persona (or a way out) at the provider; returns the address one is sent back to."""
        page = self.theirs.get(address, follow_redirects=True)
        where = str(page.url)
        if persona:
            where = urljoin(where, first(r'href="([^"]+/impots/)"', page.text))
            page = self.theirs.get(where)
        form = {"csrfmiddlewaretoken": first(CSRF_TOKEN, page.text), "personne": persona, "choix": choice}
        return self.theirs.post(where, data=form, headers={"Referer": where}).headers["Location"]

    def come_back(self, address: str) -> Answer:
        """Follow the provider's redirection to our site."""
        return self.ours.get(address.removeprefix(SITE))

    def sign_in(self, persona: str, suite: str = "/espace/", *, again: bool = False) -> Answer:
        """Go through the three steps; ``again``, as somebody who is asked to prove who they are."""
        return self.come_back(self.choose(self.start(suite, again=again), persona))

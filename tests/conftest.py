"""What every test stands on."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import translation
from playwright.sync_api import sync_playwright

from parloir.establishments.queries import ALERTS_KEY
from parloir.foundation import assets, typesetting
from tests.browser import launch_options
from tests.look_alike import SITE, Browser, issuer_at, look_alike
from tests.ports import free_port
from tests.reading import may_write, nothing_written
from tests.serving import empty_the_queue, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser as ChromiumBrowser
    from pytest_django.fixtures import Settings


@pytest.fixture(scope="session", autouse=True)
def _collected_static_files() -> None:
    """Pages name their style sheet by its fingerprint: collect it when a source is younger, once for all workers."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with (settings.ROOT / "var" / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not assets.are_current():
            call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """A page kept in memory by one test is not shown to the next, nor the language it was read in."""
    cache.clear()
    cache.set(ALERTS_KEY, [])  # every page asks for alerts; a test of theirs forgets this first
    translation.activate(settings.LANGUAGE_CODE)
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _sentences_as_they_are_written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of what a page says reads it with ordinary spaces; browsers, and who asks for it, see it as it is sent."""
    if request.node.get_closest_marker("typeset") is None:
        monkeypatch.setattr(typesetting, "typeset", lambda html: html)


@pytest.fixture(autouse=True)
def _gets_never_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test reads, reading changes nothing; the exempt are named in ``tests.reading``."""
    request = Client.request

    def watched(self: Client, **environ: object) -> object:
        path = str(environ.get("PATH_INFO", "/"))
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"} or may_write(path):
            return request(self, **environ)
        with nothing_written(path):
            return request(self, **environ)

    monkeypatch.setattr(Client, "request", watched)


@pytest.fixture(scope="module")
def chromium() -> Iterator[ChromiumBrowser]:
    """A browser for one file: Playwright keeps an event loop running in the thread, which other files cannot bear."""
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(timeout=120_000, **launch_options())
        yield launched
        launched.close()
        connections.close_all()  # what a test read while that loop ran had a connection of its own


@pytest.fixture(scope="session")
def _look_alike() -> Iterator[str]:
    with look_alike(site=SITE) as issuer:
        yield issuer


@pytest.fixture
def provider(_look_alike: str, settings: Settings) -> str:
    """The look-alike as the test client's FranceConnect; gives its issuer."""
    settings.SITE_URL = SITE
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": _look_alike}
    return _look_alike


@pytest.fixture
def relative(provider: str) -> Browser:
    """A relative in front of their browser, who can sign in."""
    return Browser()


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Have every test that really commits leave no job behind: Django's own clean-up knows none of them."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        commits = (mark is not None and mark.kwargs.get("transaction")) or "transactional_db" in item.fixturenames
        if commits and "_no_jobs_left" not in item.fixturenames:
            # First, so that it is undone last: the worker and the site of a test have ended by then.
            item.fixturenames.insert(0, "_no_jobs_left")


@pytest.fixture
def _no_jobs_left(transactional_db: None) -> Iterator[None]:
    """The jobs that a test commits are not another's."""
    yield
    empty_the_queue()


@pytest.fixture
def live(transactional_db: None) -> Iterator[str]:
    """The product and the look-alike, each a real process on its own site; gives the product's address."""
    port = free_port()
    with served(FRANCECONNECT_ISSUER=issuer_at(port)) as site, look_alike(site=site, port=port):
        yield site

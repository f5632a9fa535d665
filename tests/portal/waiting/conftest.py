"""Fixtures of the tests of the waiting list's pages."""

from tests.portal.waiting_pages import family, owner, week  # noqa: F401 - fixtures

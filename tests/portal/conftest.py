"""Fixtures of the tests of the portal."""

from tests.portal.waiting_pages import family, owner, week  # noqa: F401 - fixtures

"""A family in front of their browser."""

import pytest

from tests.portal.booking import a_family


@pytest.fixture
def family(db):
    return a_family()

from __future__ import annotations

import pytest

from parloir.content.documents import read_questions
from parloir.content.operations import load_questions
from tests.factories import NOW


@pytest.fixture
def questions(db):
    """The product's own questions, loaded."""
    return load_questions(facts=read_questions(), now=NOW)

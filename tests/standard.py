"""Have all pages that a run saw read by the Nu validator at once, at its end: each start of its Java takes seconds."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.validators import nu_faults
from tests.verdict import ask_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pytest

pytest_plugins = ["tests.verdict"]

_AT_ONCE = 200


class Pages:
    """Pages to be read later, each content once, and which test saw it first."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def keep(self, pages: Mapping[str, str]) -> None:
        """Note pages by their names; what is wrong with one fails the run, not the test."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        for name, html in pages.items():
            self._names.setdefault(html, re.sub(r"[^\w\[\]]+", "-", f"{test}-{name}").strip("-"))

    def faults(self) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            files = list(_written(self._names, Path(folder)))
            batches = [files[start : start + _AT_ONCE] for start in range(0, len(files), _AT_ONCE)]
            return [fault for batch in batches for fault in nu_faults(batch)]


PAGES = Pages()


def _written(names: Mapping[str, str], folder: Path) -> Iterable[Path]:
    for number, (html, name) in enumerate(names.items()):
        file = folder / f"{number}-{name[-200:]}.html"
        file.write_text(html, encoding="utf-8")
        yield file


def pytest_configure(config: pytest.Config) -> None:
    ask_at_the_end("what the HTML standard forbids", PAGES.faults)

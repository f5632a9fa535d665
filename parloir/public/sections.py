"""The addresses of the help pages' sections, which leave the rest of ``/aide/`` to others."""

from __future__ import annotations

from parloir.content.rules import Section


class SectionConverter:
    """``<section:section>``: one of the sections of the questions."""

    regex = "|".join(Section)

    def to_python(self, value: str) -> str:
        """Return the section as the queries take it."""
        return value

    def to_url(self, value: str) -> str:
        """Write it in an address."""
        return str(value)

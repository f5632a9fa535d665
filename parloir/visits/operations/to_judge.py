"""Whose visits a batch of the register's lines is to judge again, and what each of its lines changed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from parloir.establishments.rules import PenalCategory


class ToJudge:
    """Detained persons to be judged once for all the lines about them.

    Lines about several permits of one person may be judged together: what one forbids, no other allows again.
    Any other second line about a person could hide what the first did, and is judged after it.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self.categories_before: dict[int, PenalCategory] = {}
        self._permits: dict[int, set[int] | None] = {}

    @property
    def detainee_ids(self) -> Collection[int]:
        """Whom to judge."""
        return self._permits.keys()

    def __len__(self) -> int:
        return len(self._permits)

    def __contains__(self, detainee_id: int) -> bool:
        return detainee_id in self._permits

    def hinges_on(self, detainee_id: int, permit_id: int) -> bool:
        """Tell whether what is to be judged of a person may depend on what a permit was."""
        if detainee_id not in self._permits:
            return False
        permits = self._permits[detainee_id]
        return permits is None or permit_id in permits

    def add(
        self,
        detainee_ids: Iterable[int],
        *,
        permit_id: int | None = None,
        category_before: PenalCategory | None = None,
    ) -> None:
        """Have people judged for what a line changed: one permit alone, or anything about them."""
        for detainee_id in detainee_ids:
            known = self._permits.setdefault(detainee_id, set())
            if permit_id is None:
                self._permits[detainee_id] = None
            elif known is not None:
                known.add(permit_id)
            if category_before is not None:
                self.categories_before[detainee_id] = category_before

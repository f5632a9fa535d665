"""Do a thing to each of many, so that one that fails keeps no other waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def one_by_one[Item](items: Iterable[Item], do: Callable[[Item], int]) -> int:
    """Do it to each item, in a transaction of its own, and return the sum of what that returned.

    :raises ExceptionGroup: at the end, with whatever any of them raised; the others are done.
    """
    done, failed = 0, list[Exception]()
    for item in items:
        try:
            done += do(item)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told when all have had their turn
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} of them could not be done", failed)
    return done

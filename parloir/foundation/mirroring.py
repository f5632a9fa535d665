"""Say « start » and « end » where a style says left and right, so that one style sheet serves both ways.

A right-to-left page is then the mirror of a left-to-right one, by the browser itself, at the price of no rule more.
What cannot be said so (places of backgrounds, arrows) is written by hand under ``[dir="rtl"]`` in our own styles.
"""

from __future__ import annotations

from parloir.foundation.stylesheet import Rule, split

_SIDES = {"left": "start", "right": "end"}
_BOXES = ("margin", "padding", "scroll-margin", "scroll-padding")
_CORNERS = {
    "border-top-left-radius": "border-start-start-radius",
    "border-top-right-radius": "border-start-end-radius",
    "border-bottom-left-radius": "border-end-start-radius",
    "border-bottom-right-radius": "border-end-end-radius",
}
_FOUR = 4
"""How many values a box has when its left differs from its right."""


def mirrored(rules: list[Rule] | tuple[Rule, ...]) -> list[Rule]:
    """Return the rules with every side said by the direction of the text."""
    return [
        Rule(
            rule.prelude,
            tuple(written for declaration in rule.declarations for written in _mirrored(declaration)),
            tuple(mirrored(rule.rules)),
        )
        for rule in rules
    ]


def _mirrored(declaration: str) -> list[str]:
    name, _colon, value = declaration.partition(":")
    if name == "text-align":
        return [f"{name}:{_turned(value)}"]
    if (name in _BOXES or name == "border-radius") and (four := _four(name, value)):
        return four
    return [f"{_renamed(name)}:{value}"]


def _renamed(name: str) -> str:
    """Return the property that says the same by start and end."""
    if name in _SIDES:
        return f"inset-inline-{_SIDES[name]}"
    stem, _dash, side = name.rpartition("-")
    if side in _SIDES and stem in (*_BOXES, "border"):
        return f"{stem}-inline-{_SIDES[side]}"
    if name.startswith(("border-left-", "border-right-")):
        _border, side, what = name.split("-", 2)
        return f"border-inline-{_SIDES[side]}-{what}"
    return _CORNERS.get(name, name)


def _turned(value: str) -> str:
    word, bang, important = value.partition("!")
    return f"{_SIDES.get(word.strip(), word)}{bang}{important}"


def _four(name: str, value: str) -> list[str]:
    """Return what four values become; nothing when the two sides are the same, or when there are not four."""
    bare, bang, important = value.partition("!")
    parts = split(bare, " ")
    end = f"{bang}{important}"
    if name == "border-radius":
        if len(parts) != _FOUR or (parts[0] == parts[1] and parts[2] == parts[3]):
            return []
        corners = zip(("start-start", "start-end", "end-end", "end-start"), parts, strict=True)
        return [f"border-{corner}-radius:{part}{end}" for corner, part in corners]
    if len(parts) != _FOUR or parts[1] == parts[3]:
        return []
    top, right, bottom, left = parts
    return [f"{name}-block:{top} {bottom}{end}", f"{name}-inline:{left} {right}{end}"]

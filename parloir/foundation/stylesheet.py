"""Read a style sheet as rules and drop what no page can use. Minified CSS in, minified CSS out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
_NEGATION = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_PROPERTY_USE = re.compile(r"var\(\s*(--[\w-]+)")
_NIGHT = "[data-fr-theme=dark]"
_HOLDING_RULES = ("@media", "@supports", "@layer", "@container")
_KEYFRAMES = ("@keyframes", "@-webkit-keyframes", "@page")


@dataclass(frozen=True)
class Rule:
    """``prelude { declarations }``, or an at-rule holding other rules."""

    prelude: str
    declarations: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


def parsed(css: str) -> list[Rule]:
    """Return the rules of a style sheet, without comments and without ``@import`` and other bare statements."""
    return list(_rules(_COMMENT.sub("", css)))


def kept(rules: list[Rule], words: frozenset[str]) -> list[Rule]:
    """Return the rules whose classes are all among ``words``; what the system's own script would mark has no page."""
    result = []
    for rule in rules:
        if rule.prelude.startswith(_HOLDING_RULES):
            if inner := kept(list(rule.rules), words):
                result.append(Rule(rule.prelude, rules=tuple(inner)))
        elif rule.prelude.startswith("@font-face"):
            continue
        elif rule.prelude.startswith("@"):
            result.append(rule)
        elif selectors := [part for part in split(rule.prelude, ",") if _may_match(part, words)]:
            result.append(Rule(",".join(selectors), rule.declarations))
    return result


def at_night(rules: list[Rule] | tuple[Rule, ...]) -> list[Rule]:
    """Return what the design system says of its dark theme, without the mark that its own script would set."""
    result = []
    for rule in rules:
        if rule.rules:
            if inner := at_night(rule.rules):
                result.append(Rule(rule.prelude, rules=tuple(inner)))
        elif selectors := [part for part in split(rule.prelude, ",") if _NIGHT in part]:
            result.append(Rule(",".join(_marked_by_nothing(part) for part in selectors), rule.declarations))
    return result


def without_unused_properties(rules: list[Rule], drawings: str = "") -> list[Rule]:
    """Drop the custom properties that nothing reads, then those that only they read, and so on.

    :param drawings: the text of pictures that read some too.
    """
    while True:
        used = set(_PROPERTY_USE.findall(written(rules) + drawings))
        slimmer = [slim for rule in rules if (slim := _slim(rule, used))]
        if slimmer == rules:
            return slimmer
        rules = slimmer


def written(rules: list[Rule] | tuple[Rule, ...]) -> str:
    """Return the text of rules, minified."""
    return "".join(
        f"{rule.prelude}{{{written(rule.rules) if rule.rules else ';'.join(rule.declarations)}}}" for rule in rules
    )


def split(text: str, separator: str) -> list[str]:
    """Split outside quotes and brackets, trimming and leaving out what is empty."""
    parts, start, depth, quote = [], 0, 0, ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [trimmed for part in parts if (trimmed := " ".join(part.split()))]


def _marked_by_nothing(selector: str) -> str:
    bare = selector.replace(_NIGHT, "")
    return f":root{bare}" if bare.startswith(" ") else bare


def _rules(css: str) -> Iterator[Rule]:
    start, position = 0, 0
    while (position := _next(css, position, "{;")) < len(css):
        if css[position] == ";":
            start = position = position + 1
            continue
        prelude = " ".join(css[start:position].split())
        end = _closing(css, position)
        body = css[position + 1 : end]
        nested = prelude.startswith((*_HOLDING_RULES, *_KEYFRAMES[:2]))
        yield Rule(prelude, rules=tuple(_rules(body))) if nested else Rule(prelude, tuple(_declarations(body)))
        start = position = end + 1


def _declarations(body: str) -> list[str]:
    return [re.sub(r"^([\w-]+)\s*:\s*", r"\1:", declaration) for declaration in split(body, ";")]


def _next(css: str, position: int, wanted: str) -> int:
    quote = ""
    while position < len(css):
        char = css[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in wanted:
            return position
        position += 1
    return position


def _closing(css: str, opening: int) -> int:
    depth, position = 0, opening
    while True:
        depth += 1 if css[position] == "{" else -1
        if depth == 0:
            return position
        position = _next(css, position + 1, "{}")
        if position >= len(css):
            raise ValueError("a brace is not closed")


def _may_match(selector: str, words: frozenset[str]) -> bool:
    positive = _NEGATION.sub("", selector)
    if "[data-fr-" in positive or ":not(:root" in selector:
        return False
    return all(name in words or _is_completed(name, words) for name in _CLASS.findall(positive))


def _is_completed(name: str, words: frozenset[str]) -> bool:
    """Tell whether a template completes the class itself, as in ``fr-alert--{{ kind }}``."""
    stem, found, _end = name.rpartition("--")
    return bool(found) and f"{stem}--" in words


def _slim(rule: Rule, used: set[str]) -> Rule | None:
    if rule.rules:
        inner = tuple(slim for part in rule.rules if (slim := _slim(part, used)))
        return Rule(rule.prelude, rules=inner) if inner else None
    declarations = tuple(d for d in rule.declarations if not d.startswith("--") or d.partition(":")[0] in used)
    return Rule(rule.prelude, declarations) if declarations else None

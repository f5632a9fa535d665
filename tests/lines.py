"""What a reader must not find in the lines of a page: a sign at the beginning of one, an hour or a word in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PARTED = r"""() => {
  const whole = [
    /\d+[ \u00a0]h(?:[ \u00a0]\d\d)?(?!\w)/g, /n°[ \u00a0]\w+/gi, /rendez-vous|semi-libert\w+/gi,
    /[LRD]\.?[ \u00a0]?\d+(?:-\d+)+/g,
  ];
  const unread = "script, style, option, textarea, .fr-sr-only, .p-hidden";
  const range = document.createRange();
  const lines = (node, from, to) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].filter((box) => box.width > 1);
  };
  const line = (node, at) => lines(node, at, at + 1)[0];
  const below = (first, second) => first && second && second.top >= first.bottom - 1;
  const block = (node) => {
    let up = node.parentElement;
    while (up && getComputedStyle(up).display === "inline") {
      up = up.parentElement;
    }
    return up;
  };
  const found = [];
  const note = (what, text) => found.push(`${what} in ${text.trim().slice(0, 60)}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let last = null, around = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data, holder = node.parentElement;
    if (!text.trim() || !holder.checkVisibility() || holder.closest(unread)) {
      continue;
    }
    for (const match of whole.flatMap((words) => [...text.matchAll(words)])) {
      const boxes = lines(node, match.index, match.index + match[0].length);
      boxes.some((box) => below(boxes[0], box)) && note(`in two: ${match[0]}`, text);
    }
    for (const { 0: sign, index } of text.matchAll(/[:;!?»]/g)) {
      const before = text.slice(0, index).search(/\S\s*$/);
      const place = before >= 0 ? line(node, before) : block(node) === around ? last : null;
      below(place, line(node, index)) && note(`begins a line: ${sign}`, text);
    }
    for (const { index } of text.matchAll(/«/g)) {
      const after = text.slice(index + 1).search(/\S/);
      after >= 0 && below(line(node, index), line(node, index + 1 + after)) && note("ends a line: «", text);
    }
    last = line(node, text.search(/\S\s*$/)) || last;
    around = block(node);
  }
  return found;
}"""


def parted_lines(page: Page) -> list[str]:
    """Return one line for each sign that begins a line, and each hour, number or word that is in two, as it is now."""
    return list(page.evaluate(_PARTED))

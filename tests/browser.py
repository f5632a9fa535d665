"""The browser that the journeys drive: Chromium, Debian's or Playwright's own.

``python -m tests.browser`` installs one where there is none; the tests that need it fail when none can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NONE_TO_BE_HAD = "No Chromium could be found or installed, so the browser tests fail: install it, then start again."
DEBIAN_PACKAGES = ["chromium", "chromium-l10n", "fonts-liberation"]


def system_chromium() -> str | None:
    """Return the path of the system's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def playwright_chromium() -> str | None:
    """Return the path of the Chromium that Playwright downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def launch_options() -> dict[str, object]:
    """Return what to give Playwright's ``launch`` so that it drives the Chromium there is.

    :raises LookupError: when there is none.
    """
    path = system_chromium() or playwright_chromium()
    if not path:
        raise LookupError(NONE_TO_BE_HAD)
    # Chromium's own sandbox refuses to run as root; the pages it loads are only ours.
    return {"executable_path": path, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


def ensure() -> bool:
    """Install a Chromium unless there is one; tell whether there is one now."""
    if system_chromium() or playwright_chromium():
        return True
    sys.stderr.write("Installing Chromium for the browser tests…\n")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
        subprocess.run([*apt, "update"], env=quiet, check=False, stdout=subprocess.DEVNULL)
        command = [*apt, "install", "-y", "--no-install-recommends", *DEBIAN_PACKAGES]
        subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    if not system_chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return bool(system_chromium() or playwright_chromium())


if __name__ == "__main__":
    if not ensure():
        sys.stderr.write(f"{NONE_TO_BE_HAD}\n")

"""The nginx that the tests of ``deploy/nginx.conf`` start.

``python -m tests.nginx`` installs it where there is none and that can be done: as root, on Debian.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NONE_TO_BE_HAD = "No nginx here: the proxy's configuration is not tried. Install nginx (on Debian: nginx-light)."


def nginx() -> str | None:
    """Return the path of nginx; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def ensure() -> bool:
    """Install nginx unless there is one; tell whether there is one now. It is not left running."""
    if not nginx() and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing nginx for the test of the proxy…\n")
        # Debian starts what it installs; this says that nothing may be started meanwhile.
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
        subprocess.run([*apt, "update"], env=quiet, check=False, stdout=subprocess.DEVNULL)
        command = [*apt, "install", "-y", "--no-install-recommends", "nginx-light"]
        subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    return bool(nginx())


if __name__ == "__main__":
    if not ensure():
        sys.stderr.write(f"{NONE_TO_BE_HAD}\n")

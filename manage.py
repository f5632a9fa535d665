#!/usr/bin/env python3
"""Django's commands from a plain shell: the project's own interpreter, and beside a demonstration its database."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PYTHON = ROOT / ".venv" / "bin" / "python"

if PYTHON.exists() and Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
    os.execv(str(PYTHON), [str(PYTHON), str(ROOT / "manage.py"), *sys.argv[1:]])


def main() -> None:
    """Run one command, with the database that its surroundings name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    from django.core.management import execute_from_command_line

    beside_demonstration = (ROOT / "var" / "run.json").exists()
    if beside_demonstration and not os.environ.get("DATABASE_URL") and not os.environ.get("SECRET_KEY"):
        os.environ.setdefault("DEV", "1")
    from parloir.config import env

    if not env.DEV or os.environ.get("DATABASE_URL"):
        execute_from_command_line(sys.argv)
        return
    from parloir.demo import surroundings

    with surroundings.database(checkout=ROOT):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""Sixty slow bodies, headers and readers and a slow FranceConnect: nobody else notices."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_slow_world_costs_other_people_nothing():
    ran = subprocess.run(
        [sys.executable, "-m", "bench.slow_world"], cwd=settings.ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]

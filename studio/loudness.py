"""Make the voice as loud as what a telephone plays beside it (EBU R 128): −16 LUFS, and no peak that distorts."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOUDNESS = -16.0
"""LUFS, integrated over the whole film."""
PEAK = -3.0
"""dBTP before the sound is coded: coding adds up to a decibel and a half, and −1.5 is the most there may be."""

_EVEN = "highpass=f=70,acompressor=threshold=-24dB:ratio=3:attack=5:release=120:knee=6"
"""No rumble, and loud syllables nearer to soft ones: else the peaks would keep the whole from being loud."""


def made_loud(spoken: Path, sound: Path, *, ffmpeg: str) -> None:
    """Write the sound again at its loudness, in two passes: measured, then brought to it by one gain.

    :raises subprocess.CalledProcessError: when ffmpeg fails.
    """
    goal = f"loudnorm=I={LOUDNESS}:TP={PEAK}:LRA=11"
    heard = subprocess.run(
        [ffmpeg, "-hide_banner", "-i", str(spoken), "-af", f"{_EVEN},{goal}:print_format=json", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    found = re.findall(r"\{[^{}]*\}", heard)
    known = json.loads(found[-1])
    measured = (
        f"measured_I={known['input_i']}:measured_TP={known['input_tp']}:measured_LRA={known['input_lra']}"
        f":measured_thresh={known['input_thresh']}:offset={known['target_offset']}"
    )
    command = [ffmpeg, "-y", "-loglevel", "error", "-i", str(spoken)]
    command += ["-af", f"{_EVEN},{goal}:{measured}:linear=true,alimiter=limit={10 ** (PEAK / 20):.4f}:level=false"]
    subprocess.run([*command, "-ar", "48000", str(sound)], check=True)

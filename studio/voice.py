"""The voice of the films: SVOX Pico's French one; espeak-ng's where it cannot be had; or piper with the file ``VOICE``.

None needs a network once it is installed. Why this voice: docs/decisions/0033.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

WORDS_A_MINUTE = 145
PICO = "pico2wave"
PICO_PACKAGE = "libttspico-utils"
"""Debian keeps it in its part non-free; its licence is Apache 2.0."""
PICO_SPEED = 92
"""In percent of its own speed, which is some 160 words a minute."""
PRONOUNCED = {
    "FranceConnect": "France Connect",
    "SMS": "S M S",
    "e-mail": "i-mel",
    "Parloir": "Parloir",
}
"""What a voice reads badly as it is written. The captions keep the spelling."""


class NoVoice(SystemExit):
    """Nothing here can speak; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Speech:
    """A sentence that was spoken: 16-bit mono samples."""

    samples: bytes
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / 2 / self.rate


@cache
def spoken(sentence: str) -> Speech:
    """Return a French sentence as it is spoken, without the silence around it.

    :raises NoVoice: when there is no voice, or it fails.
    """
    text = sentence
    for written, said in PRONOUNCED.items():
        text = text.replace(written, said)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "said.wav"
        voice = os.environ.get("VOICE")
        command = [sys.executable, "-m", "piper", "-m", voice, "-f", str(sound)] if voice else _installed(sound, text)
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        if done.returncode or not sound.exists():
            raise NoVoice(f"The voice failed ({command[0]}): {done.stderr.decode(errors='replace')[-400:]}")
        with wave.open(str(sound)) as read:
            if (read.getnchannels(), read.getsampwidth()) != (1, 2):
                raise NoVoice("The voice must give 16-bit mono sound.")
            return Speech(_without_silence(read.readframes(read.getnframes())), read.getframerate())


def ensure() -> None:
    """Install a voice where Debian's packages can be, unless a voice file is given or one is there.

    Pico's comes from where this machine's own lists say, if they hold it: nothing is added to them.

    :raises NoVoice: when there is none and none can be had.
    """
    if os.environ.get("VOICE") or shutil.which(PICO):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing the voice…\n")
        for package in (PICO_PACKAGE, "espeak-ng"):
            if not (shutil.which(PICO) or shutil.which("espeak-ng")):
                _apt("install", "-y", "--no-install-recommends", package)
    if not (shutil.which(PICO) or shutil.which("espeak-ng")):
        raise NoVoice(
            f"The films need a voice: install espeak-ng (or better {PICO_PACKAGE}), or name a piper voice in VOICE."
        )


def _apt(*command: str) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *command]
    subprocess.run(apt, env=quiet, check=False, stdout=subprocess.DEVNULL)


def _installed(sound: Path, text: str) -> list[str]:
    if shutil.which(PICO):
        marked = f'<speed level="{PICO_SPEED}">{escape(text)}</speed>'
        return [PICO, "-l", "fr-FR", "-w", str(sound), marked]
    return ["espeak-ng", "-v", "fr", "-s", str(WORDS_A_MINUTE), "-w", str(sound), "--stdin"]


def _without_silence(samples: bytes, *, threshold: int = 200) -> bytes:
    """Cut what is still at both ends: the pauses of a film are the film's own."""
    values = memoryview(samples).cast("h")
    loud = [index for index in range(0, len(values), 16) if abs(values[index]) > threshold]
    return samples[2 * loud[0] : 2 * (loud[-1] + 16)] if loud else samples

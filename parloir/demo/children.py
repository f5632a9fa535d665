"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int, ending: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send ``ending`` to this process when ``parent`` is gone, however it went."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(ending), 0, 0, 0)
    # The parent may have ended before the request was made.
    if os.getppid() != parent:
        os.kill(os.getpid(), ending)


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that it can end them."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def catches(process: int, asked: signal.Signals) -> bool:
    """Tell whether a process has a handler of its own for a signal; False too when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (asked - 1) & 1)
    return False


def spawn(
    command: Sequence[str | os.PathLike[str]],
    *,
    output: IO[bytes] | int | None = None,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    ids: tuple[int, int] | None = None,
    keep: tuple[int, ...] = (),
    at_parents_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in its own session that is signalled when this one ends.

    ``ids`` is the user and group to become, ``keep`` the file descriptors handed down.

    :raises RuntimeError: outside the main thread: the kernel watches the *thread* that started the child.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Start children from the main thread: theirs ends when the starting thread does.")
    parent = os.getpid()

    def before_exec() -> None:
        # A shell that starts a job in the background makes it ignore these two.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        die_with(parent, at_parents_death)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=env,
        cwd=folder,
        user=ids[0] if ids else None,
        group=ids[1] if ids else None,
        extra_groups=[] if ids else None,
        pass_fds=keep,
        start_new_session=True,
        preexec_fn=before_exec,  # noqa: PLW1509 - the request does not survive becoming another user, so it comes last
    )


def end(child: subprocess.Popen[bytes], *, signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ask a child to stop, each time more firmly: ``signals`` are (signal, seconds to wait for its effect)."""
    for asked, patience in signals:
        if child.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(asked)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    clear_session(child.pid)


def clear_session(leader: int) -> None:
    """Kill whatever a child that has ended left behind in its process group, and bury what we adopted of it."""
    with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
        os.killpg(leader, signal.SIGKILL)
        while os.waitpid(-leader, 0):
            continue


def wait_for(answer: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Ask again and again until the answer is yes or the time is up."""
    deadline = time.monotonic() + seconds
    while not answer():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True

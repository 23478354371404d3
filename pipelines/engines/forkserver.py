"""Child processes by forkserver, whose sockets lie in a folder of TMPDIR (`pymp-*`) that is marked as ours and locked while we live.

multiprocessing removes that folder when a command ends, but not when it is killed. What killed commands left goes at the next start:
only folders with our mark, only of this account, only those whose lock the kernel gave back when their process died.
"""
from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from multiprocessing.context import ForkServerContext
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import IO

MARK = "touchstone.lock"
_held: list[IO[str]] = []
"""Open as long as this process lives."""


def forkserver() -> ForkServerContext:
    """multiprocessing's forkserver context."""
    _begin()
    return multiprocessing.get_context("forkserver")


@lru_cache(maxsize=1)
def _begin() -> None:
    sweep(Path(tempfile.gettempdir()))
    with suppress(OSError):      # without the mark the folder only stays where it is after a kill
        _mark(Path(get_temp_dir()))


def _mark(folder: Path) -> None:
    """Locked first, then named: a mark that can be seen is never unlocked while we live."""
    half = folder / f"{MARK}.{os.getpid()}"
    held = half.open("w", encoding="ascii")
    fcntl.flock(held, fcntl.LOCK_EX)
    half.rename(folder / MARK)
    _held.append(held)


def sweep(below: Path) -> int:
    """Remove what killed commands of this account left in `below`; give how many folders."""
    removed = 0
    for folder in below.glob("pymp-*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / MARK).open("r", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
                removed += 1
    return removed

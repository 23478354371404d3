"""Folders for one case, one server or one container, each owned by a living process: what a killed one left is taken away.

    <temporary folder>/touchstone-<user>/<purpose>-<random>         for as long as the slot needs it
                                         <purpose>-<random>.owner   locked while its owner lives; the kernel unlocks it at a kill

The first folder that a process asks for sweeps away those whose owner is gone, so that no input of a sealed set outlives the next
start on this machine by much. Without file locks (Windows) nothing is swept: there a folder goes with the normal end of its slot.
"""
from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType

from eval_harness.base import eval_messages
from eval_harness.sandbox.base import SandboxRefused

try:
    import fcntl
except ImportError:   # Windows
    fcntl = None  # type: ignore[assignment]

OWNER = ".owner"
ENDINGS: dict[str, Callable[[str], None]] = {}
"""By purpose: what has to end before such a folder may go; told the folder's name."""


class Scratch:
    """One folder of this process, readable by its user alone. A context that frees it."""

    def __init__(self, purpose: str) -> None:
        place = _place(Path(tempfile.gettempdir()))
        self.path, self._lock = _made(place, purpose)

    def free(self) -> None:
        """Take it away, whatever a program did to it. What resists is left to the next sweep."""
        with contextlib.suppress(OSError):
            remove(self.path)
            _mark(self.path).unlink(missing_ok=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.free()


def remove(folder: Path) -> None:
    """Delete a folder however deep it is: folders inside are moved up and emptied in their turn, so that no path grows long.

    Nothing may run in it any more. A link is deleted, never followed. Raises OSError.
    """
    waiting, moved, own = [folder], 0, secrets.token_hex(8)   # names that nobody inside could have used
    while waiting:
        at = waiting.pop()
        os.chmod(at, 0o700)   # a program may have closed its own folder
        with os.scandir(at) as listing:
            entries = list(listing)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)
                waiting.append(folder / f"{own}-{moved}")
                os.rename(entry.path, waiting[-1])
                moved += 1
            else:
                _unlink(entry.path)
        if at != folder:
            os.rmdir(at)
    os.rmdir(folder)


def sweep(place: Path) -> list[str]:
    """Take away every folder in `place` whose owner is gone; their names."""
    gone = []
    for mark in sorted(place.glob(f"*{OWNER}")) if fcntl is not None else ():
        lock = _taken(mark)
        if lock is None:
            continue
        folder = mark.with_suffix("")
        with contextlib.suppress(OSError):   # still in the hands of a process that is about to end: the next sweep has it
            ENDINGS.get(folder.name.partition("-")[0], lambda _: None)(folder.name)
            with contextlib.suppress(FileNotFoundError):
                remove(folder)
            mark.unlink(missing_ok=True)
            gone.append(folder.name)
        os.close(lock)
    return gone


@cache
def _place(temporary: Path) -> Path:
    """This user's folder for such folders, swept once a process. Raises SandboxRefused BOX-007 when it is somebody else's."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    place = temporary / f"touchstone-{user}"
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    facts = os.lstat(place)
    if not stat.S_ISDIR(facts.st_mode) or (hasattr(os, "getuid") and (facts.st_uid != user or facts.st_mode & 0o077)):
        raise SandboxRefused(eval_messages().issue("BOX-007", place.name))
    sweep(place)
    return place


def _made(place: Path, purpose: str) -> tuple[Path, int]:
    """A new folder and the descriptor that holds its owner's lock (-1 without file locks)."""
    while True:
        folder = place / f"{purpose}-{secrets.token_hex(8)}"
        if fcntl is None:
            folder.mkdir(mode=0o700)
            return folder, -1
        lock = os.open(_mark(folder), os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:   # else a sweep was faster
            folder.mkdir(mode=0o700)
            return folder, lock
        os.close(lock)


def _taken(mark: Path) -> int | None:
    """The lock of a folder whose owner is gone; None while it lives, or when another sweep was faster."""
    try:
        lock = os.open(mark, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_nlink:
            return lock
    except OSError:
        pass   # its owner lives
    os.close(lock)
    return None


def _mark(folder: Path) -> Path:
    return folder.with_name(folder.name + OWNER)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except PermissionError:   # Windows: a file that may only be read
        os.chmod(path, 0o600)
        os.unlink(path)

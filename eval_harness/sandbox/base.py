"""One interface for every way of running hostile code: a Job goes in, a Child comes out, Watch counts and ends it."""
from __future__ import annotations

import contextlib
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eval_harness.base import Terminal

if TYPE_CHECKING:
    from eval_harness.sandbox.cgroup import Group

HARNESS = Path(__file__).resolve().parent.parent
ENTER = "import sys; sys.path.insert(0, {harness!r}); from eval_harness.sandbox import enter; enter.main(sys.argv[1:])"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
"""What a dynamically linked program of this machine needs to start."""
PLAIN_ENV = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
             "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TZ": "UTC", "HOME": "/tmp", "PATH": "/usr/bin:/bin"}


class SandboxRefused(Terminal):
    """This machine, or this backend, may not run that."""


@dataclass(frozen=True)
class Bounds:
    """What one child may use, in bytes, counts and CPU seconds."""

    memory_bytes: int
    processes: int = 32
    open_files: int = 256
    file_bytes: int = 256 * 1024**2
    scratch_bytes: int = 256 * 1024**2
    log_bytes: int = 64 * 1024

    def rlimits(self, address_space: bool = True) -> dict[str, int]:
        """POSIX limits. Address space is a generous stand-in where no cgroup counts real memory."""
        limits = {"nofile": self.open_files, "fsize": self.file_bytes, "core": 0, "memlock": 0}
        return {**limits, "as": self.memory_bytes + 2 * 1024**3} if address_space else limits


@dataclass(frozen=True)
class Job:
    """One program to run. `argv` None means our ONNX runner, speaking frames on its standard streams."""

    bounds: Bounds
    argv: tuple[str, ...] | None = None
    module: str = "serve"
    """serve | attempts: which of our own programs runs when argv is None."""
    read_only: Mapping[str, Path] = field(default_factory=dict)
    """Path inside → path here."""
    writable: Mapping[str, Path] = field(default_factory=dict)
    cwd: str = "/"
    image: Path | None = None
    """OCI image archive whose entry point is the program; podman backend only."""
    extra: Mapping[str, object] = field(default_factory=dict)


class Child:
    """A running sandbox. `root_pid` is the process whose descendants are all of it."""

    def __init__(self, process: subprocess.Popen[bytes], group: Group | None = None,
                 on_end: Callable[[], None] | None = None, oom_mark: Path | None = None, born_mark: Path | None = None) -> None:
        """Files that an engine writes. oom_mark: where its container met the memory limit; born_mark: once there is a container."""
        self.process, self.group, self._on_end, self._oom_mark, self._born_mark = process, group, on_end, oom_mark, born_mark
        self.root_pid = process.pid
        self.oom = False
        self.unborn = False
        """The engine gave up before there was a container: nothing of the vendor's has run."""

    def end(self) -> int:
        """Kill what is left, reap it, free what it held; the exit status (negative: signal)."""
        if self.process.poll() is None:
            self.process.kill()
        status = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):   # the pipe broke with the child: there is nobody left to tell
                    stream.close()
        if self.group is not None:
            self.group.remove()
        self.oom = self.oom or (self._oom_mark is not None and self._oom_mark.exists())
        self.unborn = self.unborn or (self._born_mark is not None and not self._born_mark.exists())
        if self._on_end is not None:
            self._on_end()
            self._on_end = None
        return status


class Sandbox(Protocol):
    """A backend. `kinds`: submission kinds it may run; `sealed`: whether it may open sealed sets once its probe passed."""

    name: str
    kinds: frozenset[str]
    sealed: bool

    def available(self) -> str | None:
        """None when usable here, else the reason why not."""
        ...

    def start(self, job: Job) -> Child: ...


def python_places() -> list[Path]:
    """Folders that an interpreter needs to be read: its prefixes, not the project around them."""
    paths = {Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib")),
             Path(sys.executable).resolve().parent.parent}
    kept: list[Path] = []
    for path in sorted(paths, key=lambda path: len(path.parts)):
        if path.is_dir() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def enter_argv(harness: str, order_json: str, program: Sequence[str] = ()) -> list[str]:
    """Command line of `enter` with this interpreter."""
    return [sys.executable, "-I", "-c", ENTER.format(harness=harness), order_json, *(["--", *program] if program else [])]

"""Count what a sandbox uses from outside, and end it at its limits. CPU time is the limit; wall time only a backstop."""
from __future__ import annotations

import errno
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from eval_harness.sandbox.base import Bounds, Child
from eval_harness.sandbox.cgroup import Group

TICK_S, CROWDED = 0.02, 10.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass
class Spent:
    """What a child has used so far."""

    cpu_s: float = 0.0
    peak_bytes: int = 0
    processes: int = 0
    oom: bool = False
    waited_s: float = 0.0
    """Longest time that one thread stood ready to run while the machine ran something else."""


class Watch:
    """Reads a child's use; `over` says which limit it broke, as a token, or None."""

    def __init__(self, child: Child, bounds: Bounds, writable: tuple[Path, ...] = ()) -> None:
        self.child, self.bounds, self.writable = child, bounds, writable
        self.group: Group | None = child.group
        self.spent = Spent()

    def read(self) -> Spent:
        """Update and give what was used. Falls back on /proc where there is no control group."""
        seen = tree(self.child.root_pid)
        self.spent.processes = len(seen)
        self.spent.waited_s = max([self.spent.waited_s, *(process.waited_s for process in seen)])
        resident = sum(process.resident_bytes for process in seen)
        self.spent.peak_bytes = max(self.spent.peak_bytes, resident)
        if self.group is None:
            self.spent.cpu_s = max(self.spent.cpu_s, sum(process.cpu_s for process in seen))
            return self.spent
        try:
            self.spent.cpu_s = self.group.cpu_s()
            self.spent.peak_bytes = max(self.spent.peak_bytes, self.group.peak_bytes())
            self.spent.oom = self.group.oom_kills() > 0
        except FileNotFoundError:
            pass   # the group went with its child: the last figures stand
        return self.spent

    def over(self, cpu_limit_s: float, wall_s: float, wall_limit_s: float, waited_before_s: float = 0.0) -> str | None:
        """The limit that is broken: cpu, wall, memory, processes, scratch or files.

        Time spent ready but not run, because other work had the processor, does not count as wall time: a crowded
        machine must not turn a model into one that timed out.
        """
        spent = self.read()
        if spent.cpu_s > cpu_limit_s:
            return "cpu"
        if wall_s - (spent.waited_s - waited_before_s) > wall_limit_s or wall_s > wall_limit_s * CROWDED:
            return "wall"
        if spent.oom or (self.group is None and spent.peak_bytes > self.bounds.memory_bytes):
            return "memory"
        if spent.processes > self.bounds.processes + 8:
            return "processes"
        return next((held for folder in self.writable if (held := overfull(folder, self.bounds))), None)


@dataclass(frozen=True)
class Seen:
    pid: int
    cpu_s: float
    resident_bytes: int
    waited_s: float


def tree(root_pid: int) -> list[Seen]:
    """The process and all its descendants, as far as /proc shows them."""
    found: list[Seen] = []
    waiting = [root_pid]
    while waiting and len(found) < 4096:
        pid = waiting.pop()
        seen = _stat(pid)
        if seen is None:
            continue
        found.append(seen)
        waiting += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        return [int(word) for thread in threads for word in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()]
    except OSError:
        return []


def _stat(pid: int) -> Seen | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    cpu = sum(int(ticks) for ticks in fields[11:15]) / TICKS_PER_S
    return Seen(pid, cpu, int(fields[21]) * 4096, _waited_s(pid))


def _waited_s(pid: int) -> float:
    """The longest run-queue wait of a process's threads (second field of schedstat); 0 where the kernel does not count it."""
    longest = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            longest = max(longest, int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[1]))
    except (OSError, IndexError, ValueError):
        return longest / 1e9
    return longest / 1e9


def overfull(folder: Path, bounds: Bounds) -> str | None:
    """Whether a writable folder holds too many bytes or entries."""
    total, entries, waiting = 0, 0, [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    entries += 1
                    held = entry.stat(follow_symlinks=False)
                    total += held.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    if entries > FILES_CAP or total > bounds.scratch_bytes:
                        return "files" if entries > FILES_CAP else "scratch"
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return "files"   # nested deeper than a path reaches: what lies there could not be counted
    return None   # (any other error: it vanished between listing and reading, and holds nothing any more)


FILES_CAP = 1000


class Drain:
    """Reads a stream to its end in the background, keeping at most `cap` bytes: a flood neither blocks nor fills memory."""

    def __init__(self, stream: IO[bytes], cap: int) -> None:
        self.stream, self.cap, self.kept, self.total = stream, cap, bytearray(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        descriptor = self.stream.fileno()
        while True:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                return
            if not data:
                return
            self.total += len(data)
            if len(self.kept) < self.cap:
                self.kept += data[:self.cap - len(self.kept)]

    def take(self) -> bytes:
        """What was kept since the last take."""
        data, self.kept = bytes(self.kept), bytearray()
        return data

    def join(self, timeout_s: float = 1.0) -> None:
        self.thread.join(timeout_s)


class Deadline:
    """Watches a child in the background during one call and kills it at a limit; `broken` names the limit."""

    def __init__(self, watch: Watch, cpu_limit_s: float, wall_limit_s: float) -> None:
        self.watch = watch
        self.broken: str | None = None
        self._stop = threading.Event()
        before = watch.read()
        self._from_cpu, self._from_waited, self._from = before.cpu_s, before.waited_s, time.monotonic()
        self._limits = (cpu_limit_s, wall_limit_s)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> Deadline:
        self._thread.start()
        return self

    def _run(self) -> None:
        tick = 0.002
        while not self._stop.wait(tick):
            tick = min(TICK_S, tick * 2)
            passed = time.monotonic() - self._from
            broken = self.watch.over(self._from_cpu + self._limits[0], passed, self._limits[1], self._from_waited)
            if broken is not None:
                self.broken = broken
                self.watch.child.process.kill()
                if self.watch.group is not None:
                    self.watch.group.remove()
                return

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.wall_s = time.monotonic() - self._from
        self.cpu_s = max(0.0, self.watch.read().cpu_s - self._from_cpu)

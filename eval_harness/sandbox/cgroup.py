"""A control group per sandbox, where this process may make one: real memory, process count and CPU of everything inside.

Version 1 (memory, pids, cpuacct hierarchies) and version 2 (one tree whose parent hands down memory and pids).
"""
from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from eval_harness.sandbox.base import Bounds

ROOT = Path("/sys/fs/cgroup")
V1 = ("memory", "pids", "cpuacct")
REMOVE_TRIES = 40


@dataclass(frozen=True)
class Group:
    """Folders of one group: by controller in version 1, the same folder thrice in version 2."""

    memory: Path
    pids: Path
    cpu: Path
    version: int

    @property
    def folders(self) -> list[Path]:
        return list(dict.fromkeys((self.memory, self.pids, self.cpu)))

    def entering(self, argv: list[str]) -> list[str]:
        """The command line that joins the group first and then becomes `argv`."""
        join = "".join(f"echo $$ > {folder}/cgroup.procs && " for folder in self.folders)
        return ["/bin/sh", "-c", join + 'exec "$@"', "sh", *argv]

    def cpu_s(self) -> float:
        if self.version == 1:
            return int((self.cpu / "cpuacct.usage").read_text()) / 1e9
        return int(_field(self.cpu / "cpu.stat", "usage_usec")) / 1e6

    def peak_bytes(self) -> int:
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        path = self.memory / name
        return int(path.read_text()) if path.exists() else 0

    def oom_kills(self) -> int:
        return int(_field(self.memory / ("memory.oom_control" if self.version == 1 else "memory.events"), "oom_kill"))

    def process_ids(self) -> list[int]:
        try:
            return [int(line) for line in (self.pids / "cgroup.procs").read_text().split()]
        except FileNotFoundError:
            return []

    def remove(self) -> None:
        """Kill what is left inside and take the group away; a group that will not go stays for the next boot."""
        for _ in range(REMOVE_TRIES):
            for pid in self.process_ids():
                _kill(pid)
            if all(_removed(folder) for folder in self.folders):
                return
            time.sleep(0.005)


def make(bounds: Bounds) -> Group | None:
    """A new group with these limits, or None where this process may not make one."""
    name = f"touchstone-{os.getpid()}-{secrets.token_hex(4)}"
    group = _v1(name) or _v2(name)
    if group is None:
        return None
    try:
        if group.version == 1:
            (group.memory / "memory.limit_in_bytes").write_text(str(bounds.memory_bytes))
            swap = group.memory / "memory.memsw.limit_in_bytes"
            if swap.exists():
                swap.write_text(str(bounds.memory_bytes))
        else:
            (group.memory / "memory.max").write_text(str(bounds.memory_bytes))
            (group.memory / "memory.swap.max").write_text("0")
        (group.pids / "pids.max").write_text(str(bounds.processes + 8))   # bwrap's own processes and threads
    except OSError:
        group.remove()
        return None
    return group


def _v1(name: str) -> Group | None:
    own = {controllers: path for line in _own() for _, controllers, path in [line.split(":", 2)] if controllers}
    made: list[Path] = []
    for controller in V1:
        at = next((path for names, path in own.items() if controller in names.split(",")), None)
        folder = None if at is None else ROOT / controller / at.strip("/") / name
        try:
            if folder is None or not folder.parent.is_dir():
                raise FileNotFoundError(controller)
            folder.mkdir()
        except OSError:
            for other in made:
                _removed(other)
            return None
        made.append(folder)
    return Group(made[0], made[1], made[2], version=1)


def _v2(name: str) -> Group | None:
    at = next((line.split(":", 2)[2] for line in _own() if line.startswith("0::")), None)
    if at is None:
        return None
    own = ROOT / at.strip("/")
    for parent in (own, own.parent):
        handed = parent / "cgroup.subtree_control"
        if not handed.is_file() or not {"memory", "pids"} <= set(handed.read_text().split()):
            continue
        try:
            (parent / name).mkdir()
        except OSError:
            continue
        return Group(parent / name, parent / name, parent / name, version=2)
    return None


def _own() -> list[str]:
    try:
        return Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return value
    return "0"


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):   # gone already, which is what was wanted
        os.kill(pid, 9)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True

"""Prove a backend before it is trusted: try everything inside it and look from outside at what came of it."""
from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import eval_messages
from eval_harness.base.denials import NOT_TRIED
from eval_harness.sandbox.attempts import ATTEMPTS
from eval_harness.sandbox.base import Bounds, Child, Job, Sandbox, SandboxRefused
from eval_harness.sandbox.scratch import Scratch
from eval_harness.sandbox.watch import Deadline, Drain, Watch

CANARY = b"unchanged"
SOCKET_PATH_BYTES = 107
"""What unix(7) leaves for the name of a socket."""
PROBE_BOUNDS = Bounds(memory_bytes=256 * 1024**2, processes=24, file_bytes=8 * 1024**2, scratch_bytes=32 * 1024**2)
CPU_LIMIT_S, WALL_LIMIT_S = 20.0, 60.0
PROGRAM = ("import json, sys; sys.path.insert(0, '/harness'); from eval_harness.sandbox import attempts; "
           "attempts.run(json.loads(sys.argv[1]))")


@dataclass(frozen=True)
class Line:
    """One attempt: whether it was denied, and how (an exception's name, `killed`, or what was seen from outside)."""

    attempt: str
    denied: bool
    how: str


@dataclass(frozen=True)
class ProbeReport:
    """What a backend denied. `mode`: single (our ONNX runner) or shared (a vendor's program)."""

    backend: str
    mode: str
    available: bool
    reason: str | None
    lines: tuple[Line, ...]

    @property
    def tight(self) -> bool:
        """Everything was denied: the backend may open sealed sets."""
        return self.available and bool(self.lines) and all(line.denied for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        return {"backend": self.backend, "mode": self.mode, "available": self.available, "reason": self.reason,
                "tight": self.tight, "lines": [asdict(line) for line in self.lines]}


def probe(sandbox: Sandbox, mode: str) -> ProbeReport:
    """Run all attempts in `sandbox` as `mode`, about two seconds. Raises SandboxRefused BOX-008 where no socket can be made."""
    reason = sandbox.available()
    if reason is not None or not sandbox.sealed:   # attempts are never made where nothing would stop them
        return ProbeReport(sandbox.name, mode, reason is None, reason or "no isolation, practice sets only", ())
    with Scratch("probe") as folder, _Listener(folder / "s") as listener:
        place = Path(folder)
        canary, other = place / "canary", place / "other-case.npy"
        canary.write_bytes(CANARY)
        other.write_bytes(b"another case")
        facts = {"port": listener.port, "unix": listener.unix, "pid": os.getpid(), "canary": str(canary), "other_case": str(other),
                 "memory_bytes": PROBE_BOUNDS.memory_bytes, "processes": PROBE_BOUNDS.processes, "file_bytes": PROBE_BOUNDS.file_bytes}
        child = sandbox.start(_job(mode, facts))
        said, broken = _listen(child)
        lines = _lines(said, broken)
        lines.append(Line("outside:canary_unchanged", canary.read_bytes() == CANARY, "read back"))
        lines.append(Line("outside:listener_silent", not listener.heard, f"{listener.heard} connections"))
        lines.append(Line("outside:no_process_left", not _alive(child), "process table"))
    return ProbeReport(sandbox.name, mode, True, None, tuple(lines))


def _job(mode: str, facts: Mapping[str, Any]) -> Job:
    if mode == "single":
        return Job(PROBE_BOUNDS, module="attempts", extra=facts)
    return Job(PROBE_BOUNDS, argv=(sys.executable, "-I", "-c", PROGRAM, json.dumps(dict(facts))))


def _listen(child: Child) -> tuple[list[str], str | None]:
    """Everything the attempts said, and the limit they were killed for, if any."""
    assert child.process.stdout is not None
    assert child.process.stderr is not None
    watch = Watch(child, PROBE_BOUNDS)
    drains = [Drain(child.process.stdout, 65536), Drain(child.process.stderr, 4096)]
    with Deadline(watch, CPU_LIMIT_S, WALL_LIMIT_S) as deadline:
        child.process.wait()
        for drain in drains:
            drain.join()
    child.end()
    return drains[0].take().decode(errors="replace").splitlines(), deadline.broken


def _lines(said: list[str], broken: str | None) -> list[Line]:
    found: dict[str, Line] = {}
    tried: str | None = None
    for text in said:
        verb, _, rest = text.partition(" ")
        name, _, how = rest.partition(" ")
        if verb == "try":
            tried = name
        elif verb in ("denied", "ALLOWED") and name == tried:
            found[name] = Line(name, verb == "denied", how or "worked")
            tried = None
    if tried is not None:
        found[tried] = Line(tried, tried in ("memory", "fork_bomb", "large_file"), f"killed ({broken or 'by the kernel'})")
    return [found.get(name, Line(name, False, NOT_TRIED)) for name in ATTEMPTS]


def _alive(child: Child) -> bool:
    return bool(child.group.process_ids()) if child.group is not None else os.path.exists(f"/proc/{child.root_pid}")


class _Listener:
    """A TCP and a Unix socket of ours that nobody should reach."""

    def __init__(self, unix: Path) -> None:
        if len(os.fsencode(unix)) > SOCKET_PATH_BYTES:
            raise SandboxRefused(eval_messages().issue("BOX-008", unix.parent.name, found=len(os.fsencode(unix)), right=SOCKET_PATH_BYTES))
        self.heard, self.unix = 0, str(unix)

    def __enter__(self) -> _Listener:
        self._sockets = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
        self._sockets[1].bind(self.unix)
        self._sockets[1].listen()
        self.port = int(self._sockets[0].getsockname()[1])
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=self._accept, args=(held,), daemon=True) for held in self._sockets]
        for thread in self._threads:
            thread.start()
        return self

    def _accept(self, held: socket.socket) -> None:
        while True:
            try:
                line, _ = held.accept()
            except OSError:
                return
            self.heard += 1
            line.close()

    def __exit__(self, *_: object) -> None:
        for held in self._sockets:
            held.shutdown(socket.SHUT_RDWR)
            held.close()
        self._udp.close()

"""The floor: our ONNX runner as one process behind Landlock, seccomp and rlimits. No vendor program, no PID namespace.

And `Bare`: no isolation at all, for practice on machines that offer none; reports made with it say UNISOLATED.
"""
from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from eval_harness.sandbox import lockdown
from eval_harness.sandbox.base import HARNESS, PLAIN_ENV, Child, Job, Sandbox, enter_argv

PASSED_ON = frozenset({
    "APPDATA", "COMSPEC", "CONDA_PREFIX", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PATHEXT",
    "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "USERPROFILE",
    "VIRTUAL_ENV", "WINDIR"})
"""What a program without walls may know of this process's environment: where libraries and temporary files are. No key, no address."""


class Floor:
    """seccomp + Landlock + rlimits, fork and exec forbidden."""

    name = "floor"
    kinds = frozenset({"onnx"})
    sealed = True

    def available(self) -> str | None:
        if not sys.platform.startswith("linux"):
            return "not Linux"
        if not lockdown.seccomp_offered():
            return "this kernel or processor has no seccomp filter"
        return None if lockdown.landlock_abi() else "this kernel has no Landlock"

    def start(self, job: Job) -> Child:
        order = {"rlimits": job.bounds.rlimits(), "readable": [], "lock": "single", "parent": os.getpid(),
                 "module": job.module, "extra": dict(job.extra)}
        return Child(_popen(enter_argv(str(HARNESS.parent), json.dumps(order)), PLAIN_ENV))


class Bare:
    """Nothing is enforced but what the supervisor can count and kill from outside. Practice sets only."""

    name = "none"
    kinds = frozenset({"onnx", "python"})
    sealed = False

    def available(self) -> str | None:
        return None

    def start(self, job: Job) -> Child:
        order = {"rlimits": job.bounds.rlimits() if os.name == "posix" else {}, "lock": "none", "module": job.module,
                 "parent": os.getpid() if sys.platform.startswith("linux") else None, "extra": dict(job.extra)}
        env = {**{name: value for name, value in os.environ.items() if name.upper() in PASSED_ON}, **PLAIN_ENV}
        if job.argv is None:
            return _bare_child(_popen(enter_argv(str(HARNESS.parent), json.dumps(order)), env))
        places = {**job.read_only, **job.writable}
        env |= {f"TOUCHSTONE_{inside.strip('/').upper()}": str(path) for inside, path in places.items()}
        program = [_outside(word, places) for word in job.argv]
        return _bare_child(_popen(enter_argv(str(HARNESS.parent), json.dumps(order), program), env, cwd=_outside(job.cwd, places)))


def _bare_child(process: subprocess.Popen[bytes]) -> Child:
    """A child whose whole session is ended with it: without a PID namespace its own children would stay."""
    def end_session() -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError, AttributeError):
            os.killpg(process.pid, 9)

    return Child(process, None, end_session)


def _outside(word: str, places: Mapping[str, Path]) -> str:
    """A path inside the sandbox as the real one; other words unchanged."""
    for inside, path in places.items():
        if word == inside or word.startswith(inside + "/"):
            return str(path) + word[len(inside):]
    return word


def _popen(argv: list[str], env: dict[str, str], cwd: str | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                            cwd=cwd or "/", close_fds=True, start_new_session=True)


FLOOR: Sandbox = Floor()
BARE: Sandbox = Bare()

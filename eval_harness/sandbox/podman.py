"""OCI image archives by podman: a fresh container per case, no network, no capabilities, read-only root.

Flags were run together on Debian 12 (podman 4.3.1, crun 1.8.1, runc 1.1.5); the container's own time-out is not used, the
supervisor's is. The engine's own seccomp list is narrowed to what bwrap allows: no kernel internals, and of sockets Unix ones alone.
The self-test runs in a container of the same flags whose root holds this machine's /usr and interpreter, read-only.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import eval_messages
from eval_harness.sandbox import bpf
from eval_harness.sandbox.base import HARNESS, PLAIN_ENV, SYSTEM, Child, Job, Sandbox, SandboxRefused, python_places

HARD = ("--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=10001:10001", "--pull=never",
        "--ulimit=nofile=1024:4096", "--ulimit=nproc=1024:1024", "--ulimit=core=0:0", "--log-driver=none", "--rm", "--interactive",
        "--cgroups=enabled", "--ipc=private", "--uts=private", "--hostname=sandbox")


ENGINES_LIST = Path("/usr/share/containers/seccomp.json")
UNIFIED_BESIDE_V1 = Path("/sys/fs/cgroup/unified")


@cache
def runtime() -> tuple[str, ...]:
    """Words that choose the OCI runtime: podman's own, but runc where cgroups are mounted in hybrid mode, which crun refuses to enter."""
    return ("--runtime=runc",) if UNIFIED_BESIDE_V1.is_dir() and shutil.which("runc") else ()


def seccomp_list() -> dict[str, Any]:
    """The engine's list of allowed calls, where it has one, less those of bpf.KERNEL and every socket that is not a Unix socket."""
    told: dict[str, Any] = json.loads(ENGINES_LIST.read_bytes()) if ENGINES_LIST.is_file() else {"defaultAction": "SCMP_ACT_ALLOW"}
    refused = {*bpf.KERNEL, "socket"}
    rules = [{**rule, "names": [name for name in rule["names"] if name not in refused]} for rule in told.get("syscalls", [])]
    unix = {"index": 0, "value": bpf.AF_UNIX}
    if told["defaultAction"] == "SCMP_ACT_ALLOW":
        rules += [{"names": list(bpf.KERNEL), "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
                  {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "args": [{**unix, "op": "SCMP_CMP_NE"}]}]
    else:
        rules.append({"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{**unix, "op": "SCMP_CMP_EQ"}]})
    return {**told, "syscalls": [rule for rule in rules if rule["names"]]}


class Podman:
    """podman run, one container a case."""

    name = "podman"
    kinds = frozenset({"oci"})
    sealed = True

    def available(self) -> str | None:
        program = shutil.which("podman")
        if not sys.platform.startswith("linux") or program is None:
            return "podman is not installed"
        tried = subprocess.run([program, "info", "--format", "{{.Host.OCIRuntime.Name}}"], capture_output=True, timeout=60, check=False)
        return None if tried.returncode == 0 else "podman does not start here (see: podman info)"

    def start(self, job: Job) -> Child:
        if job.image is None and job.argv is None:
            raise SandboxRefused(eval_messages().issue("BOX-004", self.name))
        folder = tempfile.TemporaryDirectory(prefix="touchstone-container-")
        cid, calls = f"{folder.name}/cid", Path(folder.name, "seccomp.json")   # its monitor writes `oom` where it was started
        calls.write_text(json.dumps(seccomp_list()), encoding="utf-8")
        what = [f"oci-archive:{job.image}", *(job.argv or ())] if job.image is not None else _own_root(Path(folder.name) / "root", job)
        words = ["podman", *runtime(), "run", *HARD, f"--security-opt=seccomp={calls}", *_bounds(job), f"--cidfile={cid}", *_mounts(job)]
        process = subprocess.Popen([*words, *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True, cwd=folder.name)

        def remove() -> None:
            subprocess.run(["podman", "rm", "--force", "--time=0", f"--cidfile={cid}", "--ignore"], capture_output=True, timeout=60,
                           check=False)
            folder.cleanup()

        return Child(process, None, remove, Path(folder.name, "oom"))


def _bounds(job: Job) -> list[str]:
    bounds = job.bounds
    return [f"--ulimit=fsize={bounds.file_bytes}:{bounds.file_bytes}", f"--memory={bounds.memory_bytes}",
            f"--memory-swap={bounds.memory_bytes}", "--cpus=1", f"--pids-limit={bounds.processes}",
            "--tmpfs", f"/tmp:rw,noexec,nosuid,nodev,size={bounds.scratch_bytes}"]


def _mounts(job: Job) -> list[str]:
    pairs = [(path, inside, "ro") for inside, path in job.read_only.items()]
    pairs += [(path, inside, "rw") for inside, path in job.writable.items()]
    return [word for path, inside, how in pairs for word in ("--volume", f"{path}:{inside}:{how}")]


def _own_root(root: Path, job: Job) -> list[str]:
    """A root of mount points only, for programs of this machine (the self-test)."""
    root.mkdir()
    words: list[str] = []
    for place in SYSTEM:
        if os.path.islink(place):
            (root / place.lstrip("/")).symlink_to(os.readlink(place))
        elif os.path.isdir(place):
            words += ["--volume", f"{place}:{place}:ro"]
    for held in python_places():
        words += [] if held.is_relative_to("/usr") else ["--volume", f"{held}:{held}:ro"]
    words += ["--volume", f"{HARNESS}:/harness/eval_harness:ro"]
    for name, value in PLAIN_ENV.items():
        words += ["--env", f"{name}={value}"]
    return [*words, "--rootfs", f"{root}:O", *(job.argv or ())]


PODMAN: Sandbox = Podman()

"""OCI image archives by podman: a fresh container per case, no network, no capabilities, read-only root.

Flags were run together on Debian 12 (podman 4.3.1, crun 1.8.1, runc 1.1.5); the container's own time-out is not used, the
supervisor's is. The engine's own seccomp list is narrowed to what bwrap allows: no kernel internals, and of sockets Unix ones alone.
The self-test runs in a container of the same flags whose root holds this machine's /usr and interpreter, read-only.
"""
from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import Retryable, eval_messages
from eval_harness.sandbox import bpf
from eval_harness.sandbox.base import HARNESS, PLAIN_ENV, SYSTEM, Child, Job, Sandbox, SandboxRefused, python_places
from eval_harness.sandbox.scratch import ENDINGS, Scratch

HARD = ("--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=10001:10001", "--pull=never",
        "--ulimit=nofile=1024:4096", "--ulimit=nproc=1024:1024", "--ulimit=core=0:0", "--log-driver=none", "--rm", "--interactive",
        "--cgroups=enabled", "--ipc=private", "--uts=private", "--hostname=sandbox",
        "--systemd=false", "--image-volume=ignore", "--no-healthcheck", "--http-proxy=false", "--sdnotify=ignore",
        "--no-hosts")
"""From --systemd on: against what an image may ask for by itself, or the engine gives unasked: a program named init (a writable cgroup
tree), volumes on this machine's disk, health checks, this machine's proxy variables, notify socket and list of hosts."""
GUARD = ('read -r told; [ "$told" = ended ] || { grep -qsF -- "$1" "/proc/$2/cmdline" && kill -9 "$2"; }; '
         'exec podman rm --force --time=0 --ignore "$1"')
"""Waits for the supervisor's word, or for its death, and removes the container: no container outlives who started it."""
PULL_S, REMOVE_S = 3600, 60
CID, OOM = "cid", "oom"

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


@cache
def pulled(image: Path, changed_ns: int) -> str:
    """The id of an image archive in the engine's store, brought there once a process: no case pays for it.

    It goes with the process, unless another still runs it. Raises Retryable BOX-005 when the engine does not take it.
    """
    words = ["podman", "pull", "--quiet", f"oci-archive:{image}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PULL_S, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()
        raise Retryable(eval_messages().issue("BOX-005", "podman", reason=reason[-1][:200] if reason else f"exit {done.returncode}"))
    name = done.stdout.split()[-1]
    atexit.register(subprocess.run, ["podman", "rmi", "--ignore", name], capture_output=True, timeout=REMOVE_S, check=False)
    return name


def end_container(name: str) -> None:
    """Remove a container that a killed supervisor left."""
    if shutil.which("podman"):
        subprocess.run(["podman", "rm", "--force", "--time=0", "--ignore", name], capture_output=True, timeout=REMOVE_S, check=False)


class Podman:
    """podman run, one container a case."""

    name = "podman"
    kinds = frozenset({"oci"})
    sealed = True

    def available(self) -> str | None:
        program = shutil.which("podman")
        if not sys.platform.startswith("linux") or program is None:
            return "podman is not installed"
        if UNIFIED_BESIDE_V1.is_dir() and not runtime():
            return "podman needs runc here, where cgroups are in hybrid mode"
        tried = subprocess.run([program, "info", "--format", "{{.Host.OCIRuntime.Name}}"], capture_output=True, timeout=60, check=False)
        return None if tried.returncode == 0 else "podman does not start here (try podman info)"

    def start(self, job: Job) -> Child:
        if job.image is None and job.argv is None:
            raise SandboxRefused(eval_messages().issue("BOX-004", self.name))
        image = None if job.image is None else pulled(job.image, job.image.stat().st_mtime_ns)
        folder = Scratch("container")
        name, calls = folder.path.name, folder.path / "seccomp.json"
        calls.write_text(json.dumps(seccomp_list()), encoding="utf-8")
        what = [image, *(job.argv or ())] if image is not None else _own_root(folder.path / "root", job)
        words = ["podman", *runtime(), "run", *HARD, f"--security-opt=seccomp={calls}", *_bounds(job), f"--name={name}",
                 f"--cidfile={folder.path / CID}", *_mounts(job)]
        process = subprocess.Popen([*words, *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True, cwd=folder.path)   # its monitor writes `oom` where it was started
        guard = subprocess.Popen(["/bin/sh", "-c", GUARD, "sh", name, str(process.pid)], stdin=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

        def remove() -> None:
            try:
                guard.communicate(b"ended\n", REMOVE_S)
            except subprocess.TimeoutExpired as error:   # what it wrote may still change; the next sweep tries again
                guard.kill()
                raise Retryable(eval_messages().issue("BOX-005", self.name, reason="the container does not end")) from error
            if not (folder.path / CID).exists():
                pulled.cache_clear()   # another process may have taken the image away with itself
            folder.free()

        return Child(process, None, remove, folder.path / OOM, folder.path / CID)


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
ENDINGS["container"] = end_container

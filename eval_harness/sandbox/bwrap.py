"""bubblewrap: own namespaces, an almost empty read-only root, no network, no capabilities; a cgroup around it where we may.

Inside: /usr and the interpreter read-only, /harness (this package), the job's mounts, /tmp with a size, /proc of its own.
A process limit by rlimit does not bind a sandbox started by root; the control group's does, and the probe says which holds.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from eval_harness.sandbox import cgroup
from eval_harness.sandbox.base import HARNESS, PLAIN_ENV, SYSTEM, Child, Job, Sandbox, enter_argv, python_places

INSIDE_HARNESS = "/harness"
NOBODY = 65534
SETTINGS = ("/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq")
"""What root owns may be written by a sandbox that root started, whatever its user is called inside: these are made read-only."""
HIDDEN = ("/proc/acpi", "/proc/asound", "/proc/iomem", "/proc/ioports", "/proc/kallsyms", "/proc/kcore", "/proc/keys", "/proc/kmsg",
          "/proc/kpagecgroup", "/proc/kpagecount", "/proc/kpageflags", "/proc/latency_stats", "/proc/mtrr", "/proc/pressure",
          "/proc/sched_debug", "/proc/scsi", "/proc/slabinfo", "/proc/sysrq-trigger", "/proc/timer_list", "/proc/vmallocinfo")
"""And these tell about the machine and its other processes."""


class Bubblewrap:
    """Namespaces by bwrap, limits by cgroup (else rlimits), seccomp in the child."""

    name = "bwrap"
    kinds = frozenset({"onnx", "python"})
    sealed = True

    def available(self) -> str | None:
        program = shutil.which("bwrap")
        if not sys.platform.startswith("linux") or program is None:
            return "bubblewrap (bwrap) is not installed"
        tried = subprocess.run([program, "--unshare-all", "--ro-bind", "/", "/", "/bin/true"], capture_output=True,
                               timeout=20, check=False)
        return None if tried.returncode == 0 else "bwrap may not make namespaces here (user namespaces are off?)"

    def start(self, job: Job) -> Child:
        group = cgroup.make(job.bounds)
        limits = {**job.bounds.rlimits(address_space=group is None), "nproc": job.bounds.processes + 8}
        order: dict[str, object] = {"rlimits": limits, "lock": "single" if job.argv is None else "shared", "readable": [],
                 "parent": 0 if job.argv is None else None, "module": job.module, "extra": dict(job.extra)}
        inner = enter_argv(INSIDE_HARNESS, json.dumps(order), job.argv or ())
        argv = [shutil.which("bwrap") or "bwrap", *_walls(job), "--", *inner]
        if group is not None:
            argv = group.entering(argv)
        try:
            process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={},
                                       cwd="/", close_fds=True)
        except BaseException:
            if group is not None:
                group.remove()
            raise
        return Child(process, group)


def _walls(job: Job) -> list[str]:
    argv = ["--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in PLAIN_ENV.items():
        argv += ["--setenv", name, value]
    for place in SYSTEM:
        if os.path.islink(place):
            argv += ["--symlink", os.readlink(place), place]
        elif os.path.exists(place):
            argv += ["--ro-bind", place, place]
    argv += ["--proc", "/proc", *_covers(), "--dev", "/dev", "--size", str(job.bounds.scratch_bytes), "--tmpfs", "/dev/shm"]
    argv += ["--size", str(job.bounds.scratch_bytes), "--tmpfs", "/tmp"]
    for folder in python_places():
        if not folder.is_relative_to("/usr"):
            argv += ["--ro-bind", str(folder), str(folder)]
    argv += ["--ro-bind", str(HARNESS), f"{INSIDE_HARNESS}/eval_harness"]
    for inside, path in job.read_only.items():
        argv += ["--ro-bind", str(path), inside]
    for inside, path in job.writable.items():
        argv += ["--bind", str(path), inside]
    return [*argv, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", job.cwd]


def _covers() -> list[str]:
    """Mounts over the parts of /proc that are this machine's and not the sandbox's."""
    argv: list[str] = []
    for place in SETTINGS:
        argv += ["--ro-bind", place, place] if os.path.isdir(place) else []
    for place in HIDDEN:
        if os.path.isdir(place):
            argv += ["--tmpfs", place, "--remount-ro", place]
        elif os.path.exists(place):
            argv += ["--ro-bind", "/dev/null", place]
    return argv


BWRAP: Sandbox = Bubblewrap()

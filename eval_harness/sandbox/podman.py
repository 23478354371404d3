"""OCI image archives by podman with crun: a fresh container per case, no network, no capabilities, read-only root.

Flags were run together on Debian 12 (podman 4.3.1, crun 1.8.1); the container's own time-out is not used, the supervisor's is.
"""
from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile

from eval_harness.base import eval_messages
from eval_harness.sandbox.base import Child, Job, Sandbox, SandboxRefused

HARD = ("--network=none", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=10001:10001", "--pull=never",
        "--ulimit=nofile=1024:4096", "--ulimit=nproc=1024:1024", "--ulimit=core=0:0", "--log-driver=none", "--rm", "--interactive",
        "--cgroups=enabled", "--ipc=private", "--uts=private", "--hostname=sandbox")


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
        if job.image is None:
            raise SandboxRefused(eval_messages().issue("BOX-004", self.name))
        bounds = job.bounds
        folder = tempfile.TemporaryDirectory(prefix="touchstone-container-")
        argv = ["podman", "run", *HARD, f"--memory={bounds.memory_bytes}", f"--memory-swap={bounds.memory_bytes}", "--cpus=1",
                f"--pids-limit={bounds.processes}", f"--cidfile={folder.name}/cid",
                "--tmpfs", f"/tmp:rw,noexec,nosuid,nodev,size={bounds.scratch_bytes}"]
        for inside, path in job.read_only.items():
            argv += ["--volume", f"{path}:{inside}:ro"]
        for inside, path in job.writable.items():
            argv += ["--volume", f"{path}:{inside}:rw"]
        process = subprocess.Popen([*argv, f"oci-archive:{job.image}", *(job.argv or ())], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

        def remove() -> None:
            subprocess.run(["podman", "rm", "--force", "--time=0", f"--cidfile={folder.name}/cid", "--ignore"],
                           capture_output=True, timeout=60, check=False)
            folder.cleanup()

        return Child(process, None, remove)


PODMAN: Sandbox = Podman()

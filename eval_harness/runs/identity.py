"""What makes two runs the same run, and what a slot has to know."""
from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, digest, eval_messages
from eval_harness.sandbox.base import Bounds, Job
from eval_harness.submission.read import Submission
from eval_harness.tasks.pack import Pack
from eval_harness.tasks.spec import Limits
from eval_harness.testset.layout import TestSet

RUNNER = {"onnx": "onnx/1", "python": "files/1", "oci": "files/1", "predictions": "predictions/1"}
SERVED_RUNNER = "oip/1"
RAISE_CAP = 16
LIBRARIES = ("touchstone-eval", "numpy", "onnxruntime", "onnx", "ray")


@dataclass(frozen=True)
class SlotOrder:
    """All a supervisor needs, as plain values: it may travel to another machine. No truth, no key, no case key."""

    run_id: str
    set_dir: Path
    submission_dir: Path
    pack_dir: Path
    kind: str
    backend: str
    visibility: str
    limits: Limits
    manifest: Mapping[str, Any]
    entry: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bounds(self) -> Bounds:
        """The limits that the sandbox enforces while a program runs."""
        held = self.limits
        return Bounds(held.memory_bytes, held.processes, held.open_files, held.file_bytes, held.scratch_bytes, held.log_bytes)

    def program(self, out: Path, case: Path | None = None) -> Job:
        """How the vendor's program is started: it writes to `out` and reads one `case`, or is asked case by case."""
        mounts = {} if case is None else {"/input": case}
        if self.kind == "oci":
            return Job(self.bounds, None, read_only=mounts, writable={"/output": out}, image=self.submission_dir / "image.oci.tar")
        return Job(self.bounds, (sys.executable, "-I", f"/bundle/{self.entry}"), writable={"/output": out}, cwd="/bundle",
                   read_only={**mounts, "/bundle": self.submission_dir / "bundle"})

    @property
    def served(self) -> bool:
        """Whether one server answers case after case, over the Open Inference Protocol."""
        return self.manifest.get("protocol") == "oip-v2"


def run_record(submission: Submission, held: TestSet, pack: Pack, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a run that is the same on any machine; its run_id is the digest of the rest."""
    record = {
        "schema": "touchstone.run/1", "protocol": digest(dict(plan.get("protocol", plan))),
        "submission": submission.digest, "pack": pack.digest, "set": held.manifest.scope, "inputs_root": held.manifest.inputs_root,
        "harness": {"name": "touchstone-eval", "version": _version("touchstone-eval")},
        "runner": SERVED_RUNNER if submission.served else RUNNER[submission.kind],
    }
    return {"run_id": digest(record), **record}


def effective_limits(pack: Pack, plan: Mapping[str, Any], submission: Submission) -> Limits:
    """The pack's limits, changed by the plan within reason, lowered (never raised) by what the submission asks for.

    Raises WrongUsage RUN-015 for a limit of nothing, or of more than RAISE_CAP times the task's.
    """
    given = pack.spec.limits.model_dump()
    changed = {name: value for name, value in dict(plan.get("limits") or {}).items() if name in given}
    for name, value in changed.items():
        most = RAISE_CAP * given[name]
        if not 0 < value <= most:
            raise WrongUsage(eval_messages().issue("RUN-015", f"limits.{name}", found=value, known=given[name], most=most))
    limits = Limits.model_validate({**given, **{name: _whole(name, value) for name, value in changed.items()}})
    asked = submission.manifest.resources
    lower = {"timeout_s": min(limits.timeout_s, asked.timeout_s or limits.timeout_s),
             "memory_bytes": min(limits.memory_bytes, asked.memory_bytes or limits.memory_bytes)}
    return limits.model_copy(update=lower)


def environment() -> dict[str, Any]:
    """The determinism record: what of this machine could change a number."""
    flags = _cpu_flags()
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system(),
            "kernel": platform.release(), "cpu_flags_sha256": hashlib.sha256(flags.encode()).hexdigest(),
            "cpu_flags": [flag for flag in flags.split() if flag.startswith(("avx", "sse4", "fma", "amx", "asimd"))],
            "processors": os.cpu_count() or 0, "threads_per_case": 1,
            "libraries": {name: _version(name) for name in LIBRARIES}}


@cache
def _cpu_flags() -> str:
    """As the kernel lists them for the first processor; nothing where it does not."""
    if not Path("/proc/cpuinfo").exists():
        return ""
    lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(("flags", "Features"))), "")


def _whole(name: str, value: Any) -> Any:
    annotation = Limits.model_fields[name].annotation
    return int(value) if annotation is int else float(value)


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"

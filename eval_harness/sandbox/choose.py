"""Which backend runs what on this machine, and whether it may open a sealed set."""
from __future__ import annotations

import os
from functools import cache

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.phrases import in_chinese
from eval_harness.sandbox.base import Sandbox, SandboxRefused
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.podman import PODMAN
from eval_harness.sandbox.probe import ProbeReport, probe
from eval_harness.sandbox.process import BARE, FLOOR

BACKENDS: tuple[Sandbox, ...] = (BWRAP, FLOOR, PODMAN, BARE)
FORCE = "TOUCHSTONE_SANDBOX"


def backend(name: str) -> Sandbox:
    """The backend of that name. Raises WrongUsage BOX-001 with the names there are."""
    for held in BACKENDS:
        if held.name == name:
            return held
    raise WrongUsage(eval_messages().issue("BOX-001", name, known=", ".join(held.name for held in BACKENDS)))


@cache
def proved(name: str, mode: str) -> ProbeReport:
    """The probe of a backend, run once a process."""
    return probe(backend(name), mode)


def mode_of(kind: str) -> str:
    """single: our ONNX runner · shared: a vendor's program."""
    return "single" if kind == "onnx" else "shared"


def choose(kind: str, visibility: str, force: str | None = None) -> tuple[Sandbox, ProbeReport]:
    """The strictest backend here that runs submissions of `kind`, with its probe.

    force (or $TOUCHSTONE_SANDBOX) names one. A sealed set needs a backend whose every attempt was denied.
    Raises SandboxRefused BOX-002 (nothing runs this kind here), BOX-003 (nothing tight enough for a sealed set).
    """
    wanted = force or os.environ.get(FORCE)
    candidates = [backend(wanted)] if wanted else list(BACKENDS)
    reasons: list[Words] = []
    for held in candidates:
        if kind not in held.kinds:
            reasons.append(Words(f"{held.name}：不运行 {kind}", f"{held.name}: does not run {kind}"))
            continue
        report = proved(held.name, mode_of(kind))
        if not report.available:
            reasons.append(_why(held, report, ""))
        elif report.tight or (visibility == "practice" and (held is BARE or wanted)):
            return held, report
        else:
            reasons.append(_why(held, report, ", ".join(line.attempt for line in report.lines if not line.denied)))
    code = "BOX-003" if visibility == "sealed" else "BOX-002"
    told = Words("；".join(said.zh for said in reasons), "; ".join(said.en for said in reasons))
    raise SandboxRefused(eval_messages().issue(code, kind, reasons=told))


def _why(held: Sandbox, report: ProbeReport, broken: str) -> Words:
    """Why a backend that runs this kind is not taken: what it did not deny, else why it cannot be used."""
    if broken:
        return Words(f"{held.name}：未被拒绝：{broken}", f"{held.name}: not denied: {broken}")
    return Words(f"{held.name}：{in_chinese(report.reason)}", f"{held.name}: {report.reason}")

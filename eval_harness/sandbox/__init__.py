"""Where hostile code runs: one interface, backends proved by a self-test, limits counted from outside."""
from eval_harness.sandbox.base import Bounds, Child, Job, Sandbox, SandboxRefused
from eval_harness.sandbox.choose import choose, proved
from eval_harness.sandbox.probe import ProbeReport, probe

__all__ = ["Bounds", "Child", "Job", "ProbeReport", "Sandbox", "SandboxRefused", "choose", "probe", "proved"]

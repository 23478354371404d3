"""Predict a whole set: the driver, its append-only store, and the supervisors that keep vendor code in its sandbox."""
from eval_harness.runs.driver import run_submission
from eval_harness.runs.store import Run, read_run

__all__ = ["Run", "read_run", "run_submission"]

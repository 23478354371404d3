"""kill -9 at random moments: no committed case runs again, none is lost, what was in hand is the platform's fault.

Driver and sandboxes of a local run; sixty kills over 2,000 cases on Ray, supervisors too: python -m benchmarks.runner_kills.
"""
from __future__ import annotations

import pytest

from benchmarks.runner_kills import graph_trial, ledger_trial
from eval_harness.sandbox.process import FLOOR

SEED = 20261126
pytestmark = [pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}"), pytest.mark.slow]


def test_a_run_killed_at_random_moments_ends_as_if_nothing_had_happened(tmp_path):
    found = graph_trial(tmp_path, 120, 2).played(6, ("driver", "sandbox"), SEED)
    assert (found["committed cases run again"], found["cases lost"]) == (0, 0)
    assert found["most of them by one kill"] <= 2
    assert found["attempts charged"] == 120
    assert found["same bytes as an undisturbed local run"]


def test_a_witness_that_the_runner_knows_nothing_of_counts_the_same(tmp_path):
    found = ledger_trial(tmp_path, 20, 2).played(3, ("driver",), SEED)
    assert found["witness: committed cases run again"] == 0
    assert found["witness: starts beyond the first that were not marked"] == 0
    assert found["most of them by one kill"] <= 2
    assert (found["attempts charged"], found["cases lost"]) == (20, 0)
    assert found["same bytes as an undisturbed local run"]

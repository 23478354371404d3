"""kill -9 at random moments: no committed case runs again, none is lost, what was in hand is the platform's fault.

Driver and sandboxes of a local run; sixty kills over 2,000 cases on Ray, supervisors too: python -m benchmarks.runner_kills.
"""
from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from benchmarks.runner_kills import graph_trial, ledger_trial
from eval_harness.runs import run_submission
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.choose import proved
from eval_harness.sandbox.process import FLOOR
from eval_harness.sandbox.watch import tree
from eval_harness.tasks.starter import write_submission

SEED = 20261126
pytestmark = [pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}"), pytest.mark.slow]


def test_a_run_killed_at_random_moments_ends_as_if_nothing_had_happened(tmp_path):
    found = graph_trial(tmp_path, 120, 2).played(6, ("driver", "sandbox"), SEED)
    assert (found["committed cases run again"], found["cases lost"]) == (0, 0)
    assert {"driver", "sandbox"} <= set(found["killed"])
    assert 0 < found["most of them by one kill"] <= 2
    assert found["attempts charged"] == 120
    assert found["same bytes as an undisturbed local run"]


def test_a_witness_that_the_runner_knows_nothing_of_counts_the_same(tmp_path):
    found = ledger_trial(tmp_path, 20, 2).played(3, ("driver",), SEED)
    assert found["witness: committed cases run again"] == 0
    assert found["witness: starts beyond the first that were not marked"] == 0
    assert found["most of them by one kill"] <= 2
    assert (found["attempts charged"], found["cases lost"]) == (20, 0)
    assert found["same bytes as an undisturbed local run"]


@pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
def test_walls_killed_from_outside_cost_the_program_within_nothing(few, tmp_path):
    """The walls are no process that the program could reach; one that kills itself is charged (see the hostile programs)."""
    program = b"import json, time; time.sleep(0.5); json.dump({'score': 0.5}, open('/output/output.json', 'w'))"
    write_submission(tmp_path / "sub", "python", {"bundle/predict.py": program}, task="chest-dr", entry="predict.py")

    def kill_walls():
        while not (found := [one.pid for one in tree(os.getpid()) if b"/bundle/predict.py" in _words(one.pid)]):
            time.sleep(0.01)
        os.kill(found[0], signal.SIGKILL)

    proved("bwrap", "shared")   # its self-test starts walls of its own
    thread = threading.Thread(target=kill_walls)
    thread.start()
    run = run_submission(tmp_path / "sub", few, {}, tmp_path / "run", sandbox="bwrap", progress=False)
    thread.join()
    events = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_bytes().splitlines()]
    assert [(event["fault"], event["cause"]) for event in events if event["kind"] == "requeued"] == [("platform", "platform:killed")]
    assert {(row.status, row.attempt) for row in run.results} == {("ok", 1)}


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

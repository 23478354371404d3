"""A plan may change a task's limits within reason: whoever signs it cannot take the machine with it, nor make every case fail."""
from __future__ import annotations

import pytest

from eval_harness.base import WrongUsage
from eval_harness.runs.identity import effective_limits
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack

PACK = load_pack("chest-dr")
WRONG = {"memory_bytes": 2**50, "timeout_s": 1e9, "output_bytes": 10**12, "log_bytes": 2**40, "processes": 10**6, "attempts": 250,
         "wall_factor": float("inf"), "open_files": -1, "scratch_bytes": 0, "start_timeout_s": float("nan")}


@pytest.fixture(scope="module")
def submission(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits") / "sub"
    PACK.reference_model(folder)
    return read_submission(folder)


@pytest.mark.parametrize("name", WRONG)
def test_a_limit_beyond_reason_is_refused_by_its_name(name, submission):
    with pytest.raises(WrongUsage, match=f"RUN-015  limits.{name}"):
        effective_limits(PACK, {"limits": {name: WRONG[name]}}, submission)


def test_a_limit_within_reason_is_taken_and_an_unknown_name_changes_nothing(submission):
    held = effective_limits(PACK, {"limits": {"memory_bytes": 2**35, "timeout_s": 0.5, "attempts": 1, "colour": 3}}, submission)
    assert (held.memory_bytes, held.timeout_s, held.attempts) == (2**35, 0.5, 1)
    assert held.processes == PACK.spec.limits.processes

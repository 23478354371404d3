"""One submission, another number of workers and a busy machine: the same bytes of results, measurements and facts."""
import os
import subprocess
import sys

import pytest

from eval_harness.protocol.plan import default_plan
from eval_harness.runs import run_submission
from eval_harness.scoring import pack_json
from eval_harness.scoring.gather import score_run
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.testset import read_set

SAME = ("results.jsonl", "measurements.jsonl", "facts.full.json", "commitments.json", "salts.jsonl", "keys.jsonl", "baseline.jsonl")


@pytest.fixture
def load():
    """Processes that keep every processor busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: sum(range(10_000))"]) for _ in range(os.cpu_count() or 2)]
    yield
    for one in busy:
        one.kill()
        one.wait()


@pytest.mark.parametrize("task", ["chest-dr", "lung-nodule-ct"])
def test_two_runs_on_one_and_on_three_workers_under_load_leave_the_same_bytes(tmp_path, task, request):
    pack = load_pack(task)
    pack.reference_model(tmp_path / "submission")
    write_practice_set(pack, tmp_path / "set", n=12, seed=5)
    held, given = read_set(tmp_path / "set"), read_submission(tmp_path / "submission", tmp_path / "in")
    plan = {**default_plan(pack_json(pack), held.manifest.to_dict(), dict(given.raw), given.digest), "B": 200}
    folders = []
    for workers, busy in ((1, False), (3, True)):
        if busy:
            request.getfixturevalue("load")
        folder = tmp_path / f"workers{workers}"
        run_submission(given, held, plan, folder / "run", workers=workers, sandbox="floor", progress=False)
        folders.append(score_run(folder / "run", tmp_path / "set", None, plan, folder / "score"))
    first, second = folders
    for name in SAME:
        assert first.bytes_of(name) == second.bytes_of(name), name
    assert first.facts["accounting"]["answered"] == 12

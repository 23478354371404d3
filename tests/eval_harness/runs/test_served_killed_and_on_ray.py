"""Served models and images under kill -9 of driver, supervisor and server, and on Ray: no committed case runs again, none is lost,
what was in hand is the platform's fault and not charged; the re-run test comes at the end all the same, and the table has the local
run's bytes."""
from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from benchmarks.runner import trivial_set
from benchmarks.runner_kills import Trial
from eval_harness.runs import run_submission
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.choose import proved
from eval_harness.sandbox.watch import tree
from tests.eval_harness.runs.served import replying
from tests.eval_harness.runs.test_served_models import BY_IMAGE
from tests.eval_harness.sandbox.test_podman import image as busybox_image
from tests.eval_harness.sandbox.test_podman import needs_podman

SEED = 20261126
pytestmark = [pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}"), pytest.mark.slow]


def honest(folder: Path, slow_s: float = 0.03) -> Path:
    return replying(folder, f"{BY_IMAGE}time.sleep({slow_s})\nsay(told, score=score)")


def events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]


def sound(found: dict, cases: int, workers: int) -> None:
    """What a trial has to show."""
    assert (found["committed cases run again"], found["cases lost"], found["attempts charged"]) == (0, 0, cases)
    assert found["most of them by one kill"] <= workers
    assert found["same bytes as an undisturbed local run"]


def test_a_killed_driver_costs_a_served_model_nothing(tmp_path):
    trial = Trial(tmp_path, honest(tmp_path / "model"), trivial_set(tmp_path / "set", 30), 30, 2, "bwrap")
    found = trial.played(2, ("driver",), SEED)
    sound(found, 30, 2)
    told = events(trial.out)
    assert {event["cause"] for event in told if event["kind"] == "requeued"} == {"driver_lost"}
    assert [event["kind"] for event in told][-2:] == ["rerun", "finished"]


def walls() -> list[int]:
    """The outermost process of each sandbox that holds a server: no program inside can reach it."""
    held = [one.pid for one in tree(os.getpid()) if b"bwrap" in command(one.pid).split(b"\0")[0] and b"serve.py" in command(one.pid)]
    return [pid for pid in held if parent(pid) not in held]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_servers_killed_from_outside_are_replaced_and_their_cases_run_again_uncharged(tmp_path):
    model, data = honest(tmp_path / "model"), trivial_set(tmp_path / "set", 40)
    log, struck = tmp_path / "run" / "log.jsonl", []

    def strike():
        for place in (5, 15, 30):
            while not log.exists() or log.read_bytes().count(b'"kind":"result"') < place:
                time.sleep(0.005)
            while not (found := walls()) and not (tmp_path / "run" / "results.jsonl").exists():
                time.sleep(0.005)   # one is just being replaced
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[0], signal.SIGKILL)
                struck.append(found[0])

    proved("bwrap", "shared")   # its self-test starts walls of its own
    thread = threading.Thread(target=strike)
    thread.start()
    run = run_submission(model, data, {}, tmp_path / "run", workers=2, sandbox="bwrap", progress=False)
    thread.join()
    told = events(tmp_path / "run")
    results = [event["result"]["token"] for event in told if event["kind"] == "result"]
    assert struck
    assert len(results) == len(set(results)) == 40
    assert {(row.status, row.attempt) for row in run.results} == {("ok", 1)}
    lost = [(event["fault"], event["cause"]) for event in told if event["kind"] == "requeued"]
    assert set(lost) == {("platform", "platform:killed")}
    assert len(lost) <= len(struck)
    plain = run_submission(model, data, {}, tmp_path / "plain", sandbox="bwrap", progress=False)
    assert (run.path / "results.jsonl").read_bytes() == (plain.path / "results.jsonl").read_bytes()


@pytest.fixture(scope="module")
def address():
    """A Ray cluster of one node with room for two slots."""
    pytest.importorskip("ray")
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    yield made.address
    ray.shutdown()
    made.shutdown()


@pytest.mark.ray
def test_a_served_model_on_ray_with_its_supervisors_killed_gives_the_bytes_of_a_local_run(address, tmp_path):
    trial = Trial(tmp_path, honest(tmp_path / "model"), trivial_set(tmp_path / "set", 30), 30, 2, "bwrap", "ray", address)
    found = trial.played(1, ("supervisor",), SEED)
    sound(found, 30, 2)
    assert found["killed"].get("supervisor"), found["killed"]
    told = events(trial.out)
    assert {event["cause"] for event in told if event["kind"] == "requeued"} <= {"worker_lost", "driver_lost"}
    assert [event["kind"] for event in told][-2:] == ["rerun", "finished"]


@pytest.mark.ray
def test_a_served_model_that_remembers_is_found_on_ray_too(address, tmp_path):
    model = replying(tmp_path / "model", "say(told, score=seen / 64)")
    run = run_submission(model, trivial_set(tmp_path / "set", 12), {}, tmp_path / "run", workers=2, sandbox="bwrap", dispatch="ray",
                         address=address, progress=False)
    assert (run.record["state"], run.record["cause"], run.rerun["differing"]) == ("stopped", "served_not_repeatable", 1)
    assert run.counts == {"cases": 12, "refused": 12}


@needs_podman
@pytest.mark.ray
def test_an_image_on_ray_with_its_supervisor_killed_gives_the_bytes_of_a_local_run_and_leaves_no_container(address, tmp_path):
    model = busybox_image(tmp_path, 'size=$(wc -c < /input/case.json); echo "{\\"score\\": 0.$size}" > /output/output.json')
    trial = Trial(tmp_path, model, trivial_set(tmp_path / "set", 8), 8, 2, "podman", "ray", address)
    found = trial.played(1, ("supervisor",), SEED)
    sound(found, 8, 2)
    assert found["killed"].get("supervisor"), found["killed"]
    words = ["podman", "ps", "--all", "--quiet", "--filter", f"ancestor=localhost/touchstone-test-{tmp_path.name.lower()}:1"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == ""

"""Ray on loopback: several nodes, one killed in mid-run; the table is byte for byte the local one."""
from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from eval_harness.base import Retryable, WrongUsage
from eval_harness.runs import ray_pool, run_submission
from eval_harness.runs.ray_pool import LABELS, wanted_labels
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.process import FLOOR
from eval_harness.sandbox.watch import tree
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.starter import write_submission

pytest.importorskip("ray")
pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")]


@pytest.fixture(scope="module")
def cluster():
    """A head and two worker nodes, all on this machine; one worker has a label and a (made-up) GPU."""
    os.environ["RAY_AUTH_MODE"] = "disabled"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    workers = [made.add_node(num_cpus=1), made.add_node(num_cpus=1, num_gpus=1, labels={"zone": "vendor"})]
    yield made, workers
    import ray

    ray.shutdown()
    made.shutdown()


def events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]


def ray_workers() -> list[int]:
    """Processes in which Ray runs our code."""
    return [one.pid for one in tree(os.getpid()) if b"ray::" in read(f"/proc/{one.pid}/cmdline")]


def read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def looked_at(stop: threading.Event, seen: dict[str, set[int]]) -> None:
    """Which processes have a model runtime or a vendor's program loaded, while a run goes on.

    A child bears its parent's name until it becomes a sandbox, so the name is read after what is loaded.
    """
    while not stop.wait(0.02):
        for pid in ray_workers():
            seen["workers"].add(pid)
            for one in tree(pid):
                if b"onnxruntime" in read(f"/proc/{one.pid}/maps") or b"/bundle/" in read(f"/proc/{one.pid}/cmdline"):
                    seen["vendor"].add(one.pid)
                    seen["both"] |= {one.pid} & set(ray_workers())


def badly_behaved(folder: Path) -> Path:
    """A bundle that kills its own process on cases of one kind and sleeps on those of another; else it answers."""
    program = b"""
import json, os, signal, time
case = json.load(open("/input/case.json"))
last = open("/input/" + case["sockets"]["dr"]["path"], "rb").read()[-2:]
if last[0] % 4 == 0:
    os.kill(os.getpid(), signal.SIGKILL)
if last[0] % 4 == 1:
    time.sleep(60)
json.dump({"score": 0.5}, open("/output/output.json", "w"))
"""
    return write_submission(folder, "python", {"bundle/predict.py": program}, task="chest-dr", entry="predict.py")


def marked_set(folder: Path) -> Path:
    """Eight cases: two whose last value says kill, two that say sleep (not one after the other in plan order or not: no matter)."""
    import numpy as np

    from eval_harness.base import CaseKey, Truth
    from eval_harness.testset import image_input, write_set

    cases = []
    for number in range(8):
        image = np.full((4, 4), number, np.uint16)
        cases.append(([image_input("dr", image, spacing_mm=[1, 1])], CaseKey(f"{number:032x}", str(number), str(number), str(number), "x"),
                      Truth(str(number), {"label": 0})))
    write_set(folder, folder.parent, set_id="marked", version="1", task="chest-dr", cases=cases, visibility="practice", card={},
              provenance={})
    return folder


@pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
def test_a_case_that_always_kills_its_process_has_two_attempts_and_one_that_times_out_has_one(cluster, tmp_path):
    model, data, plan = badly_behaved(tmp_path / "sub"), marked_set(tmp_path / "set"), {"limits": {"timeout_s": 2.0}}
    local = run_submission(model, data, plan, tmp_path / "local", sandbox="bwrap", progress=False)
    spread = run_submission(model, data, plan, tmp_path / "ray", sandbox="bwrap", progress=False, dispatch="ray",
                            address=cluster[0].address, workers=2)
    told = {int(row.token, 16): (row.status, row.cause, row.attempt) for row in spread.results}
    assert [told[number] for number in (0, 4)] == [("crash", "signal:9", 2)] * 2
    assert [told[number] for number in (1, 5)] == [("timeout", "time_limit", 1)] * 2
    assert {told[number] for number in (2, 3, 6, 7)} == {("ok", None, 1)}
    assert (spread.path / "results.jsonl").read_bytes() == (local.path / "results.jsonl").read_bytes()
    assert {row.fault for row in spread.telemetry if row.token in {f"{number:032x}" for number in (0, 1, 4, 5)}} == {"vendor"}


def test_slots_stand_only_on_nodes_with_the_labels_and_gpus_that_were_asked_for(cluster, practice, tmp_path, monkeypatch):
    """The inspection refuses a GPU as yet, so the slot is asked for as it will be asked for then."""
    import ray

    from eval_harness.runs import ray_pool
    from eval_harness.runs.identity import SlotOrder
    from eval_harness.tasks.spec import Limits

    made, workers = cluster
    monkeypatch.setenv(LABELS, "zone=vendor")
    order = SlotOrder("r", practice[0], practice[1], load_pack("chest-dr").folder, "onnx", "floor", "practice", Limits(),
                      {**json.loads((practice[1] / "manifest.json").read_text()), "resources": {"gpu": 1}})
    pool = ray_pool.RayPool(order, 1, made.address)
    try:
        pool._start()
        reference, actor = next(iter(pool._starting.items()))
        ray.get(reference, timeout=60)
        placed = ray._private.state.state.actor_table(actor._actor_id.hex())
        assert placed["Address"]["NodeID"] == workers[1].node_id
        assert ray.available_resources().get("GPU", 0) == 0
    finally:
        pool.close()


def test_labels_that_cannot_be_read_are_refused():
    assert wanted_labels(None) == {}
    assert wanted_labels("zone=gpu, disk=ssd") == {"zone": "gpu", "disk": "ssd"}
    with pytest.raises(WrongUsage, match="RUN-010"):
        wanted_labels("zone")


def test_a_ray_that_does_not_start_is_told_as_the_environments_failure(monkeypatch):
    ray = pytest.importorskip("ray")

    def too_slow(**_: object) -> None:
        raise Exception("The current node timed out during startup.")       # as ray does

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", too_slow)
    monkeypatch.setattr(ray_pool, "Supervisor", lambda order: SimpleNamespace(stop=lambda: None))
    monkeypatch.setattr(ray_pool, "slot_options", lambda order, labels: {})
    with pytest.raises(Retryable, match="RUN-007") as refusal:
        ray_pool.RayPool(None, 2, None)
    assert "没有起动" in refusal.value.issue.message_zh


def test_three_nodes_one_lost_in_mid_run_give_the_bytes_of_a_local_run(cluster, tmp_path):
    made, workers = cluster
    pack = load_pack("chest-dr")
    pack.reference_model(tmp_path / "submission")
    write_practice_set(pack, tmp_path / "set", n=240, seed=9)
    local = run_submission(tmp_path / "submission", tmp_path / "set", {}, tmp_path / "local", sandbox="floor", progress=False)
    log = tmp_path / "ray" / "log.jsonl"
    stop, seen = threading.Event(), {"workers": set(), "vendor": set(), "both": set()}

    def lose_a_node():
        while not log.exists() or log.read_bytes().count(b'"kind":"result"') < 20:
            time.sleep(0.005)
        made.remove_node(workers[0], allow_graceful=False)

    threads = [threading.Thread(target=lose_a_node), threading.Thread(target=looked_at, args=(stop, seen))]
    for thread in threads:
        thread.start()
    spread = run_submission(tmp_path / "submission", tmp_path / "set", {}, tmp_path / "ray", dispatch="ray", address=made.address,
                            workers=3, sandbox="floor", progress=False)
    stop.set()
    for thread in threads:
        thread.join()
    told = events(tmp_path / "ray")
    assert (spread.path / "results.jsonl").read_bytes() == (local.path / "results.jsonl").read_bytes()
    assert spread.record["state"] == "complete"
    assert len([event["result"]["token"] for event in told if event["kind"] == "result"]) == 240
    lost = [event for event in told if event["kind"] == "requeued"]
    assert len(lost) <= 3
    assert {event["fault"] for event in lost} <= {"platform"}
    assert {row.attempt for row in spread.results} == {1}
    assert seen["workers"]
    assert seen["vendor"]
    assert not seen["both"]
    assert b"truth" not in log.read_bytes()

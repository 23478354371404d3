"""Ray on loopback: several nodes, one killed in mid-run; the table is byte for byte the local one."""
from __future__ import annotations

import json
import os
import threading
import time

import pytest

from eval_harness.runs import run_submission
from eval_harness.sandbox.process import FLOOR
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set

pytest.importorskip("ray")
pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")]


@pytest.fixture(scope="module")
def cluster():
    """A head and two worker nodes, all on this machine."""
    os.environ["RAY_AUTH_MODE"] = "disabled"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    workers = [made.add_node(num_cpus=1) for _ in range(2)]
    yield made, workers
    import ray

    ray.shutdown()
    made.shutdown()


def test_three_nodes_one_lost_in_mid_run_give_the_bytes_of_a_local_run(cluster, tmp_path):
    made, workers = cluster
    pack = load_pack("chest-dr")
    pack.reference_model(tmp_path / "submission")
    write_practice_set(pack, tmp_path / "set", n=240, seed=9)
    local = run_submission(tmp_path / "submission", tmp_path / "set", {}, tmp_path / "local", sandbox="floor", progress=False)
    log = tmp_path / "ray" / "log.jsonl"

    def lose_a_node():
        while not log.exists() or log.read_bytes().count(b'"kind":"result"') < 20:
            time.sleep(0.005)
        made.remove_node(workers[0], allow_graceful=False)

    thread = threading.Thread(target=lose_a_node)
    thread.start()
    spread = run_submission(tmp_path / "submission", tmp_path / "set", {}, tmp_path / "ray", dispatch="ray", address=made.address,
                            workers=3, sandbox="floor", progress=False)
    thread.join()
    events = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert (spread.path / "results.jsonl").read_bytes() == (local.path / "results.jsonl").read_bytes()
    assert spread.record["state"] == "complete"
    assert len({event["result"]["token"] for event in events if event["kind"] == "result"}) == 240
    assert len([event for event in events if event["kind"] == "requeued"]) <= 3
    assert b"truth" not in log.read_bytes()

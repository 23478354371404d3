"""The runner: cases a second on a trivial model, what a warm ONNX slot adds to a case, memory as runs grow: python -m benchmarks.runner

Peer: Inspect AI on as many trivial samples with its mock model, in its own environment ($TOUCHSTONE_PEERS, a python); a peer that
is not here is skipped by name. Floor: the same graph in this process, without sandbox, store or supervisor. Kind, backend and
workers are named with every figure; peer and runner alternate in one run.
"""
from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PEER = """
import json, sys, tempfile, time
try:
    from inspect_ai import Task, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import match
except ImportError:
    print(json.dumps({"skipped": "inspect_ai is not installed here"})); sys.exit(0)
n = int(sys.argv[1])
task = Task(dataset=MemoryDataset([Sample(input=str(i), target="x") for i in range(n)]), scorer=match())
with tempfile.TemporaryDirectory() as logs:
    start = time.perf_counter()
    eval(task, model="mockllm/model", log_dir=logs, display="none")
    print(json.dumps({"seconds": time.perf_counter() - start}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, nargs="*", default=[2000, 20000], help="sizes at which peak memory is read")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        found = measure(Path(folder), chosen)
    if chosen.json:
        print(json.dumps(found, sort_keys=True))
    else:
        for name, value in found.items():
            print(f"{name:<34} {value}")
    return 0


def measure(root: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    from eval_harness.sandbox.choose import choose

    made = submission(root / "submission")
    backend = choose("onnx", "practice")[0].name
    data = trivial_set(root / "set", chosen.cases)
    ours, peers, added = [], [], []
    peer_python = os.environ.get("TOUCHSTONE_PEERS", sys.executable)
    for number in range(chosen.runs):
        seconds, waits = one_run(made, data, root / f"run-{number}", chosen.workers)
        ours.append(chosen.cases / seconds)
        added += waits
        done = subprocess.run([peer_python, "-c", PEER, str(chosen.cases)], capture_output=True, text=True, check=False)
        told = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"skipped": done.stderr[-200:]}
        peers.append(told)
    floor = in_process(made, data)
    found: dict[str, Any] = {
        "kind, backend, workers": f"onnx, {backend}, {chosen.workers}", "cases": chosen.cases,
        "cases a second, median (all runs)": [round(median(ours), 1), [round(value, 1) for value in ours]],
        "ms a case in a slot, median": round(median(added) * 1000, 3), "ms a case in this process, median": round(floor * 1000, 3),
        "ms added by slot and sandbox, median": round((median(added) - floor) * 1000, 3),
    }
    if any("seconds" in told for told in peers):
        rates = [chosen.cases / told["seconds"] for told in peers if "seconds" in told]
        found["Inspect AI, cases a second, median"] = round(median(rates), 1)
        found["ratio to Inspect AI"] = round(median(ours) / median(rates), 1)
    else:
        found["Inspect AI"] = f"skipped: {peers[0]['skipped']}"
    found["peak MiB of the driver by cases"] = {size: peak_of(made, root / f"m{size}", size, chosen.workers) for size in chosen.memory}
    return found


def submission(folder: Path) -> Path:
    """A graph that takes the mean."""
    from eval_harness.tasks.graphs import Graph
    from eval_harness.tasks.starter import write_onnx_submission

    graph = Graph()
    score = graph("ReduceMean", "dr", axes=[1, 2, 3], keepdims=0)
    model = graph.model("mean", {"dr": (1, [1, 1, "h", "w"])}, {"score": (score, [1])})
    write_onnx_submission(folder, model, task="chest-dr", task_version=1, sockets={"dr": "dr"},
                          pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
                          post=[{"op": "score/1", "tensor": "score"}])
    return folder


def trivial_set(folder: Path, cases: int) -> Path:
    from eval_harness.base import CaseKey, Truth
    from eval_harness.testset import image_input, write_set

    image = np.zeros((8, 8), np.uint16)
    rows = (([image_input("dr", image, spacing_mm=[1, 1])], CaseKey("", str(i), str(i), str(i), "x"), Truth(str(i), {"label": 0}))
            for i in range(cases))
    write_set(folder, folder.parent, set_id="bench", version="1", task="chest-dr", cases=rows, visibility="practice", card={},
              provenance={})
    return folder


def one_run(made: Path, data: Path, out: Path, workers: int) -> tuple[float, list[float]]:
    from eval_harness.runs import run_submission

    start = time.perf_counter()
    run = run_submission(made, data, {}, out, workers=workers, progress=False)
    seconds = time.perf_counter() - start
    assert run.counts["ok"] == run.counts["cases"]
    return seconds, [row.wall_s for row in run.telemetry]


def in_process(made: Path, data: Path) -> float:
    """Median seconds of the same answers without any of our machinery around them."""
    from eval_harness.inference.engine import Engine

    engine = Engine((made / "model.onnx").read_bytes(), json.loads((made / "manifest.json").read_text()))
    times = []
    for folder in sorted((data / "inputs").iterdir())[:500]:
        case = json.loads((folder / "case.json").read_text())
        files = {"dr": (folder / "dr.npy").read_bytes()}
        start = time.perf_counter()
        engine.answer(case, files)
        times.append(time.perf_counter() - start)
    return median(times)


def peak_of(made: Path, root: Path, cases: int, workers: int) -> int:
    """Peak resident MiB of a driver process of its own."""
    trivial_set(root / "set", cases)
    pid = os.fork()
    if pid == 0:
        one_run(made, root / "set", root / "run", workers)
        os._exit(0)
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    assert used is not None
    return int(used.ru_maxrss // 1024)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())

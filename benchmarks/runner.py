"""The runner: cases a second on a trivial model, what a warm ONNX slot adds to a case, memory as runs grow: python -m benchmarks.runner

Peer: Inspect AI on as many trivial samples with its mock model, in its own environment ($TOUCHSTONE_PEERS, a python); a peer that
is not here is skipped by name. Peer and runner alternate in one run, kind, backend and workers are named with every figure, and the
clock stops when the run folder is complete: plan, log with telemetry, Result table, Merkle root, all on disk.
`predictions` is the like of the mock model: answers that need no sandbox. `onnx` runs a graph in the sandbox; its rate is given
from the start of the command and from the moment at which its sandboxes stand. Each side has run once in its process before the
clock starts: neither's imports are counted. Each ratio is that of the medians; beside it stand the rounds one by one. On a crowded
machine the ratio of CPU time is the one to read: a process that waits spends none.
Floor of the added time: the same graph in this process, without sandbox, store or supervisor.
"""
from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
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
    from inspect_ai import Task, __version__, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import match
except ImportError:
    print(json.dumps({"skipped": "inspect_ai is not installed here"})); sys.exit(0)
def evaluate(n):
    task = Task(dataset=MemoryDataset([Sample(input=str(i), target="x") for i in range(n)]), scorer=match())
    with tempfile.TemporaryDirectory() as logs:
        start, cpu = time.perf_counter(), time.process_time()
        eval(task, model="mockllm/model", log_dir=logs, display="none")
        return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu, "version": __version__}
evaluate(5)
print(json.dumps(evaluate(int(sys.argv[1]))))
"""
ALONE = ("import sys; from pathlib import Path; from eval_harness.runs import run_submission; a = sys.argv; "
         "run_submission(Path(a[1]), Path(a[2]), {}, Path(a[3]), workers=int(a[4]), progress=False); "
         "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, nargs="*", default=[10_000, 100_000], help="sizes at which peak memory is read")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchstone-bench-") as folder:
        found = measure(Path(folder), chosen)
    if chosen.json:
        print(json.dumps(found, sort_keys=True))
    else:
        for name, value in found.items():
            print(f"{name:<60} {value}")
    return 0


def measure(root: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    from eval_harness.sandbox.choose import choose

    cases, workers = chosen.cases, chosen.workers
    made = submission(root / "submission")
    backend = choose("onnx", "practice")[0].name
    data = trivial_set(root / "set", cases)
    given = predictions(root / "predictions", data)
    for model in (given, made):
        one_run(model, data, root / f"first-{model.name}", 1)   # what is loaded once a process is loaded
    plain, graph, peers = list[Spent](), list[Spent](), list[dict[str, Any]]()
    for number in range(chosen.runs):
        plain.append(one_run(given, data, root / f"plain-{number}", 1))
        graph.append(one_run(made, data, root / f"graph-{number}", workers))
        peers.append(peer(cases))
    found: dict[str, Any] = {"cases": cases, "runs of each, alternating": chosen.runs}
    ours = {"predictions, no sandbox, 1 worker": [one.whole_s for one in plain],
            f"onnx, {backend}, {workers} workers, with their start": [one.whole_s for one in graph],
            f"onnx, {backend}, {workers} workers, once they stand": [one.standing_s for one in graph]}
    known = [told["seconds"] for told in peers if "seconds" in told]
    for name, seconds in ours.items():
        found[f"cases/s: {name}"] = [round(cases / median(seconds)), f"all runs {[round(cases / one) for one in seconds]}"]
    if known:
        found["Inspect AI version"] = next(told["version"] for told in peers if "version" in told)
        found["cases/s: Inspect AI, mock model"] = [round(cases / median(known)), f"all runs {[round(cases / one) for one in known]}"]
        for name, seconds in ours.items():
            rounds = [round(told["seconds"] / one, 1) for told, one in zip(peers, seconds, strict=True) if "seconds" in told]
            found[f"ratio to Inspect AI: {name}"] = [round(median(known) / median(seconds), 1), f"all rounds {rounds}"]
        theirs = median(told["cpu"] for told in peers if "cpu" in told)
        found["CPU ms a case: Inspect AI"] = round(theirs / cases * 1000, 3)
        found["ratio of CPU time to Inspect AI: predictions"] = round(theirs / median(one.cpu_s for one in plain), 1)
    else:
        found["Inspect AI"] = f"skipped: {peers[0]['skipped']}"
    found["CPU ms a case: predictions, driver with its start"] = round(median(one.cpu_s for one in plain) / cases * 1000, 3)
    found["CPU ms a case: onnx, driver with its start"] = round(median(one.cpu_s for one in graph) / cases * 1000, 3)
    floor, slot = in_process(made, data), median(wait for one in graph for wait in one.waits)
    found |= {"ms a case in a warm slot, median": round(slot * 1000, 3), "ms a case in this process, median": round(floor * 1000, 3),
              "ms added by slot and sandbox, median": round((slot - floor) * 1000, 3)}
    peaks = {size: peak_of(made, root / f"m{size}", size, workers) for size in chosen.memory}
    if peaks:
        found["peak MiB of the driver by cases (onnx)"] = peaks
        found["memory, most cases to fewest"] = round(peaks[max(peaks)] / peaks[min(peaks)], 3)
    return found


class Spent:
    """What one run took: whole and since its slots stood, seconds; CPU of this process; each case's time in its slot."""

    def __init__(self, run: Any, whole_s: float, cpu_s: float) -> None:
        self.whole_s, self.cpu_s = whole_s, cpu_s
        self.standing_s = whole_s - float(run.dispatch["start_s"])
        self.waits = [row.wall_s for row in run.telemetry]


def peer(cases: int) -> dict[str, Any]:
    """Seconds and CPU seconds of the peer's evaluation, its imports not counted; or why it is skipped."""
    python = os.environ.get("TOUCHSTONE_PEERS", sys.executable)
    done = subprocess.run([python, "-c", PEER, str(cases)], capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"skipped": done.stderr[-200:]}
    return told


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


def predictions(folder: Path, data: Path) -> Path:
    """The same answers as a file."""
    from eval_harness.tasks.starter import write_submission

    rows = b"".join(json.dumps({"token": json.loads(line)["token"], "output": {"score": 0.0}}).encode() + b"\n"
                    for line in (data / "cases.jsonl").read_bytes().splitlines())
    return write_submission(folder, "predictions", {"predictions.jsonl": rows}, task="chest-dr")


def one_run(made: Path, data: Path, out: Path, workers: int) -> Spent:
    from eval_harness.runs import run_submission

    start, cpu = time.perf_counter(), time.process_time()
    run = run_submission(made, data, {}, out, workers=workers, progress=False)
    spent = time.perf_counter() - start, time.process_time() - cpu
    assert run.counts["ok"] == run.counts["cases"]
    return Spent(run, *spent)


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


def peak_of(made: Path, root: Path, cases: int, workers: int) -> float:
    """Peak resident MiB of a driver process of its own, by that process (what its parent sees holds the parent's own pages)."""
    data = wide_set(root / "set", cases)
    done = subprocess.run([sys.executable, "-c", ALONE, str(made), str(data), str(root / "run"), str(workers)], capture_output=True,
                          text=True, check=True)
    return round(int(done.stdout) / 1024, 1)


def wide_set(folder: Path, cases: int) -> Path:
    """A set whose cases have names of their own and one image between them: what a run holds in memory is the same."""
    trivial_set(folder, 1)
    row, held = json.loads((folder / "cases.jsonl").read_text()), next((folder / "inputs").iterdir())
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as out:
        for token in sorted(secrets.token_hex(16) for _ in range(cases)):
            out.write(json.dumps({**row, "token": token}) + "\n")
            (folder / "inputs" / token).symlink_to(held)
    return folder


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())

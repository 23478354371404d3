"""What kill -9 costs a run: 60 random moments over 2,000 cases, driver, supervisor or sandbox: python -m benchmarks.runner_kills

Two trials on a Ray cluster of this machine, where the three are processes of their own. `graph`: an ONNX model that takes some
milliseconds a case; all three are killed. `ledger`: a program without isolation that writes each of its starts into a file that
the runner knows nothing of, so that what was run again is counted by a witness; driver and supervisor are killed (a program that
is killed from outside cannot be told from one that kills itself, and is charged).
"""
from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.runner import trivial_set
from eval_harness.runs import read_run, run_submission
from eval_harness.runs.plan import view_token
from eval_harness.sandbox.watch import tree
from eval_harness.tasks.starter import write_submission

DRIVER = ("import sys; from pathlib import Path; from eval_harness.runs import run_submission; a = sys.argv; "
          "run_submission(Path(a[1]), Path(a[2]), {}, Path(a[3]), workers=int(a[4]), sandbox=a[5], dispatch=a[6], address=a[7] or None, "
          "progress=False)")
NOTICED_S = 3.0
LEDGER_PROGRAM = """
import json, os
case = json.load(open(os.environ["TOUCHSTONE_INPUT"] + "/case.json"))
ledger = os.open({ledger!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(ledger, (case["token"] + "\\n").encode())
json.dump({{"score": 0.5}}, open(os.environ["TOUCHSTONE_OUTPUT"] + "/output.json", "w"))
"""


@dataclass(frozen=True)
class Kill:
    """What stood written at the moment of one kill."""

    events: int
    committed: frozenset[str]
    starts: int


@dataclass
class Trial:
    """One submission over one set, to be disturbed. ledger: where the program itself writes its starts, if it does."""

    root: Path
    model: Path
    data: Path
    cases: int
    workers: int
    sandbox: str
    dispatch: str = "local"
    address: str = ""
    ledger: Path | None = None
    driver: subprocess.Popen[bytes] = field(init=False, repr=False)

    @property
    def out(self) -> Path:
        return self.root / "run"

    def played(self, kills: int, targets: Sequence[str], seed: int) -> dict[str, Any]:
        """Kill `kills` times, each when so many cases are committed and a moment has passed; then let the run end."""
        rng, struck, marks = random.Random(seed), Counter[str](), list[Kill]()
        self._start()
        for place in sorted(rng.randrange(1, self.cases - self.workers) for _ in range(kills)):
            self._until(place)
            time.sleep(rng.uniform(0, 0.03))
            struck[self._kill(rng.choice(list(targets)), rng, marks)] += 1
        while self.driver.wait() != 0:
            self._start()
        return {"killed": dict(sorted(struck.items())), **self._figures(marks)}

    def _start(self) -> None:
        argv = [sys.executable, "-c", DRIVER, str(self.model), str(self.data), str(self.out), str(self.workers), self.sandbox,
                self.dispatch, self.address]
        self.driver = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _until(self, place: int) -> None:
        while len(self._committed()) < place and self.driver.poll() != 0:
            if self.driver.poll() is not None:
                self._start()
            time.sleep(0.005)

    def _events(self) -> list[dict[str, Any]]:
        path = self.out / "log.jsonl"
        return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []

    def _committed(self) -> frozenset[str]:
        return frozenset(event["result"]["token"] for event in self._events() if event["kind"] == "result" and event["final"])

    def _starts(self) -> list[str]:
        return self.ledger.read_text().split() if self.ledger is not None and self.ledger.exists() else []

    def _kill(self, target: str, rng: random.Random, marks: list[Kill]) -> str:
        """The name of what was killed: a target that is not there just now gives way to the driver."""
        found = [] if target == "driver" else self._processes(target)
        if not found:
            target, found = "driver", [self.driver.pid]
        marks.append(Kill(len(self._events()), self._committed(), len(self._starts())))
        try:
            os.kill(rng.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return "nobody: it had just ended"
        if target == "driver":
            self.driver.wait()
            self._start()
        else:
            self._noticed(marks[-1].events)
        return target

    def _noticed(self, since: int) -> None:
        """Wait until the driver has written what this kill cost, so that no later kill is charged with it; perhaps nothing."""
        ends = time.monotonic() + NOTICED_S
        while time.monotonic() < ends and self.driver.poll() is None:
            if any(event["kind"] == "requeued" for event in self._events()[since:]):
                return
            time.sleep(0.02)

    def _processes(self, target: str) -> list[int]:
        """Not the children of one that are just becoming something else, and still bear its name."""
        held = [one.pid for one in tree(os.getpid() if self.address else self.driver.pid)]
        words = b"ray::Supervisor" if target == "supervisor" else b"eval_harness.sandbox import enter"
        named = {pid for pid in held if words in _command(pid)}
        return [pid for pid in named if _parent(pid) not in named]

    def _figures(self, marks: list[Kill]) -> dict[str, Any]:
        events, run = self._events(), read_run(self.out)
        begun, done = 0, set[str]()
        for event in events:
            begun += len(done & set(event["tokens"])) if event["kind"] == "given" else 0
            if event["kind"] == "result" and event["final"]:
                done.add(event["result"]["token"])
        lost = [[event["token"] for event in events[one.events:other] if event["kind"] == "requeued"]
                for one, other in zip(marks, [*(mark.events for mark in marks[1:]), len(events)], strict=True)]
        plain = run_submission(self.model, self.data, {}, self.root / "plain", workers=self.workers, sandbox=self.sandbox, progress=False)
        tables = {(one.path / "results.jsonl").read_bytes() for one in (run, plain)}
        return {
            "cases": self.cases, "workers": self.workers, "backend, dispatch": f"{self.sandbox}, {self.dispatch}",
            "committed cases run again": begun, "cases lost": self.cases - sum(row.status == "ok" for row in run.results),
            "cases in hand at a kill, marked the platform's fault": sum(map(len, lost)), "most of them by one kill": max(map(len, lost)),
            "attempts charged": sum(row.attempt for row in run.results),
            "same bytes as an undisturbed local run": len(tables) == 1,
            **(self._witnessed(run.record["run_id"], marks, [token for tokens in lost for token in tokens]) if self.ledger else {})}

    def _witnessed(self, run_id: str, marks: list[Kill], lost: list[str]) -> dict[str, int]:
        """The same by the program's own ledger. (The undisturbed run has another folder and the same names: its starts are taken off.)"""
        starts = self._starts()[:-self.cases]
        names = {view_token(run_id, row.token): row.token for row in read_run(self.out).results}
        ends = [*(mark.starts for mark in marks[1:]), len(starts)]
        again = sum(names[view] in mark.committed for mark, end in zip(marks, ends, strict=True) for view in starts[mark.starts:end])
        marked, counted = Counter(lost), Counter(names[view] for view in starts)
        return {"witness: starts": len(starts), "witness: committed cases run again": again,
                "witness: cases started twice": sum(number > 1 for number in counted.values()),
                "witness: starts beyond the first that were not marked": sum(
                    max(0, number - 1 - marked[token]) for token, number in counted.items())}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def graph_trial(root: Path, cases: int, workers: int, dispatch: str = "local", address: str = "") -> Trial:
    """An ONNX graph that multiplies matrices for some milliseconds, on the floor."""
    import numpy as np

    from eval_harness.tasks.graphs import Graph
    from eval_harness.tasks.starter import write_onnx_submission

    graph = Graph()
    mean = graph("ReduceMean", "dr", axes=[1, 2, 3], keepdims=0)
    square = graph("Add", graph.constant(np.full((800, 800), 0.001), np.float32), mean)
    slow = graph("ReduceMean", graph("MatMul", square, square), axes=[0, 1], keepdims=0)
    score = graph("Add", mean, graph("Mul", slow, graph.constant(0.0)))
    model = graph.model("slow", {"dr": (1, [1, 1, "h", "w"])}, {"score": (score, [1])})
    write_onnx_submission(root / "model", model, task="chest-dr", task_version=1, sockets={"dr": "dr"},
                          pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
                          post=[{"op": "score/1", "tensor": "score"}])
    return Trial(root, root / "model", trivial_set(root / "set", cases), cases, workers, "floor", dispatch, address)


def ledger_trial(root: Path, cases: int, workers: int, dispatch: str = "local", address: str = "") -> Trial:
    """A program that writes a line for each of its starts, without isolation."""
    program = LEDGER_PROGRAM.format(ledger=str(root / "ledger")).encode()
    folder = write_submission(root / "model", "python", {"bundle/predict.py": program}, task="chest-dr", entry="predict.py")
    return Trial(root, folder, trivial_set(root / "set", cases), cases, workers, "none", dispatch, address, root / "ledger")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--trials", nargs="*", default=["graph", "ledger"])
    chosen = parser.parse_args()
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": chosen.workers, "include_dashboard": False})
    found = {}
    with tempfile.TemporaryDirectory(prefix="touchstone-kills-") as folder:
        for name in chosen.trials:
            make, targets = ((graph_trial, ("driver", "supervisor", "sandbox")) if name == "graph"
                             else (ledger_trial, ("driver", "supervisor")))
            trial = make(Path(folder) / name, chosen.cases, chosen.workers, dispatch="ray", address=cluster.address)
            found[name] = trial.played(chosen.kills, targets, chosen.seed)
    cluster.shutdown()
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Time and memory of a run, from its telemetry. Apart from the facts: another machine or load gives other numbers."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import Result, Telemetry

PERCENTILES = (50, 90, 95, 99)
SAMPLES_A_QUERY, SERVER_LOAD, SERVER_SEED = 8, 0.8, 20261126


def summary(telemetry: Sequence[Telemetry], results: Sequence[Result]) -> dict[str, Any]:
    """Percentiles of wall and CPU seconds and of peak memory over last attempts; time-outs and faults by count.

    Latency of the model inside its sandbox: never the time from an exam to its result, which needs the site's own clock.
    """
    last = {one.token: one for one in sorted(telemetry, key=lambda one: (one.token, one.attempt))}
    timed = list(last.values())
    faults: dict[str, int] = {}
    for one in timed:
        if one.fault:
            faults[one.fault] = faults.get(one.fault, 0) + 1
    return {"n": len(timed), "attempts": len(telemetry), "timeouts": sum(one.status == "timeout" for one in results),
            "faults": dict(sorted(faults.items())), "nodes": len({one.node for one in timed}),
            "wall_s": _percentiles([one.wall_s for one in timed]), "cpu_s": _percentiles([one.cpu_s for one in timed]),
            "peak_bytes": _percentiles([float(one.peak_bytes) for one in timed]),
            "scenarios": scenarios([one.wall_s for one in telemetry if last[one.token] is one])}


def scenarios(wall_s: Sequence[float]) -> dict[str, Any] | None:
    """Latency by the scenario names and percentiles of MLPerf LoadGen, for one slot; None where nothing was timed.

    wall_s: seconds of each case in its slot, in the order in which they ended.
    SingleStream is measured as it is: a slot gets its next case when it has answered the last; 90th percentile. MultiStream adds up
    eight cases in a row as one query; 99th percentile. Offline is cases a second of a slot that never waits. Server is computed, not
    measured: the same times behind one queue that Poisson arrivals (fixed seed) fill to 80 % of Offline; 99th percentile.
    """
    if not wall_s:
        return None
    took = np.asarray(wall_s, np.float64)
    queries = took[:len(took) // SAMPLES_A_QUERY * SAMPLES_A_QUERY].reshape(-1, SAMPLES_A_QUERY).sum(axis=1)
    rate = len(took) / float(took.sum()) if took.sum() else 0.0
    return {
        "SingleStream": {"percentile": 90, "latency_s": _rank(np.sort(took), 90)},
        "MultiStream": {"percentile": 99, "samples_per_query": SAMPLES_A_QUERY,
                        "latency_s": _rank(np.sort(queries), 99) if len(queries) else None},
        "Server": {"percentile": 99, "computed": True, "queries_per_s": rate * SERVER_LOAD,
                   "latency_s": _rank(np.sort(_queued(took, rate * SERVER_LOAD)), 99) if rate else None},
        "Offline": {"samples_per_s": rate}}


def _queued(took: NDArray[np.float64], arrivals_per_s: float) -> NDArray[np.float64]:
    """Time from arrival to answer of each case in one queue (Lindley's recursion)."""
    gaps = np.random.default_rng(SERVER_SEED).exponential(1 / arrivals_per_s, len(took) - 1)
    steps = np.concatenate([[0.0], took[:-1] - gaps])
    walk = np.cumsum(steps)
    return np.asarray(walk - np.minimum.accumulate(walk) + took, np.float64)


def _percentiles(values: Sequence[float]) -> dict[str, float] | None:
    """Nearest-rank percentiles, largest and sum; None where nothing was timed."""
    if not values:
        return None
    ordered = np.sort(np.asarray(values, np.float64))
    return {**{f"p{p}": _rank(ordered, p) for p in PERCENTILES}, "max": float(ordered[-1]), "sum": float(ordered.sum())}


def _rank(ordered: NDArray[np.float64], percent: int) -> float:
    """Nearest-rank percentile of sorted values."""
    return float(ordered[max(0, int(np.ceil(percent / 100 * len(ordered))) - 1)])

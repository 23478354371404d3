"""Time and memory of a run, from its telemetry. Apart from the facts: another machine or load gives other numbers."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eval_harness.base import Result, Telemetry

PERCENTILES = (50, 90, 95, 99)


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
            "peak_bytes": _percentiles([float(one.peak_bytes) for one in timed])}


def _percentiles(values: Sequence[float]) -> dict[str, float] | None:
    """Nearest-rank percentiles, largest and sum; None where nothing was timed."""
    if not values:
        return None
    ordered = np.sort(np.asarray(values, np.float64))
    out = {f"p{p}": float(ordered[max(0, int(np.ceil(p / 100 * len(ordered))) - 1)]) for p in PERCENTILES}
    return {**out, "max": float(ordered[-1]), "sum": float(ordered.sum())}

"""The Ladder of the validation set (Blum and Hardt 2015): a value is released only when it is really better.

loss = 1 - metric; per-person losses are jackknife pseudo-values (leave one person out), so AUC and CPM are served by the same
rule. Parameter-free: a try is better when its mean loss lies more than eta = s / √n below the best, s the sample standard
deviation of the paired per-person difference to the best. What is shown is the metric on a grid of at least eta: value only,
no interval (`absent: ladder_release`), no strata. State is kept per legal entity, task and set; k counts everybody's tries.
"""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import Absent, Estimate
from eval_harness.metrics.registry import metric
from eval_harness.scoring.estimates import Estimator, narrowed
from eval_harness.stats import bootstrap

FloatArray = NDArray[np.float64]
GRIDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
NOT_SMOOTH = ("hd95", "median", "step", "nearest")


@dataclass(frozen=True)
class Release:
    """better: this try moved the released value. value: the metric as shown, on the grid."""

    better: bool
    value: float
    eta: float
    grid: float


class Ladder:
    """One entity's ladder. `best` are the losses of the try that is shown now; they never leave the platform."""

    def __init__(self, best: FloatArray | None = None, shown: float = math.inf) -> None:
        self.best, self.shown = best, shown

    def ask(self, losses: FloatArray, eta: float | None = None) -> Release:
        """Submit one try. eta: given where the metric is not smooth (paired bootstrap SD), else from the losses.

        The shown loss is rounded up to the grid, so that rounding never adds to the optimism.
        """
        step = eta if eta is not None else _standard_error(losses if self.best is None else losses - self.best)
        mean = float(losses.mean())
        better = self.best is None or mean < float(self.best.mean()) - step
        grid = next((one for one in GRIDS if one >= step), GRIDS[-1])
        if better:
            # a coarser grid may round a better loss above the one shown before: what was shown never gets worse
            self.best, self.shown = losses, min(self.shown, round(math.ceil(mean / grid - 1e-9) * grid, 10))
        return Release(better, round(1 - self.shown, 10), step, grid)


def _standard_error(losses: FloatArray) -> float:
    return float(np.std(losses, ddof=1)) / math.sqrt(len(losses))


def person_losses(estimator: Estimator, spec: Mapping[str, Any]) -> FloatArray:
    """1 - pseudo-value of every person: n θ - (n - 1) θ without him, for the estimate `spec` over all measurements."""
    found, params = metric(spec["metric"]), dict(spec.get("params") or {})
    rows = narrowed(estimator.rows(), found, params)
    if spec.get("operating_point") and "threshold" in (*found.params, *found.optional):
        params["threshold"] = estimator.points[spec["operating_point"]]
    n = len(estimator.persons)
    whole = bootstrap.value(found, rows, n, **params)
    without = bootstrap.jackknife(found, rows, n, **params)
    return np.asarray(1 - (n * whole - (n - 1) * without), np.float64)


def paired_sd(first: Estimator, second: Estimator, spec: Mapping[str, Any]) -> float:
    """Standard deviation of the paired bootstrap difference: eta where leaving one person out says too little."""
    draws = first.draws(spec, first.rows()) - second.draws(spec, second.rows())
    return float(np.nanstd(draws, ddof=1))


def own_sd(first: Estimator, spec: Mapping[str, Any]) -> float:
    """The same for a first try: the bootstrap standard deviation of the estimate itself."""
    return float(np.nanstd(first.draws(spec, first.rows()), ddof=1))


def smooth(spec: Mapping[str, Any]) -> bool:
    named = f"{spec['metric']} {spec.get('params') or {}}"
    return not any(word in named for word in NOT_SMOOTH)


def released(id: str, release: Release, n: int) -> Estimate:
    """What a vendor sees of a validation try."""
    return Estimate(id, round(release.value, 10), Absent("ladder_release"), n=n, role="exploratory", source="ladder")

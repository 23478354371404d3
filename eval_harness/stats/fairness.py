"""Gaps between groups, each with an interval of the gap itself rather than two intervals side by side."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights, ratio
from eval_harness.metrics.threshold import confusion

Read = Callable[[FloatArray], FloatArray]
RATES: dict[str, Read] = {
    "sel": lambda c: ratio(c[:, 0] + c[:, 1], c.sum(axis=1)),
    "tpr": lambda c: ratio(c[:, 0], c[:, 0] + c[:, 2]),
    "fpr": lambda c: ratio(c[:, 1], c[:, 1] + c[:, 3]),
}
"""Selection rate, true-positive rate, false-positive rate, from tp, fp, fn, tn."""


@dataclass(frozen=True)
class Gaps:
    """By rate: value of each group [B], largest minus smallest [B], smallest over largest [B]."""

    by_group: Mapping[str, Mapping[str, FloatArray]]
    difference: Mapping[str, FloatArray]
    ratio: Mapping[str, FloatArray]

    @property
    def equalized_odds_difference(self) -> FloatArray:
        return np.maximum(self.difference["tpr"], self.difference["fpr"])

    @property
    def demographic_parity_difference(self) -> FloatArray:
        return self.difference["sel"]


def gaps(rows: BinaryRows, group: NDArray[np.str_], weights: Weights, threshold: float) -> Gaps:
    """Rates by `group[n]` in every draw. A group that a draw leaves without a denominator makes that draw's gap NaN."""
    names = [str(name) for name in np.unique(group)]
    by_group: dict[str, dict[str, FloatArray]] = {}
    for name in names:
        part = group == name
        found = confusion(BinaryRows(rows.score[part], rows.truth[part], rows.person[part], rows.n_persons), weights, threshold)
        by_group[name] = {rate: read(found) for rate, read in RATES.items()}
    stacked = {rate: np.array([by_group[name][rate] for name in names]) for rate in RATES}
    return Gaps(by_group, {rate: values.max(axis=0) - values.min(axis=0) for rate, values in stacked.items()},
                {rate: ratio(values.min(axis=0), values.max(axis=0)) for rate, values in stacked.items()})

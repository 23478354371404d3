"""Overlap of two masks: counts, Dice, IoU and volumes. Raw conventions; the empty-mask policy is in `mask_measure`."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray


@dataclass(frozen=True)
class Overlap:
    """Voxel counts of one case."""

    tp: int
    fp: int
    fn: int
    total: int

    @property
    def reference(self) -> int:
        return self.tp + self.fn

    @property
    def predicted(self) -> int:
        return self.tp + self.fp

    @property
    def dice(self) -> float:
        """2 tp / (reference + predicted); NaN when both are empty."""
        return _share(2 * self.tp, self.reference + self.predicted)

    @property
    def iou(self) -> float:
        """tp / (tp + fp + fn); NaN when both are empty."""
        return _share(self.tp, self.tp + self.fp + self.fn)

    @property
    def volume_similarity(self) -> float:
        """2 (reference - predicted) / (reference + predicted), signed."""
        return _share(2 * (self.reference - self.predicted), self.reference + self.predicted)


def _share(top: float, bottom: float) -> float:
    return top / bottom if bottom else math.nan


def overlap(reference: BoolArray, predicted: BoolArray) -> Overlap:
    """Counts of two masks of one grid. Raises ValueError when their shapes differ."""
    if reference.shape != predicted.shape:
        raise ValueError(f"masks lie on different grids: {reference.shape} and {predicted.shape}")
    tp = int(np.count_nonzero(reference & predicted))
    return Overlap(tp, int(np.count_nonzero(predicted)) - tp, int(np.count_nonzero(reference)) - tp, reference.size)


def voxel_volume_mm3(spacing_mm: Sequence[float]) -> float:
    """Volume of one voxel (area of one pixel, mm², in 2D)."""
    return float(np.prod(np.asarray(spacing_mm, np.float64)))

"""Lesion-wise agreement of two masks: connected components and a named overlap rule.

Lesions are 26-connected components (8 in 2D). Rule `any_voxel` (ISLES, ATLAS): a reference lesion is found when one voxel
of it is predicted; a predicted component that touches no reference lesion is a false positive.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray
from eval_harness.metrics.surface import crop_box


@dataclass(frozen=True)
class LesionCounts:
    found: int
    false: int
    missed: int

    @property
    def f1(self) -> float:
        """2 found / (2 found + false + missed); NaN with no lesion on either side."""
        total = 2 * self.found + self.false + self.missed
        return 2 * self.found / total if total else float("nan")


def lesion_counts(reference: BoolArray, predicted: BoolArray) -> LesionCounts:
    """Counts by the any-voxel rule."""
    from scipy import ndimage

    box = crop_box(reference | predicted)
    if box is None:
        return LesionCounts(0, 0, 0)
    full = np.ones((3,) * reference.ndim)
    mine, n_mine = ndimage.label(reference[box], structure=full)
    theirs, n_theirs = ndimage.label(predicted[box], structure=full)
    touching = (mine > 0) & (theirs > 0)
    found, hit = len(np.unique(mine[touching])), len(np.unique(theirs[touching]))
    return LesionCounts(found, int(n_theirs) - hit, int(n_mine) - found)

"""A consensus of several readers' masks: votes and STAPLE (Warfield, Zou and Wells 2004)."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray, FloatArray

CONVERGED = 1e-14
"""Largest squared change of any sensitivity or specificity (ITK's value)."""


@dataclass(frozen=True)
class Staple:
    probability: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    iterations: int
    """Updates after the first (ITK's count)."""


def votes(masks: BoolArray) -> np.ndarray:
    """masks[readers, ...] -> 1 where more than half say inside, 0 where fewer, 2 where the vote is tied."""
    inside = masks.sum(axis=0)
    return np.where(2 * inside > len(masks), 1, np.where(2 * inside == len(masks), 2, 0))


def at_least(masks: BoolArray, readers: int) -> BoolArray:
    """Voxels that at least so many readers marked."""
    out: BoolArray = masks.sum(axis=0) >= readers
    return out


def staple(masks: BoolArray, max_iterations: int = 1000) -> Staple:
    """Expectation maximisation over masks[readers, ...], started from the mean vote; prior = mean share inside.

    Voxels with the same votes are one pattern, so a step costs 2^readers and not the grid.
    """
    flat = masks.reshape(len(masks), -1)
    code = (flat.astype(np.int64) << np.arange(len(masks))[:, None]).sum(axis=0)
    patterns, place, count = np.unique(code, return_inverse=True, return_counts=True)
    marked = (patterns[None, :] >> np.arange(len(masks))[:, None]) & 1 == 1
    prior = float((marked * count).sum() / (count.sum() * len(masks)))
    inside = marked.mean(axis=0)
    p = q = np.full(len(masks), np.nan)
    for iterations in range(max_iterations):  # noqa: B007 - the count is a result
        before = (p, q)
        p = (marked * (inside * count)).sum(axis=1) / (inside * count).sum()
        q = (~marked * ((1 - inside) * count)).sum(axis=1) / ((1 - inside) * count).sum()
        a = prior * np.prod(np.where(marked, p[:, None], 1 - p[:, None]), axis=0)
        b = (1 - prior) * np.prod(np.where(marked, 1 - q[:, None], q[:, None]), axis=0)
        inside = np.divide(a, a + b, out=np.zeros_like(a), where=a + b > 0)
        if max(((p - before[0]) ** 2).max(), ((q - before[1]) ** 2).max()) < CONVERGED:
            break
    return Staple(inside[place].reshape(masks.shape[1:]), p, q, iterations)

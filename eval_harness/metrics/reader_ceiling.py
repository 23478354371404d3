"""How well readers agree with each other on masks: the ceiling a model's Dice is read against."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from eval_harness.metrics.overlap import overlap
from eval_harness.metrics.rows import BoolArray


@dataclass(frozen=True)
class Ceiling:
    pairs: dict[tuple[int, int], float]
    """Dice of every two readers; both empty counts 1 (the written policy)."""
    mean: float
    worst: float
    reader_to_rest: tuple[float, ...]
    """Dice of each reader with the majority of the others (ties count as marked)."""


def reader_ceiling(masks: BoolArray) -> Ceiling:
    """masks[readers, ...] of one case, at least two readers. Raises ValueError for one reader."""
    if len(masks) < 2:
        raise ValueError("a ceiling needs two readers")
    pairs = {(a, b): _dice(masks[a], masks[b]) for a, b in combinations(range(len(masks)), 2)}
    rest = []
    for reader in range(len(masks)):
        others = np.delete(masks, reader, axis=0)
        rest.append(_dice(masks[reader], 2 * others.sum(axis=0) >= len(others)))
    return Ceiling(pairs, float(np.mean(list(pairs.values()))), min(pairs.values()), tuple(rest))


def _dice(first: BoolArray, second: BoolArray) -> float:
    found = overlap(first, second)
    return found.dice if found.reference + found.predicted else 1.0

"""A model of python-crfsuite as numbers: labels, transitions and the weights of its features, O first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.phi_zone.text.best_path import Scores


@dataclass(frozen=True)
class Weights:
    """`rows[feature]` holds a weight a label."""

    labels: tuple[str, ...]
    transitions: Scores
    rows: dict[str, Scores]

    @classmethod
    def of(cls, model: Any) -> Weights:
        """The weights of an open pycrfsuite.Tagger, read once."""
        info = model.info()
        labels = ("O", *sorted(label for label in info.labels if label != "O"))
        place = {label: number for number, label in enumerate(labels)}
        transitions = np.zeros((len(labels), len(labels)))
        for (before, after), weight in info.transitions.items():
            transitions[place[before], place[after]] = weight
        rows: dict[str, Scores] = defaultdict(lambda: np.zeros(len(labels)))
        for (feature, label), weight in info.state_features.items():
            rows[feature][place[label]] = weight
        return cls(labels, transitions, dict(rows))

    def named(self, template: str) -> dict[str, Scores]:
        """What follows the template's letter in its features -> weights."""
        return {feature[1:]: row for feature, row in self.rows.items() if feature[0] == template}

    def table(self, height: int, filled: Iterable[tuple[int, Scores]]) -> Scores:
        """(height, labels): rows of weights at their places, nothing elsewhere; rows of one place are summed."""
        made = np.zeros((height, len(self.labels)))
        for place, row in filled:
            made[place] += row
        return made


class Sparse:
    """Weights of few out of very many codes: `table[sparse(codes)]`; the last row holds nothing."""

    def __init__(self, weights: Weights, filled: dict[int, Scores]) -> None:
        self._codes = np.array(sorted(filled) or [0], dtype=np.int64)
        rows = ((place, filled[code]) for place, code in enumerate(self._codes.tolist()) if code in filled)
        self.table = weights.table(len(self._codes) + 1, rows)

    def __call__(self, codes: Any) -> Any:
        """The rows of `codes`, (n, labels)."""
        found = np.searchsorted(self._codes, codes)
        found[found == len(self._codes)] = 0
        return self.table[np.where(self._codes[found] == codes, found, len(self._codes))]

"""Viterbi over many stretches of many sentences at once: step by step, all stretches that are so long in one operation.

The same best paths as one stretch after another (best_path.py; a test holds them to each other) in a fraction of the time when there
are a dozen or more of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
_NEVER = -1e12


class PathsTogether:
    """Decodes with one model's transitions, (labels, labels), from row to column: O, B- of each type, I- of each in the same order."""

    def __init__(self, transitions: Scores) -> None:
        kinds = len(transitions) // 2
        ways = transitions.copy()
        ways[:, kinds + 1 :] = _NEVER   # an I- follows its own kind alone
        for kind in range(1, kinds + 1):
            inside = kinds + kind
            ways[[kind, inside], inside] = transitions[[kind, inside], inside]
        self._ways, self._exits = ways[:, :, None], ways[:, :1]
        inner = np.arange(len(ways))[:, None] > kinds
        self._starts, self._entries = np.where(inner, _NEVER, 0.0), np.where(inner, _NEVER, ways[:1].T)

    def paths(self, scores: Scores, begins: Places, counts: Places, first: Places, last: Places) -> Iterator[tuple[int, list[int]]]:
        """(place, labels from there on) of the stretches that hold something, in order.

        scores: (n, labels without O), each over that of O. begins, counts: each stretch's first unit and its length, one at least.
        first, last: places of each sentence's first and last unit.
        """
        order = np.argsort(-counts, kind="stable")
        begins, counts = begins[order], counts[order]
        longer = len(counts) - np.searchsorted(counts[::-1], np.arange(int(counts[0])), side="right")   # than so many units
        told = np.zeros((len(counts), int(counts[0])), dtype=np.intp)
        steps = self._onward(scores, begins, longer, first)
        exits = np.where(np.isin(begins + counts - 1, last), 0.0, self._exits)
        label = np.zeros(0, dtype=np.intp)   # of each stretch that goes on
        for step, reached in reversed(list(enumerate(steps))):
            held = len(label)
            onward = (reached[:, :held] + self._ways[:, label, 0]).argmax(axis=0)
            ended = (reached[:, held:] + exits[:, held : longer[step]]).argmax(axis=0)
            label = np.concatenate((onward, ended))
            told[: longer[step], step] = label
        some = np.flatnonzero(told.any(axis=1))
        some = some[np.argsort(begins[some])]
        for place, path, count in zip(begins[some].tolist(), told[some].tolist(), counts[some].tolist(), strict=True):
            yield place, path[:count]

    def _onward(self, scores: Scores, begins: Places, longer: Places, first: Places) -> list[Scores]:
        """Of each step the best way to each label, (labels, stretches longer than that)."""
        best = np.where(np.isin(begins, first), self._starts, self._entries)
        best[1:] += scores.take(begins, axis=0).T
        steps = [best]
        for step in range(1, len(longer)):
            count = longer[step]
            best = (steps[-1][:, None, :count] + self._ways).max(axis=0)
            best[1:] += scores.take(begins[:count] + step, axis=0).T
            steps.append(best)
        return steps

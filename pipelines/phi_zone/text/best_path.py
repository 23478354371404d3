"""The best labels of a conditional random field, looked for only where something other than O can be on the best path.

Labels are O, B- and I- of each type, and an I- follows only its own B- or I-. An entity is worth having when it gains on O over the
same stretch. A bound of that gain, taken for every unit and label at once, says which labels no worthy entity has where; what is
left, mostly few labels of few units, is decoded exactly (Viterbi).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
_APART, _NEVER, _SURE = 1e6, -1e12, -1e-6


class BestPath:
    """Decodes with one model's labels and transitions, (labels, labels), from row to column; labels[0] is O."""

    def __init__(self, labels: Sequence[str], transitions: Scores) -> None:
        kinds = sorted({label[2:] for label in labels[1:]})
        self._b = b = [labels.index(f"B-{kind}") for kind in kinds]
        self._i = i = [labels.index(f"I-{kind}") for kind in kinds]
        outside = [0, *b]
        stay = transitions[0, 0]
        self._enter = (transitions[:, b] - transitions[:, :1]).max(axis=0)
        self._leave_b = (transitions[np.ix_(b, outside)] - transitions[0, outside]).max(axis=1)
        self._leave_i = (transitions[np.ix_(i, outside)] - transitions[0, outside]).max(axis=1)
        self._onto = transitions[b, i] - stay
        self._on = transitions[i, i] - stay
        self._ways: list[list[float]] = transitions.tolist()
        self._chain = dict(zip(i, b, strict=True))
        self._bits = 1 << np.arange(2 * len(kinds))
        self._allowed = [_allowed(code, b, i) for code in range(1 << (2 * len(kinds)))]

    def __call__(self, scores: Scores, first: Places, last: Places) -> Iterator[tuple[int, list[int]]]:
        """(place, labels from there on) of every stretch that may hold something; all other units are O.

        scores: (n, labels). first, last: places of each sentence's first and last unit, in order; all others are padding.
        """
        open_ = self._open(scores, first, last)
        places = np.flatnonzero(open_.any(axis=1))
        if not len(places):
            return
        rows, told, at = scores[places].tolist(), (open_[places] @ self._bits).tolist(), places.tolist()
        starts, ends = set(first.tolist()), set(last.tolist())
        begin = 0
        for end in range(1, len(at) + 1):
            if end == len(at) or at[end] != at[end - 1] + 1 or at[end] in starts:
                yield at[begin], self._viterbi(rows[begin:end], told[begin:end], at[begin] in starts, at[end - 1] in ends)
                begin = end

    def _open(self, scores: Scores, first: Places, last: Places) -> npt.NDArray[np.bool_]:
        """(n, types twice): may a unit be B-, may it be I- of each type?"""
        inside = np.zeros(len(scores) + 1, dtype=np.int64)
        inside[first] += 1
        inside[last + 1] -= 1
        padding = np.cumsum(inside[:-1]) == 0
        o = scores[:, :1]
        begin, more = scores[:, self._b] - o, scores[:, self._i] - o
        start = begin + self._enter
        start[first] = begin[first] + np.maximum(self._enter, 0.0)
        start[padding] = _NEVER
        leave_b, leave_i = (np.broadcast_to(leave, start.shape).copy() for leave in (self._leave_b, self._leave_i))
        leave_b[last], leave_i[last] = np.maximum(self._leave_b, 0.0), np.maximum(self._leave_i, 0.0)
        kept = more + self._on
        kept[padding] = -_APART
        along = np.cumsum(kept, axis=0)
        onward = np.maximum.accumulate((along + leave_i)[::-1], axis=0)[::-1] - along   # the best way on from an I- here, and out
        after = np.full_like(start, _NEVER)
        after[:-1] = kept[1:] + onward[1:] + (self._onto - self._on)
        ahead = np.maximum.accumulate(start - along, axis=0)
        within = np.full_like(start, _NEVER)
        within[1:] = along[1:] + ahead[:-1] + (self._onto - self._on)                    # the best way to an I- here
        may: npt.NDArray[np.bool_] = np.hstack((start + np.maximum(leave_b, after), within + onward)) >= _SURE
        may[padding] = False
        return may

    def _viterbi(self, rows: list[list[float]], told: list[int], first: bool, last: bool) -> list[int]:
        ways, chain = self._ways, self._chain
        outside, inside = self._allowed[told[0]]
        best = {y: rows[0][y] + (0.0 if first else ways[0][y]) for y in outside}
        back: list[dict[int, int]] = []
        for row, code in zip(rows[1:], told[1:], strict=True):
            outside, inside = self._allowed[code]
            reached, came = {}, {}
            for y in outside:
                top = _NEVER
                for a, value in best.items():
                    value += ways[a][y]
                    if value > top:
                        top, came[y] = value, a
                reached[y] = top + row[y]
            for y in inside:
                a = chain[y]
                begun, more = best.get(a, _NEVER) + ways[a][y], best.get(y, _NEVER) + ways[y][y]
                if begun > more:
                    reached[y], came[y] = begun + row[y], a
                elif more > _NEVER / 2:
                    reached[y], came[y] = more + row[y], y
            best = reached
            back.append(came)
        if not last:
            best = {y: value + ways[y][0] for y, value in best.items()}
        label = max(best, key=best.__getitem__)
        path = [label]
        for came in reversed(back):
            label = came[label]
            path.append(label)
        return path[::-1]


def _allowed(code: int, b: list[int], i: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(O and B- labels, I- labels) of a code whose bits are types, B- first."""
    return (0, *(y for bit, y in enumerate(b) if code >> bit & 1)), tuple(y for bit, y in enumerate(i, len(b)) if code >> bit & 1)

"""The best labels of a conditional random field, looked for only where something other than O can be on the best path.

Labels are O, B- and I- of each type, and an I- follows only its own B- or I-. An entity is worth having when it gains on O over the
same stretch. A bound of that gain, taken for every unit and label at once, says which labels no worthy entity has where; what is
left, mostly few labels of few units, is decoded exactly (Viterbi).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text.paths_together import PathsTogether

Scores = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
_MANY = 40
"""So many stretches are decoded faster together than one after another."""
_APART, _NEVER, _SURE, _SLACK = 1e6, -1e12, -1e-6, 1e-6
_Ways = list[tuple[int, float]]
_Plan = tuple[_Ways, list[tuple[int, int, float, float]], _Ways, _Ways]
"""Of a unit's labels: (each B-, the way to it from O), (each I-, its B-, the way from there, the way from itself), (each label, the most
that leaving it gains over coming from O), (the same where no B- may follow)."""


class BestPath:
    """Decodes with one model's labels and transitions, (labels, labels), from row to column.

    labels: O, then B- of each type, then I- of each type in the same order.
    """

    def __init__(self, labels: Sequence[str], transitions: Scores) -> None:
        self._kinds = kinds = len(labels) // 2
        b, i, outside = slice(1, kinds + 1), slice(kinds + 1, None), slice(0, kinds + 1)
        stay = transitions[0, 0]
        self._enter = (transitions[:, b] - transitions[:, :1]).max(axis=0)[:, None]
        self._first = np.maximum(self._enter, 0.0) - self._enter
        leave_b, leave_i = ((transitions[rows, outside] - transitions[0, outside]).max(axis=1)[:, None] for rows in (b, i))
        self._leave_b, self._leave_i = leave_b, leave_i
        self._last_b, self._last_i = np.maximum(leave_b, 0.0), np.maximum(leave_i, 0.0) - leave_i
        self._on = np.diag(transitions[i, i])[:, None] - stay
        self._onto_on = np.diag(transitions[b, i])[:, None] - stay - self._on
        self._ways: list[list[float]] = transitions.tolist()
        self._bits = 1 << np.arange(2 * kinds)
        self._plans: dict[int, _Plan] = {}
        self._together = PathsTogether(transitions)

    def __call__(self, scores: Scores, first: Places, last: Places, shortest: int = 1) -> Iterator[tuple[int, list[int]]]:
        """(place, labels from there on) of stretches of `shortest` units or more that may hold something; all other units are O.

        Many stretches are decoded together (paths_together.py), and of those only what holds something is given.

        scores: (n, labels without O), each over that of O. first, last: places of each sentence's first and last unit, in order; all
        others are padding, two at least between sentences and at both ends, and hold `padding`.
        """
        told_all = self._open(scores, first, last)
        places = np.flatnonzero(told_all)
        begins = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        counts = np.diff(begins, append=len(places))
        begins, counts = begins[counts >= shortest], counts[counts >= shortest]
        if len(begins) >= _MANY:
            yield from self._together.paths(scores, places[begins], counts, first, last)
            return
        starts, ends = set(first.tolist()), set(last.tolist())
        for begin, count in zip(places[begins].tolist(), counts.tolist(), strict=True):
            end = begin + count
            yield begin, self._decoded(scores[begin:end].tolist(), told_all[begin:end].tolist(), begin in starts, end - 1 in ends)

    def _open(self, scores: Scores, first: Places, last: Places) -> npt.NDArray[np.intp]:
        """(n,): bits of the labels a unit may have, B- of each type before I- of each."""
        begun, inside = np.ascontiguousarray(scores.T).reshape(2, self._kinds, -1)   # a row for each type
        start = begun + self._enter
        start[:, first] += self._first
        kept = inside + self._on
        along = kept.cumsum(axis=1)
        out = along + self._leave_i
        out[:, last] += self._last_i
        onward = np.maximum.accumulate(out[:, ::-1], axis=1)[:, ::-1] - along   # the best way on from an I- here, and out
        gain = np.empty((2, *start.shape))
        after = kept[:, 1:] + onward[:, 1:]
        after += self._onto_on
        np.maximum(after, self._leave_b, out=after)
        np.add(start[:, :-1], after, out=gain[0, :, :-1])
        gain[0][:, last] = start[:, last] + self._last_b
        ahead = np.maximum.accumulate(start - along, axis=1)
        onward += along
        onward += self._onto_on
        np.add(onward[:, 1:], ahead[:, :-1], out=gain[1, :, 1:])   # and the best way to an I- here
        gain[1, :, 0] = gain[0, :, -1] = _NEVER
        told: npt.NDArray[np.intp] = self._bits @ (gain.reshape(len(self._bits), -1) >= _SURE)
        return told

    def _decoded(self, rows: list[list[float]], told: list[int], first: bool, last: bool) -> list[int]:
        """Viterbi over one stretch. A label from which leaving is worth no more than having been outside is not left from."""
        ways, plans = self._ways, self._plans
        stay, dead, row = ways[0][0], [_NEVER] * len(ways), rows[0]
        begins, _, leaves, exits = plans.get(told[0]) or self._plan(told[0])
        best = dead.copy()
        best[0] = 0.0 if first else stay
        for y, way in begins:
            best[y] = row[y - 1] if first else row[y - 1] + way
        came = []
        for row, code in zip(rows[1:], told[1:], strict=True):
            before = leaves, exits
            begins, inside, leaves, exits = plans.get(code) or self._plan(code)
            outside, reached = best[0], dead.copy()
            left = [a for a, gain in before[0 if begins else 1] if best[a] + gain > outside]
            reached[0] = outside + stay
            for y, way in begins:
                reached[y] = outside + way + row[y - 1]
            for a in left:
                here, away = best[a], ways[a]
                if here + away[0] > reached[0]:
                    reached[0] = here + away[0]
                for y, _ in begins:
                    if (value := here + away[y] + row[y - 1]) > reached[y]:
                        reached[y] = value
            for y, b, begun, on in inside:
                more, went = best[y] + on, best[b] + begun
                reached[y] = (more if more >= went else went) + row[y - 1]
            came.append((best, left))
            best = reached
        label, top = 0, best[0] if last else best[0] + stay
        for y, _ in exits:
            if (value := best[y] if last else best[y] + ways[y][0]) > top:
                label, top = y, value
        path = [label]
        for values, left in reversed(came):
            if label or left:
                label = self._came(label, values, left)
            path.append(label)
        return path[::-1]

    def _came(self, label: int, before: list[float], left: list[int]) -> int:
        """The label before `label` on the best way to it."""
        ways, kinds = self._ways, self._kinds
        if label > kinds:
            return label if before[label] + ways[label][label] >= before[label - kinds] + ways[label - kinds][label] else label - kinds
        origin, top = 0, before[0] + ways[0][label]
        for a in left:
            if (value := before[a] + ways[a][label]) > top:
                origin, top = a, value
        return origin

    def _plan(self, code: int) -> _Plan:
        ways, kinds = self._ways, self._kinds
        told = [bit + 1 for bit in range(2 * kinds) if code >> bit & 1]
        begins = [(y, ways[0][y]) for y in told if y <= kinds]
        inside = [(y, y - kinds, ways[y - kinds][y], ways[y][y]) for y in told if y > kinds]
        leaves = [(y, max(ways[y][a] - ways[0][a] for a in range(kinds + 1)) + _SLACK) for y in told]
        self._plans[code] = begins, inside, leaves, [(y, ways[y][0] - ways[0][0] + _SLACK) for y in told]
        return self._plans[code]


def padding(width: int) -> Scores:
    """What a unit of padding scores: nothing begins in it, nothing goes on through it."""
    return np.array([_NEVER] * (width // 2) + [-_APART] * (width // 2))


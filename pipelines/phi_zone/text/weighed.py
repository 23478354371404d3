# ruff: noqa: E501 - a row of features is one line

"""The features of features.py that a model has a weight for: what it does not know changes no decision and costs time.

The same strings in the same places, spelled once and remembered; a test compares them with features.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from pipelines.phi_zone.text import features

Known = tuple[str, ...]
NONE: Known = ()
_ENTRIES = 100_000


class _Spelled(dict[str, tuple[Known, ...]]):
    """Key -> per template the feature it gives, as a tuple of one, or nothing where the model has no weight. Bounded."""

    def __init__(self, weighed: frozenset[str], *templates: str) -> None:
        super().__init__()
        self._weighed, self._templates = weighed, templates

    def __missing__(self, key: str) -> tuple[Known, ...]:
        made = tuple((name + key,) if name + key in self._weighed else NONE for name in self._templates)
        if len(self) < _ENTRIES:
            self[key] = made
        return made


def eye(language: str, attributes: Iterable[str]) -> Callable[..., list[list[str]]]:
    """The function that makes the features of a text (zh) or of words (en) for a model with these attributes."""
    weighed = frozenset(attributes)
    return _Chinese(weighed) if language == "zh" else _English(weighed)


class _Chinese:
    def __init__(self, weighed: frozenset[str]) -> None:
        self._letter, self._pair = _Spelled(weighed, "0", "1", "2", "3", "4"), _Spelled(weighed, "5", "6", "7", "8")
        self._kind, self._kinds = _Spelled(weighed, "9"), _Spelled(weighed, "A", "B", "C")
        self._before, self._after = _Spelled(weighed, "D"), _Spelled(weighed, "E")

    def __call__(self, text: str) -> list[list[str]]:
        if not text:
            return []
        shown, kinds = features.letters(text)
        s, k = ["<", "<", *shown, ">", ">"], ["", "", *kinds, "", ""]
        letter, pair = self._letter, self._pair
        rows = [letter[char] for char in s]
        pairs = [pair[a + b] for a, b in pairwise(s)]
        threes = [self._kinds[f"{a}|{b}|{c}"] for a, b, c in zip(k, k[1:], k[2:], strict=False)]
        one, before, after = self._kind, self._before, self._after
        return [
            [*r[0], *q[1], *t[2], *p[3], *u[4], *ab[0], *bc[1], *za[2], *cd[3], *one[n][0], *mno[0], *ymn[1], *nop[2], *before[a + n + o][0], *after[m + n + c][0]]
            for p, q, r, t, u, za, ab, bc, cd, ymn, mno, nop, a, c, m, n, o in zip(
                rows, rows[1:], rows[2:], rows[3:], rows[4:], pairs, pairs[1:], pairs[2:], pairs[3:], threes, threes[1:], threes[2:],
                s[1:], s[3:], k[1:], k[2:], k[3:], strict=False)
        ]


class _English:
    def __init__(self, weighed: frozenset[str]) -> None:
        self._word, self._ending = _Spelled(weighed, "0", "1", "2", "3", "6"), _Spelled(weighed, "s")
        self._pair, self._kind = _Spelled(weighed, "5"), _Spelled(weighed, "k")
        self._kinds, self._three = _Spelled(weighed, "K", "L"), _Spelled(weighed, "M")

    def __call__(self, tokens: list[str]) -> list[list[str]]:
        if not tokens:
            return []
        lower, kinds = features.tokens(tokens)
        w, k = ["<", "<", *lower, ">", ">"], ["", "", *kinds, "", ""]
        rows = [self._word[word] for word in w]
        twos = [self._kinds[f"{a}|{b}"] for a, b in pairwise(k)]
        ending, pair, kind, three = self._ending, self._pair, self._kind, self._three
        return [
            [*r[0], *q[1], *t[2], *p[3], *pair[a + "_" + b][0], *u[4], *ending[b[-3:]][0], *kind[n][0], *mn[0], *no[1], *three[f"{m}|{n}|{o}"][0]]
            for p, q, r, t, u, mn, no, a, b, m, n, o in zip(
                rows, rows[1:], rows[2:], rows[3:], rows[4:], twos[1:], twos[2:], w[1:], w[2:], k[1:], k[2:], k[3:], strict=False)
        ]

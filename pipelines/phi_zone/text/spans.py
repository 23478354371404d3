"""From many candidate spans to one list without overlaps, and from there to the cleaned text."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import NamedTuple

from schemas.deid import Span

KNOWN, STAFF, NUMBER, DATE, STRONG_NAME, PLACE, ORG, DIVISION, WEAK_NAME, TAGGED = range(10)
"""Ranks: what wins where two candidates overlap."""
GUESSED = WEAK_NAME
"""Ranks from here on are guesses (weak forms, the tagger)."""


class Candidate(NamedTuple):
    """A stretch of the folded text that a rule wants. Lower `rank` wins; `text` is what takes its place (None: the tag)."""

    start: int
    end: int
    type: str
    rule: str
    rank: int
    text: str | None = None

    def moved(self, by: int) -> Candidate:
        """The same candidate in a text that has `by` more characters before it."""
        return Candidate(self.start + by, self.end + by, self.type, self.rule, self.rank, self.text)


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """Every character some rule wanted is covered once: better ranks whole, the rest trimmed to what is left of them."""
    held: list[tuple[int, int]] = []
    taken: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.rank, c.start - c.end, c.start)):
        for start, end in _free(candidate.start, candidate.end, held):
            whole = (start, end) == (candidate.start, candidate.end)
            if not whole and candidate.rank >= GUESSED and (candidate.type == "NAME" or end - start < 4):
                continue  # a guess whose edge disagrees with a rule is not right about the rest either
            insort(held, (start, end))
            taken.append(candidate if whole else Candidate(start, end, candidate.type, candidate.rule, candidate.rank))
    return sorted(taken, key=lambda c: c.start)


def _free(start: int, end: int, held: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of [start, end) that nobody in `held` (sorted, apart) has; single characters are not worth a tag of their own."""
    first = bisect_left(held, (start, start))
    if first and held[first - 1][1] > start:
        first -= 1
    pieces, place = [], start
    for a, b in held[first:]:
        if a >= end:
            break
        if a > place:
            pieces.append((place, a))
        place = max(place, b)
    if place < end:
        pieces.append((place, end))
    return [(a, b) for a, b in pieces if (a, b) == (start, end) or b - a > 1]


def replaced(text: str, spans: list[tuple[Span, str]]) -> str:
    """`text` with each span (sorted, apart) replaced by its new text."""
    out, place = [], 0
    for span, new in spans:
        out += [text[place : span.start], new]
        place = span.end
    return "".join([*out, text[place:]])

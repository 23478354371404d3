"""From many candidate spans to one list without overlaps, and from there to the cleaned text."""

from __future__ import annotations

from bisect import bisect_left, insort
from operator import itemgetter
from typing import NamedTuple

from schemas.deid import Span

KNOWN, STAFF, NUMBER, DATE, CODE, STRONG_NAME, PLACE, ORG, DIVISION, WEAK_NAME, TAGGED = range(11)
"""Ranks: what wins where two candidates overlap."""
GUESSED = WEAK_NAME
"""Ranks from here on are guesses (weak forms, the tagger)."""
NAMES_THROUGHOUT = frozenset(["form.name_romanised", "form.name_capitals", "told.name_capitals", "told.name_child_of", "form.name_spaced"])
"""Weak forms every word of which is a name."""


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
        start, end, kind, rule, rank, text = self
        return tuple.__new__(Candidate, (start + by, end + by, kind, rule, rank, text))


_PLACE, _RANK = itemgetter(0), itemgetter(4)


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """Every character some rule wanted is covered once: better ranks whole, the rest trimmed to what is left of them."""
    taken: list[Candidate] = []
    crowd: list[Candidate] = []
    reach, alike = -1, True
    for candidate in sorted(candidates, key=_PLACE):
        if candidate[0] >= reach:
            if crowd:
                taken += _taken(crowd, alike)
            crowd, reach, alike = [candidate], candidate[1], True
        else:
            if candidate[0] != crowd[0][0] or candidate[1] != reach:
                alike, reach = False, max(reach, candidate[1])
            crowd.append(candidate)
    return taken + _taken(crowd, alike) if crowd else taken


def _taken(crowd: list[Candidate], alike: bool) -> list[Candidate]:
    """What is taken of candidates that overlap, in order. alike: all have the same place, so the first of the best rank is taken."""
    if alike:
        return crowd if len(crowd) == 1 else [min(crowd, key=_RANK)]
    held: list[tuple[int, int]] = []
    taken: list[Candidate] = []
    known: list[Candidate] = []
    for candidate in sorted(crowd, key=lambda c: (c[4], c[0] - c[1], c[0])):
        borne_out = bool(known) and candidate.rule in NAMES_THROUGHOUT and _borne_out(candidate, taken)
        for start, end in _free(candidate.start, candidate.end, held):
            whole = (start, end) == (candidate.start, candidate.end)
            if not whole and candidate.rank >= GUESSED and (candidate.type == "NAME" or end - start < 4) and not borne_out:
                continue  # a guess whose edge disagrees with a rule is not right about the rest either
            insort(held, (start, end))
            taken.append(candidate if whole else Candidate(start, end, candidate.type, candidate.rule, candidate.rank))
        if candidate.rank <= STAFF and candidate.type == "NAME":
            known.append(candidate)
    return sorted(taken, key=_PLACE)


def _borne_out(candidate: Candidate, taken: list[Candidate]) -> bool:
    """Does a weak name form disagree with nothing but names that are known and lie within it? Then they speak for the rest of it."""
    met = [other for other in taken if other.start < candidate.end and other.end > candidate.start]
    return all(
        other.rank <= STAFF and other.type == "NAME" and candidate.start <= other.start and other.end <= candidate.end for other in met
    )


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

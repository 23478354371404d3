"""From many candidate spans to one list without overlaps, and from there to the cleaned text."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.deid import Span

GUESSED = 8
"""Ranks from here on are guesses (weak forms, the tagger)."""


@dataclass(frozen=True)
class Candidate:
    """A stretch of the folded text that a rule wants. Lower `rank` wins; `text` is what takes its place (None: the tag)."""

    start: int
    end: int
    type: str
    rule: str
    rank: int
    text: str | None = None


def resolve(candidates: list[Candidate]) -> list[Candidate]:
    """Every character some rule wanted is covered once: better ranks whole, the rest trimmed to what is left of them."""
    taken: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.rank, c.start - c.end, c.start)):
        for start, end in _free(candidate.start, candidate.end, taken):
            whole = (start, end) == (candidate.start, candidate.end)
            if not whole and candidate.rank >= GUESSED and (candidate.type == "NAME" or end - start < 4):
                continue  # a guess whose edge disagrees with a rule is not right about the rest either
            taken.append(candidate if whole else Candidate(start, end, candidate.type, candidate.rule, candidate.rank))
    return sorted(taken, key=lambda c: c.start)


def _free(start: int, end: int, taken: list[Candidate]) -> list[tuple[int, int]]:
    """The parts of [start, end) that nobody holds; pieces of one character are not worth a tag of their own."""
    pieces = [(start, end)]
    for other in taken:
        if other.end <= start or other.start >= end:
            continue
        pieces = [(a, b) for s, e in pieces for a, b in ((s, min(e, other.start)), (max(s, other.end), e)) if b > a]
    return [(a, b) for a, b in pieces if (a, b) == (start, end) or b - a > 1]


def replaced(text: str, spans: list[tuple[Span, str]]) -> str:
    """`text` with each span (sorted, apart) replaced by its new text."""
    out, place = [], 0
    for span, new in spans:
        out += [text[place : span.start], new]
        place = span.end
    return "".join([*out, text[place:]])

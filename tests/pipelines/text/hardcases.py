"""Reading the marked sentences and counting what the cleaner found, missed and took too much."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import KnownIdentity

MARK = re.compile(r"\[([A-Z]+):([^\]]+)\]")
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    text: str
    spans: tuple[tuple[int, int, str], ...]
    """(start, end, type) of what must go."""


def cases(name: str) -> Iterator[Case]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield marked(line)


def marked(line: str) -> Case:
    text, spans, place = "", [], 0
    for match in MARK.finditer(line):
        text += line[place : match.start()]
        spans.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        place = match.end()
    return Case(text + line[place:], tuple(spans))


@dataclass
class Tally:
    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    keepable: int = 0
    plain: int = 0
    untouched: int = 0
    missed: list[str] = field(default_factory=list)
    excess: list[str] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        return self.found[kind] / self.wanted[kind]

    def precision(self, kind: str) -> float:
        return self.right[kind] / max(1, self.predicted[kind])


def tally(cleaner: TextCleaner, name: str, knowing: bool = False) -> Tally:
    """Run every case. An identity is found when all its letters and digits are inside removed spans, whatever their type."""
    out = Tally()
    for case in cases(name):
        names = tuple(case.text[s:e] for s, e, kind in case.spans if kind == "NAME")
        result = cleaner.clean(case.text, KnownIdentity(names=names) if knowing and names else None, None, None)
        gone = {place for span in result.spans for place in range(span.start, span.end)}
        gold = {place for s, e, _ in case.spans for place in range(s, e)}
        for start, end, kind in case.spans:
            out.wanted[kind] += 1
            core = list(_core(case.text, start, end, kind))
            if all(place in gone for place in core):
                out.found[kind] += 1
            else:
                out.missed.append(f"{kind} {case.text[start:end]} | {result.text}")
        for span in result.spans:
            out.predicted[span.type] += 1
            if any(place in gold for place in range(span.start, span.end)):
                out.right[span.type] += 1
            else:
                out.excess.append(f"{span.type} {span.rule} {case.text[span.start : span.end]} | {case.text}")
        letters = [place for place, char in enumerate(case.text) if place not in gold and char.isalnum()]
        out.keepable += len(letters)
        out.kept += sum(1 for place in letters if place not in gone)
        if not case.spans:
            out.plain += 1
            out.untouched += not result.spans
    return out


def _core(text: str, start: int, end: int, kind: str) -> Iterator[int]:
    """The places that identify: titles and degrees may stay, and so may a house's last unit word."""
    free: set[int] = set()
    if kind == "NAME":
        for match in re.finditer(r"^(?:Dr|Mr|Mrs|Ms|Prof|Sgt)\.? |, (?:MD|DO|RN|PA-C)$|^[老小](?=.$)", text[start:end]):
            free |= set(range(start + match.start(), start + match.end()))
    if kind == "IDCARD":
        for match in re.finditer("军字第|号", text[start:end]):
            free |= set(range(start + match.start(), start + match.end()))
    return (place for place in range(start, end) if text[place].isalnum() and place not in free)

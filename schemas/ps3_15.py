"""DICOM PS3.15 Annex E as data: Table E.1-1 (attributes), E.3.4-1 (SR concepts), E.3.10-1 (safe private), our keyword sets.

The tables are files under schemas/codes/ with their licence notes; nothing here reads the network.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EDITION = "2026d"
CODES = Path(__file__).parent / "codes"

OPTIONS = {   # CID 7050
    "113100": "Basic Application Confidentiality Profile",
    "113101": "Clean Pixel Data Option",
    "113102": "Clean Recognizable Visual Features Option",
    "113103": "Clean Graphics Option",
    "113104": "Clean Structured Content Option",
    "113105": "Clean Descriptors Option",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
    "113110": "Retain UIDs Option",
    "113111": "Retain Safe Private Option",
    "113112": "Retain Institution Identity Option",
}


@dataclass(frozen=True)
class Attribute:
    """One row of Table E.1-1. `tag` is 8 hexadecimal digits, with X in a repeating group, or PRIVATE."""

    tag: str
    keyword: str
    action: str
    """D dummy, Z empty, X remove, U new UID, or a conditional such as X/Z/D."""
    options: dict[str, str]
    """CID 7050 code of an option → K keep or C clean."""


@dataclass(frozen=True)
class Concept:
    """One row of Table E.3.4-1: what becomes of an SR content item of this concept."""

    scheme: str
    code: str
    value_type: str
    action: str
    options: dict[str, str]
    meaning: str


@dataclass(frozen=True)
class SafePrivate:
    """One row of Table E.3.10-1."""

    creator: str
    group: int
    element: int
    """Low byte: the element's place in its creator's block."""
    vr: str
    meaning: str


def _rows(name: str) -> Iterator[list[str]]:
    for line in (CODES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _options(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


@cache
def attributes() -> dict[str, Attribute]:
    """Table E.1-1 by keyword."""
    return {row[1]: Attribute(row[0], row[1], row[2], _options(row[3])) for row in _rows("ps3_15_e_1_1_2026d.tsv")}


@cache
def concepts() -> dict[tuple[str, str, str], Concept]:
    """Table E.3.4-1 by (scheme, code, value type)."""
    rows = (Concept(row[0], row[1], row[2], row[3], _options(row[4]), row[5]) for row in _rows("ps3_15_e_3_4_1_2026d.tsv"))
    return {(row.scheme, row.code, row.value_type): row for row in rows}


@cache
def safe_private() -> tuple[SafePrivate, ...]:
    """Table E.3.10-1, edition 2023b: the newest that could be had with its VRs."""
    return tuple(SafePrivate(row[0], int(row[1], 16), int(row[2], 16), row[3], row[4])
                 for row in _rows("ps3_15_e_3_10_1_2023b.tsv"))


@cache
def keep_sets() -> dict[str, frozenset[str]]:
    """Our sets of DICOM keywords by name, for keep-lists."""
    sets: dict[str, set[str]] = {}
    for name, keyword in _rows("dicom_keep_sets.tsv"):
        sets.setdefault(name, set()).add(keyword)
    return {name: frozenset(words) for name, words in sets.items()}

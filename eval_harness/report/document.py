"""A report as a list of blocks, before it is a page or a PDF: both are written from the same blocks, so they say the same."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    text: str
    anchor: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    text: str
    kind: str = "plain"
    """plain | lead | note | warning"""


@dataclass(frozen=True)
class Pairs:
    """Label and value, one below the other."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    """Columns set to the right."""
    mono: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    caption: str
    alt: str
    svg: str
    width_pt: int = 460
    """On paper; a page shows it at this width or narrower."""
    narrow: str = ""
    """The same drawn for a telephone, where `svg` is too wide to be read there."""
    floats: bool = False
    """On paper it may stand at the head of the next page while what follows fills this one."""


@dataclass(frozen=True)
class Verdict:
    """The one line a reader must not miss."""

    state: str
    """met | not_met | none"""
    headline: str
    detail: str


Block = Heading | Text | Pairs | Table | Figure | Verdict


@dataclass(frozen=True)
class Document:
    lang: str
    title: str
    subtitle: str
    marks: Sequence[str]
    """Short labels beside the title: edition, UNOFFICIAL, UNISOLATED."""
    running: str
    """Line at the foot of every page."""
    blocks: Sequence[Block]
    other_lang: str = ""
    """Words of the link to the page in the other language."""
    contents: str = ""
    dated_on: str = "1970-01-01"
    """Day of the last audited step, which PDF/A wants; a rehearsal has none and keeps the epoch."""

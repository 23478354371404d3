"""The same document as a PDF/A-2b that is tagged as PDF/UA-1 asks, with its own font: made by typst, which is loaded only here.

The template reads the blocks as JSON, so no text of a device or a set is ever taken for markup.
"""
from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import Retryable, eval_messages
from eval_harness.base.reasons import why
from eval_harness.report.document import Block, Document, Figure, Heading, Pairs, Table, Text, Verdict

HERE = Path(__file__).parent
FONTS, TEMPLATE = HERE / "fonts", HERE / "template.typ"


def write_pdf(document: Document) -> bytes:
    """PDF bytes; the same document gives the same bytes. Raises Retryable REP-004 where typst is missing or refuses."""
    figures: list[str] = []
    data = {"lang": document.lang, "title": document.title, "subtitle": document.subtitle, "marks": list(document.marks),
            "running": document.running, "contents": document.contents, "dated": [int(part) for part in document.dated_on.split("-")],
            "blocks": _blocks(document.blocks, figures)}
    files = {"main.typ": TEMPLATE.read_bytes(), "data.json": covered(json.dumps(data, ensure_ascii=False)).encode()}
    return _compiled(files | {f"figure-{number}.svg": covered(svg).encode() for number, svg in enumerate(figures)})


def _compiled(files: dict[str, bytes]) -> bytes:
    """The PDF of a template and what it reads, all in memory: nothing of a report lies in a temporary folder, killed or not."""
    try:
        import typst

        options = {"font_paths": [FONTS], "ignore_system_fonts": True, "pdf_standards": ["a-2b", "ua-1"]}
        made = typst.compile(files, **options)  # type: ignore[call-overload]   # its stubs (0.15) do not tell of files in memory
    except ImportError as error:
        raise Retryable(eval_messages().issue("REP-004", "typst", reason=why(error))) from error
    except RuntimeError as error:
        raise Retryable(eval_messages().issue("REP-004", "template.typ", reason=str(error)[:300])) from error
    if not isinstance(made, bytes):
        raise Retryable(eval_messages().issue("REP-004", "typst", reason="no bytes"))
    return made


def _blocks(blocks: Sequence[Block], figures: list[str]) -> list[dict[str, Any]]:
    return [_block(block, figures) for block in blocks]


def _block(block: Block, figures: list[str]) -> dict[str, Any]:
    match block:
        case Heading():
            return {"is": "heading", "text": block.text, "level": block.level - 1}
        case Text():
            return {"is": "text", "text": block.text, "kind": block.kind}
        case Pairs():
            return {"is": "pairs", "rows": [list(row) for row in block.rows]}
        case Table():
            return {"is": "table", "caption": block.caption, "columns": list(block.columns), "rows": [list(row) for row in block.rows],
                    "numeric": sorted(block.numeric), "mono": sorted(block.mono), "widths": _widths(block)}
        case Figure():
            figures.append(block.svg)
            return {"is": "figure", "file": f"figure-{len(figures) - 1}.svg", "alt": block.alt, "caption": block.caption,
                    "width": block.width_pt, "floats": block.floats}
        case Verdict():
            return {"is": "verdict", "state": block.state, "headline": block.headline, "detail": block.detail}


def _widths(table: Table) -> list[float]:
    """0: as wide as its longest cell (short columns of numbers); else a share by the longest cell, so that none starves."""
    out = []
    for place in range(len(table.columns)):
        widest = max(_half_widths(str(cell)) for cell in (table.columns[place], *(row[place] for row in table.rows)))
        out.append(0.0 if widest <= 22 else min(40.0, widest**0.8))
    return out if any(out) else [1.0] + out[1:]


def _half_widths(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


@cache
def _coverage() -> frozenset[int]:
    ranges = [part.split("-") for part in (FONTS / "coverage.txt").read_text(encoding="ascii").split()]
    return frozenset(code for part in ranges for code in range(int(part[0], 16), int(part[-1], 16) + 1)) | {0x0A}


def covered(text: str) -> str:
    """The text with every character that the font lacks written as [U+XXXX]: a PDF must not hide one."""
    known = _coverage()
    return "".join(char if ord(char) in known else f"[U+{ord(char):04X}]" for char in text)

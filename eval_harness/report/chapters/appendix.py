"""Checklists with a pointer to the evidence of each item, and the glossary of conventions. Both are data files."""
from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.report.chapters.view import View
from eval_harness.report.document import Block, Heading, Pairs, Table, Text

HERE = Path(__file__).parent.parent
WITHHELD = ("failures", "readers", "repeatability", "robustness")
"""Facts that no vendor edition of a sealed set has, by the disclosure rules."""


@cache
def _lists() -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted((HERE / "checklists").glob("*.json"))]


@cache
def _glossary() -> dict[str, list[str]]:
    return tomllib.loads((HERE / "glossary.toml").read_text(encoding="utf-8"))["terms"]  # type: ignore[no-any-return]


def checklists(view: View) -> list[Block]:
    """One table a list. An item is `given` when its pointer leads to something in this file that is not empty."""
    w = view.w
    out: list[Block] = [Heading(w("checklist.heading"), "checklists"), Text(w("checklist.intro"), "note")]
    for one in _lists():
        rows = [[item["id"], item[view.lang], w(f"checklist.status_{status(view, item)}"), item.get("evidence", "–")]
                for item in one["items"]]
        columns = ["#", w("table.item"), w("table.status"), w("table.evidence")]
        out.append(Table(view.said(one["title"]), columns, rows, mono=frozenset({3})))
    return out


def status(view: View, item: Mapping[str, Any]) -> str:
    if "evidence" not in item:
        return "vendor"
    if points_to(view, item["evidence"]):
        return "given"
    return "withheld" if view.withheld and item["evidence"].split("#/")[-1] in WITHHELD else "missing"


def points_to(view: View, pointer: str) -> bool:
    """True when `document#/path` (JSON pointer, RFC 6901) leads to a value that says something."""
    name, _, path = pointer.partition("#")
    current: Any = getattr(view, name.rpartition("/")[2].removesuffix(".json"), None)
    for part in [part for part in path.split("/") if part]:
        if isinstance(current, list) and part.isdigit() and int(part) < len(current):
            current = current[int(part)]
        elif isinstance(current, Mapping) and part in current:
            current = current[part]
        else:
            return False
    return current not in (None, "", [], {})


def glossary(view: View) -> list[Block]:
    from eval_harness.metrics.glossary import convention

    place = 0 if view.lang == "zh" else 1
    rows = [(view.w.title(spec["id"]), convention(spec["metric"], view.lang)) for spec in view.pack["estimates"]]
    rows = [row for row in rows if row[1]] + [(term, words[place]) for term, words in _glossary().items()]
    return [Heading(view.w("glossary.heading"), "glossary"), Pairs(rows)]

"""From a site's own time stamps to a claim about the time from exam to result: how many results were there within so many minutes.

A table with a row a study: exam_end and result_available, both by the site's clocks. A result that never came counts as late.
"""
from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.reasons import why
from eval_harness.protocol.claim import CLOCK
from eval_harness.stats.proportions import wilson

LEVEL = 0.95


def read_stamps(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV with the columns exam_end and result_available (ISO 8601). Raises WrongUsage CLM-014."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as held:
            rows = list(csv.DictReader(held))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongUsage(eval_messages().issue("CLM-014", path.name, reason=why(error))) from error
    if not rows or not {"exam_end", "result_available"} <= set(rows[0]):
        raise WrongUsage(eval_messages().issue("CLM-014", path.name, reason="exam_end, result_available"))
    return rows


def minutes(rows: Iterable[Mapping[str, str]]) -> list[float | None]:
    """Minutes from exam to result; None where no result came. Raises WrongUsage CLM-014 for a stamp that cannot be."""
    out: list[float | None] = []
    for number, row in enumerate(rows, 2):
        try:
            start = datetime.fromisoformat(row["exam_end"])
            end = datetime.fromisoformat(row["result_available"]) if row["result_available"] else None
            waited = None if end is None else (end - start).total_seconds() / 60
        except (ValueError, TypeError, KeyError) as error:
            raise WrongUsage(eval_messages().issue("CLM-014", f"line {number}", reason=why(error))) from error
        if waited is not None and waited < 0:
            raise WrongUsage(eval_messages().issue("CLM-014", f"line {number}", reason="result_available < exam_end"))
        out.append(waited)
    return out


def restated_clock(rows: Iterable[Mapping[str, str]], within_min: float, sources: Mapping[str, str], dataset: Mapping[str, str],
                   device: Mapping[str, str]) -> dict[str, Any]:
    """The claim `so many of n results within within_min minutes`, Wilson interval. sources: which clock gave which stamp."""
    waited = minutes(rows)
    k, n = sum(one is not None and one <= within_min for one in waited), len(waited)
    lower, upper = wilson(k, n, LEVEL)
    return {"id": f"{CLOCK}-within-{within_min:g}-min", "quantity": CLOCK, "within_min": within_min, "value": k / n, "k": k, "n": n,
            "unit": "study", "interval": {"lower": lower, "upper": upper, "level": LEVEL, "method": "wilson"},
            "set": dict(dataset), "device": dict(device), "timestamps": dict(sources)}

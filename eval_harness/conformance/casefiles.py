"""A published reference case: one folder of inputs beside `expected.json` (which may be missing or bare).

    expected.json  case, task, params, expected, tolerance, notes     (all optional but `task`, which --task can give)
    *.csv, *.csv.gz, *.npz, *.json, *.nii.gz                          inputs; found by what their names say
"""
from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.json_text import json_text
from eval_harness.base.reasons import why

Table = list[dict[str, str]]


def refuse(code: str, where: str, **params: object) -> WrongUsage:
    return WrongUsage(eval_messages().issue(code, where, **params))


@dataclass(frozen=True)
class Case:
    folder: Path
    name: str
    task: str
    params: Mapping[str, Any]
    wanted: Any
    """`expected` of the case or {}: read for the names in it that carry parameters, and for the comparison; never for values."""
    tolerance: Mapping[str, float]
    notes: tuple[str, ...]
    judged: bool
    """True where the case has an `expected`."""

    def files(self, ending: str) -> list[Path]:
        """Input files whose name ends so (or so plus .gz), by name; expected.json is never an input."""
        found = [path for path in sorted(self.folder.iterdir())
                 if path.name.removesuffix(".gz").endswith(ending) and path.name != "expected.json"]
        return found

    def one(self, ending: str) -> Path:
        found = self.files(ending)
        if len(found) != 1:
            raise refuse("CNF-002", self.name, wanted=f"one file *{ending}", found=len(found))
        return found[0]


def open_case(folder: Path, task: str | None = None) -> Case:
    """Read the case's own description. Raises WrongUsage CNF-001 (no folder), CNF-003 (no task)."""
    if not folder.is_dir():
        raise refuse("CNF-001", str(folder))
    path = folder / "expected.json"
    try:
        told: dict[str, Any] = json.loads(json_text(path.read_bytes())) if path.exists() else {}
    except ValueError as error:
        raise refuse("CNF-004", str(path), reason=why(error)) from error
    chosen = task or told.get("task")
    if not chosen:
        raise refuse("CNF-003", folder.name)
    judged = "expected" in told
    notes = told.get("notes") or ()
    return Case(folder, str(told.get("case") or folder.name), str(chosen), told.get("params") or {},
                told["expected"] if judged else {}, told.get("tolerance") or {},
                tuple(str(note) for note in notes), judged)


def read_bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".gz") else data


def read_table(path: Path) -> Table:
    """A CSV with a header, values as text."""
    return list(csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8-sig"))))


def read_json(path: Path) -> Any:
    return json.loads(json_text(read_bytes(path)))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def column(table: Table, name: str) -> list[str]:
    return [row[name] for row in table]


def as_numbers(texts: list[str]) -> NDArray[np.float64] | None:
    """The column as numbers, or None when a cell is no number. An empty cell and R's NA are NaN."""
    try:
        return np.array([float(text) if text.strip() not in ("", "NA") else np.nan for text in texts])
    except ValueError:
        return None

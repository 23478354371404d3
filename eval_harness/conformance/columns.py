"""Which column of a case's table is what, without relying on its name: outcome, scores, strata, identifiers."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval_harness.conformance.casefiles import Case, Table, as_numbers, column, refuse
from eval_harness.metrics.rows import BinaryRows

OUTCOME_PARAMS = ("outcome", "outcome_column", "label", "label_column", "truth", "target", "y", "response")
POSITIVE_PARAMS = ("positive", "positive_level", "positive_label", "pos_label", "case_level", "case", "event")
ID_WORDS = ("case", "id", "patient", "subject", "person", "study", "row", "index", "token", "uid")

MAX_LEVELS = 20


@dataclass(frozen=True)
class Columns:
    truth: NDArray[np.bool_]
    outcome: str
    scores: dict[str, NDArray[np.float64]]
    """Numeric columns that are neither outcome nor identifier, in file order; age only where it is asked for."""
    strata: dict[str, NDArray[np.str_]]
    """Columns with few values that are text, or two numbers."""
    age_years: NDArray[np.float64] | None


def read_columns(case: Case, table: Table, age_is_a_marker: bool = False) -> Columns:
    """Raises WrongUsage CNF-005 when no outcome is named and not exactly one column holds only 0 and 1.

    A numeric column of two values that is not the outcome (sex as 1 and 2) is a marker and a stratum at once.
    """
    if not table:
        raise refuse("CNF-002", case.name, wanted="a table with rows", found=0)
    numbers = {name: as_numbers(column(table, name)) for name in table[0]}
    outcome = _outcome(case, table, numbers)
    truth = _truth(case, column(table, outcome))
    markers = case.params.get("markers") or case.params.get("scores")
    stratum = case.params.get("stratum") or case.params.get("strata") or []
    strata_names = [stratum] if isinstance(stratum, str) else list(stratum)
    scores, strata, age = {}, {}, None
    for name, values in numbers.items():
        if name == outcome:
            continue
        if name.lower().startswith("age") and values is not None:
            age = values
            if name not in markers if markers else not age_is_a_marker:
                continue
        distinct = len(set(column(table, name)))
        grouping = distinct <= MAX_LEVELS and not _is_id(name, distinct, len(table))
        if name in strata_names or (grouping and (values is None or distinct == 2)):
            strata[name] = np.array(column(table, name))
        if name not in strata_names and values is not None and (name in markers if markers else not _is_id(name, distinct, len(table))):
            scores[name] = values
    return Columns(truth, outcome, scores, strata, age)


def _outcome(case: Case, table: Table, numbers: dict[str, NDArray[np.float64] | None]) -> str:
    for key in OUTCOME_PARAMS:
        if case.params.get(key) in table[0]:
            return str(case.params[key])
    binary = [name for name, values in numbers.items()
              if values is not None and len(values) and set(np.unique(values)) <= {0.0, 1.0}]
    if len(binary) != 1:
        raise refuse("CNF-005", case.name, found=", ".join(binary) or "none")
    return binary[0]


def _truth(case: Case, texts: list[str]) -> NDArray[np.bool_]:
    """Named by params, or 1 of 0 and 1; two other levels as R orders a factor: the later one is the positive."""
    told = case.params.get("levels")
    positive = told[1] if isinstance(told, list) and len(told) == 2 else \
        next((case.params[name] for name in POSITIVE_PARAMS if case.params.get(name) is not None), None)
    levels = sorted(set(texts))
    values = as_numbers(texts)
    if positive is None and values is not None and set(np.unique(values)) <= {0.0, 1.0}:
        truth: NDArray[np.bool_] = values == 1.0
        return truth
    if positive is None and len(levels) == 2:
        positive = levels[1]
    if positive is None or str(positive) not in levels:
        raise refuse("CNF-006", case.name)
    return np.array([text == str(positive) for text in texts])


def _is_id(name: str, distinct: int, n: int) -> bool:
    words = name.lower().replace("-", "_").split("_")
    return distinct == n and any(word in ID_WORDS for word in words)


def units(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> BinaryRows:
    """Rows where every unit is its own person."""
    return BinaryRows(score, truth, np.arange(len(truth)), len(truth))

"""An attacker whose model answers every altered copy as he likes: each declared variant is then a query on the labels of its cases.

He knows which cases are copied (plan and tokens say it) and the scores he gave them. A published AUC of a variant is, but for the
unknown class balance of its cases, a linear function of their labels; many of them are a system of equations.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eval_harness.base import CaseKey, Result
from eval_harness.base.copies import copied_rows, declared_copies
from eval_harness.scoring.evidence import Evidence


@dataclass(frozen=True)
class Query:
    """Scores that the model gave to the copies of one variant: places of the cases, and scores."""

    places: np.ndarray
    scores: np.ndarray


def with_variants(evidence: Evidence, variants: int, cases: int, repeats: int = 0,
                  answer: Any = None) -> tuple[Evidence, dict[str, Query]]:
    """The run again under a plan with so many variants of so many cases each, every copy answered by `answer` or a random score."""
    declared = [{"name": f"v{number:03d}", "op": "noise/1", "params": {"sd": 1.0}, "cases": cases} for number in range(variants)]
    declared += [{"name": "again", "op": "repeat/1", "params": {}, "cases": repeats}] if repeats else []
    protocol = {**evidence.protocol, "variants": declared}
    place = {key.token: at for at, key in enumerate(evidence.keys)}
    rng = np.random.default_rng([variants, cases])
    copies = declared_copies(protocol, place)
    drawn = {copy.token: float(round(rng.random(), 6)) for copy in copies}
    keys: Sequence[CaseKey]
    keys, told = copied_rows(copies, {key.token: key for key in evidence.keys}, evidence.truths)
    answers = [Result(evidence.run["run_id"], copy.token, 1, "ok", None, "0" * 64, answer or {"score": drawn[copy.token]})
               for copy in copies]
    made = replace(evidence, protocol=protocol, keys=[*evidence.keys, *keys], truths={**evidence.truths, **told},
                   results=[*evidence.results, *answers])
    asked = {one["name"]: Query(np.array([place[copy.original] for copy in copies if copy.variant == one["name"]]),
                                np.array([drawn[copy.token] for copy in copies if copy.variant == one["name"]])) for one in declared}
    return made, asked


def guessed(rows: Sequence[Mapping[str, Any]], asked: Mapping[str, Query], prior: np.ndarray) -> np.ndarray:
    """Share of each label given the AUCs that `rows` tell of altered and unaltered copies, by ridge regression around `prior`."""
    n, share = len(prior), float(prior.mean())
    lines, values = [], []
    for row in rows:
        query, value = asked[row["variant"]], row["altered"]["value"]
        if isinstance(value, Mapping):
            continue
        size = len(query.places)
        rank = query.scores.argsort().argsort() / size - 0.5 + 0.5 / size
        line = np.zeros(n)
        line[query.places] = rank
        lines.append(line)
        values.append((value - 0.5) * size * share * (1 - share))
    if not lines:
        return prior
    a, b = np.array(lines), np.array(values)
    return np.asarray(prior + a.T @ np.linalg.solve(a @ a.T + 0.05 * np.eye(len(a)), b - a @ prior))


def recovered(guess: np.ndarray, labels: np.ndarray) -> float:
    """How often the likeliest so many cases are the positive ones."""
    called = np.zeros(len(labels), bool)
    called[np.argsort(-guess, kind="stable")[:int(labels.sum())]] = True
    return float((called == (labels == 1)).mean())

"""Operating points from practice data, by the rule that the task names: found on a practice set, then fixed before the sealed run.

    youden                     largest sensitivity + specificity - 1
    specificity_at_least:0.9   lowest threshold with that specificity (most sensitive); sensitivity_at_least: highest with it
    fp_per_scan:1              lowest threshold with at most so many false positives a scan
Thresholds are scores that occurred: a case is called where its score is at or above the threshold.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.metrics.rows import BinaryRows, FrocRows, Rows
from eval_harness.scoring.directory import ScoreDir, keys_from, measurements_from, truths_from
from eval_harness.scoring.estimates import Estimator
from eval_harness.scoring.evidence import Evidence, scored_parts


def practice_points(held: ScoreDir, specs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Operating points of a plan from a finished score on a practice set. specs: the pack's operating points.

    Raises WrongUsage PLN-042 for a score of a sealed set (a threshold found there is exploratory), or without what the rule needs.
    """
    ident = held.facts["identity"]
    if ident["dataset"]["visibility"] != "practice":
        raise WrongUsage(eval_messages().issue("PLN-042", held.path.name, reason="sealed"))
    rows, source = practice_rows(held), f"practice:{ident['dataset']['set_id']}@{ident['dataset']['version']}"
    return [{"name": one["name"], "threshold": threshold(rows, str(one["rule"])), "source": source} for one in specs]


def practice_rows(held: ScoreDir) -> Rows:
    """The unit rows of a finished score's main analysis."""
    protocol, pack = held.json("protocol.json"), held.json("pack.json")
    keys, truths = keys_from(held.bytes_of("keys.jsonl")), truths_from(held.bytes_of("reference.jsonl"))
    main, _ = scored_parts(Evidence({}, (), keys, truths, protocol, pack, {}), measurements_from(held.bytes_of("measurements.jsonl")))
    return Estimator(pack, protocol, main).rows()


def threshold(rows: Rows, rule: str) -> float:
    """The threshold that `rule` gives on `rows`. Raises WrongUsage PLN-042 where it cannot be found."""
    name, _, wanted = rule.partition(":")
    found: float | None = None
    if isinstance(rows, BinaryRows):
        found = _binary(rows, name, float(wanted or 0))
    elif isinstance(rows, FrocRows) and name == "fp_per_scan":
        false = rows.score[~rows.hit & ~rows.ignored]
        candidates = np.unique(rows.score[np.isfinite(rows.score)])
        rate = np.array([(false >= at).sum() for at in candidates]) / max(1, int(rows.scans.sum()))
        found = _lowest(candidates[rate <= float(wanted)])
    if found is None:
        raise WrongUsage(eval_messages().issue("PLN-042", "operating_points", reason=rule))
    return found


def _binary(rows: BinaryRows, name: str, wanted: float) -> float | None:
    candidates = np.unique(rows.score[np.isfinite(rows.score)])
    if not len(candidates) or rows.truth.all() or not rows.truth.any():
        return None
    called = rows.score[None, :] >= candidates[:, None]
    sensitivity, specificity = called[:, rows.truth].mean(axis=1), (~called)[:, ~rows.truth].mean(axis=1)
    if name == "youden":
        return float(candidates[int(np.argmax(sensitivity + specificity))])
    if name == "specificity_at_least":
        return _lowest(candidates[specificity >= wanted])
    if name == "sensitivity_at_least":
        fits = candidates[sensitivity >= wanted]
        return float(fits.max()) if len(fits) else None
    return None


def _lowest(candidates: np.ndarray) -> float | None:
    return float(candidates.min()) if len(candidates) else None

"""From raw functions to `Estimate`: the second layer, where the degenerate-input policy is applied.

`proportion`, `auc` and `auc_difference` are closed forms; `bootstrapped` serves every metric of the registry.
Extra keyword arguments (unit_of_analysis, stratum, role, source ...) go into the Estimate as they are.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from eval_harness.base.estimate import Absent, Estimate, Interval
from eval_harness.metrics import delong as dl
from eval_harness.metrics.auc import auc_leave_one_person_out
from eval_harness.metrics.registry import MetricSpec
from eval_harness.metrics.rows import BinaryRows, BoxRows, FloatArray, FrocRows, TagRows, Weights
from eval_harness.stats import bootstrap as bs
from eval_harness.stats import proportions
from eval_harness.stats.degenerate import absent
from eval_harness.stats.distributions import norm_ppf

MIN_DEFINED_SHARE = 0.9


def proportion(id: str, k: int, n: int, method: str = "wilson", level: float = 0.95, **fields: Any) -> Estimate:
    """k of n with the named interval of `proportions.METHODS`. n = 0 is absent: no_unit."""
    fields.setdefault("n", n)
    counts = {"k": k, "n": n}
    if n == 0:
        return Estimate.absent(id, absent("no_unit").code, counts=counts, **fields)
    lower, upper = proportions.METHODS[method](k, n, level)
    return Estimate(id, k / n, Interval(lower, upper, level, "two", method), counts=counts, **fields)


def auc(id: str, rows: BinaryRows, level: float = 0.95, **fields: Any) -> Estimate:
    """AUC with DeLong on the logit scale; Obuchowski's clustered variance where a person has several units.

    Policy: one_class, single_positive, all_tied, perfect_separation (one-sided exact-type bound), nan_score refused.
    """
    n_pos, n_neg = int(rows.truth.sum()), int((~rows.truth).sum())
    used = np.unique(rows.person)
    fields = {"n": len(rows.score), "n_clusters": len(used), "counts": {"positive": n_pos, "negative": n_neg}, **fields}
    if np.isnan(rows.score).any():
        return Estimate.absent(id, absent("nan_score").code, **fields)
    if n_pos == 0 or n_neg == 0:
        return Estimate.absent(id, absent("one_class" if len(rows.score) else "no_unit").code, **fields)
    clustered = len(used) < len(rows.score)
    cluster = np.searchsorted(used, rows.person)
    value, variance = dl.obuchowski_clustered(rows.truth, rows.score, cluster)
    method = "obuchowski_logit" if clustered else "delong_logit"
    interval: Interval | Absent
    if len(np.unique(rows.score)) == 1:
        interval = absent("all_tied")
    elif value in (0.0, 1.0):
        interval = _perfect(value, rows, used, level)
    elif math.isnan(variance):
        interval = absent("single_positive" if min(n_pos, n_neg) == 1 else "few_persons")
    else:
        lower, upper = dl.logit_interval(value, variance, level)
        interval = Interval(lower, upper, level, "two", method)
    return Estimate(id, value, interval, **fields)


def _perfect(value: float, rows: BinaryRows, persons: np.ndarray, level: float) -> Interval:
    """The exact-type bound counts disjoint pairs of persons, because only different persons are independent."""
    pairs = max(1, min(len(np.unique(rows.person[rows.truth])), len(np.unique(rows.person[~rows.truth])), len(persons) // 2))
    bound = dl.perfect_separation_lower(pairs, pairs, level)
    lower, upper, sided = (bound, 1.0, "lower") if value == 1 else (0.0, 1 - bound, "upper")
    return Interval(lower, upper, level, sided, "exact_pairs")


def auc_difference(id: str, first: BinaryRows, second: BinaryRows, level: float = 0.95, **fields: Any) -> Estimate:
    """First minus second on the same units, in the same order. Policy: identical_models, one_class, single_positive."""
    if not (np.array_equal(first.truth, second.truth) and np.array_equal(first.person, second.person)):
        raise ValueError("a paired difference needs the same units in the same order")
    base = auc(id, first, level)
    if isinstance(base.value, Absent) or np.isnan(second.score).any():
        return Estimate.absent(id, base.value.code if isinstance(base.value, Absent) else "nan_score", **fields)
    used = np.unique(first.person)
    cov = dl.clustered_covariance(first.truth, [first.score, second.score], np.searchsorted(used, first.person))
    diff = float(dl.delong(first.truth, first.score, second.score).auc @ [1, -1])
    variance = float(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
    fields = {"n": base.n, "n_clusters": base.n_clusters, "counts": base.counts, **fields}
    if math.isnan(variance):
        alone = min(int(first.truth.sum()), int((~first.truth).sum())) == 1
        return Estimate(id, diff, absent("single_positive" if alone else "few_persons"), **fields)
    if variance <= 1e-18:
        return Estimate(id, diff, absent("identical_models"), **fields)
    half = norm_ppf(0.5 + level / 2) * math.sqrt(variance)
    method = "delong_paired" if base.n == base.n_clusters else "obuchowski_paired"
    return Estimate(id, diff, Interval(max(-1.0, diff - half), min(1.0, diff + half), level, "two", method), **fields)


def bootstrapped(id: str, spec: MetricSpec, rows: Any, weights: Weights, seed: int, level: float = 0.95,
                 params: dict[str, Any] | None = None, method: str = "percentile", **fields: Any) -> Estimate:
    """Any metric with its person-bootstrap interval from the run's draw matrix. method: percentile or bca.

    Policy: no_lesion, no_true_positive, one_class / no_unit where undefined, few_persons, no_variation.
    """
    params = params or {}
    n_persons = weights.shape[1]
    fields = {"n_clusters": clusters(rows), "n": units(rows, fields.get("unit_of_analysis")), "unit": spec.unit, **fields}
    observed = bs.value(spec, rows, n_persons, **params)
    if not math.isfinite(observed):
        return Estimate.absent(id, absent(_why_undefined(rows)).code, **fields)
    if isinstance(rows, FrocRows) and spec.better == "higher" and observed == 0 and not rows.hit.any():
        upper = proportions.clopper_pearson(0, int(rows.lesions.sum()), level)[1]
        return Estimate(id, 0.0, Interval(0.0, upper, level, "two", "no_true_positive"), **fields)
    draws = np.asarray(spec(rows, weights, **params), np.float64)

    def left() -> FloatArray:
        return auc_leave_one_person_out(rows) if spec.name == "auc" else bs.jackknife(spec, rows, n_persons, **params)

    return Estimate(id, observed, interval_of(draws, observed, level, method, left),
                    resamples={"B": len(draws), "kept": int(np.isfinite(draws).sum()), "seed": seed}, **fields)


def interval_of(draws: FloatArray, observed: float, level: float, method: str, jackknifed: Any) -> Interval | Absent:
    """The interval of bootstrap draws, or why there is none. jackknifed: called only for bca."""
    kept = draws[np.isfinite(draws)]
    if len(kept) < max(2, MIN_DEFINED_SHARE * len(draws)):
        return absent("few_persons")
    if np.ptp(kept) == 0:
        return absent("no_variation")
    found = bs.bca(draws, observed, jackknifed(), level) if method == "bca" else bs.percentile(draws, level)
    return Interval(found.lower, found.upper, level, "two", f"bootstrap_{method}")


def units(rows: Any, of: str | None = None) -> int:
    """How many units of analysis `rows` hold: lesions (boxes) or the scans they lie in, entities, else cases."""
    if isinstance(rows, FrocRows):
        return int(rows.lesions.sum() if of in (None, "lesion") else rows.scans.sum())
    if isinstance(rows, BoxRows):
        return int(rows.boxes.sum()) if of in (None, "lesion") or rows.images is None else int(rows.images.sum())
    if isinstance(rows, TagRows) and of == "entity":
        return int(rows.reference.sum())
    return len(rows.person)


def clusters(rows: Any) -> int:
    """Persons behind `rows`; one whose scans or images hold no mark is one of them."""
    held = rows.scans if isinstance(rows, FrocRows) else rows.images if isinstance(rows, BoxRows) else None
    return len(np.unique(rows.person)) if held is None else int(np.count_nonzero(held))


def _why_undefined(rows: Any) -> str:
    if isinstance(rows, FrocRows):
        return "no_lesion"
    if isinstance(rows, BinaryRows) and len(rows.score) and rows.truth.all() != rows.truth.any():
        return "no_unit"
    return "one_class" if isinstance(rows, BinaryRows) and len(rows.score) else "no_unit"

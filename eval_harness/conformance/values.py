"""Blocks of values that several tasks print under the same names."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from eval_harness.metrics import threshold as at
from eval_harness.metrics.delong import delong, wald_interval
from eval_harness.metrics.hanley_mcneil import hanley_mcneil_variance
from eval_harness.metrics.partial_auc import partial_auc_specificity
from eval_harness.metrics.pr import average_precision, pr_auc_trapezoid
from eval_harness.metrics.rows import BinaryRows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats import proportions as pr
from eval_harness.stats.degenerate import absent
from eval_harness.stats.likelihood_ratios import likelihood_ratios, predictive_values

INTERVALS = {"wilson": pr.wilson, "beta": pr.clopper_pearson, "jeffreys": pr.jeffreys,
             "agresti_coull": pr.agresti_coull, "normal": pr.wald}
"""Interval methods under the names of the reference cases."""


def proportion(k: int, n: int) -> dict[str, Any]:
    """k, n, p and every interval; absent (no_unit) for n = 0."""
    if n == 0:
        return {"k": k, "n": n, "p": absent("no_unit"), **dict.fromkeys(INTERVALS, absent("no_unit"))}
    return {"k": k, "n": n, "p": k / n, **{name: list(method(k, n)) for name, method in INTERVALS.items()}}


def roc_values(rows: BinaryRows, short: bool = False) -> dict[str, Any]:
    """AUC with its variances, average precision, partial area; absent with the policy's code where undefined."""
    names = ("auc", "delong_var", "delong_ci95", "hanley_mcneil_var", "average_precision", "pr_auc_trapezoid",
             "partial_auc_fpr10_mcclish")
    unranked = bool(np.isnan(rows.score).any())
    if unranked or rows.truth.all() or not rows.truth.any():
        out: dict[str, Any] = dict.fromkeys(names, absent("nan_score" if unranked else "one_class"))
        return {name: out[name] for name in names[:2]} if short else out
    found = delong(rows.truth, rows.score)
    auc, var = float(found.auc[0]), float(found.cov[0, 0])
    undefined = math.isnan(var)
    head = {"auc": auc, "delong_var": absent("single_positive") if undefined else var}
    if short:
        return head
    once = bs.ones(rows.n_persons)
    area = float(partial_auc_specificity(rows, once, 0.9)[0])
    return {**head,
            "delong_ci95": absent("single_positive") if undefined else list(wald_interval(auc, var, clip=False)),
            "hanley_mcneil_var": hanley_mcneil_variance(auc, found.n_pos, found.n_neg),
            "average_precision": float(average_precision(rows, once)[0]),
            "pr_auc_trapezoid": float(pr_auc_trapezoid(rows, once)[0]),
            "partial_auc_fpr10_mcclish": (1 + (area - 0.005) / 0.095) / 2}


def at_threshold(rows: BinaryRows, threshold: float, prevalences: list[str]) -> dict[str, Any]:
    """Counts, rates with every interval, ratios and predictive values at one threshold."""
    once = bs.ones(rows.n_persons)
    tp, fp, fn, tn = (int(v) for v in at.confusion(rows, once, threshold)[0])
    plus, minus = likelihood_ratios(tp, fp, fn, tn)
    rates = {"sensitivity": (tp, tp + fn), "specificity": (tn, tn + fp), "ppv": (tp, tp + fp), "npv": (tn, tn + fn),
             "accuracy": (tp + tn, tp + fp + fn + tn)}
    out: dict[str, Any] = {"tp": tp, "fp": fp, "fn": fn, "tn": tn, **{name: proportion(*counts) for name, counts in rates.items()}}
    for name in ("f1", "mcc", "balanced_accuracy", "cohen_kappa", "youden"):
        out[name] = float(getattr(at, name)(rows, once, threshold)[0])
    out |= {"lr_plus": plus.value, "lr_minus": minus.value, "lr_plus_ci95_log": [plus.lower, plus.upper],
            "lr_minus_ci95_log": [minus.lower, minus.upper]}
    if tp + fn and fp + tn:
        for key in prevalences:
            out[f"ppv_npv_at_prevalence_{key}"] = list(predictive_values(tp / (tp + fn), tn / (fp + tn), float(key)))
    return {name: (absent("no_unit") if isinstance(v, float) and np.isnan(v) else v) for name, v in out.items()}

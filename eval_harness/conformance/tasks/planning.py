"""Task `proportions_and_planning`: counts [[k, n], ...]; pairs, plans and p-values from the case's names, params or notes."""
from __future__ import annotations

import re
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_json
from eval_harness.conformance.defaults import defaults
from eval_harness.conformance.values import proportion
from eval_harness.stats import differences as df
from eval_harness.stats import multiplicity as mp
from eval_harness.stats import sample_size as ss

PAIR = re.compile(r"(\d+)/(\d+) vs (\d+)/(\d+)")
DIFFERENCES = {"newcomb": df.newcombe, "agresti-caffo": df.agresti_caffo, "wald": df.wald,
               "miettinen_nurminen": df.miettinen_nurminen, "mee_farrington_manning": df.mee_farrington_manning}
ADJUSTMENTS = {"bonferroni": mp.bonferroni, "holm": mp.holm, "simes-hochberg": mp.hochberg,
               "fdr_bh": mp.benjamini_hochberg, "fdr_by": mp.benjamini_yekutieli}


def compute(case: Case) -> dict[str, Any]:
    found = defaults(case.task)
    counts = [pair for path in case.files(".json") for pair in _pairs_of_counts(read_json(path))]
    precision = [f"p={p:g},half_width={h:g}" for p in found["expected_rates"] for h in found["half_widths"]]
    single_arm = [f"H0 {p0:g} H1 {p1:g} one-sided alpha {alpha:g} power {power:g}" for p0, p1 in found["target_values"]
                  for alpha in found["one_sided_alphas"] for power in found["powers"]]
    noted = [match[0] for note in case.notes for match in PAIR.finditer(note)]
    pairs = _names(case, "two_sample_diff", [*noted, *found["pairs"]])
    return {
        "proportions": {f"{k}/{n}": proportion(k, n) for k, n in counts},
        "two_sample_diff": {name: _difference(name) for name in pairs},
        "precision_sample_size": {name: _precision(name) for name in _names(case, "precision_sample_size", precision)},
        "single_arm_target_value": {name: _single_arm(name) for name in _names(case, "single_arm_target_value", single_arm)},
        "multiplicity": _adjusted(case.params.get("p") or (case.wanted.get("multiplicity") or {}).get("p") or found["p_values"]),
    }


def _names(case: Case, part: str, more: list[str]) -> list[str]:
    told = case.params.get(part) or list(case.wanted.get(part) or {})
    return list(dict.fromkeys([*(str(name) for name in told), *more]))


def _pairs_of_counts(value: Any) -> list[tuple[int, int]]:
    """[k, n] pairs, wherever they stand in the file."""
    if isinstance(value, dict):
        if {"k", "n"} <= set(value):
            return [(int(value["k"]), int(value["n"]))]
        return [pair for inner in value.values() for pair in _pairs_of_counts(inner)]
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return [(value[0], value[1])]
    return [pair for inner in value for pair in _pairs_of_counts(inner)] if isinstance(value, list) else []


def _difference(name: str) -> dict[str, Any]:
    match = PAIR.fullmatch(name)
    if match is None:
        return {}
    k1, n1, k2, n2 = (int(text) for text in match.groups())
    out: dict[str, Any] = {method: list(interval(k1, n1, k2, n2, 0.95)) for method, interval in DIFFERENCES.items()}
    out["noninferiority_z_margin_minus_0_10"] = df.noninferiority(k1, n1, k2, n2, 0.10)[0]
    return out


def _precision(name: str) -> dict[str, Any]:
    p, half = (float(text) for text in re.findall(r"=([\d.]+)", name)[:2])
    n = ss.precision_n(p, half)
    return {"wald_n": n, "n_total_at_prevalence_0_1": ss.total_at_prevalence(n, 0.1)}


def _single_arm(name: str) -> dict[str, Any]:
    p0, p1, alpha, power = (float(text) for text in re.findall(r"(?:H0|H1|alpha|power) ([\d.]+)", name)[:4])
    n = ss.single_arm_normal_n(p0, p1, alpha, power)
    return {"normal_n": n, "exact_binomial_power_at_normal_n": ss.exact_power(n, p0, p1, alpha),
            "smallest_n_with_exact_power_holding_for_next_24": ss.single_arm_exact_n(p0, p1, alpha, power)}


def _adjusted(p_values: list[float]) -> dict[str, Any]:
    p = np.asarray(p_values, np.float64)
    return {"p": p.tolist(), **{name: adjust(p).tolist() for name, adjust in ADJUSTMENTS.items()}}

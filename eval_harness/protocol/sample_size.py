"""Why this many cases are enough: positives needed and power reached, computed again from the plan's own rule."""
from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from eval_harness.metrics.hanley_mcneil import hanley_mcneil_variance
from eval_harness.stats.distributions import norm_cdf, norm_ppf
from eval_harness.stats.sample_size import auc_n_pos, exact_power, single_arm_exact_n


def one_sided_alpha(endpoint: Mapping[str, Any]) -> float:
    """A two-sided alpha spends half of itself on the bound that the rule looks at."""
    return float(endpoint["alpha"]) / (2 if endpoint["sided"] == "two" else 1)


def recomputed(protocol: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"required_positives", "required_negatives", "achieved_power"} for the first primary end point; None where the
    design has no formula or the end point no target.

    proportion_target: exact binomial (units of the denominator; the smallest n after which power stays).
    auc_target: Hanley-McNeil variances at the planned ratio of negatives to positives.
    """
    size, endpoint = protocol["sample_size"], protocol["primary"][0]
    target, assumed, power = endpoint["comparator"].get("value"), size.get("assumed"), float(size["power"])
    if target is None or assumed is None:
        return None
    alpha = one_sided_alpha(endpoint)
    if endpoint["bound"] == "upper":
        target, assumed = 1 - target, 1 - assumed
    if assumed <= target:
        return None
    share = 1 - float(size.get("allowance") or 0.0)
    have = size.get("available_positives")
    if size["design"] == "proportion_target":
        needed = single_arm_exact_n(target, assumed, alpha, power)
        reached = exact_power(int(have * share), target, assumed, alpha) if have else None
        return {"required_positives": math.ceil(needed / share), "required_negatives": None, "achieved_power": reached}
    if size["design"] == "auc_target":
        have_negatives = size.get("available_negatives")
        kappa = have_negatives / have if have and have_negatives else 1.0
        needed = auc_n_pos(target, assumed, kappa, alpha, power)
        reached = _auc_power(int(have * share), int(have_negatives * share), target, assumed, alpha) if have and have_negatives else None
        return {"required_positives": math.ceil(needed / share), "required_negatives": math.ceil(needed * kappa / share),
                "achieved_power": reached}
    return None


def _auc_power(positives: int, negatives: int, target: float, assumed: float, alpha: float) -> float:
    s0, s1 = (math.sqrt(hanley_mcneil_variance(auc, positives, negatives)) for auc in (target, assumed))
    return norm_cdf((assumed - target - norm_ppf(1 - alpha) * s0) / s1)


def filled(protocol: Mapping[str, Any]) -> dict[str, Any]:
    """The plan with the sample size's computed fields written in."""
    again = recomputed(protocol) if protocol.get("sample_size") else None
    if again is None:
        return dict(protocol)
    known = {name: value for name, value in again.items() if value is not None}
    return {**protocol, "sample_size": {**protocol["sample_size"], **known}}

"""Why this many cases are enough: units needed and power reached, for every primary end point, computed again from the plan's own rule."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from eval_harness.metrics.hanley_mcneil import hanley_mcneil_variance
from eval_harness.stats.distributions import norm_cdf, norm_ppf
from eval_harness.stats.proportions import METHODS
from eval_harness.stats.sample_size import (
    auc_n_pos,
    exact_power,
    interval_power,
    mean_n,
    mean_power,
    paired_auc_n_pos,
    single_arm_exact_n,
)

Json = Mapping[str, Any]


def one_sided_alpha(endpoint: Json, split: int = 1) -> float:
    """A two-sided alpha spends half of itself on the bound that the rule looks at; `split` end points share it."""
    return float(endpoint["alpha"]) / split / (2 if endpoint["sided"] == "two" else 1)


def size_of(protocol: Json, place: int) -> dict[str, Any] | None:
    """The sample size of primary end point number `place` as one flat record; None where the plan has none."""
    whole = protocol.get("sample_size")
    if not whole:
        return None
    shared = {name: whole[name] for name in ("power", "allowance") if name in whole}
    if place == 0:
        return {**whole, **shared}
    named = protocol["primary"][place]["estimate"]
    return next(({**one, **shared} for one in whole.get("others") or () if one["estimate"] == named), None)


def recomputed(protocol: Json, place: int = 0) -> dict[str, Any] | None:
    """{"required_positives", "required_negatives", "achieved_power"} of one primary end point; None where the design has no
    formula or lacks a part.

    proportion_target: exact binomial (units of the denominator; the smallest n after which power stays). Where the end point
    names an interval method, power is that of its own rule. auc_target, auc_paired: Hanley-McNeil variances at the planned
    ratio of negatives to positives. mean_target: persons, non-central t. Holm is counted as Bonferroni, which needs more.
    """
    size, endpoint = size_of(protocol, place), protocol["primary"][place]
    if size is None or size.get("assumed") is None:
        return None
    split = len(protocol["primary"]) if protocol.get("multiplicity") in ("bonferroni", "holm") else 1
    made = DESIGNS.get(size["design"], _none)(size, endpoint, one_sided_alpha(endpoint, split))
    if made is None:
        return None
    needed, negatives, reached = made
    loss = float(size.get("design_effect") or 1) / (1 - float(size.get("allowance") or 0))
    return {"required_positives": math.ceil(round(needed * loss, 9)),
            "required_negatives": None if negatives is None else math.ceil(round(negatives * loss, 9)), "achieved_power": reached}


Made = tuple[float, float | None, float | None]
"""Positives and negatives needed before losses, power of what is available (None: nothing is)."""


def _none(size: Json, endpoint: Json, alpha: float) -> Made | None:
    return None


def _effective(size: Json, name: str) -> int:
    """Available units after losses, each worth 1 / design effect."""
    return int((size.get(name) or 0) * (1 - float(size.get("allowance") or 0)) / float(size.get("design_effect") or 1) + 1e-9)


def _proportion(size: Json, endpoint: Json, alpha: float) -> Made | None:
    target, assumed = endpoint["comparator"].get("value"), float(size["assumed"])
    if target is None:
        return None
    if endpoint["bound"] == "upper":
        target, assumed = 1 - target, 1 - assumed
    if assumed <= target:
        return None
    have, method = _effective(size, "available_positives"), endpoint.get("method")
    own = METHODS.get(str(method)) if method != "clopper_pearson" else None
    reached = None if not have else exact_power(have, target, assumed, alpha) if own is None\
        else interval_power(have, target, assumed, 1 - 2 * alpha, own)
    return single_arm_exact_n(target, assumed, alpha, float(size["power"])), None, reached


def _auc(size: Json, endpoint: Json, alpha: float) -> Made | None:
    target, assumed = endpoint["comparator"].get("value"), float(size["assumed"])
    if target is None or assumed <= target:
        return None
    positives, negatives, ratio = _groups(size)
    needed = auc_n_pos(target, assumed, ratio, alpha, float(size["power"]))
    reached = None
    if positives and negatives:
        s0, s1 = (math.sqrt(hanley_mcneil_variance(auc, positives, negatives)) for auc in (target, assumed))
        reached = norm_cdf((assumed - target - norm_ppf(1 - alpha) * s0) / s1)
    return needed, needed * ratio, reached


def _paired_auc(size: Json, endpoint: Json, alpha: float) -> Made | None:
    """Superiority (margin 0) or non-inferiority of `assumed` against `reference` on the same cases."""
    rule, old, new = endpoint["comparator"], size.get("reference"), float(size["assumed"])
    margin = float(rule.get("margin") or 0)
    if rule["kind"] not in ("superiority", "noninferiority") or old is None or new - old + margin <= 0:
        return None
    positives, negatives, ratio = _groups(size)
    needed = paired_auc_n_pos(old, new, float(size.get("correlation") or 0), ratio, alpha, float(size["power"]), margin)
    reached = None
    if positives and negatives:
        va, vb = (hanley_mcneil_variance(auc, positives, negatives) for auc in (old, new))
        se = math.sqrt(va + vb - 2 * float(size.get("correlation") or 0) * math.sqrt(va * vb))
        reached = norm_cdf((new - old + margin) / se - norm_ppf(1 - alpha))
    return needed, needed * ratio, reached


def _groups(size: Json) -> tuple[int, int, float]:
    positives, negatives = (_effective(size, f"available_{name}") for name in ("positives", "negatives"))
    return positives, negatives, negatives / positives if positives and negatives else 1.0


def _mean(size: Json, endpoint: Json, alpha: float) -> Made | None:
    target, assumed, sd = endpoint["comparator"].get("value"), float(size["assumed"]), size.get("sd")
    if target is None or not sd or (assumed >= target if endpoint["bound"] == "upper" else assumed <= target):
        return None
    effect, have = abs(assumed - target) / float(sd), _effective(size, "available_positives")
    return mean_n(effect, alpha, float(size["power"])), None, mean_power(have, effect, alpha) if have > 1 else None


DESIGNS: dict[str, Callable[[Json, Json, float], Made | None]] = {
    "proportion_target": _proportion, "auc_target": _auc, "auc_paired": _paired_auc, "mean_target": _mean}


def joint_power(protocol: Json) -> float | None:
    """Least probability that every end point is met: 1 - Σ (1 - power), whatever their dependence. None where one is not known."""
    found = [recomputed(protocol, place) for place in range(len(protocol["primary"]))]
    reached = [one["achieved_power"] for one in found if one is not None and one["achieved_power"] is not None]
    return max(0.0, 1 - sum(1 - power for power in reached)) if len(reached) == len(found) else None


def filled(protocol: Json) -> dict[str, Any]:
    """The plan with the sample size's computed fields written in."""
    if not protocol.get("sample_size"):
        return dict(protocol)

    def known(place: int) -> dict[str, Any]:
        return {name: value for name, value in (recomputed(protocol, place) or {}).items() if value is not None}

    places = {one["estimate"]: place for place, one in enumerate(protocol["primary"])}
    others = [{**one, **(known(places[one["estimate"]]) if places.get(one["estimate"]) else {})}
              for one in protocol["sample_size"].get("others") or ()]
    joint = {"joint_power": joint_power(protocol)} if len(places) > 1 else {}
    return {**protocol, "sample_size": {**protocol["sample_size"], **known(0), "others": others, **joint}}

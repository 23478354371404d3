"""An attacker who has the vendor edition and the scores of every case, and counts the labellings that fit both.

Cases stand in order of falling score. The posterior of each label is the share of fitting labellings in which the case is
positive (every labelling equally likely beforehand), by a forward and a backward pass over (positives so far, ordered pairs so far).
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np


@dataclass
class Knowledge:
    n: int
    positives: int
    at: dict[int, int] = field(default_factory=dict)
    """positives among the first m cases, by m (an exact table)"""
    before_negative: dict[int, tuple[float, float]] = field(default_factory=dict)
    """bounds of the positives ranked before the j-th negative (a point of a coarse ROC)"""
    pairs: tuple[float, float] | None = None
    """bounds of the correctly ordered pairs (a rounded AUC)"""


def from_facts(facts: Mapping[str, Any], scores: np.ndarray) -> Knowledge | None:
    """What the facts say about labels; None where they do not even tell how many positives there are."""
    by_id = {one["id"]: one for one in facts["estimates"]}
    counts = [one["counts"] for one in facts["estimates"] if one["counts"]]
    known = next((c["positive"] for c in counts if "positive" in c), None) or next((c["tp"] + c["fn"] for c in counts if "tp" in c), None)
    if known is None:
        known = next((curve["positive"] for curve in facts["curves"]), None)
    if known is None:
        return None
    out = Knowledge(len(scores), known)
    negatives = len(scores) - known
    for one in facts["estimates"]:
        if "tp" in one["counts"]:
            out.at[one["counts"]["tp"] + one["counts"]["fp"]] = one["counts"]["tp"]
    for curve in facts["curves"]:
        if curve["kind"] == "roc" and "grid" in curve:
            half = curve["grid"] / 2
            for x, y in curve["points"][1:-1]:
                j = int(np.floor(x * negatives + 1e-9)) + 1
                out.before_negative[j] = ((y - half) * known - 1e-6, (y + half) * known + 1e-6)
    auc = by_id["auc"]
    if not isinstance(auc["value"], Mapping):
        out.pairs = ((auc["value"] - 0.005) * known * negatives - 1e-6, (auc["value"] + 0.005) * known * negatives + 1e-6)
    bound = (facts.get("disclosure") or {}).get("bounds", {}).get("auc", {})
    if "at_least" in bound:
        out.pairs = (bound["at_least"] * known * negatives - 1e-6, known * negatives)
    return out


def posterior(held: Knowledge, use_pairs: bool) -> np.ndarray:
    """Share of fitting labellings in which case i (falling score) is positive: float[n]. 0 or 1 = recovered."""
    n, p = held.n, held.positives
    top = p * (n - p) if use_pairs and held.pairs else 0
    shape = (p + 1, top + 1)
    forward = [np.zeros(shape)]
    forward[0][0, 0] = 1.0
    for i in range(n):
        nxt = _step(forward[-1], i, held, top)
        forward.append(nxt / max(nxt.max(), 1e-300))
    last = np.zeros(shape)
    if top:
        pairs = np.arange(top + 1)
        last[p] = (pairs >= held.pairs[0]) & (pairs <= held.pairs[1])
    else:
        last[p, 0] = 1.0
    backward = last
    out = np.zeros(n)
    for i in reversed(range(n)):
        positive, negative = _back(backward, i, held, top)
        share_positive, share_negative = (forward[i] * positive).sum(), (forward[i] * negative).sum()
        out[i] = share_positive / (share_positive + share_negative)
        backward = positive + negative
        backward = backward / max(backward.max(), 1e-300)
    return out


def _allowed(i: int, positives_after: np.ndarray, held: Knowledge) -> np.ndarray:
    """True where the table at m = i + 1 holds."""
    want = held.at.get(i + 1)
    return np.ones_like(positives_after, bool) if want is None else positives_after == want


def _negative_fits(i: int, positives: np.ndarray, held: Knowledge) -> np.ndarray:
    """True where case i may be the (i - positives + 1)-th negative."""
    order = i - positives + 1
    fits = (order >= 1) & (order <= held.n - held.positives)
    for j, (low, high) in held.before_negative.items():
        fits &= (order != j) | ((positives >= low) & (positives <= high))
    return fits


def _step(state: np.ndarray, i: int, held: Knowledge, top: int) -> np.ndarray:
    p = held.positives
    count = np.arange(p + 1)
    out = np.zeros_like(state)
    # a negative at place i is beaten by every positive before it
    stay = state * _negative_fits(i, count, held)[:, None]
    for positives in range(p + 1):
        shift = positives if top else 0
        if stay[positives].any():
            out[positives, shift:] += stay[positives, :top + 1 - shift]
    out[1:] += state[:-1]
    return out * _allowed(i, count, held)[:, None]


def _back(after: np.ndarray, i: int, held: Knowledge, top: int) -> tuple[np.ndarray, np.ndarray]:
    p = held.positives
    count = np.arange(p + 1)
    after = after * _allowed(i, count, held)[:, None]
    positive, negative = np.zeros_like(after), np.zeros_like(after)
    positive[:-1] = after[1:]
    fits = _negative_fits(i, count, held)
    for positives in range(p + 1):
        if fits[positives]:
            shift = positives if top else 0
            negative[positives, :top + 1 - shift] = after[positives, shift:]
    return positive, negative


def accuracy(share: np.ndarray, labels: np.ndarray) -> float:
    """How often the likelier label is right; an even chance counts half."""
    guess = np.where(np.abs(share - 0.5) < 1e-12, 0.5, share > 0.5)
    return float((1 - np.abs(guess - labels)).mean())


def ranking_accuracy(auc: float, positives: int, n: int) -> float:
    """How often "the best ranked are the positives" is right in a binormal model of this AUC: what an AUC says about labels."""
    distance = 2**0.5 * NormalDist().inv_cdf(min(max(auc, 1e-6), 1 - 1e-6))
    low, high = -10.0, 10.0
    for _ in range(80):            # the threshold that calls `positives` cases
        cut = (low + high) / 2
        called = positives * NormalDist().cdf(distance - cut) + (n - positives) * NormalDist().cdf(-cut)
        low, high = (cut, high) if called > positives else (low, cut)
    return float((positives * NormalDist().cdf(distance - cut) + (n - positives) * NormalDist().cdf(cut)) / n)


def allowed_accuracy(facts: Mapping[str, Any], held: Knowledge, auc: float) -> float:
    """The best that published numbers say about guessing: majority class, the ranking of an AUC, the table, a point of the curve."""
    p, n = held.positives, held.n
    best = max(p, n - p) / n
    if held.pairs:
        best = max(best, ranking_accuracy(auc, p, n))
    for one in facts["estimates"]:
        if "tp" in one["counts"]:
            best = max(best, (one["counts"]["tp"] + one["counts"]["tn"]) / n)
    for curve in facts["curves"]:
        if curve["kind"] == "roc" and "grid" in curve:
            best = max(best, *((y * p + (1 - x) * (n - p)) / n + curve["grid"] / 2 for x, y in curve["points"]))
    return best

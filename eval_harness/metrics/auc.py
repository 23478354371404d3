"""Area under the ROC curve by person weights: sort once, then one cumulative sum a draw.

AUC = P(score of a positive > score of a negative) + half of P(equal), the Mann-Whitney statistic with mid-ranks
(Bamber 1975). With tied groups g in ascending order, positive weight P_g and negative weight N_g:
AUC = Σ_g P_g (Σ_{h<g} N_h + N_g / 2) / (ΣP · ΣN). Undefined (NaN) in a draw that holds one class only.
"""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights, ratio

BLOCK_VALUES = 4_000_000


def auc_midrank(rows: BinaryRows, weights: Weights) -> FloatArray:
    """float64[B]. Scores may be infinite (failed units); a NaN score is refused upstream and raises ValueError here."""
    if np.isnan(rows.score).any():
        raise ValueError("a NaN score has no rank")
    if len(rows.score) == 0:
        return np.full(len(weights), np.nan)
    order = np.argsort(rows.score, kind="stable")
    score, truth, person = rows.score[order], rows.truth[order], rows.person[order]
    starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
    ranks = _group_of(starts, len(score))
    if len(starts) < len(score) // 4:
        return _few_groups(truth, person, ranks, len(starts), weights)
    return _many_groups(truth, person, starts, weights)


def _group_of(starts: np.ndarray, n: int) -> np.ndarray:
    groups = np.zeros(n, np.intp)
    groups[starts[1:]] = 1
    return np.cumsum(groups)


def _few_groups(truth: np.ndarray, person: np.ndarray, group: np.ndarray, n_groups: int, weights: Weights) -> FloatArray:
    """Heavy ties: one bincount a draw puts both classes into their tie groups."""
    slot = group * 2 + truth
    single = len(person) == weights.shape[1] and bool((np.bincount(person, minlength=len(person)) == 1).all())
    if single:   # one unit a person: put the slots into the order of the weights once, instead of the weights every time
        slot = slot[np.argsort(person)]
    out = np.empty(len(weights))
    for b, row in enumerate(weights):
        both = np.bincount(slot, row if single else row[person], 2 * n_groups).reshape(n_groups, 2)
        out[b] = _area(both[:, 1], both[:, 0])
    return out


def _many_groups(truth: np.ndarray, person: np.ndarray, starts: np.ndarray, weights: Weights) -> FloatArray:
    """Mostly distinct scores: cumulative negative weight read at each positive, corrected at tied groups."""
    ends = np.r_[starts[1:], len(truth)]
    group = _group_of(starts, len(truth))
    positives = np.flatnonzero(truth)
    person_negative, person_positive = person[~truth], person[positives]
    before = np.r_[0, np.cumsum(~truth)]
    low, high = before[starts[group[positives]]], before[ends[group[positives]]]
    tied = bool((low != high).any())
    out = np.empty(len(weights))
    cumulative = np.zeros(len(person_negative) + 1)
    for b, row in enumerate(weights):
        np.cumsum(row[person_negative], dtype=np.float64, out=cumulative[1:])
        positive = row[person_positive].astype(np.float64)
        below = cumulative[low] + cumulative[high] if tied else 2 * cumulative[low]
        total = positive.sum() * cumulative[-1]
        out[b] = positive @ below / (2 * total) if total else np.nan
    return out


def _area(positive: np.ndarray, negative: np.ndarray) -> float:
    total = positive.sum() * negative.sum()
    return float(positive @ (np.cumsum(negative) - negative / 2) / total) if total else np.nan


def auc_leave_one_person_out(rows: BinaryRows) -> FloatArray:
    """AUC without each person in turn, float64[n_persons], from placements: one sort instead of n.

    Concordant pairs left = all - those of the person's positives - those of his negatives + those among his own units.
    NaN where a person takes a whole class with him.
    """
    from eval_harness.metrics.delong import placements

    v10, v01 = placements(rows.truth, rows.score)
    positive, negative = rows.person[rows.truth], rows.person[~rows.truth]
    m, n = len(positive), len(negative)
    of_positives = np.bincount(positive, v10 * n, rows.n_persons)
    of_negatives = np.bincount(negative, v01 * m, rows.n_persons)
    taken_m, taken_n = (np.bincount(p, minlength=rows.n_persons) for p in (positive, negative))
    own = np.zeros(rows.n_persons)
    for person in np.flatnonzero((taken_m > 0) & (taken_n > 0)):
        x, y = rows.score[rows.truth][positive == person], rows.score[~rows.truth][negative == person]
        own[person] = ((x[:, None] > y) + 0.5 * (x[:, None] == y)).sum()
    left = v10.sum() * n - of_positives - of_negatives + own
    pairs = (m - taken_m) * (n - taken_n)
    return ratio(left, pairs)

"""Multi-reader multi-case studies: figures of merit of every treatment and reader, and their covariance over cases.

Fully crossed: score[treatments, readers, cases], truth[cases]. Rows of a covariance run over treatments, then readers.
Three methods: DeLong, jackknife over cases, and the unbiased U-statistic estimate of Gallas, Pennello and Myers 2007.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.delong import delong
from eval_harness.metrics.rows import BoolArray, FloatArray
from eval_harness.stats.mrmc_ustat import covariance_of, moments


@dataclass(frozen=True)
class Figures:
    """theta[treatments, readers] and cov[treatments * readers, treatments * readers]."""

    theta: FloatArray
    cov: FloatArray


def auc_delong(score: FloatArray, truth: BoolArray) -> Figures:
    found = delong(truth, *score.reshape(-1, len(truth)))
    return Figures(found.auc.reshape(score.shape[:2]), found.cov)


def auc_jackknife(score: FloatArray, truth: BoolArray) -> Figures:
    """Leave-one-case-out in closed form: without positive i, AUC becomes (m AUC - V10_i) / (m - 1)."""
    found = delong(truth, *score.reshape(-1, len(truth)))
    left = np.empty((len(found.auc), len(truth)))
    left[:, truth] = (found.n_pos * found.auc[:, None] - found.v10) / (found.n_pos - 1)
    left[:, ~truth] = (found.n_neg * found.auc[:, None] - found.v01) / (found.n_neg - 1)
    return Figures(found.auc.reshape(score.shape[:2]), jackknife_covariance(left))


def auc_unbiased(score: FloatArray, truth: BoolArray) -> Figures:
    flat = score.reshape(-1, len(truth))
    success = [success_matrix(row, truth) for row in flat]
    cov = np.array([[covariance_of(moments(a, b)) for b in success] for a in success])
    theta = np.array([s.mean() for s in success])
    return Figures(theta.reshape(score.shape[:2]), cov)


def rate_jackknife(called: NDArray[np.bool_], among: BoolArray) -> Figures:
    """Share of `called[treatments, readers, cases]` among the cases of one class (sensitivity or 1 - specificity).

    The jackknife leaves out cases of that class only, as MRMCaov does for a binary metric.
    """
    flat = called.reshape(-1, called.shape[-1])[:, among].astype(np.float64)
    total, n = flat.sum(axis=1, keepdims=True), flat.shape[1]
    return Figures((total / n).reshape(called.shape[:2]), jackknife_covariance((total - flat) / (n - 1)))


def jackknife_covariance(left: FloatArray) -> FloatArray:
    """(n - 1)/n Σ (left_k - mean)(left_k - mean)' of leave-one-out values left[figures, cases]."""
    n = left.shape[1]
    centred = left - left.mean(axis=1, keepdims=True)
    out: FloatArray = (n - 1) / n * centred @ centred.T
    return out


def success_matrix(score: FloatArray, truth: BoolArray) -> FloatArray:
    """[negatives, positives]: 1 where the positive scores higher, 1/2 for a tie, else 0."""
    gap = score[truth][None, :] - score[~truth][:, None]
    out: FloatArray = (np.sign(gap) + 1) / 2
    return out


METHODS: dict[str, Callable[[FloatArray, BoolArray], Figures]] = {
    "delong": auc_delong, "jackknife": auc_jackknife, "unbiased": auc_unbiased,
}

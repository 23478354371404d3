"""Worked examples that papers print, with the digits they print: for readers who know these numbers by heart."""
from __future__ import annotations

import math

import numpy as np
import pytest

from eval_harness.metrics.delong import delong
from eval_harness.metrics.hanley_mcneil import hanley_mcneil_variance
from eval_harness.stats import differences, kappa, proportions
from eval_harness.stats.icc import icc_families
from eval_harness.stats.krippendorff import krippendorff_alpha
from eval_harness.stats.mcnemar import mcnemar
from eval_harness.stats.repeatability import limits_of_agreement
from eval_harness.stats.sample_size import precision_n

NONE = math.nan


def rounded(values, digits):
    return tuple(round(float(value), digits) for value in values)


@pytest.mark.parametrize(("k", "n", "wilson", "exact"), [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)), (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)), (1, 29, (0.0061, 0.1718), (0.0009, 0.1776))])
def test_newcombes_four_proportions_of_1998(k, n, wilson, exact):
    assert rounded(proportions.wilson(k, n), 4) == wilson
    assert rounded(proportions.clopper_pearson(k, n), 4) == exact


@pytest.mark.parametrize(("counts", "mee", "miettinen_nurminen", "newcombe"), [
    ((56, 70, 48, 80), (0.0533, 0.3377), (0.0528, 0.3382), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1821, 0.8370), (0.1700, 0.8406), (0.1705, 0.8090)),
    ((10, 10, 0, 20), (0.7225, 1.0), (0.7156, 1.0), (0.6791, 1.0)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844), (-0.1611, 0.2775))])
def test_newcombes_differences_of_1998(counts, mee, miettinen_nurminen, newcombe):
    assert rounded(differences.mee_farrington_manning(*counts), 4) == mee
    assert rounded(differences.miettinen_nurminen(*counts), 4) == miettinen_nurminen
    assert rounded(differences.newcombe(*counts), 4) == newcombe


def test_shrout_and_fleiss_1979():
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    found = icc_families(ratings)
    assert rounded((found[name].value for name in ("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")), 2) == (
        0.17, 0.29, 0.71, 0.44, 0.62, 0.91)
    assert rounded((found["ICC(1,1)"].lower, found["ICC(1,1)"].upper), 2) == (-0.13, 0.72)
    assert rounded((found["ICC(A,1)"].lower, found["ICC(A,1)"].upper), 2) == (0.02, 0.76)
    assert rounded((found["ICC(C,1)"].lower, found["ICC(C,1)"].upper), 2) == (0.34, 0.95)


def test_krippendorff_2011_with_missing_readings():
    readings = np.array([[1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
                         [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE]]).T
    assert rounded((krippendorff_alpha(readings, metric) for metric in ("nominal", "ordinal", "interval")), 3) == (0.743, 0.815, 0.849)


def test_fleiss_kappa_of_ten_subjects_and_fourteen_raters():
    counts = np.array([[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
                       [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]], float)
    assert round(kappa.fleiss_kappa(counts), 3) == 0.210


def test_bland_and_altman_1986_peak_flow():
    large = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], float)
    mini = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], float)
    found = limits_of_agreement(large, mini)
    assert rounded((found.bias, found.sd), 1) == (-2.1, 38.8)
    assert rounded((found.bias_lower, found.bias_upper), 1) == (-22.0, 17.8)
    assert rounded((found.lower, found.upper), 1) == (-78.1, 73.9)


def test_hanley_and_mcneil_1982_five_ratings_of_109_images():
    score = np.repeat(np.tile(np.arange(1.0, 6.0), 2), [33, 6, 6, 11, 2, 3, 2, 2, 11, 33])
    truth = np.repeat([False, True], [58, 51])
    found = delong(truth, score)
    assert round(float(found.auc[0]), 3) == 0.893
    assert round(math.sqrt(hanley_mcneil_variance(float(found.auc[0]), 51, 58)), 3) == 0.032


def test_mcnemar_of_86_against_150_who_changed_their_mind_and_a_poll_of_385():
    found = mcnemar(np.repeat([True, True, False, False], [794, 86, 150, 570]), np.repeat([True, False, True, False], [794, 86, 150, 570]))
    assert round(found.chi2_cc, 2) == 16.82
    assert round(found.chi2, 2) == 17.36
    assert precision_n(0.5, 0.05) == 385

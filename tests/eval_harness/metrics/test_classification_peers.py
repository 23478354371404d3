"""Classification metrics against scikit-learn and brute force; their invariances."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.metrics import calibration as cal
from eval_harness.metrics import roc
from eval_harness.metrics import threshold as at
from eval_harness.metrics.auc import auc_midrank
from eval_harness.metrics.delong import (
    clustered_covariance,
    compare_paired,
    compare_unpaired,
    delong,
    noninferiority,
    obuchowski_clustered,
    wald_interval,
)
from eval_harness.metrics.multilabel import macro_auc, micro_auc
from eval_harness.metrics.net_benefit import net_benefit
from eval_harness.metrics.partial_auc import (
    partial_auc_sensitivity,
    partial_auc_specificity,
    partial_auc_specificity_mcclish,
)
from eval_harness.metrics.pr import average_precision, pr_auc_trapezoid
from eval_harness.metrics.rows import BinaryRows, MultilabelRows
from eval_harness.stats import bootstrap as bs

SAMPLES = st.integers(0, 10**6).map(lambda seed: sample(seed))


def sample(seed, n=None, digits=None):
    rng = np.random.default_rng(seed)
    n = n or int(rng.integers(4, 60))
    truth = rng.random(n) < rng.uniform(0.2, 0.8)
    truth[:2] = [True, False]
    score = np.round(np.clip(rng.normal(0.4 + 0.2 * truth, 0.25), 0, 1), digits or int(rng.integers(1, 4)))
    return BinaryRows(score, truth, np.arange(n), n)


def once(rows):
    return bs.ones(rows.n_persons)


def brute_auc(rows):
    positive, negative = rows.score[rows.truth], rows.score[~rows.truth]
    return np.mean((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative))


@settings(deadline=None)
@given(SAMPLES)
def test_auc_counts_pairs(rows):
    assert auc_midrank(rows, once(rows))[0] == pytest.approx(brute_auc(rows), abs=1e-12)
    assert delong(rows.truth, rows.score).auc[0] == pytest.approx(brute_auc(rows), abs=1e-12)


@settings(deadline=None)
@given(SAMPLES, st.floats(0.1, 5), st.floats(-3, 3))
def test_auc_sees_ranks_only_and_mirrors_with_the_labels(rows, scale, shift):
    value = auc_midrank(rows, once(rows))[0]
    grown = BinaryRows(np.exp(scale * np.round(rows.score, 6)) + shift, rows.truth, rows.person, rows.n_persons)
    swapped = BinaryRows(rows.score, ~rows.truth, rows.person, rows.n_persons)
    assert auc_midrank(grown, once(rows))[0] == pytest.approx(value, abs=1e-12)
    assert auc_midrank(swapped, once(rows))[0] == pytest.approx(1 - value, abs=1e-12)
    first, other = delong(rows.truth, rows.score).cov[0, 0], delong(~rows.truth, rows.score).cov[0, 0]
    assert first == pytest.approx(other, abs=1e-15, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(SAMPLES)
def test_curves_are_scikit_learn(rows):
    sk = pytest.importorskip("sklearn.metrics")
    w = once(rows)
    assert auc_midrank(rows, w)[0] == pytest.approx(sk.roc_auc_score(rows.truth, rows.score), abs=1e-9)
    assert average_precision(rows, w)[0] == pytest.approx(sk.average_precision_score(rows.truth, rows.score), abs=1e-9)
    precision, recall, _ = sk.precision_recall_curve(rows.truth, rows.score)
    assert pr_auc_trapezoid(rows, w)[0] == pytest.approx(sk.auc(recall, precision), abs=1e-9)
    theirs = sk.roc_auc_score(rows.truth, rows.score, max_fpr=0.3)
    mine = (1 + (partial_auc_specificity(rows, w, 0.7)[0] - 0.045) / 0.255) / 2
    assert mine == pytest.approx(theirs, abs=1e-9)
    fpr, tpr, thresholds = sk.roc_curve(rows.truth, rows.score, drop_intermediate=False)
    points = roc.roc(rows)
    assert points.sensitivity == pytest.approx(tpr, abs=1e-12)
    assert 1 - points.specificity == pytest.approx(fpr, abs=1e-12)
    assert points.threshold == pytest.approx(thresholds)


@settings(max_examples=60, deadline=None)
@given(SAMPLES)
def test_rates_and_losses_are_scikit_learn(rows):
    sk = pytest.importorskip("sklearn.metrics")
    w, called = once(rows), rows.score >= 0.5
    pairs = {"accuracy": sk.accuracy_score, "balanced_accuracy": sk.balanced_accuracy_score, "f1": sk.f1_score,
             "mcc": sk.matthews_corrcoef, "cohen_kappa": sk.cohen_kappa_score}
    for name, theirs in pairs.items():
        value = getattr(at, name)(rows, w, 0.5)[0]
        if np.isfinite(value):
            assert value == pytest.approx(theirs(rows.truth, called), abs=1e-9)
    assert cal.brier(rows, w)[0] == pytest.approx(sk.brier_score_loss(rows.truth, rows.score), abs=1e-9)
    clipped = np.clip(rows.score, cal.LOG_LOSS_EPS, 1 - cal.LOG_LOSS_EPS)
    assert cal.log_loss(rows, w)[0] == pytest.approx(sk.log_loss(rows.truth, clipped), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_recalibration_is_a_logistic_regression(seed):
    api = pytest.importorskip("statsmodels.api")
    rows = sample(seed, n=300, digits=3)
    p = np.clip(rows.score, 0.01, 0.99)
    logit = np.log(p / (1 - p))
    slope = api.GLM(rows.truth.astype(float), api.add_constant(logit), family=api.families.Binomial()).fit(tol=1e-12)
    found = cal.recalibrate(p, rows.truth.astype(float), np.ones(300), True)
    assert (found.value, found.se) == pytest.approx((slope.params[1], slope.bse[1]), rel=1e-6)
    large = api.GLM(rows.truth.astype(float), np.ones(300), family=api.families.Binomial(), offset=logit).fit(tol=1e-12)
    found = cal.recalibrate(p, rows.truth.astype(float), np.ones(300), False)
    assert (found.value, found.se) == pytest.approx((large.params[0], large.bse[0]), rel=1e-6, abs=1e-9)


def test_calibrated_scores_have_a_slope_of_one_and_a_small_error():
    rng = np.random.default_rng(1)
    p = rng.beta(2, 3, 40000)
    rows = BinaryRows(p, rng.random(40000) < p, np.arange(40000), 40000)
    w = once(rows)
    assert cal.calibration_slope(rows, w)[0] == pytest.approx(1, abs=0.05)
    assert cal.calibration_intercept(rows, w)[0] == pytest.approx(0, abs=0.05)
    assert cal.ece_width(rows, w)[0] < 0.02
    assert abs(cal.spiegelhalter(p, rows.truth.astype(float))[0]) < 3
    assert net_benefit(rows, w, 0.4)[0] > 0


def test_a_score_outside_0_to_1_is_no_probability():
    with pytest.raises(ValueError, match="probabilities"):
        cal.brier(sample(1).__class__(np.array([0.2, 1.4]), np.array([True, False]), np.arange(2), 2), bs.ones(2))


@settings(deadline=None)
@given(SAMPLES)
def test_delong_is_its_definition(rows):
    x, y = rows.score[rows.truth], rows.score[~rows.truth]
    kernel = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    if min(kernel.shape) < 2:
        return
    variance = kernel.mean(axis=1).var(ddof=1) / len(x) + kernel.mean(axis=0).var(ddof=1) / len(y)
    assert delong(rows.truth, rows.score).cov[0, 0] == pytest.approx(variance, abs=1e-14)


@settings(deadline=None)
@given(SAMPLES)
def test_one_unit_a_person_makes_the_clustered_variance_delongs(rows):
    if min(rows.truth.sum(), (~rows.truth).sum()) < 2:
        return
    clustered = obuchowski_clustered(rows.truth, rows.score, rows.person)[1]
    assert clustered == pytest.approx(delong(rows.truth, rows.score).cov[0, 0], abs=1e-14)


def test_copies_of_a_case_under_one_person_leave_the_clustered_variance_alone():
    rows = sample(3, n=50)
    truth, score, person = (np.tile(v, 3) for v in (rows.truth, rows.score, rows.person))
    single = obuchowski_clustered(rows.truth, rows.score, rows.person)[1]
    assert obuchowski_clustered(truth, score, person)[1] == pytest.approx(single, rel=1e-9)
    assert delong(truth, score).cov[0, 0] < 0.5 * delong(rows.truth, rows.score).cov[0, 0]   # what ignoring persons would claim


def test_the_paired_clustered_covariance_is_the_variance_of_the_difference_by_simulation():
    rng = np.random.default_rng(0)
    found, diffs = [], []
    for _ in range(400):
        person = np.repeat(np.arange(40), 3)
        truth = rng.random(120) < 0.4
        common = rng.normal(size=40)[person]
        a, b = (truth + common + rng.normal(size=120) * s for s in (0.7, 1.2))
        cov = clustered_covariance(truth, [a, b], person)
        found.append(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
        diffs.append(float(delong(truth, a, b).auc @ [1, -1]))
    assert np.mean(found) == pytest.approx(np.var(diffs, ddof=1), rel=0.2)


def test_paired_and_unpaired_comparisons_and_non_inferiority():
    one, two = sample(5, n=200, digits=3), sample(6, n=150, digits=3)
    unpaired = compare_unpaired(delong(one.truth, one.score), delong(two.truth, two.score))
    assert unpaired.df < 348
    assert unpaired.lower < unpaired.diff < unpaired.upper
    other = np.clip(one.score + np.random.default_rng(1).normal(0, 0.05, 200), 0, 1)
    paired = compare_paired(delong(one.truth, one.score, other))
    flipped = compare_paired(delong(one.truth, one.score, other), 1, 0)
    assert (flipped.diff, flipped.p) == pytest.approx((-paired.diff, paired.p))
    z, p = noninferiority(paired.diff, paired.se, 0.05)
    assert (z > 1.96) == (paired.diff - 1.96 * paired.se > -0.05)
    assert 0 < p < 1


@settings(deadline=None)
@given(SAMPLES)
def test_partial_areas_add_up_and_meet_the_whole(rows):
    w = once(rows)
    whole = auc_midrank(rows, w)[0]
    assert partial_auc_specificity(rows, w, 0.0)[0] == pytest.approx(whole, abs=1e-12)
    assert partial_auc_sensitivity(rows, w, 0.0)[0] == pytest.approx(whole, abs=1e-12)
    parts = partial_auc_specificity(rows, w, 0.0, 0.6)[0] + partial_auc_specificity(rows, w, 0.6)[0]
    assert parts == pytest.approx(whole, abs=1e-12)


def test_mcclish_puts_chance_at_a_half_and_perfection_at_one():
    perfect = BinaryRows(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]), np.arange(4), 4)
    tied = BinaryRows(np.full(4, 0.5), perfect.truth, perfect.person, 4)
    assert partial_auc_specificity_mcclish(perfect, bs.ones(4), 0.9)[0] == pytest.approx(1)
    assert partial_auc_specificity_mcclish(tied, bs.ones(4), 0.9)[0] == pytest.approx(0.5)


@settings(deadline=None)
@given(SAMPLES, st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_sensitivity_at_a_specificity_is_reached_by_a_threshold_and_beaten_by_none(rows, target):
    w = once(rows)
    best = max(at.sensitivity(rows, w, t)[0] for t in [*np.unique(rows.score), np.inf] if at.specificity(rows, w, t)[0] >= target)
    assert roc.sensitivity_at_specificity(rows, w, target)[0] == pytest.approx(best)
    back = max(at.specificity(rows, w, t)[0] for t in [*np.unique(rows.score), np.inf] if at.sensitivity(rows, w, t)[0] >= target)
    assert roc.specificity_at_sensitivity(rows, w, target)[0] == pytest.approx(back)


def test_an_uncertain_label_is_masked_and_not_read_as_negative():
    rng = np.random.default_rng(2)
    truth, score = rng.random((80, 3)) < 0.4, rng.random((80, 3))
    defined = rng.random((80, 3)) < 0.7
    rows = MultilabelRows(score, truth, defined, np.arange(80), 80, ("a", "b", "c"))
    lied = MultilabelRows(np.where(defined, score, 99.0), np.where(defined, truth, False), defined, np.arange(80), 80, ("a", "b", "c"))
    assert macro_auc(rows, bs.ones(80)) == pytest.approx(macro_auc(lied, bs.ones(80)))
    assert micro_auc(rows, bs.ones(80)) == pytest.approx(micro_auc(lied, bs.ones(80)))
    by_hand = [brute_auc(rows.label(c)) for c in range(3)]
    assert macro_auc(rows, bs.ones(80))[0] == pytest.approx(np.mean(by_hand))


def test_a_nan_score_is_refused_and_an_infinite_one_ranks_last():
    with pytest.raises(ValueError, match="no rank"):
        auc_midrank(BinaryRows(np.array([0.1, np.nan]), np.array([True, False]), np.arange(2), 2), bs.ones(2))
    assert auc_midrank(BinaryRows(np.array([-np.inf, 0.3, 0.9]), np.array([True, False, True]), np.arange(3), 3), bs.ones(3))[0] == 0.5


def test_the_wald_interval_is_cut_to_the_unit_interval_only_where_asked():
    assert wald_interval(0.97, 0.0025)[1] == 1.0
    assert wald_interval(0.97, 0.0025, clip=False)[1] > 1.06

"""Agreement, ICC, repeatability and reader studies against other libraries and brute force."""
from __future__ import annotations

import numpy as np
import pytest

from eval_harness.stats import kappa as kp
from eval_harness.stats import mrmc_or as om
from eval_harness.stats import mrmc_ustat as us
from eval_harness.stats.icc import icc_families
from eval_harness.stats.krippendorff import krippendorff_alpha
from eval_harness.stats.mrmc_covariance import auc_delong, auc_jackknife, auc_unbiased, success_matrix
from eval_harness.stats.repeatability import concordance, limits_of_agreement, repeatability


def ratings(n=60, readers=4, seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(np.round(rng.normal(3, 1, (n, 1)) + rng.normal(0, 0.8, (n, readers))), 1, 5)


def test_cohen_and_fleiss_are_statsmodels():
    inter = pytest.importorskip("statsmodels.stats.inter_rater")
    x, categories = ratings(), np.arange(1.0, 6.0)
    table = kp.count_table(x, categories)
    assert kp.fleiss_kappa(table) == pytest.approx(inter.fleiss_kappa(table), rel=1e-9)
    assert kp.randolph_kappa(table) == pytest.approx(inter.fleiss_kappa(table, method="randolph"), rel=1e-9)
    cross = np.array([[((x[:, 0] == a) & (x[:, 1] == b)).sum() for b in categories] for a in categories])
    theirs = inter.cohens_kappa(cross)
    mine, se0 = kp.cohen_kappa_interval(x[:, 0], x[:, 1], categories)
    assert (mine.value, mine.se, se0) == pytest.approx((theirs.kappa, theirs.std_kappa, theirs.std_kappa0), rel=1e-9)


def test_weighted_cohen_is_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    x = ratings()
    for mine, theirs in (("identity", None), ("linear", "linear"), ("quadratic", "quadratic")):
        assert kp.cohen_kappa(x[:, 0], x[:, 1], np.arange(1.0, 6.0), mine) == pytest.approx(
            metrics.cohen_kappa_score(x[:, 0], x[:, 1], weights=theirs), rel=1e-9)


def brute_alpha(x, distance):
    pairs = [(a, b, len(row[~np.isnan(row)])) for row in x for i, a in enumerate(row) for j, b in enumerate(row)
             if i != j and not np.isnan(a) and not np.isnan(b)]
    observed = sum(distance(a, b) / (m - 1) for a, b, m in pairs)
    values = [a for row in x if (~np.isnan(row)).sum() > 1 for a in row if not np.isnan(a)]
    n = len(values)
    expected = sum(distance(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j) / (n - 1)
    return 1 - observed / expected


@pytest.mark.parametrize(("metric", "distance"), [("nominal", lambda a, b: float(a != b)), ("interval", lambda a, b: (a - b) ** 2)])
def test_alpha_with_missing_readings_is_its_definition(metric, distance):
    x = ratings(25)
    x[np.random.default_rng(1).random(x.shape) < 0.3] = np.nan
    assert krippendorff_alpha(x, metric) == pytest.approx(brute_alpha(x, distance), rel=1e-9)


def test_agreement_is_one_when_all_agree_and_undefined_when_nothing_varies():
    same = np.repeat(np.array([[1.0], [3.0], [5.0]]), 4, axis=1)
    assert krippendorff_alpha(same, "ordinal") == 1
    assert kp.fleiss_kappa(kp.count_table(same, np.arange(1.0, 6.0))) == 1
    assert np.isnan(krippendorff_alpha(np.full((5, 3), 2.0)))


def test_gwets_coefficients_do_not_depend_on_the_order_of_units_or_readers():
    x, categories = ratings(), np.arange(1.0, 6.0)
    w = kp.agreement_weights("quadratic", categories)
    for name in ("gwet", "fleiss", "krippendorff"):
        one = kp.gwet_family(kp.count_table(x, categories), w, name)
        other = kp.gwet_family(kp.count_table(x[::-1, ::-1], categories), w, name)
        assert one == pytest.approx(other) if isinstance(one, float) else one.value == pytest.approx(other.value)
        assert one.lower < one.value < one.upper


def test_readers_who_agree_without_error_have_an_icc_and_no_interval():
    """By hand, readings 1 2 3 and 2 3 4: mean squares 2 (subjects), 1.5 (readers), 0 (error)."""
    same, shifted = np.array([[1.0, 1], [2, 2], [3, 3]]), np.array([[1.0, 2], [2, 3], [3, 4]])
    assert {name: one.value for name, one in icc_families(same).items()} == dict.fromkeys(icc_families(same), 1.0)
    found = icc_families(shifted)
    assert (found["ICC(C,1)"].value, found["ICC(C,k)"].value) == (1.0, 1.0)
    assert found["ICC(A,1)"].value == pytest.approx(2 / 3)
    assert found["ICC(A,k)"].value == pytest.approx(2 / 2.5)
    assert np.isnan([found["ICC(A,1)"].lower, found["ICC(C,1)"].upper, found["ICC(C,1)"].f]).all()


def test_subjects_with_equal_means_are_told_and_do_not_divide_by_nought():
    found = icc_families(np.array([[2.0, 1], [1, 2]]))
    assert found["ICC(1,1)"].value == found["ICC(C,1)"].value == -1.0
    assert np.isnan([found["ICC(1,k)"].value, found["ICC(C,k)"].value, found["ICC(A,k)"].value]).all()
    assert all(np.isnan(one.value) for one in icc_families(np.ones((5, 3))).values())


@pytest.mark.parametrize("seed", range(40))
def test_an_icc_lies_within_its_bounds_however_few_the_readings(seed):
    """Past its pole the bound of a mean of readings would turn round and stand above the value."""
    x = np.random.default_rng(seed).integers(0, 3, (4, 2 + seed % 2)).astype(float)
    for one in icc_families(x).values():
        assert not one.value > 1
        assert not one.lower > one.value + 1e-12
        assert not one.upper < one.value - 1e-12


def test_icc_recovers_the_variances_it_was_made_from():
    rng = np.random.default_rng(4)
    x = rng.normal(0, 2, (4000, 1)) + rng.normal(0, 1, (4000, 3))
    found = icc_families(x)
    for name in ("ICC(1,1)", "ICC(A,1)", "ICC(C,1)"):
        assert found[name].value == pytest.approx(0.8, abs=0.02)
        assert found[name].lower < 0.8 < found[name].upper
    assert found["ICC(1,k)"].value == pytest.approx(3 * 0.8 / (1 + 2 * 0.8), abs=0.02)


def test_a_reader_who_always_reads_higher_hurts_agreement_and_not_consistency():
    x = ratings(200).astype(float)
    x[:, 0] += 2
    found = icc_families(x)
    assert found["ICC(A,1)"].value < found["ICC(C,1)"].value - 0.1


def test_repeatability_and_agreement_of_two_runs():
    rng = np.random.default_rng(5)
    truth = rng.uniform(5, 20, 2000)
    runs = truth[:, None] + rng.normal(0, 0.4, (2000, 2))
    found = repeatability(runs)
    assert found.wsd == pytest.approx(0.4, abs=0.03)
    assert found.rc == pytest.approx(2.77 * found.wsd, rel=1e-3)
    assert found.rc_lower < found.rc < found.rc_upper
    limits = limits_of_agreement(runs[:, 0] + 1, runs[:, 1])
    assert limits.bias == pytest.approx(1, abs=0.1)
    inside = np.abs(runs[:, 0] + 1 - runs[:, 1] - limits.bias) < limits.upper - limits.bias
    assert 0.92 < inside.mean() < 0.98
    assert concordance(runs[:, 0], runs[:, 0]) == pytest.approx(1)
    assert concordance(runs[:, 0] + 3, runs[:, 1]) < concordance(runs[:, 0], runs[:, 1])


def study(seed=0, readers=4, cases=40):
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) < cases // 2
    common = rng.normal(size=cases)
    return np.round(truth * 1.2 + common + rng.normal(size=(2, readers, cases)), 1), truth


def test_the_three_covariances_of_a_reader_study_agree_roughly_and_have_one_theta():
    score, truth = study()
    found = [method(score, truth) for method in (auc_delong, auc_jackknife, auc_unbiased)]
    for one in found[1:]:
        assert one.theta == pytest.approx(found[0].theta)
        assert np.diag(one.cov) == pytest.approx(np.diag(found[0].cov), rel=0.15)


def test_the_jackknife_is_leaving_each_case_out():
    score, truth = study(readers=2, cases=16)
    keep = np.arange(16) != 3
    left = [auc_delong(score[:, :, np.arange(16) != k], truth[np.arange(16) != k]).theta.ravel() for k in range(16)]
    left = np.array(left).T
    by_hand = 15 / 16 * (left - left.mean(axis=1, keepdims=True)) @ (left - left.mean(axis=1, keepdims=True)).T
    assert auc_jackknife(score, truth).cov == pytest.approx(by_hand)
    assert keep.sum() == 15


def test_moments_of_the_u_statistic_are_means_over_distinct_indices():
    score, truth = study(readers=2, cases=8)
    s = [success_matrix(score[0, r], truth) for r in range(2)]
    n, d = s[0].shape
    found = us.ustat(s, s)
    distinct = [s[0][i, j] * s[1][k, m] for i in range(n) for k in range(n) for j in range(d) for m in range(d) if i != k and j != m]
    assert found.moments[7] == pytest.approx(np.mean(distinct))
    assert found.moments[0] == pytest.approx(np.mean([(x**2).mean() for x in s]))


def test_the_unbiased_variance_is_unbiased_over_many_studies():
    thetas, variances = [], []
    for seed in range(300):
        score, truth = study(seed, readers=3, cases=20)
        s = [success_matrix(score[0, r], truth) for r in range(3)]
        found = us.ustat(s, s)
        thetas.append(found.auc_first)
        variances.append(found.cov)
    assert np.mean(variances) == pytest.approx(np.var(thetas, ddof=1), rel=0.2)


def test_a_study_without_a_difference_is_rarely_significant():
    p = []
    for seed in range(300):
        score, truth = study(seed)
        figures = auc_delong(score, truth)
        p.append(om.random_readers_random_cases(om.components(figures)).p)
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.09

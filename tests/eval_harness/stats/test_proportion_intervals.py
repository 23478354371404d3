"""One proportion and differences of two: against statsmodels, brute force and the literature's examples."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.stats import differences as df
from eval_harness.stats import proportions as pr
from eval_harness.stats.mcnemar import mcnemar

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
STATSMODELS = {"wilson": "wilson", "clopper_pearson": "beta", "jeffreys": "jeffreys", "agresti_coull": "agresti_coull", "wald": "normal"}


@pytest.mark.parametrize("name", sorted(pr.METHODS))
@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 7), (19, 20), (20, 20), (431, 1000)])
def test_every_interval_is_statsmodels(name, k, n):
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    theirs = proportion.proportion_confint(k, n, method=STATSMODELS[name])
    assert pr.METHODS[name](k, n, 0.95) == pytest.approx(theirs, abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_an_interval_holds_its_estimate_and_mirrors_when_success_and_failure_swap(counts):
    k, n = counts
    for name, method in pr.METHODS.items():
        low, high = method(k, n, 0.95)
        assert 0 <= low <= high <= 1
        if name != "jeffreys":
            assert low - 1e-12 <= k / n <= high + 1e-12
        assert method(n - k, n, 0.95) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@settings(deadline=None)
@given(COUNTS)
def test_exact_is_never_narrower_than_jeffreys(counts):
    k, n = counts
    exact, other = pr.clopper_pearson(k, n), pr.jeffreys(k, n)
    assert exact[0] <= other[0] + 1e-12
    assert exact[1] >= other[1] - 1e-12


def test_wilson_and_exact_can_decide_a_target_value_differently():
    target = 0.805
    assert pr.wilson(172, 200)[0] > target > pr.clopper_pearson(172, 200)[0]


def brute_restricted(k1, n1, k2, n2, delta):
    grid = np.linspace(max(0, delta) + 1e-9, min(1, 1 + delta) - 1e-9, 400001)
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = (k1 * np.log(grid) + (n1 - k1) * np.log1p(-grid)
                      + k2 * np.log(grid - delta) + (n2 - k2) * np.log1p(-(grid - delta)))
    return grid[np.nanargmax(likelihood)]


@pytest.mark.parametrize("counts", [(45, 50, 40, 52), (10, 20, 8, 20), (0, 15, 3, 12), (9, 10, 3, 10), (30, 30, 28, 30)])
@pytest.mark.parametrize("delta", [-0.4, -0.1, 0.0, 0.05, 0.3])
def test_the_restricted_estimate_maximises_the_likelihood(counts, delta):
    first, second = df.restricted_mle(*counts, delta)
    assert first - second == pytest.approx(delta)
    assert first == pytest.approx(brute_restricted(*counts, delta), abs=1e-5)


@pytest.mark.parametrize("method", [df.miettinen_nurminen, df.mee_farrington_manning])
@pytest.mark.parametrize("counts", [(45, 50, 40, 52), (56, 70, 48, 80), (9, 10, 3, 10), (0, 15, 3, 12)])
def test_a_score_interval_ends_where_the_score_test_turns(method, counts):
    low, high = method(*counts)
    corrected = method is df.miettinen_nurminen
    for bound, sign in ((low, 1), (high, -1)):
        if -1 + 1e-9 < bound < 1 - 1e-9:
            assert df.score_z(*counts, bound, corrected) == pytest.approx(sign * 1.959963985, abs=1e-6)


def test_newcombe_gives_the_published_examples_of_1998():
    assert df.newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert df.newcombe(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_difference_changes_sign_when_the_samples_swap(first, second):
    for method in df.METHODS.values():
        low, high = method(*first, *second, 0.95)
        assert method(*second, *first, 0.95) == pytest.approx((-high, -low), abs=1e-8)


def test_newcombe_paired_agrees_with_his_table():
    assert df.newcombe_paired(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@pytest.mark.parametrize("table", [[[20, 4], [21, 20]], [[5, 1], [0, 4]], [[10, 6], [6, 3]]])
def test_mcnemar_is_statsmodels(table):
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    a = np.repeat([True, True, False, False], np.array(table).ravel())
    b = np.repeat([True, False, True, False], np.array(table).ravel())
    mine = mcnemar(a, b)
    assert mine.exact_p == pytest.approx(tables.mcnemar(table, exact=True).pvalue, rel=1e-9)
    assert mine.p_cc == pytest.approx(tables.mcnemar(table, exact=False, correction=True).pvalue, rel=1e-9)
    assert mine.p == pytest.approx(tables.mcnemar(table, exact=False, correction=False).pvalue, rel=1e-9)

"""Our quantiles against scipy's, to 1e-10 relative."""
from __future__ import annotations

import math

import numpy as np
import pytest

from eval_harness.stats import distributions as d

scipy_stats = pytest.importorskip("scipy.stats")
RNG = np.random.default_rng(6)


def close(mine, theirs, rel=1e-10):
    assert mine == pytest.approx(float(theirs), rel=rel, abs=1e-300)


@pytest.mark.parametrize("a", [0.5, 1.0, 3.2, 40.5, 900.0])
@pytest.mark.parametrize("b", [0.5, 2.0, 17.0, 1200.5])
def test_beta_agrees_in_both_tails(a, b):
    for p in (1e-6, 0.025, 0.5, 0.975, 1 - 1e-6):
        close(d.beta_ppf(p, a, b), scipy_stats.beta.ppf(p, a, b))
        x = scipy_stats.beta.ppf(p, a, b)
        close(d.beta_cdf(x, a, b), scipy_stats.beta.cdf(x, a, b))
        close(d.beta_sf(x, a, b), scipy_stats.beta.sf(x, a, b))


@pytest.mark.parametrize("df", [1, 2.5, 9, 37.36, 400])
def test_student_t_agrees_far_out_and_near_zero(df):
    for t in (0.3, 2.0, 9.0, 40.0):
        close(d.t_sf(t, df), scipy_stats.t.sf(t, df))
        close(d.t_cdf(t, df), scipy_stats.t.cdf(t, df))
    for p in (0.001, 0.4, 0.6, 0.975, 0.9999):
        close(d.t_ppf(p, df), scipy_stats.t.ppf(p, df))


def test_one_degree_of_freedom_is_the_cauchy_distribution():
    for t in (1e-8, 0.5, 30.0):
        close(d.t_sf(t, 1), math.atan2(1, t) / math.pi)


@pytest.mark.parametrize(("d1", "d2"), [(1, 15.4), (434, 1305), (3, 3), (40, 2.2)])
def test_f_agrees_down_to_vanishing_p_values(d1, d2):
    for x in (0.01, 1.0, 4.0, 60.0):
        close(d.f_sf(x, d1, d2), scipy_stats.f.sf(x, d1, d2))
    for p in (0.025, 0.5, 0.975):
        close(d.f_ppf(p, d1, d2), scipy_stats.f.ppf(p, d1, d2))


def test_normal_chi_square_and_binomial_agree():
    for z in RNG.normal(size=50) * 6:
        close(d.norm_cdf(z), scipy_stats.norm.cdf(z))
        close(d.norm_sf(z), scipy_stats.norm.sf(z))
    for z in (3.0, 29.0, 31.0, 200.0):
        close(d.norm_log_sf(z), scipy_stats.norm.logsf(z))
    for df in (1, 8, 60.5):
        for x in (0.1, df, 5 * df):
            close(d.chi2_sf(x, df), scipy_stats.chi2.sf(x, df))
        for p in (0.025, 0.5, 0.99):
            close(d.chi2_ppf(p, df), scipy_stats.chi2.ppf(p, df))
    for k, n, p in ((0, 5, 0.3), (3, 20, 0.5), (499, 1000, 0.48), (20, 20, 0.9)):
        close(d.binom_cdf(k, n, p), scipy_stats.binom.cdf(k, n, p))
        close(d.binom_sf(k, n, p), scipy_stats.binom.sf(k, n, p))
        close(d.binom_pmf(k, n, p), scipy_stats.binom.pmf(k, n, p))


def test_the_ends_of_a_distribution_are_its_ends():
    assert d.norm_ppf(0.0) == -math.inf
    assert d.norm_ppf(1.0) == math.inf
    assert (d.beta_cdf(0, 2, 3), d.beta_cdf(1, 2, 3), d.beta_ppf(0, 2, 3), d.beta_ppf(1, 2, 3)) == (0, 1, 0, 1)
    with pytest.raises(ValueError):
        d.norm_ppf(1.2)

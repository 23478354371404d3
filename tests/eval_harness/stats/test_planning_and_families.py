"""Sample sizes, multiplicity, the Ladder."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.stats import ladder
from eval_harness.stats import multiplicity as mp
from eval_harness.stats import sample_size as ss

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)


@pytest.mark.parametrize(("p0", "p1", "alpha", "power", "normal", "exact"), [
    (0.80, 0.88, 0.025, 0.80, 175, 185), (0.90, 0.95, 0.05, 0.80, 184, 203)])
def test_single_arm_target_values_give_the_anchored_sizes(p0, p1, alpha, power, normal, exact):
    assert ss.single_arm_normal_n(p0, p1, alpha, power) == normal
    assert ss.single_arm_exact_n(p0, p1, alpha, power) == exact


def test_exact_power_is_the_binomial_sum_and_the_test_keeps_its_level():
    stats = pytest.importorskip("scipy.stats")
    k = ss.critical_k(185, 0.8, 0.025)
    assert stats.binom.sf(k - 1, 185, 0.8) <= 0.025 < stats.binom.sf(k - 2, 185, 0.8)
    assert ss.exact_power(185, 0.8, 0.88, 0.025) == pytest.approx(stats.binom.sf(k - 1, 185, 0.88))


def test_the_exact_size_holds_for_the_next_24_and_not_one_earlier():
    n = ss.single_arm_exact_n(0.8, 0.88, 0.025, 0.8)
    assert all(ss.exact_power(m, 0.8, 0.88, 0.025) >= 0.8 for m in range(n, n + 25))
    assert ss.exact_power(n - 1, 0.8, 0.88, 0.025) < 0.8


def test_auc_sizes_reach_their_power_by_simulation():
    from eval_harness.metrics.delong import delong

    rng, m = np.random.default_rng(1), ss.auc_n_pos(0.75, 0.85, 1.0, 0.025, 0.8)
    shift = 2 ** 0.5 * 1.0364333894937898   # binormal AUC 0.85
    truth = np.repeat([True, False], m)
    wins = 0
    for _ in range(400):
        found = delong(truth, rng.normal(size=2 * m) + shift * truth)
        wins += (found.auc[0] - 0.75) / found.cov[0, 0] ** 0.5 > 1.96
    assert 0.68 < wins / 400 < 0.95


def test_correlated_models_need_fewer_cases():
    sizes = [ss.paired_auc_n_pos(0.85, 0.9, r, 1.0, 0.025, 0.8) for r in (0.0, 0.3, 0.6, 0.9)]
    assert sizes == sorted(sizes, reverse=True)
    assert ss.paired_auc_n_pos(0.85, 0.85, 0.5, 1.0, 0.025, 0.8, margin=0.05) > 10


@pytest.mark.parametrize(("mine", "name"), [(mp.holm, "holm"), (mp.hochberg, "simes-hochberg"), (mp.benjamini_hochberg, "fdr_bh"),
                                            (mp.benjamini_yekutieli, "fdr_by"), (mp.bonferroni, "bonferroni")])
def test_adjustments_are_statsmodels(mine, name):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for p in (np.array([0.3, 0.001, 0.02, 0.02, 0.9]), np.array([0.5])):
        assert mine(p) == pytest.approx(multitest.multipletests(p, method=name)[1], abs=1e-12)


@settings(deadline=None)
@given(P_VALUES)
def test_adjusted_p_values_keep_order_and_never_shrink(p):
    for adjust in (mp.holm, mp.benjamini_hochberg):
        out = adjust(p)
        assert (out >= p - 1e-15).all()
        assert (out <= 1).all()
        order = np.argsort(p, kind="stable")
        assert (np.diff(out[order]) >= -1e-15).all()


def test_the_ladder_does_not_move_for_noise_and_moves_for_a_real_gain():
    rng = np.random.default_rng(0)
    truth = rng.random(1000) < 0.5
    noise = [(rng.random(1000) < 0.5) != truth for _ in range(60)]
    better = noise[0].copy()
    better[:200] = False
    trace = ladder.parameter_free(np.array([*noise, better], float))
    assert len(set(trace[:60])) <= 6
    assert trace[-1] < trace[-2] - 0.05


def test_a_fixed_ladder_shows_multiples_of_its_grid():
    losses = (np.random.default_rng(1).random((20, 300)) < np.linspace(0.6, 0.2, 20)[:, None]).astype(float)
    shown = ladder.fixed(losses, eta=0.05, grid=0.05)
    assert np.allclose(shown / 0.05, np.round(shown / 0.05))
    assert (np.diff(shown) <= 0).all()

"""One draw matrix for everything."""
from __future__ import annotations

import numpy as np
import pytest

from eval_harness.metrics.auc import auc_leave_one_person_out, auc_midrank
from eval_harness.metrics.registry import metric
from eval_harness.metrics.rows import BinaryRows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats import estimates as es


def rows(n=80, persons=40, seed=2):
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.4
    return BinaryRows(rng.normal(size=n) + truth, truth, np.arange(n) % persons, persons)


def test_every_draw_takes_as_many_persons_as_there_are():
    weights = bs.draw(37, 200, seed=1)
    assert weights.shape == (200, 37)
    assert (weights.sum(axis=1) == 37).all()


def test_the_same_seed_draws_the_same_persons_in_blocks_of_any_size():
    whole = bs.draw(50, 30, seed=9)
    parts = np.concatenate([bs.draw(50, 7, 9, first=0), bs.draw(50, 23, 9, first=7)])
    assert np.array_equal(whole, parts)
    assert np.array_equal(whole, np.concatenate(list(bs.draw_blocks(50, 30, 9))))
    assert not np.array_equal(whole, bs.draw(50, 30, seed=10))


def test_the_first_draws_of_a_seed_stay_what_they_are():
    """A report is verified years later: the bit stream and the picking rule are a promise."""
    assert bs.draw(5, 3, seed=20260101).tolist() == FIRST_DRAWS


FIRST_DRAWS = [[1, 1, 1, 1, 1], [0, 1, 1, 2, 1], [0, 2, 0, 1, 2]]


def test_a_stratified_draw_keeps_every_stratum_at_its_size():
    strata = np.repeat([0, 1, 2], [10, 25, 5])
    weights = bs.draw(40, 100, 3, strata)
    for level in (0, 1, 2):
        assert (weights[:, strata == level].sum(axis=1) == (strata == level).sum()).all()


def test_draws_are_multinomial():
    weights = bs.draw(20, 20000, seed=5).astype(float)
    assert weights.mean() == pytest.approx(1)
    assert weights.var(axis=0).mean() == pytest.approx(19 / 20, rel=0.03)
    assert np.cov(weights[:, 0], weights[:, 1])[0, 1] == pytest.approx(-1 / 20, abs=0.02)


def test_the_bootstrap_is_the_metric_on_the_drawn_persons():
    one = rows()
    weights = bs.draw(one.n_persons, 5, seed=4)
    for draw, value in zip(weights, auc_midrank(one, weights), strict=True):
        units = np.concatenate([np.flatnonzero(one.person == p) for p in np.repeat(np.arange(one.n_persons), draw)])
        again = BinaryRows(one.score[units], one.truth[units], np.arange(len(units)), len(units))
        assert value == pytest.approx(auc_midrank(again, bs.ones(len(units)))[0])


def test_the_jackknife_leaves_each_person_out_with_all_his_units():
    one = rows(persons=20)
    left = bs.jackknife(auc_midrank, one, 20)
    keep = one.person != 7
    without = BinaryRows(one.score[keep], one.truth[keep], one.person[keep], 20)
    assert left[7] == pytest.approx(auc_midrank(without, bs.ones(20))[0])


def test_bca_is_scipys_bca_on_the_same_draws():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    sample = rng.exponential(size=60)
    values = rng.choice(sample, (4000, 60)).mean(axis=1)
    left = (sample.sum() - sample) / 59
    mine = bs.bca(values, sample.mean(), left)
    theirs = stats.bootstrap((sample,), np.mean, method="BCa", n_resamples=4000, rng=1).confidence_interval
    assert (mine.lower, mine.upper) == pytest.approx((theirs.low, theirs.high), abs=0.02)
    assert mine.lower > bs.percentile(values).lower   # a right-skewed mean: BCa moves up


def test_undefined_draws_are_dropped_and_counted():
    found = bs.percentile(np.array([0.1, np.nan, 0.3, 0.2]))
    assert (found.kept, found.resamples) == (3, 4)


def test_persons_not_units_carry_the_doubt():
    """Every unit four times over says nothing new: the interval must not shrink."""
    single = rows(n=60, persons=60)
    four = BinaryRows(np.tile(single.score, 4), np.tile(single.truth, 4), np.tile(single.person, 4), 60)
    weights = bs.draw(60, 800, seed=8)
    for id, one in (("single", single), ("four", four)):
        assert es.bootstrapped(id, metric("auc"), one, weights, 8).interval.lower == pytest.approx(
            es.bootstrapped("x", metric("auc"), single, weights, 8).interval.lower)
    assert es.auc("four", four).interval.upper == pytest.approx(es.auc("single", single).interval.upper, abs=0.01)


@pytest.mark.parametrize("persons", [80, 20, 5])
def test_the_fast_jackknife_of_auc_is_the_slow_one(persons):
    one = rows(persons=persons)
    assert auc_leave_one_person_out(one) == pytest.approx(bs.jackknife(auc_midrank, one, persons), abs=1e-12, nan_ok=True)


def test_pseudo_values_of_a_mean_are_its_values():
    values = np.random.default_rng(0).normal(size=30)
    left = (values.sum() - values) / 29
    assert bs.pseudo_values(values.mean(), left) == pytest.approx(values)

"""Likelihood ratios, predictive values at a stated prevalence, gaps between groups."""
from __future__ import annotations

import math

import numpy as np
import pytest

from eval_harness.metrics.rows import BinaryRows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.fairness import gaps
from eval_harness.stats.likelihood_ratios import (
    diagnostic_odds_ratio,
    likelihood_ratios,
    predictive_value_intervals,
    predictive_values,
)
from eval_harness.stats.strata import age_band


def test_predictive_values_at_the_samples_own_prevalence_are_the_samples():
    tp, fp, fn, tn = 83, 19, 45, 174
    ppv, npv = predictive_values(tp / 128, tn / 193, 128 / 321)
    assert (ppv, npv) == pytest.approx((tp / (tp + fp), tn / (tn + fn)))


def test_the_odds_ratio_is_the_ratio_of_the_likelihood_ratios():
    plus, minus = likelihood_ratios(83, 19, 45, 174)
    assert diagnostic_odds_ratio(83, 19, 45, 174).value == pytest.approx(plus.value / minus.value)


def test_an_empty_cell_leaves_the_ratio_undefined_and_nothing_is_added_to_it():
    plus, minus = likelihood_ratios(10, 0, 2, 20)
    assert math.isnan(plus.value)
    assert minus.value == pytest.approx(2 / 12)
    assert math.isnan(diagnostic_odds_ratio(10, 0, 2, 20).value)
    assert math.isnan(predictive_value_intervals(10, 0, 2, 20, 0.1)[0].lower)


def test_a_rare_disease_makes_a_good_test_a_poor_call():
    assert predictive_values(0.9, 0.9, 0.01)[0] < 0.1


def test_a_gap_has_one_interval_of_its_own_from_the_shared_draws():
    rng = np.random.default_rng(1)
    group = np.repeat(["north", "south"], 150)
    truth = rng.random(300) < 0.4
    score = np.where(group == "north", 0.55, 0.45) + 0.3 * (truth - 0.5) + rng.normal(0, 0.15, 300)
    rows = BinaryRows(score, truth, np.arange(300), 300)
    weights = bs.draw(300, 500, 2)
    found, once = gaps(rows, group, weights, 0.5), gaps(rows, group, bs.ones(300), 0.5)
    interval = bs.percentile(found.difference["tpr"])
    by_hand = [((score >= 0.5) & truth & (group == g)).sum() / (truth & (group == g)).sum() for g in ("north", "south")]
    assert once.difference["tpr"][0] == pytest.approx(abs(by_hand[0] - by_hand[1]))
    assert interval.lower < once.difference["tpr"][0] < interval.upper
    assert once.equalized_odds_difference[0] == max(once.difference["tpr"][0], once.difference["fpr"][0])


@pytest.mark.parametrize(("age", "band"), [(0.5, "<1"), (1, "1-5"), (12.9, "6-12"), (17.9, "13-17"), (18, "18-44"), (75, "75+"),
                                           (-1, "unknown")])
def test_children_have_bands_of_their_own(age, band):
    assert age_band(age) == band

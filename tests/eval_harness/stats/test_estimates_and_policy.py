"""A number is a value, an interval and an n, or the written reason why there is none."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eval_harness.base import Absent, Estimate, Interval, canonical
from eval_harness.metrics.registry import metric
from eval_harness.metrics.rows import BinaryRows, FrocRows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats import degenerate
from eval_harness.stats import estimates as es


def binary(score, truth, person=None):
    truth = np.asarray(truth, bool)
    person = np.arange(len(truth)) if person is None else np.asarray(person)
    return BinaryRows(np.asarray(score, float), truth, person, int(person.max()) + 1 if len(person) else 0)


def froc(score=(), hit=(), lesions=3, scans=4):
    n = scans
    return FrocRows(np.asarray(score, float), np.asarray(hit, bool), np.zeros(len(score), bool), np.zeros(len(score), int),
                    np.bincount(np.arange(lesions) % n, minlength=n), np.ones(n, int), n)


@pytest.mark.parametrize(("rows", "value", "interval"), [
    (binary([0.1, 0.2], [1, 1]), "one_class", "one_class"),
    (binary([0.1, 0.2, 0.9], [0, 0, 1]), 1.0, Interval),
    (binary([0.1, 0.9, 0.5], [0, 0, 1]), 0.5, "single_positive"),
    (binary([0.3, 0.3, 0.3, 0.3], [1, 0, 1, 0]), 0.5, "all_tied"),
    (binary([0.1, float("nan"), 0.5, 0.2], [1, 0, 1, 0]), "nan_score", "nan_score"),
    (binary([], []), "no_unit", "no_unit"),
])
def test_auc_of_a_degenerate_sample_is_what_the_table_says(rows, value, interval):
    found = es.auc("auc", rows)
    assert (found.value.code if isinstance(found.value, Absent) else found.value) == value
    if interval is Interval:
        assert isinstance(found.interval, Interval)
    else:
        assert found.interval.code == interval


def test_perfect_separation_has_a_one_sided_bound_and_not_certainty():
    found = es.auc("auc", binary([1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1]))
    assert found.value == 1
    assert found.interval.sided == "lower"
    assert found.interval.lower == pytest.approx(0.05 ** (1 / 3))


def test_the_bound_at_perfect_separation_holds_by_simulation():
    """An AUC below the bound shows perfect separation in at most 5 % of samples."""
    rng, m, n = np.random.default_rng(3), 4, 9
    bound = es.auc("auc", binary(np.arange(m + n), np.arange(m + n) >= n)).interval.lower
    positives, negatives = rng.random((20000, m)) < bound, np.zeros((20000, n))   # P(positive above all) = bound
    scores = np.where(positives, 1.0, -1.0)
    assert (scores.min(axis=1) > negatives.max(axis=1)).mean() < 0.055


def test_identical_models_differ_by_zero_without_an_interval():
    one = binary([0.1, 0.4, 0.35, 0.8, 0.7, 0.5], [0, 1, 0, 1, 1, 0])
    found = es.auc_difference("d", one, binary(10 * one.score, one.truth))
    assert (found.value, found.interval.code) == (0.0, "identical_models")


def test_no_true_positive_is_zero_with_the_upper_bound_of_none_found():
    found = es.bootstrapped("cpm", metric("cpm"), froc([0.5, 0.4], [False, False]), bs.draw(4, 50, 1), 1)
    assert found.value == 0
    assert 0.5 < found.interval.upper < 0.8
    assert found.interval.method == "no_true_positive"


def test_an_empty_submission_is_a_result_and_a_set_without_lesions_is_not():
    assert es.bootstrapped("cpm", metric("cpm"), froc(), bs.draw(4, 50, 1), 1).value == 0
    assert es.bootstrapped("cpm", metric("cpm"), froc(lesions=0), bs.draw(4, 50, 1), 1).value == Absent("no_lesion")


def test_a_rate_without_variation_or_with_one_person_has_no_bootstrap_interval():
    certain = binary([0.9, 0.8, 0.9, 0.2], [1, 1, 1, 0])
    found = es.bootstrapped("s", metric("sensitivity"), certain, bs.draw(4, 200, 1), 1, params={"threshold": 0.5})
    assert found.interval.code in {"no_variation", "few_persons"}
    assert es.bootstrapped("b", metric("brier"), binary([0.9], [1]), bs.draw(1, 50, 1), 1).interval.code == "no_variation"


def test_a_proportion_of_nothing_is_absent():
    assert es.proportion("p", 0, 0).value == Absent("no_unit")
    assert es.proportion("p", 3, 4, "clopper_pearson").interval.method == "clopper_pearson"


def test_every_estimate_can_be_signed_and_read_back():
    for found in (es.auc("auc", binary([0.1, 0.4, 0.35, 0.8], [0, 1, 0, 1])), es.proportion("p", 0, 0),
                  es.auc("a", binary([1, 2, 3], [0, 0, 1]))):
        assert canonical(found.to_dict())
        assert Estimate.from_dict(found.to_dict()) == found


def test_a_reason_outside_the_table_cannot_be_given():
    with pytest.raises(KeyError):
        degenerate.absent("just_because")


@pytest.mark.parametrize(("lang", "name"), [("en", "degenerate-input.md"), ("zh", "degenerate-input.zh.md")])
def test_the_page_in_docs_is_the_table(lang, name):
    page = Path(__file__).parents[3] / "docs" / name
    assert page.read_text(encoding="utf-8") == degenerate.page(lang)


def test_the_table_covers_every_case_it_must():
    assert {"one_class", "single_positive", "all_tied", "nan_score", "perfect_separation", "identical_models", "empty_both",
            "empty_reference", "empty_prediction", "empty_submission", "no_true_positive", "no_false_positive"} <= set(degenerate.policy())

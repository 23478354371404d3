"""The laws of design/evaluation: a failure never helps, a lost hit never helps, an empty mask never beats a mask."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_rows import CAP, params_of, rows_of

from eval_harness.metrics.failures import failed_marks, failed_report, failed_score
from eval_harness.metrics.mask_measure import measure_mask
from eval_harness.metrics.registry import metric, names
from eval_harness.metrics.rows import MaskRows
from eval_harness.stats import bootstrap as bs

TRIES = 40
PRIMARY = [name for name in sorted(names()) if metric(name).primary]


def better(spec, before, after):
    """How much `after` is better than `before`; NaN counts as no change."""
    sign = 1 if spec.better == "higher" else -1
    return np.nan_to_num(sign * (after - before))


def check(name, spoil, seeds=range(TRIES)):
    spec = metric(name)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rows = rows_of(spec.kind, rng)
        worse = spoil(rows, rng)
        once, params = bs.ones(rows.n_persons), params_of(spec)
        assert better(spec, spec(rows, once, **params), spec(worse, once, **params))[0] <= 1e-12, (name, seed)


def fail_score(rows, rng):
    unit = int(rng.integers(len(rows.person)))
    score = rows.score.copy()
    score[unit] = failed_score(rows.truth[unit])
    return replace(rows, score=score)


def fail_scan(rows, rng):
    """One scan (person) gives no output: its marks go, the cap's false positives come."""
    scan = int(rng.integers(rows.n_persons))
    keep, marks = rows.person != scan, failed_marks(CAP)
    return replace(rows, score=np.r_[rows.score[keep], marks.score], hit=np.r_[rows.hit[keep], marks.hit],
                   ignored=np.r_[rows.ignored[keep], np.zeros(CAP, bool)], person=np.r_[rows.person[keep], np.full(CAP, scan)])


def lose_hit(rows, rng):
    """One found lesion is marked beside it instead."""
    hits = np.flatnonzero(rows.hit)
    if len(hits) == 0:
        return rows
    hit = rows.hit.copy()
    hit[rng.choice(hits)] = False
    return replace(rows, hit=hit)


def drop_hit(rows, rng):
    """One found lesion is not marked at all."""
    hits = np.flatnonzero(rows.hit)
    if len(hits) == 0:
        return rows
    keep = np.arange(len(rows.hit)) != rng.choice(hits)
    return replace(rows, score=rows.score[keep], hit=rows.hit[keep], ignored=rows.ignored[keep], person=rows.person[keep])


def fail_image(rows, rng):
    image, marks = int(rng.integers(rows.n_persons)), failed_marks(CAP)
    keep = rows.person != image
    false = np.zeros((len(rows.hit), CAP), bool)
    return replace(rows, score=np.r_[rows.score[keep], marks.score], hit=np.c_[rows.hit[:, keep], false],
                   ignored=np.c_[rows.ignored[:, keep], false], person=np.r_[rows.person[keep], np.full(CAP, image)])


def lose_box(rows, rng):
    hits = np.flatnonzero(rows.hit.any(axis=0))
    hit = rows.hit.copy()
    if len(hits):
        hit[:, rng.choice(hits)] = False
    return replace(rows, hit=hit)


def fail_report(rows, rng):
    unit = int(rng.integers(len(rows.person)))
    failed = failed_report(rows.reference[unit], 30, int(rows.characters[unit]), 200)
    true, predicted, edits = rows.true.copy(), rows.predicted.copy(), rows.edits.copy()
    true[unit], predicted[unit], edits[unit] = failed.true, failed.predicted, failed.edits
    return replace(rows, true=true, predicted=predicted, edits=edits)


SPOILS = {"binary": [fail_score], "multilabel": [fail_score], "froc.points": [fail_scan, lose_hit, drop_hit],
          "froc.masks": [fail_scan, lose_hit, drop_hit], "boxes": [fail_image, lose_box], "tags": [fail_report]}


@pytest.mark.parametrize(("name", "spoil"), [(name, spoil) for name in PRIMARY for spoil in SPOILS.get(metric(name).kind, [])],
                         ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_a_failure_or_a_lost_hit_never_improves_a_metric_that_may_be_primary(name, spoil):
    check(name, spoil)


def masks(rng, shape=(9, 8, 7)):
    centre, radius = rng.integers(1, 7, 3), rng.integers(1, 4)
    grid = np.indices(shape)
    return sum((axis - c) ** 2 for axis, c in zip(grid, centre, strict=True)) <= radius**2


def as_rows(measured):
    names_ = measured[0]["columns"]
    columns = {name: np.array([np.nan if m["columns"][name] is None else m["columns"][name] for m in measured], float) for name in names_}
    return MaskRows(columns, np.array([m["diagonal_mm"] for m in measured]), np.arange(len(measured)), len(measured))


MASK_METRICS = [name for name in PRIMARY if metric(name).kind == "mask"]


@pytest.mark.parametrize("name", MASK_METRICS)
def test_a_failed_or_empty_mask_never_beats_a_mask(name):
    spec = metric(name)
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        reference, predicted, other = masks(rng), masks(rng), masks(rng)
        spacing = (0.7, 0.7, 2.5)
        fixed = measure_mask(other, masks(rng), spacing)
        value = {kind: spec(as_rows([fixed, measure_mask(reference, output, spacing)]), bs.ones(2), **params_of(spec))[0]
                 for kind, output in (("mask", predicted), ("empty", np.zeros_like(reference)), ("failed", None))}
        assert better(spec, value["mask"], value["empty"]) <= 1e-12
        assert better(spec, value["mask"], value["failed"]) <= 1e-12
        assert better(spec, value["empty"], value["failed"]) <= 1e-12


def test_a_failed_mask_is_not_an_empty_one_where_nothing_was_to_be_found():
    nothing = np.zeros((6, 6, 6), bool)
    empty, failed = (measure_mask(nothing, output, (1, 1, 1))["columns"] for output in (nothing, None))
    assert (empty["dice"], failed["dice"]) == (1.0, 0.0)
    assert empty["hd95_mm"] == 0.0
    assert failed["hd95_mm"] is None


@pytest.mark.parametrize("name", ["ece_width", "cpm_nearest", "abs_volume_error_ml"])
def test_a_metric_that_breaks_a_law_may_not_be_primary(name):
    assert not metric(name).primary


def test_the_nearest_rule_really_can_reward_a_lost_hit():
    """Why cpm_nearest is barred: the planted counter-example that the laws' test must be able to see."""
    spec = metric("cpm_nearest")
    gains = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        rows = rows_of("froc.points", rng)
        once = bs.ones(rows.n_persons)
        gains.append(spec(lose_hit(rows, rng), once)[0] - spec(rows, once)[0])
    assert max(gains) > 0

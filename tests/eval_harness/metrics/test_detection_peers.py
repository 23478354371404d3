"""Detection metrics against the official codes' rules, pycocotools and brute force."""
from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from eval_harness.metrics import boxes as bx
from eval_harness.metrics import froc
from eval_harness.metrics import froc_instances as fi
from eval_harness.metrics.detection_map import detection_ap, evaluate_map, map_rows
from eval_harness.metrics.froc_match import Points, cap_marks, match_points
from eval_harness.stats import bootstrap as bs


def points(*rows):
    table = np.array(rows, float).reshape(-1, 5)
    return Points(table[:, 0].astype(int), table[:, 1:4], table[:, 4])


NONE = points()


def test_a_mark_on_the_radius_misses_and_one_just_inside_hits():
    lesion = points((0, 0, 0, 0, 10))
    assert not match_points(points((0, 5, 0, 0, 0.9)), lesion, NONE, 1).rows.hit.any()
    assert match_points(points((0, 4.999, 0, 0, 0.9)), lesion, NONE, 1).rows.hit.all()


def test_a_negative_diameter_means_ten_millimetres():
    assert match_points(points((0, 4.9, 0, 0, 0.9)), points((0, 0, 0, 0, -1)), NONE, 1).rows.hit.all()


def test_the_best_mark_is_the_hit_and_its_repeats_count_nowhere():
    found = match_points(points((0, 0, 0, 0, 0.3), (0, 1, 0, 0, 0.8)), points((0, 0, 0, 0, 10)), NONE, 1)
    assert found.rows.score.tolist() == [0.8]
    assert (found.repeats, found.ignored_excluded) == (1, 0)


def test_one_mark_inside_two_lesions_finds_both():
    assert match_points(points((0, 2, 0, 0, 0.8)), points((0, 0, 0, 0, 10), (0, 4, 0, 0, 10)), NONE, 1).rows.hit.tolist() == [True, True]


def test_a_mark_on_an_excluded_finding_is_ignored_unless_it_is_also_on_a_lesion():
    lesion, excluded = points((0, 0, 0, 0, 10)), points((0, 4, 0, 0, 10))
    found = match_points(points((0, 7, 0, 0, 0.9), (0, 2, 0, 0, 0.8)), lesion, excluded, 1)
    assert found.rows.ignored.tolist() == [False, True]
    assert found.rows.hit.tolist() == [True, False]


def test_the_cap_drops_ties_at_the_cut():
    marks = points(*[(0, i, 0, 0, s) for i, s in enumerate([0.9, 0.8, 0.5, 0.5, 0.4])])
    assert sorted(cap_marks(marks, 1, 3).size) == [0.8, 0.9]
    assert len(cap_marks(marks, 1, 5).size) == 5


def test_marks_of_another_scan_do_not_hit():
    assert not match_points(points((1, 0, 0, 0, 0.9)), points((0, 0, 0, 0, 10)), NONE, 2).rows.hit.any()


def random_study(seed, scans=7):
    rng = np.random.default_rng(seed)
    lesions = Points(rng.integers(0, scans, 9), rng.uniform(0, 40, (9, 3)), rng.uniform(5, 15, 9))
    marks = Points(rng.integers(0, scans, 60), rng.uniform(0, 40, (60, 3)), np.round(rng.random(60), 1))
    marks.xyz_mm[:20] = lesions.xyz_mm[rng.integers(0, 9, 20)] + rng.normal(0, 2, (20, 3))
    return match_points(marks, lesions, NONE, scans).rows


@pytest.mark.parametrize("seed", range(10))
def test_the_curve_counts_what_a_threshold_would(seed):
    rows = random_study(seed)
    curve = froc.froc_curve(rows, official_points=False)
    for threshold, fp, sensitivity in zip(curve.threshold, curve.fp_per_scan, curve.sensitivity, strict=True):
        assert fp == pytest.approx((~rows.hit & (rows.score >= threshold)).sum() / 7)
        assert sensitivity == pytest.approx((rows.hit & (rows.score >= threshold)).sum() / 9)


@pytest.mark.parametrize("points_", [froc.CPM_POINTS, (0.25, 1.0), (0.01,)])
@pytest.mark.parametrize("seed", range(10))
def test_the_fast_interpolation_is_the_curve_interpolated_draw_by_draw(seed, points_):
    """Few points use the head of the marks only; a draw that takes the quiet scans needs all of them."""
    rows = random_study(seed)
    weights = bs.draw(rows.n_persons, 20, seed)
    fast = froc.sensitivity_at_fp(rows, weights, points_)
    for draw, values in zip(weights, fast, strict=True):
        curve = froc.froc_curve(rows, draw)
        if draw @ rows.lesions:
            assert values == pytest.approx(np.interp(points_, curve.fp_per_scan, curve.sensitivity), abs=1e-12)


def test_the_three_rules_order_as_they_must():
    for seed in range(20):
        rows = random_study(seed)
        interp, step = (froc.cpm(rows, bs.ones(7), rule)[0] for rule in ("interp", "step"))
        assert step <= interp + 1e-12


def coco_case(seed, n_images=8, categories=2):
    rng = np.random.default_rng(seed)
    truth = {"images": [{"id": i + 1, "width": 400, "height": 400} for i in range(n_images)],
             "categories": [{"id": c + 1, "name": str(c)} for c in range(categories)], "annotations": []}
    results = []
    for _ in range(3 * n_images):
        x, y, w, h = (*rng.uniform(0, 250, 2), *rng.uniform(8, 140, 2))
        image, category = int(rng.integers(1, n_images + 1)), int(rng.integers(1, categories + 1))
        truth["annotations"].append({"id": len(truth["annotations"]) + 1, "image_id": image, "category_id": category,
                                     "bbox": [x, y, w, h], "area": w * h, "iscrowd": int(rng.random() < 0.1)})
        for _ in range(rng.integers(0, 3)):
            jitter = rng.normal(0, 0.12, 4) * [w, h, w, h]
            box = [x + jitter[0], y + jitter[1], max(2, w + jitter[2]), max(2, h + jitter[3])]
            results.append({"image_id": image, "category_id": category, "bbox": box, "score": round(float(rng.random()), 2)})
    return truth, results


@pytest.mark.parametrize("seed", range(12))
def test_average_precision_and_recall_are_pycocotools(seed):
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    from eval_harness.conformance.tasks.boxes import NAMES, boxes_of

    truth, results = coco_case(seed)
    with contextlib.redirect_stdout(io.StringIO()):
        reference = coco.COCO()
        reference.dataset = {**truth, "info": {}}
        reference.createIndex()
        judged = evaluation.COCOeval(reference, reference.loadRes([dict(r) for r in results]), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    place = {image["id"]: i for i, image in enumerate(truth["images"])}
    gt, dt = boxes_of(truth["annotations"], place), boxes_of(results, place)
    for value, (name, area, limit, iou, kind) in zip(judged.stats, NAMES, strict=True):
        rows = bx.match_boxes(gt, dt, len(place), None, area, limit)
        mine = (bx.box_ap if kind == "ap" else bx.box_ar)(rows, bs.ones(rows.n_persons), iou)[0]
        assert (np.nan_to_num(mine, nan=-1.0)) == pytest.approx(value, abs=1e-9), name


def test_pair_iou_and_the_challenges_iou_agree_for_lone_pairs_and_differ_where_neighbours_touch():
    reference, predicted = np.zeros((20, 10, 4), int), np.zeros((20, 10, 4), int)
    reference[2:8, 2:8], predicted[3:9, 2:8] = 1, 1
    assert fi.iou_pairs(reference, predicted, 1, 1) == pytest.approx(fi.iou_union_component(reference, predicted, 1, 1), rel=1e-6)
    reference[9:14, 2:8] = 2
    assert fi.iou_union_component(reference, predicted, 2, 1)[0, 0] < fi.iou_pairs(reference, predicted, 2, 1)[0, 0]


def test_two_predictions_on_one_fracture_are_one_hit_and_no_false_positive():
    iou = np.array([[0.5, 0.0], [0.4, 0.0], [0.1, 0.1]])
    rows = fi.instance_rows([fi.Instances(iou, np.array([0.6, 0.9, 0.5]))])
    assert sorted(zip(rows.hit.tolist(), rows.score.tolist(), strict=True)) == [(False, 0.5), (True, 0.9)]
    assert rows.lesions.tolist() == [2]


def test_an_iou_of_exactly_the_threshold_is_no_hit():
    assert not fi.instance_rows([fi.Instances(np.array([[0.2]]), np.array([0.9]))]).hit.any()


def test_the_hungarian_match_finds_more_lesions_than_a_greedy_one():
    reference, detection = np.zeros((24, 6, 3), int), np.zeros((24, 6, 3))
    reference[0:6], reference[8:14] = 1, 1
    detection[4:11] = 0.9     # overlaps both lesions
    detection[0:3] = 0.5      # overlaps the first only, apart from the large blob
    found = evaluate_map(detection, reference)
    assert sum(1 for is_lesion, score, _ in found.lesions if is_lesion and score > 0) == 2


def test_map_average_precision_is_scikit_learns_with_missed_lesions_at_zero():
    sk = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(12):
        reference, detection = np.zeros((16, 16, 4), int), np.zeros((16, 16, 4))
        if rng.random() < 0.7:
            reference[2:6, 2:6] = 1
            if rng.random() < 0.7:
                detection[2:6, 3:7] = round(float(rng.uniform(0.2, 0.9)), 2)
        if rng.random() < 0.5:
            detection[10:13, 10:13] = round(float(rng.uniform(0.1, 0.8)), 2)
        cases.append(evaluate_map(detection, reference))
    rows, _ = map_rows(cases)
    flat = [row for case in cases for row in case.lesions]
    truth, score = np.array([r[0] for r in flat]), np.array([r[1] for r in flat])
    precision, recall, thresholds = sk.precision_recall_curve(truth, score)
    precision[:-1][thresholds == 0] = 0
    assert detection_ap(rows, bs.ones(12))[0] == pytest.approx(-np.sum(np.diff(recall) * precision[:-1]))

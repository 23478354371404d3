import numpy as np
import pytest

from eval_harness.base import CaseKey, Result, Truth
from eval_harness.metrics.registry import metric
from eval_harness.scoring.columns import columns, persons_of
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.measures_outlines import unpacked
from eval_harness.stats.bootstrap import ones


def runs(array):
    edges = np.flatnonzero(np.diff(np.r_[0, array.reshape(-1).astype(np.int8), 0]))
    return {"shape": list(array.shape), "runs": np.column_stack([edges[::2], edges[1::2] - edges[::2]]).reshape(-1).tolist()}


def measured(kind, truths, outputs, params=None):
    pack = {"task": "t", "measure": {"kind": kind, "params": params or {}}}
    keys = [CaseKey(f"t{i}", f"c{i}", f"p{i}", "s", "site") for i in range(len(truths))]
    results = [Result("r", f"t{i}", 1, "crash", "signal") if output is None else Result("r", f"t{i}", 1, "ok", None, None, output)
               for i, output in enumerate(outputs)]
    rows = measure_run(results, keys, {f"t{i}": truth for i, truth in enumerate(truths)}, pack)
    return columns(kind, rows, persons_of(rows), shape=params or {}), rows


def value(name, rows, **params):
    return float(metric(name)(rows, ones(rows.n_persons), **params)[0])


def ball(centre):
    z, y, x = np.indices((8, 12, 12))
    return (z - 4) ** 2 + (y - centre) ** 2 + (x - centre) ** 2 <= 9


def test_a_mask_comes_back_from_its_runs_and_broken_runs_are_none():
    assert np.array_equal(unpacked(runs(ball(5))), ball(5))
    for broken in ([0], [0, 9999], [5, 3, 6, 1], [-1, 2]):
        assert unpacked({"shape": [4, 4], "runs": broken}) is None


def test_an_exact_mask_has_dice_one_and_a_failed_one_is_worse_than_an_empty_one():
    truth = Truth("c", {"mask": runs(ball(5))}, grid={"spacing_mm": [2.0, 1.0, 1.0]})
    empty, shifted = {"mask": {"shape": [8, 12, 12], "runs": []}}, {"mask": runs(ball(6))}
    rows, _ = measured("mask", [truth] * 4, [{"mask": runs(ball(5))}, shifted, empty, None])
    dice = rows.columns["dice"]
    assert dice[0] == 1.0
    assert 0.5 < dice[1] < 1.0
    assert dice[2] == dice[3] == 0.0
    assert value("hd95_mm", rows) > 0
    wrong_shape, _ = measured("mask", [truth], [{"mask": {"shape": [4, 12, 12], "runs": []}}])
    assert wrong_shape.columns["dice"][0] == 0.0
    assert wrong_shape.columns["state"][0] == rows.columns["state"][3]


def box(frame, x0, **more):
    return {"frame": frame, "x0": x0, "y0": 0, "x1": x0 + 10, "y1": 10, **more}


def test_boxes_hit_by_overlap_and_a_failed_clip_adds_false_ones_above_every_score():
    truth = Truth("c", {"frames": 3, "boxes": [box(0, 0), box(1, 40)]})
    answer = {"boxes": [box(0, 1, score=0.9), box(1, 70, score=0.8), box(2, 0, score=0.3)]}
    rows, _ = measured("boxes", [truth], [answer], {"iou": [0.5], "cap": 20})
    assert rows.hit[0].tolist() == [True, False, False]
    assert rows.boxes.sum() == 2
    failed, _ = measured("boxes", [truth, truth], [answer, None], {"iou": [0.5], "cap": 20})
    assert np.isinf(failed.score).sum() == 20
    assert value("box_ap50", failed) < value("box_ap50", rows)
    outside, _ = measured("boxes", [truth], [{"boxes": [box(7, 0, score=0.9)]}], {"iou": [0.5], "cap": 20})
    assert np.isinf(outside.score).all()


def test_tags_count_whole_entities_and_a_failed_report_scores_nothing():
    truth = Truth("c", {"tags": ["B-DIS", "I-DIS", "O", "B-SITE"], "text": "右肺结节"})
    good = {"tags": ["B-DIS", "I-DIS", "O", "B-SITE"], "text": "右肺结节"}
    half = {"tags": ["B-DIS", "O", "O", "B-SITE"], "text": "左肺结节"}
    params = {"types": ["DIS", "SITE"]}
    rows, _ = measured("tags", [truth] * 2, [good, half], params)
    assert rows.true.tolist() == [[1, 1], [0, 1]]
    assert rows.edits.tolist() == [0, 1]
    assert value("entity_f1", rows) == pytest.approx(0.75)
    failed, _ = measured("tags", [truth] * 2, [good, None], params)
    assert value("entity_f1", failed) < value("entity_f1", rows)
    assert value("character_error_rate", failed) > value("character_error_rate", rows)
    short, _ = measured("tags", [truth], [{"tags": ["B-DIS"], "text": ""}], params)
    assert short.true.sum() == 0


def test_uncertain_labels_are_masked_and_failed_ones_rank_worst():
    truth = Truth("c", {"labels": {"nodule": 1, "effusion": None}})
    params = {"labels": ["nodule", "effusion"]}
    rows, stored = measured("multilabel", [truth, truth], [{"scores": {"nodule": 0.7, "effusion": 0.2}}, None], params)
    assert rows.defined.tolist() == [[True, False], [True, False]]
    assert rows.score[1, 0] == -np.inf
    assert stored[1].imputed


def test_instances_hit_by_their_largest_overlap_and_a_failed_scan_adds_false_ones():
    shape = [8, 12, 12]
    held = {"shape": shape, "instances": [{"runs": runs(ball(4))["runs"], "class": "buckle"}]}
    truth = Truth("c", held, grid={"spacing_mm": [2.0, 1.0, 1.0]})
    answer = {"shape": shape, "instances": [{"runs": runs(ball(5))["runs"], "score": 0.6}, {"runs": runs(ball(4))["runs"], "score": 0.9},
                                            {"runs": runs(ball(9))["runs"], "score": 0.7}]}
    params = {"iou": 0.2, "cap": 10}
    rows, stored = measured("froc.masks", [truth], [answer], params)
    assert stored[0].rows["lesions"][0]["score"] == 0.9
    assert stored[0].rows["lesions"][0]["type"] == "buckle"
    assert stored[0].rows["false"] == [0.7]
    failed, _ = measured("froc.masks", [truth, truth], [answer, None], params)
    assert np.isinf(failed.score).sum() == 10
    assert value("rib_recall", failed) < value("rib_recall", rows)

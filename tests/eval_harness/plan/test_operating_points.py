"""Thresholds come from practice data by the task's rule, and never from a sealed set."""
import json
import sys

import numpy as np
import pytest

from eval_harness.base import WrongUsage
from eval_harness.cli.main import run as door
from eval_harness.metrics.rows import BinaryRows
from eval_harness.protocol.plan import default_plan
from eval_harness.protocol.points import practice_points, practice_rows, threshold
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set


def quick(pack, dataset):
    return {**default_plan(pack, dataset), "B": 200}


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("points")
    made = {}
    for task, visibility in (("chest-dr", "practice"), ("chest-dr", "sealed"), ("lung-nodule-ct", "practice")):
        evidence, _ = made_evidence(pack_json(load_pack(task)), quick, n=120, visibility=visibility)
        made[task, visibility] = score(evidence, folder / f"{task}-{visibility}")
    return made


def rows_of(score, truth):
    return BinaryRows(np.array(score), np.array(truth, bool), np.arange(len(score)), len(score))


@pytest.mark.parametrize(("rule", "right"), [
    ("youden", 0.6), ("specificity_at_least:1", 0.9), ("specificity_at_least:0.8", 0.6), ("sensitivity_at_least:1", 0.3)])
def test_a_rule_gives_the_threshold_that_one_finds_by_hand(rule, right):
    rows = rows_of([0.1, 0.2, 0.4, 0.5, 0.7, 0.3, 0.6, 0.65, 0.9], [0, 0, 0, 0, 0, 1, 1, 1, 1])
    assert threshold(rows, rule) == right


def test_a_failed_case_is_called_wrongly_at_any_threshold_and_never_becomes_one():
    rows = rows_of([-np.inf, 0.2, 0.6, 0.9, np.inf], [1, 0, 1, 1, 0])
    assert threshold(rows, "youden") == 0.6


def test_false_positives_a_scan_keep_to_the_limit_and_would_not_at_the_next_lower_score(scores):
    held = scores["lung-nodule-ct", "practice"]
    at, rows = practice_points(held, [{"name": "declared", "rule": "fp_per_scan:1"}])[0]["threshold"], practice_rows(held)
    false = rows.score[~rows.hit & ~rows.ignored]
    lower = np.max(rows.score[rows.score < at])
    assert (false >= at).sum() <= rows.scans.sum() < (false >= lower).sum()


def test_a_sealed_set_a_set_of_one_class_or_an_unknown_rule_gives_none(scores):
    with pytest.raises(WrongUsage, match="PLN-042"):
        practice_points(scores["chest-dr", "sealed"], [{"name": "declared", "rule": "youden"}])
    for rows, rule in ((rows_of([0.1, 0.2], [1, 1]), "youden"), (rows_of([0.1, 0.2], [0, 1]), "best")):
        with pytest.raises(WrongUsage, match="PLN-042"):
            threshold(rows, rule)


def test_a_new_plan_takes_its_thresholds_from_a_practice_score(scores, tmp_path, capsys, monkeypatch):
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=4, seed=1)
    held = scores["chest-dr", "practice"]
    words = ["plan", "new", "--data", tmp_path / "set", "--practice", held.path, "--out", tmp_path / "plan.yaml", "--json"]
    monkeypatch.setattr(sys, "argv", ["touchstone-eval", *map(str, words)])
    door()
    point = json.loads(capsys.readouterr().out.splitlines()[-1])["protocol"]["operating_points"][0]
    assert point["source"] == "practice:made-chest-dr-1@1"
    assert point["threshold"] in practice_rows(held).score

"""A model that knows the sealed part is right on planted references; an honest one is not, whatever the kind of task."""
import pytest

from eval_harness.base import Measurement
from eval_harness.scoring.canaries import RIGHT, suspicion
from eval_harness.scoring.measures import BY_KIND

LESION = {"size_mm": 6.0, "type": "solid"}
FOUND = {"lesions": [LESION | {"score": 0.9}], "false": [0.1], "aside": [0.8], "false_above": 0}
MISSED = {"lesions": [LESION | {"score": None}], "false": [], "aside": [], "false_above": 0}
ALARM = {"lesions": [], "false": [0.7], "aside": [], "false_above": 0}
ROWS = {
    "binary": ({"score": 0.9, "truth": 1}, {"score": 0.9, "truth": 0}),
    "multilabel": ({"scores": {"a": 0.9, "b": 0.2}, "truth": {"a": 1, "b": None}},
                   {"scores": {"a": 0.1, "b": 0.2}, "truth": {"a": 1, "b": 0}}),
    "froc.points": (FOUND, MISSED), "froc.masks": (FOUND, ALARM), "froc.clips": (FOUND, MISSED),
    "mask": ({"columns": {"dice": 0.9}, "diagonal_mm": 9.0}, {"columns": {"dice": 0.4}, "diagonal_mm": 9.0}),
    "boxes": ({"detections": [[0.9, [True], [False]], [0.2, [False], [False]]], "boxes": 1, "images": 1},
              {"detections": [[0.9, [True], [False]], [0.6, [False], [False]]], "boxes": 1, "images": 1}),
    "tags": ({"true": [1], "predicted": [1], "reference": [1], "edits": 0, "characters": 0},
             {"true": [0], "predicted": [1], "reference": [1], "edits": 0, "characters": 0}),
}


def cases(prefix, rows, n, imputed=False):
    return [Measurement(f"{prefix}{number}", f"person {prefix}{number}", rows, imputed) for number in range(n)]


def test_every_kind_of_task_can_be_tested():
    assert set(RIGHT) == set(BY_KIND) == set(ROWS)


@pytest.mark.parametrize("kind", ROWS)
def test_a_memoriser_is_noticed_and_an_honest_model_is_not(kind):
    right, wrong = ROWS[kind]
    clean = cases("c", right, 80) + cases("e", wrong, 20)
    honest = suspicion(cases("k", wrong, 9) + cases("l", right, 1), clean, kind, 0.5)
    cheat = suspicion(cases("k", right, 9) + cases("l", wrong, 1), clean, kind, 0.5)
    assert (honest["n"], honest["agree"], cheat["agree"]) == (10, 1, 9)
    assert honest["p"] > 0.5
    assert cheat["p"] < 1e-5


def test_a_copy_of_a_canary_and_a_failed_case_prove_nothing():
    right, _ = ROWS["binary"]
    clean = cases("c", right, 50)
    twice = [one for one in cases("k", right, 3) for _ in range(4)]
    assert suspicion(twice, clean, "binary", 0.5)["n"] == 3
    assert suspicion(cases("k", {"score": None, "truth": 1}, 3, imputed=True), clean, "binary", 0.5)["agree"] == 0
    assert suspicion([], clean, "binary", 0.5) is None

"""The consensus rule: who marked what becomes one reference standard, the same whatever order the rows come in."""
from __future__ import annotations

import random

import pytest

from pipelines.deid_zone.consensus import size_band, verdict
from schemas.shapes.dataset import ReferenceStandard

RULE = ReferenceStandard(readers=3, agree=2, match_mm=3.0)


def mark(reader: str, x: float, diameter: float = 6.0, label: str = "nodule") -> dict:
    return {"reader": reader, "label": label, "x_mm": x, "y_mm": 0.0, "z_mm": 0.0, "diameter_mm": diameter}


def says(**answers: str) -> list[dict]:
    return [{"reader": reader, "label": label} for reader, label in answers.items()]


def test_two_of_three_make_a_nodule_with_median_place_and_size():
    found = verdict("froc.points", [mark("a", 0.0, 5.0), mark("b", 1.0, 7.0), mark("c", 2.0, 6.0), mark("c", 50.0)], [], RULE)
    assert found.value == {"nodules": [{"x": 1.0, "y": 0.0, "z": 0.0, "diameter_mm": 6.0}]}
    assert [one["x"] for one in found.ignore] == [50.0], "what one reader saw counts neither way"
    assert "2 of 3" in found.source


def test_nearness_is_judged_by_size_or_by_the_rule():
    assert len(verdict("froc.points", [mark("a", 0.0), mark("b", 2.9), *says(c="negative")], [], RULE).value["nodules"]) == 1
    assert verdict("froc.points", [mark("a", 0.0), mark("b", 3.1), *says(c="negative")], [], RULE).value["nodules"] == []
    large = [mark("a", 0.0, 20.0), mark("b", 9.0, 20.0), *says(c="negative")]
    assert len(verdict("froc.points", large, [], RULE).value["nodules"]) == 1


def test_one_reader_cannot_agree_with_itself():
    found = verdict("froc.points", [mark("a", 0.0), mark("a", 1.0), *says(b="negative", c="negative")], [], RULE)
    assert found.value == {"nodules": []}
    assert len(found.ignore) == 2


def test_dropping_leaves_nothing_to_ignore():
    rule = RULE.model_copy(update={"below_agreement": "drop"})
    assert verdict("froc.points", [mark("a", 0.0), *says(b="negative", c="negative")], [], rule).ignore == ()


def test_the_order_of_rows_does_not_matter():
    rows = [mark(reader, x + shift) for reader, shift in (("a", 0), ("b", 0.7), ("c", 1.9)) for x in (0.0, 2.5, 5.0, 40.0)]
    right = verdict("froc.points", rows, [], RULE)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        again = verdict("froc.points", rows, [], RULE)
        assert sorted(map(str, again.value["nodules"])) == sorted(map(str, right.value["nodules"]))


@pytest.mark.parametrize("answers, label", [(("positive", "positive", "negative"), 1), (("negative", "positive", "negative"), 0)])
def test_a_majority_decides_a_classification(answers, label):
    assert verdict("binary", says(**dict(zip("abc", answers, strict=True))), [], RULE).value == {"label": label}


def test_too_few_readings_wait_for_a_person():
    assert verdict("binary", says(a="positive", b="positive"), [], RULE).why == "readings 2 of 3"
    assert verdict("froc.points", [], [], RULE).value is None


def test_the_adjudicated_rule_sends_any_disagreement_to_a_person_and_takes_the_answer():
    rule = RULE.model_copy(update={"rule": "adjudicated"})
    rows = says(a="positive", b="positive", c="negative")
    assert verdict("binary", rows, [], rule).why == "readers differ"
    assert verdict("binary", says(a="positive", b="positive", c="positive"), [], rule).value == {"label": 1}
    settled = verdict("binary", rows, says(chief="negative"), rule)
    assert (settled.value, settled.source) == ({"label": 0}, "adjudicated")


def test_a_rule_under_which_two_opposite_answers_could_stand_is_refused():
    with pytest.raises(ValueError, match="more than half"):
        ReferenceStandard(readers=4, agree=2)


@pytest.mark.parametrize("diameters, band", [([], "none"), ([4.9], "<5 mm"), ([3, 5], "5-10 mm"), ([10.1], ">10 mm")])
def test_a_case_is_as_large_as_its_largest_lesion(diameters, band):
    assert size_band({"nodules": [{"diameter_mm": diameter} for diameter in diameters]}) == band

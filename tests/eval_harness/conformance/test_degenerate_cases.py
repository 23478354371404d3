"""Cases with nothing to measure: a value, or a stated reason, or a refusal by name; never another exception, never a bare NaN."""
from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from eval_harness.base import TouchstoneError
from eval_harness.cli.conformance import conformance
from eval_harness.conformance.runner import run_case

LUNA = "seriesuid,coordX,coordY,coordZ,"
EMPTY, ONE = np.zeros((4, 4, 3), bool), np.pad(np.ones((1, 1, 1), bool), ((1, 2), (1, 2), (1, 1)))
STUDY = "reader,treatment,case,truth,rating\n" + "".join(
    f"{r},{t},{c},{c % 2},{c % 2 * 3 + 1}\n" for r in range(3) for t in (1, 2) for c in range(8))
SAME = "nodule_id,slot,malignancy\n" + "".join(f"n{i},{j},3\n" for i in range(4) for j in range(1, 5))


def case(folder, files):
    folder.mkdir(exist_ok=True)
    for name, held in files.items():
        if name.endswith(".npz"):
            np.savez(folder / name, **held)
        else:
            (folder / name).write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return folder


ABSENT = [
    ("nodule_detection_froc", {"annotations.csv": LUNA + "diameter_mm\n", "submission.csv": LUNA + "probability\na,1,2,3,.5\n",
                               "seriesuids.csv": "a\n"}, "cpm_interp", "no_lesion"),
    ("nodule_detection_froc", {"annotations.csv": LUNA + "diameter_mm\na,1,2,3,5\n", "submission.csv": LUNA + "probability\n",
                               "seriesuids.csv": ""}, "counts.Average number of candidates per scan", "no_unit"),
    ("binary_classification", {"s.csv": "y,score_a\n1,.2\n"}, "model_a.roc.auc", "one_class"),
    ("binary_classification", {"s.csv": "y,score_a,score_b\n1,.2,.1\n0,,.2\n1,.4,.3\n0,.1,.4\n"}, "model_a", "nan_score"),
    ("binary_classification", {"s.csv": "y,score_a,score_b\n1,.9,.9\n0,.3,.3\n1,.7,.7\n0,.1,.1\n"}, "paired_auc.z", "identical_models"),
    ("binary_classification", {"s.csv": "y,score_a\n1,.9\n0,.3\n0,.1\n"}, "model_a.roc.delong_var", "single_positive"),
    ("auc_delong", {"c.csv": "y,a,b\n1,1,2\n1,2,3\n"}, "auc.a.auc", "one_class"),
    ("auc_delong", {"c.json": {"e": {"y": [0, 1, 1], "a": [0.1, None, 0.3]}}}, "e.auc", "nan_score"),
    ("multilabel_classification", {"m.npz": {"y": np.array([[0, 1], [1, 0.0]]), "score": np.array([[0.1, np.nan], [0.2, 0.3]])}},
     "macro_auc_defined_labels", "nan_score"),
    ("detection_boxes", {"gt.json": {"images": [{"id": 1}], "annotations": [], "categories": [{"id": 1}]},
                         "dt.json": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "score": 0.5}]},
     "pycocotools.AP", "no_lesion"),
    ("segmentation_distance", {"m.npz": {"a__gt": EMPTY, "a__pred": ONE}, "s.json": {"a": [1, 1, 2]}}, "a.medpy.hd", "empty_reference"),
    ("reader_agreement", {"r.csv": SAME}, "malignancy.cohen_kappa_slot1_slot2_none", "undefined"),
    ("reader_agreement", {"r.csv": "nodule_id,slot,malignancy\nn1,1,3\nn1,2,4\n"}, "malignancy.icc1.value", "undefined"),
    ("repeatability", {"r.csv": "case,run1,run2\n1,2.0,2.1\n"}, "bland_altman_run1_run2.sd", "undefined"),
    ("mrmc_reader_study", {"r.csv": STUDY}, "mrmcaov.auc_random_readers_random_cases_delong.test_equality.0.F", "undefined"),
    ("report_text_nlp", {"tags.json": [{"ref": [], "pred": []}], "strings.json": [{"ref": "", "hyp": ""}]}, "cer", "undefined"),
    ("lesion_detection_map", {"m.npz": {"a_detection_map": np.zeros((3, 3, 3)), "a_label": np.zeros((3, 3, 3))}}, "AP", "no_lesion"),
]


@pytest.mark.parametrize(("task", "files", "name", "code"), ABSENT)
def test_what_cannot_be_measured_is_absent_with_its_reason_and_the_rest_is_computed(tmp_path, task, files, name, code):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = run_case(case(tmp_path / "c", files), task)
    assert found["absent"][name] == code
    assert found["verdict"] == "COMPUTED"
    json.dumps(found["values"], allow_nan=False)


REFUSED = [
    ("binary_classification", {"s.csv": "y,score_a\n"}, "CNF-002"),
    ("nodule_detection_froc", {"annotations.csv": LUNA + "diameter_mm\na,1,2,3,5\n",
                               "submission.csv": LUNA + "probability\na,1,Zhang San,3,.5\n"}, "CNF-011"),
    ("segmentation_distance", {"m.npz": {"a__gt": EMPTY, "a__pred": ONE[:2]}, "s.json": {"a": [1, 1, 2]}}, "CNF-002"),
    ("segmentation_distance", {"m.npz": {"a__gt": EMPTY, "a__pred": ONE}, "s.json": {}}, "CNF-002"),
    ("mrmc_reader_study", {"r.csv": "\n".join(line for line in STUDY.split("\n") if ",2," not in line[:4])}, "CNF-009"),
    ("report_text_nlp", {"tags.json": [{"ref": ["O", "B-A"], "pred": ["O"]}]}, "CNF-011"),
    ("proportions_and_planning", {"c.json": [[5, 3]]}, "CNF-011"),
    ("lesion_detection_map", {"m.npz": {"a_detection_map": -np.ones((3, 3, 3)), "a_label": np.ones((3, 3, 3))}}, "CNF-011"),
]


@pytest.mark.parametrize(("task", "files", "code"), REFUSED)
def test_inputs_that_make_no_case_are_refused_by_name_without_their_content(tmp_path, task, files, code):
    with pytest.raises(TouchstoneError) as refused:
        run_case(case(tmp_path / "c", files), task)
    assert refused.value.issue.code == code
    assert "Zhang" not in refused.value.issue.text("en") + refused.value.issue.text("zh")


def test_one_case_that_cannot_be_read_leaves_the_others_their_answer(tmp_path):
    bad = case(tmp_path / "bad", REFUSED[0][1])
    good = case(tmp_path / "good", ABSENT[2][1])
    app = Typer()
    app.command()(conformance)
    found = CliRunner().invoke(app, [str(bad), str(good), "--task", "binary_classification", "--json"])
    assert found.exit_code == 1
    told = json.loads(found.stdout[found.stdout.index('{"cases"'):])["cases"]
    assert told["good"]["verdict"] == "COMPUTED"
    assert (told["bad"]["verdict"], told["bad"]["issue"]["code"]) == ("DIFFERS", "CNF-002")
    assert CliRunner().invoke(app, [str(bad), "--task", "binary_classification"]).exit_code != 0

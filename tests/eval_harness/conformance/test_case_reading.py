"""Cases of the same kind with other names, other packing or nothing expected."""
from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from eval_harness.base import TouchstoneError
from eval_harness.cli.conformance import conformance
from eval_harness.conformance.compare import allowed_for, differences
from eval_harness.conformance.runner import run_case
from eval_harness.metrics.delong import compare_unpaired, delong


def scores(n=60, seed=1):
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.4).astype(int)
    return truth, np.round(rng.normal(size=n) + truth, 2), np.round(rng.normal(size=n) + 0.5 * truth, 2)


def write_case(folder, table, **told):
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join([",".join(table), *(",".join(str(v) for v in row) for row in zip(*table.values(), strict=True))])
    (folder / "markers.csv").write_text(text + "\n", encoding="utf-8")
    if told:
        (folder / "expected.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def wide(tmp_path, **told):
    truth, a, b = scores()
    sex = ["F" if i % 3 else "M" for i in range(len(truth))]
    return write_case(tmp_path / "wide", {"patient": range(len(truth)), "sex": sex, "died": truth, "crp": a, "ndka": b},
                      task="auc_delong", **told)


def test_a_wide_table_finds_its_outcome_markers_and_stratum_by_what_they_hold(tmp_path):
    values = run_case(wide(tmp_path))["values"]
    assert set(values["auc"]) == {"crp", "ndka"}
    assert set(values["paired"]) == {"crp_vs_ndka"}
    assert "F_vs_M" in values["unpaired"]["crp"]["sex"]
    for name in ("auc", "var_delong", "ci95_delong", "var_obuchowski", "pauc_spec_90_100", "pauc_spec_90_100_corrected",
                 "pauc_sens_80_100", "thresholds", "sens", "spec", "youden"):
        assert name in values["auc"]["crp"]


def test_the_unpaired_comparison_of_a_stratum_is_the_one_of_two_samples(tmp_path):
    truth, a, _ = scores()
    female = np.arange(len(truth)) % 3 > 0
    test = compare_unpaired(delong(truth[female] == 1, a[female]), delong(truth[~female] == 1, a[~female]))
    found = run_case(wide(tmp_path))["values"]["unpaired"]["crp"]["sex"]["F_vs_M"]
    assert found["t"] == pytest.approx(test.z)
    assert found["df"] == pytest.approx(test.df)


def test_thresholds_run_from_minus_to_plus_infinity_and_meet_their_rates(tmp_path):
    marker = run_case(wide(tmp_path))["values"]["auc"]["crp"]
    assert marker["thresholds"][0] == "-Infinity"
    assert marker["thresholds"][-1] == "Infinity"
    assert (marker["sens"][0], marker["spec"][0], marker["sens"][-1], marker["spec"][-1]) == (1.0, 0.0, 0.0, 1.0)
    place = len(marker["thresholds"]) // 2
    truth, a, _ = scores()
    assert marker["sens"][place] == pytest.approx((a[truth == 1] >= marker["thresholds"][place]).mean())


def test_two_columns_of_zeros_and_ones_are_refused_until_params_name_the_outcome(tmp_path):
    truth, a, b = scores()
    table = {"died": truth, "male": [i % 2 for i in range(len(truth))], "crp": a, "ndka": b}
    with pytest.raises(TouchstoneError) as refused:
        run_case(write_case(tmp_path / "two", table, task="auc_delong"))
    assert refused.value.issue.code == "CNF-005"
    found = run_case(write_case(tmp_path / "named", table, task="auc_delong", params={"outcome": "died"}))
    assert set(found["values"]["auc"]) == {"crp", "ndka", "male"}


@pytest.mark.parametrize(("words", "params", "same"), [
    (("Good", "Poor"), {}, True), (("Good", "Poor"), {"levels": ["Good", "Poor"]}, True), (("Poor", "Good"), {"positive": "Good"}, True),
    (("1", "2"), {}, True), (("Poor", "Good"), {}, False)])
def test_an_outcome_in_words_is_read_by_its_levels_and_else_as_r_orders_a_factor(tmp_path, words, params, same):
    truth, a, b = scores()
    plain = run_case(write_case(tmp_path / "plain", {"outcome": truth, "a": a, "b": b}, task="auc_delong"))["values"]
    told = write_case(tmp_path / "words", {"outcome": [words[one] for one in truth], "a": a, "b": b}, task="auc_delong",
                      params={"outcome": "outcome", **params})
    values = run_case(told)["values"]
    assert (values["n_pos"] == plain["n_pos"]) == same
    assert (values["auc"] == plain["auc"]) == same


def test_a_gzip_table_gives_the_same_values(tmp_path):
    plain = wide(tmp_path)
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "markers.csv.gz").write_bytes(gzip.compress((plain / "markers.csv").read_bytes()))
    assert run_case(packed, "auc_delong")["values"] == run_case(plain)["values"]


def test_a_marker_that_is_lower_in_positives_is_turned_round_and_says_so(tmp_path):
    truth, a, b = scores()
    up, down = ({"y": truth, "a": sign * a, "b": b} for sign in (1, -1))
    one = run_case(write_case(tmp_path / "up", up, task="auc_delong"))["values"]["auc"]["a"]
    other = run_case(write_case(tmp_path / "down", down, task="auc_delong"))["values"]["auc"]["a"]
    assert (one["direction"], other["direction"]) == ("<", ">")
    assert one["auc"] == pytest.approx(other["auc"])
    assert one["youden"]["threshold"] == pytest.approx(-other["youden"]["threshold"])


def test_without_expected_the_verdict_is_computed_and_a_planted_error_differs(tmp_path):
    assert run_case(wide(tmp_path))["verdict"] == "COMPUTED"
    auc = run_case(wide(tmp_path))["values"]["auc"]["crp"]["auc"]
    good = wide(tmp_path, expected={"auc": {"crp": {"auc": auc}}}, tolerance={"abs": 1e-9})
    assert run_case(good)["verdict"] == "MATCH"
    bad = wide(tmp_path, expected={"auc": {"crp": {"auc": auc + 2e-9}}}, tolerance={"abs": 1e-9})
    assert run_case(bad)["verdict"] == "DIFFERS"
    assert run_case(bad)["differs"][0]["path"] == "auc.crp.auc"


def test_a_value_the_case_names_and_we_do_not_compute_differs(tmp_path):
    folder = wide(tmp_path, expected={"auc": {"crp": {"luck": 1.0}}})
    assert run_case(folder)["differs"][0]["got"] == "not computed"


@pytest.mark.parametrize(("path", "expected"), [
    (("bootstrap_auc", "scipy_BCa_B2000", "0"), (0.006, 0.0)), (("calibration_slope", "se"), (1e-6, 0.0)),
    (("roc", "auc"), (1e-9, 0.0)), (("icc1", "ci95_rounded", "1"), (0.02, 0.0)),
])
def test_each_value_is_judged_by_the_tolerance_that_speaks_of_it(path, expected):
    told = {"abs": 1e-9, "bootstrap_abs": 0.006, "glm_abs": 1e-6, "icc_ci_abs": 0.02}
    assert allowed_for(path, told) == expected


def test_an_expected_nan_meets_an_absence_and_not_a_number():
    from eval_harness.stats.degenerate import absent

    assert list(differences({"x": "NaN"}, {"x": absent("one_class")}, {})) == []
    assert list(differences({"x": {"fails": "RuntimeError"}}, {"x": absent("empty_reference")}, {})) == []
    assert len(list(differences({"x": "NaN"}, {"x": 0.5}, {}))) == 1
    assert len(list(differences({"x": 0.5}, {"x": absent("one_class")}, {}))) == 1


def app():
    made = Typer()
    made.command()(conformance)
    return made


def test_the_command_prints_one_json_object_and_exits_by_verdict(tmp_path):
    good, bad = wide(tmp_path / "a"), wide(tmp_path / "b", expected={"n": 1})
    found = CliRunner().invoke(app(), [str(good), "--json"])
    assert found.exit_code == 0
    assert json.loads(found.stdout)["cases"]["wide"]["verdict"] == "COMPUTED"
    assert CliRunner().invoke(app(), [str(bad), "--json"]).exit_code == 1


def test_a_case_without_a_task_is_refused_by_name(tmp_path):
    truth, a, b = scores()
    folder = write_case(tmp_path / "bare", {"y": truth, "a": a, "b": b})
    with pytest.raises(TouchstoneError) as refused:
        run_case(folder)
    assert refused.value.issue.code == "CNF-003"


def luna(folder, marks):
    folder.mkdir(parents=True)
    lines = {"x.annotations.csv": ["seriesuid,coordX,coordY,coordZ,diameter_mm", "s1,0,0,0,10"], "x.seriesuids.csv": ["s1", "s2"],
             "x.submission.csv": ["seriesuid,coordX,coordY,coordZ,probability", *marks]}
    for name, text in lines.items():
        (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")
    return run_case(folder, "nodule_detection_froc")


def test_an_empty_submission_and_one_without_a_hit_are_zero_with_their_reason(tmp_path):
    for name, marks in (("empty_submission", []), ("no_true_positive", ["s1,30,0,0,0.9"])):
        result = luna(tmp_path / name, marks)
        assert result["values"]["x"]["cpm_interp"] == 0.0
        assert result["absent"]["x.cpm_interp"] == name


def test_a_detector_without_false_positives_keeps_its_sensitivity_at_every_rate(tmp_path):
    result = luna(tmp_path / "clean", ["s1,1,0,0,0.9"])
    assert set(result["values"]["x"]["sens_at_fp_interp"].values()) == {1.0}
    assert result["values"]["x"]["cpm_nearest_leaderboard"] == 0.0


def test_named_edge_cases_with_nan_or_one_class_are_absent_with_the_policys_code(tmp_path):
    folder = tmp_path / "edges"
    folder.mkdir()
    cases = {"nan_score": {"y": [0, 1, 1], "a": [0.1, "NaN", 0.3]}, "one_class": {"y": [1, 1], "a": [0.1, 0.4]},
             "tied": {"y": [0, 1, 0, 1], "a": [1, 1, 1, 1]}, "same": {"y": [0, 1, 0, 1], "a": [1, 2, 3, 4], "b": [2, 4, 6, 8]}}
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    result = run_case(folder, "auc_delong")
    assert result["absent"]["nan_score.auc"] == "nan_score"
    assert result["absent"]["one_class.auc"] == "one_class"
    assert result["absent"]["same.z"] == "identical_models"
    assert result["values"]["tied"]["auc"] == 0.5


def test_r_missing_values_leave_only_their_own_marker(tmp_path):
    truth, a, b = scores()
    holes = ["NA" if i == 3 else v for i, v in enumerate(a)]
    found = run_case(write_case(tmp_path / "holes", {"y": truth, "a": holes, "b": b}, task="auc_delong"))["values"]["auc"]
    assert found["a"]["n_pos"] + found["a"]["n_neg"] == len(truth) - 1
    assert found["b"]["n_pos"] + found["b"]["n_neg"] == len(truth)

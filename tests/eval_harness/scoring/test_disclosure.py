import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from label_attacker import Knowledge, accuracy, allowed_accuracy, from_facts, posterior

from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.disclose import redact
from eval_harness.scoring.disclosed_card import disclosed_card
from eval_harness.scoring.facts import build
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack


def quick(pack, dataset):
    return {**default_plan(pack, dataset), "B": 200}


def scored(tmp_path, task="chest-dr", name="score", **kwargs):
    pack = pack_json(load_pack(task))
    evidence, telemetry = made_evidence(pack, quick, visibility="sealed", **kwargs)
    return evidence, score(evidence, tmp_path / name, telemetry=telemetry).facts


def labels_by_score(evidence):
    """(scores, labels) of the cases in order of falling score, as the attacker and as truth have them."""
    answered = {one.token: one.output["score"] for one in evidence.results if one.status == "ok"}
    order = sorted(answered, key=lambda token: -answered[token])
    return np.array([answered[t] for t in order]), np.array([evidence.truths[t].value["label"] for t in order])


SIZES = (16, 20, 24, 28, 32, 36, 40, 48, 56, 60, 66, 72, 80, 90, 100, 110, 125, 140, 180, 220)
SETS = [(n, (0.3, 1.0, 1.8, 4.0)[(place + turn) % 4]) for place, n in enumerate(SIZES) for turn in (0, 2)]


@pytest.mark.parametrize(("n", "quality"), SETS)
def test_an_attacker_with_his_own_scores_recovers_no_label_of_a_sealed_set(tmp_path, n, quality):
    evidence, full = scored(tmp_path, n=n, quality=quality, seed=n)
    facts = redact(full)
    scores, labels = labels_by_score(evidence)
    held = from_facts(facts, scores)
    if held is None:
        return          # not even the number of positives is published: every labelling fits
    share = posterior(held, use_pairs=held.positives * (n - held.positives) <= 2100)
    assert share.min() > 0.001
    assert share.max() < 0.999
    assert accuracy(share, labels) <= allowed_accuracy(facts, held, full["estimates"][0]["value"]) + 0.05


SAID = ("estimates", "tests", "verdict", "strata", "curves", "robustness", "comparison", "accounting", "repeatability", "budget",
        "disclosure", "failures", "readers", "canary_test")


@pytest.mark.parametrize(("n", "quality", "seed"), [(6, 1.0, 1), (6, 3.0, 2), (7, 0.3, 3)])
def test_by_solver_every_labelling_of_a_small_set_gives_the_same_vendor_facts_but_for_the_verdict(n, quality, seed):
    """Each of the 2^n labellings is scored and redacted as the platform would: only the planned bit tells them apart."""
    pack = pack_json(load_pack("chest-dr"))
    evidence, _ = made_evidence(pack, quick, visibility="sealed", n=n, quality=quality, seed=seed)
    told = {}
    for labelling in product((0, 1), repeat=n):
        truths = {key.token: replace(evidence.truths[key.token], value={"label": label})
                  for key, label in zip(evidence.keys, labelling, strict=True)}
        other = replace(evidence, truths=truths)
        measured = measure_run(other.results, other.keys, truths, pack)
        facts = redact(build(other, measured, {}))
        told.setdefault(facts["verdict"], set()).add(json.dumps({name: facts[name] for name in SAID if name != "verdict"}, sort_keys=True)
                                                     .replace(f'"{facts["verdict"]}"', '"verdict"'))
    assert all(len(different) == 1 for different in told.values())


def test_check_cases_are_one_number_with_unusable_ones(tmp_path):
    _, full = scored(tmp_path, n=60, repeats=4)
    assert redact(full)["accounting"]["not_counted"] == 4
    assert not {"repeat", "canary", "unusable"} & set(redact(full)["accounting"])
    assert {"planned", "scored", "answered"} <= set(redact(full)["accounting"])


@pytest.mark.parametrize("task", ["chest-dr", "lung-nodule-ct"])
def test_a_vendor_who_fails_or_empties_cases_on_purpose_is_not_told_how_many_of_them_count(tmp_path, task):
    """Twelve failed cases: that two of them are check cases, or that some have an empty reference, is in no number of his edition."""
    _, full = scored(tmp_path, task=task, n=40, repeats=4, failed=12)
    assert full["accounting"]["imputed"] > 0
    facts = redact(full)
    assert sum(facts["accounting"]["failed"].values()) == 12       # that many he made fail himself
    assert "imputed" not in facts["accounting"]
    estimates = [*facts["estimates"], *(one for held in facts["strata"] for level in held["levels"] for one in level["estimates"])]
    assert all(one["n_imputed"] is None and one["n_undefined"] is None for one in estimates)
    assert all(set(one["resamples"] or {"B": 0, "seed": 0}) == {"B", "seed"} for one in estimates)


def test_a_card_gives_a_vendor_tens_of_cases_and_leaves_its_other_numbers():
    card = {"cases": 134, "sites": 3, "strata": {"sex": {"F": 68, "M": 66}, "site": {"H01": 9, "H02": 125}},
            "reference_standard": {"sources": {"pathology": 7, "panel": 127}, "fleiss_kappa": {"n": 40, "value": 0.71}},
            "selection": {"minimum_slices": 5}, "left_out_at_selection": {"no_image": 2}}
    told = disclosed_card(card)
    assert told["strata"] == {"sex": {"F": 60, "M": 60}, "site": {"H01": "<10", "H02": 120}}
    assert told["reference_standard"] == {"sources": {"pathology": "<10", "panel": 120}, "fleiss_kappa": {"n": 40, "value": 0.71}}
    assert told["left_out_at_selection"] == {"no_image": "<10"}
    assert (told["cases"], told["sites"], told["selection"]) == (134, 3, {"minimum_slices": 5})
    assert disclosed_card({"title": "t", "strata": {"sex": {"F": 12}}}, {"min_cell": 20})["strata"] == {"sex": {"F": "<20"}}


@pytest.mark.parametrize("n", [250, 400])
def test_a_large_sealed_set_publishes_its_table_and_still_no_label_is_certain(tmp_path, n):
    evidence, full = scored(tmp_path, n=n, quality=1.6, seed=3)
    facts = redact(full)
    assert facts["disclosure"]["exact_operating_points"] == ["declared"]
    share = posterior(from_facts(facts, labels_by_score(evidence)[0]), use_pairs=False)
    assert share.min() > 0.001
    assert share.max() < 0.999


def test_the_attack_works_where_the_full_curve_is_given(tmp_path):
    """The near miss: with the exact ROC points the same attacker reads every label, so the test above can fail."""
    evidence, full = scored(tmp_path, n=60, quality=1.5, seed=60)
    labels = labels_by_score(evidence)[1]
    roc = next(curve for curve in full["curves"] if curve["kind"] == "roc")
    held = Knowledge(60, roc["positive"])
    for x, y in roc["points"][1:]:
        held.at[round(x * roc["negative"]) + round(y * roc["positive"])] = round(y * roc["positive"])
    assert np.array_equal(posterior(held, use_pairs=False) > 0.5, labels == 1)
    assert set(np.round(posterior(held, use_pairs=False), 9)) == {0.0, 1.0}


def test_a_perfect_model_does_not_get_its_perfection_published_as_labels(tmp_path):
    _, full = scored(tmp_path, n=200, quality=40.0)
    assert full["estimates"][0]["value"] == 1.0
    facts = redact(full)
    assert facts["estimates"][0]["value"] == {"absent": "disclosure_small_cell"}
    assert facts["disclosure"]["bounds"]["auc"]["at_least"] < 0.9
    assert all(not one["counts"] for one in facts["estimates"] if one["operating_point"])


def test_few_failed_cases_keep_the_table_back_because_their_class_would_be_the_difference(tmp_path):
    _, clean = scored(tmp_path, n=300, name="a", quality=1.6)
    _, failed = scored(tmp_path, n=300, name="b", quality=1.6, failed=3)
    assert redact(clean)["disclosure"]["exact_operating_points"] == ["declared"]
    facts = redact(failed)
    assert facts["disclosure"]["exact_operating_points"] == []
    assert not {"imputed_positive", "imputed_negative"} & set(facts["accounting"])


def test_a_second_run_on_the_set_gets_no_exact_table_because_two_tables_differ_by_a_few_cases(tmp_path):
    prior = [{"run_id": "0" * 64, "on": "2026-01-01", "version": "1", "state": "complete", "verdict": "met", "value": 0.9,
              "interval": None}]
    _, full = scored(tmp_path, n=300, quality=1.6, context={"prior_runs": prior})
    facts = redact(full)
    assert facts["disclosure"]["exact_operating_points"] == []
    assert facts["prior_runs"][0]["value"] is None
    assert all(round(one["value"] * 10, 9) == round(one["value"] * 10) for one in facts["estimates"] if not isinstance(one["value"], dict))


@pytest.mark.parametrize("task", ["chest-dr", "lung-nodule-ct"])
@pytest.mark.parametrize("n", [12, 60, 300])
def test_no_token_no_list_of_cases_and_no_count_under_ten_leaves_with_a_vendor_edition(tmp_path, task, n):
    evidence, full = scored(tmp_path, task=task, n=n, repeats=3, variants=min(n, 12))
    facts = redact(full)
    text = json.dumps(facts)
    assert not any(key.token in text or key.case_id in text or key.person in text for key in evidence.keys)
    assert facts["failures"] == []
    assert all(count >= 10 for one in facts["estimates"] for name, count in one["counts"].items())
    for dimension in facts["strata"]:
        assert all(level["n"] >= 10 and level["n"] % 10 == 0 for level in dimension["levels"])
        assert all(not one["counts"] for level in dimension["levels"] for one in level["estimates"])


def test_a_curve_of_a_sealed_set_has_no_point_without_false_positives(tmp_path):
    """Sensitivity at no false positive says that everything ranked above the first negative is positive."""
    _, full = scored(tmp_path, n=300, quality=3.0)
    roc = next(curve for curve in redact(full)["curves"] if curve["kind"] == "roc")
    assert roc["points"][0] == [0.0, 0.0]
    assert roc["points"][1][0] * roc["negative"] >= 10


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_reason_of_an_absence_does_not_name_the_class_of_a_small_set(tmp_path, n):
    for seed in range(4):
        _, full = scored(tmp_path, n=n, seed=seed, name=f"s{seed}")
        text = json.dumps({name: redact(full)[name] for name in ("estimates", "strata", "tests", "curves")})
        assert not any(code in text for code in ("one_class", "single_positive", "no_unit", "exact_pairs"))


def test_a_practice_set_discloses_everything(tmp_path):
    pack = pack_json(load_pack("chest-dr"))
    evidence, _ = made_evidence(pack, quick, n=30)
    full = score(evidence, tmp_path / "open").facts
    assert redact(full) == {**full, "edition": "vendor"}


def test_a_dimension_with_one_small_level_is_withheld_whole_because_of_its_complement(tmp_path):
    _, full = scored(tmp_path, n=300, quality=1.6)
    sex = next(one for one in full["strata"] if one["dimension"] == "sex")
    assert len(next(one for one in redact(full)["strata"] if one["dimension"] == "sex")["levels"]) == 2
    for made in sex["levels"][0]["estimates"]:
        made["counts"] = {"positive": 9, "negative": 140}
    facts = redact(full)
    assert next(one for one in facts["strata"] if one["dimension"] == "sex")["withheld"]


def test_redaction_is_pure_and_its_policy_is_said(tmp_path):
    _, full = scored(tmp_path, n=120)
    before = json.dumps(full, sort_keys=True)
    assert redact(full) == redact(full)
    assert json.dumps(full, sort_keys=True) == before
    assert redact(full, {"min_cell": 40})["disclosure"]["policy"]["min_cell"] == 40

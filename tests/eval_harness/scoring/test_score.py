import json

import numpy as np
import pytest

from eval_harness.base import Absent, CaseKey, Measurement, Result, Terminal, Truth
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import Evidence, pack_json, score
from eval_harness.scoring.columns import columns, persons_of
from eval_harness.scoring.estimates import Estimator
from eval_harness.scoring.evidence import check_order, in_scope
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack

DETERMINISTIC = ("facts.full.json", "measurements.jsonl", "results.jsonl", "reference.jsonl", "keys.jsonl", "salts.jsonl",
                 "commitments.json", "protocol.json", "pack.json")


def quick(pack, dataset):
    return {**default_plan(pack, dataset), "B": 200}


def made(task="chest-dr", **kwargs):
    return made_evidence(pack_json(load_pack(task)), quick, **kwargs)


def primary(evidence):
    measured = measure_run(evidence.results, evidence.keys, evidence.truths, evidence.pack)
    return Estimator(evidence.pack, evidence.protocol, measured).all()[0].value


def with_results(evidence, results):
    return Evidence(evidence.run, results, evidence.keys, evidence.truths, evidence.protocol, evidence.pack, evidence.dataset)


@pytest.mark.parametrize("task", ["chest-dr", "lung-nodule-ct"])
def test_the_same_stored_results_give_the_same_bytes_on_any_machine_and_load(tmp_path, task):
    evidence, telemetry = made(task, n=40, repeats=4, variants=10, failed=2)
    slow = [type(row)(**{**row.to_dict(), "wall_s": row.wall_s * 9, "node": "node-7"}) for row in telemetry]
    first = score(evidence, tmp_path / "a", telemetry=telemetry, environment={"threads": 1})
    second = score(evidence, tmp_path / "b", telemetry=slow, environment={"threads": 8})
    assert all(first.bytes_of(name) == second.bytes_of(name) for name in DETERMINISTIC)
    assert first.bytes_of("speed.json") != second.bytes_of("speed.json")


@pytest.mark.parametrize("task", ["chest-dr", "lung-nodule-ct"])
@pytest.mark.parametrize("seed", range(4))
def test_no_case_that_fails_makes_the_primary_estimate_better(task, seed):
    evidence, _ = made(task, n=30, seed=seed, quality=1.5)
    whole = primary(evidence)
    for place in range(0, 30, 5):
        results = list(evidence.results)
        one = results[place]
        results[place] = Result(one.run_id, one.token, 2, "timeout", "cpu_time")
        assert primary(with_results(evidence, results)) <= whole + 1e-12


def test_a_noisy_scan_without_lesions_may_not_time_out_to_raise_cpm():
    """Without the rule of marks above every score, dropping its false positives would help."""
    evidence, _ = made("lung-nodule-ct", n=30, seed=2)
    empty = next(i for i, one in enumerate(evidence.results) if not evidence.truths[one.token].value["nodules"] and one.output["marks"])
    one = evidence.results[empty]
    results = list(evidence.results)
    results[empty] = Result(one.run_id, one.token, 2, "crash", "signal")
    silent = list(evidence.results)
    silent[empty] = Result(one.run_id, one.token, 1, "ok", None, None, {"marks": []})
    assert primary(with_results(evidence, results)) < primary(evidence) <= primary(with_results(evidence, silent))


def test_a_hit_that_becomes_a_miss_never_improves_cpm():
    evidence, _ = made("lung-nodule-ct", n=25, seed=5, quality=4.0)
    whole = primary(evidence)
    for place, one in enumerate(evidence.results):
        if one.output["marks"]:
            results = list(evidence.results)
            kept = [mark for mark in one.output["marks"] if mark is not max(one.output["marks"], key=lambda mark: mark["score"])]
            nodules = evidence.truths[one.token].value["nodules"]
            best = max(one.output["marks"], key=lambda mark: mark["score"])
            hit = any(sum((best[a] - n[a]) ** 2 for a in "xyz") < (n["diameter_mm"] / 2) ** 2 for n in nodules)
            if hit:
                results[place] = Result(one.run_id, one.token, 1, "ok", None, None, {"marks": kept})
                assert primary(with_results(evidence, results)) <= whole + 1e-12


def test_a_case_without_any_result_counts_as_failed_and_is_accounted_for(tmp_path):
    evidence, _ = made(n=40)
    facts = score(with_results(evidence, evidence.results[3:]), tmp_path / "s").facts
    assert facts["accounting"]["missing"] == 3
    assert facts["accounting"]["imputed"] == 3
    assert facts["accounting"]["scored"] == 40


def test_a_sealed_set_is_scored_only_when_predictions_were_recorded_before_the_unsealing(tmp_path):
    evidence, _ = made(n=20, visibility="sealed")
    score(evidence, tmp_path / "ok")
    for code, change in (("SCO-001", {"predicted": None}), ("SCO-002", {"unsealed": {**evidence.heads["unsealed"], "seq": 1}}),
                         ("SCO-003", {"predicted": {**evidence.heads["predicted"], "root": "0" * 64}})):
        broken = Evidence(evidence.run, evidence.results, evidence.keys, evidence.truths, evidence.protocol, evidence.pack,
                          evidence.dataset, heads={**evidence.heads, **change})
        with pytest.raises(Terminal, match=code):
            score(broken, tmp_path / "no")
    assert not (tmp_path / "no").exists()
    practice, _ = made(n=20)
    check_order(practice)


def test_marks_are_matched_by_the_luna_rule_with_its_edges():
    truth = Truth("c", {"nodules": [{"x": 0, "y": 0, "z": 0, "diameter_mm": 10}, {"x": 40, "y": 0, "z": 0, "diameter_mm": 6}]},
                  ignore=({"x": 80, "y": 0, "z": 0, "diameter_mm": 10},))
    marks = [{"x": 4.99, "y": 0, "z": 0, "score": 0.6}, {"x": 1, "y": 0, "z": 0, "score": 0.8}, {"x": 43, "y": 0, "z": 0, "score": 0.9},
             {"x": 81, "y": 0, "z": 0, "score": 0.7}, {"x": 200, "y": 0, "z": 0, "score": 0.5}]
    pack = {"measure": {"kind": "froc.points", "params": {"cap": 100}}}
    key = CaseKey("t", "c", "p", "s", "site")
    rows = measure_run([Result("r", "t", 1, "ok", None, None, {"marks": marks})], [key], {"t": truth}, pack)[0].rows
    assert [lesion["score"] for lesion in rows["lesions"]] == [0.8, None]      # on the radius is a miss
    assert rows["false"] == [0.9, 0.5]
    assert rows["aside"] == [0.7]


def test_the_mark_cap_drops_ties_at_the_cut():
    truth = Truth("c", {"nodules": []})
    marks = [{"x": 9.0 * i, "y": 0, "z": 0, "score": 0.9 if i < 2 else 0.5} for i in range(5)]
    pack = {"measure": {"kind": "froc.points", "params": {"cap": 3}}}
    key = CaseKey("t", "c", "p", "s", "site")
    rows = measure_run([Result("r", "t", 1, "ok", None, None, {"marks": marks})], [key], {"t": truth}, pack)[0].rows
    assert rows["false"] == [0.9, 0.9]


def test_failed_classifications_rank_worst_of_their_class():
    rows = [Measurement("a", "p1", {"score": None, "truth": 1}, True), Measurement("b", "p2", {"score": None, "truth": 0}, True)]
    made_rows = columns("binary", rows, persons_of(rows))
    assert made_rows.score.tolist() == [-np.inf, np.inf]


def test_an_unknown_measure_kind_is_refused_by_name():
    with pytest.raises(Terminal, match="SCO-010"):
        measure_run([], [], {}, {"task": "x", "measure": {"kind": "holograms"}})


def test_an_adult_device_leaves_children_out_of_its_headline_and_says_how_many(tmp_path):
    evidence, _ = made(n=60)
    keys = [CaseKey(**{**key.to_dict(), "strata": {**key.strata, "age_band": "6-12"}}) if i % 6 == 0 else key
            for i, key in enumerate(evidence.keys)]
    protocol = json.loads(json.dumps(evidence.protocol))
    protocol["device"]["scope"] = {"population": "adult", "age_bands": [], "modalities": []}
    assert sum(not key.in_scope for key in in_scope(keys, protocol)) == 10
    changed = Evidence(evidence.run, evidence.results, keys, evidence.truths, protocol, evidence.pack, evidence.dataset)
    facts = score(changed, tmp_path / "s").facts
    assert facts["accounting"]["out_of_scope"] == 10
    assert facts["accounting"]["scored"] == 50


def test_age_bands_that_must_not_be_pooled_give_no_overall_number(tmp_path):
    evidence, _ = made(n=60)
    pack = json.loads(json.dumps(evidence.pack))
    next(one for one in pack["strata"] if one["name"] == "age_band")["pool"] = False
    changed = Evidence(evidence.run, evidence.results, evidence.keys, evidence.truths, evidence.protocol, pack, evidence.dataset)
    facts = score(changed, tmp_path / "s").facts
    assert all(one["value"] == {"absent": "not_pooled"} for one in facts["estimates"])
    bands = next(one for one in facts["strata"] if one["dimension"] == "age_band")
    assert len(bands["levels"]) == 4
    assert not isinstance(bands["levels"][0]["estimates"][0]["value"], dict)
    assert [line["stratum"] for line in facts["tests"]] == [f"age_band={level['level']}" for level in bands["levels"]]
    assert facts["verdict"] in ("met", "not_met", "undetermined")


def test_repeats_and_variants_stand_apart_and_never_enter_the_headline(tmp_path):
    plain, _ = made(n=50, failed=0)
    more, _ = made(n=50, repeats=5, variants=20)
    a, b = score(plain, tmp_path / "a").facts, score(more, tmp_path / "b").facts
    assert [one["value"] for one in a["estimates"]] == [one["value"] for one in b["estimates"]]
    assert b["repeatability"]["n"] == 5
    assert b["robustness"][0]["variant"] == "noise"
    assert b["robustness"][0]["difference"] == 0


def test_a_paired_difference_of_a_good_and_a_poor_model_excludes_nought(tmp_path):
    good, _ = made(n=150, quality=3.0)
    poor, _ = made(n=150, quality=0.5, model_seed=4)
    baseline = score(poor, tmp_path / "poor")
    facts = score(good, tmp_path / "good", baseline=(baseline, "poor 1.0")).facts
    row = facts["comparison"]["differences"][0]
    assert row["id"] == "auc"
    assert row["value"] == pytest.approx(row["first"] - row["second"])
    assert row["interval"]["lower"] > 0
    assert row["interval"]["method"] == "delong_paired"
    assert all("absent" in one["interval"] or one["interval"]["lower"] <= one["value"] <= one["interval"]["upper"]
               for one in facts["comparison"]["differences"])


def test_a_model_against_itself_differs_by_nought_without_an_interval(tmp_path):
    one, _ = made(n=60)
    facts = score(one, tmp_path / "b", baseline=(score(one, tmp_path / "a"), "itself")).facts
    row = facts["comparison"]["differences"][0]
    assert row["value"] == 0
    assert row["interval"] == {"absent": "identical_models"}


@pytest.mark.parametrize(("task", "estimate", "bound"), [("chest-dr", "auc", "lower"), ("lung-nodule-ct", "fp_per_scan", "upper")])
def test_a_difference_to_a_version_is_tested_on_its_own_side_and_at_its_own_alpha(tmp_path, task, estimate, bound):
    """Two end points under Bonferroni: 97.5 %, though the report prints 95 %."""
    pack = pack_json(load_pack(task))

    def held(protocol_pack, dataset):
        rule = {"comparator": {"kind": "superiority", "version": "1", "margin": None}, "alpha": 0.05, "sided": "two"}
        ids = [one["id"] for one in pack["estimates"] if one["id"] in (estimate, pack["primary"], "sensitivity")]
        return {**quick(protocol_pack, dataset), "multiplicity": "bonferroni",
                "primary": [{"estimate": id, "bound": bound, **rule} for id in ids]}

    good, _ = made_evidence(pack, held, n=40, quality=3.0)
    poor, _ = made_evidence(pack, held, n=40, quality=0.5, model_seed=4)
    facts = score(good, tmp_path / "good", baseline=(score(poor, tmp_path / "poor"), "1")).facts
    row = next(one for one in facts["comparison"]["differences"] if one["id"] == estimate)
    line = next(one for one in facts["tests"] if one["estimate"] == estimate)
    assert line["level"] == 0.975
    assert row["interval"]["level"] == 0.95
    assert (line["bound_value"] < row["interval"]["lower"]) if bound == "lower" else (line["bound_value"] > row["interval"]["upper"])
    assert line["verdict"] == ("met" if (line["bound_value"] > 0) == (bound == "lower") else "not_met")


def test_one_case_of_a_class_gives_a_value_without_interval_and_an_undetermined_verdict(tmp_path):
    evidence, _ = made(n=30)
    one = next(token for token, truth in evidence.truths.items() if truth.value["label"])
    truths = {token: Truth(**{**truth.to_dict(), "value": {"label": int(token == one)}}) for token, truth in evidence.truths.items()}
    changed = Evidence(evidence.run, evidence.results, evidence.keys, truths, evidence.protocol, evidence.pack, evidence.dataset)
    facts = score(changed, tmp_path / "s").facts
    assert facts["estimates"][0]["interval"] == Absent("single_positive").to_dict()
    assert facts["verdict"] == "undetermined"


def test_each_reader_is_held_against_the_others_never_against_a_standard_he_helped_to_make(tmp_path):
    evidence, _ = made(n=40)
    odd = {"r1": 0, "r2": 0, "r3": 0}
    truths = {}
    for place, (token, truth) in enumerate(sorted(evidence.truths.items())):
        calls = dict.fromkeys(odd, "positive" if truth.value["label"] else "negative")
        if place % 4 == 0:
            calls["r3"] = "negative" if truth.value["label"] else "positive"
        truths[token] = Truth(**{**truth.to_dict(), "readers": tuple({"reader": r, "answer": a, "marks": []} for r, a in calls.items())})
    changed = Evidence(evidence.run, evidence.results, evidence.keys, truths, evidence.protocol, evidence.pack, evidence.dataset)
    found = {row["reader"]: row for row in score(changed, tmp_path / "s").facts["readers"]}
    assert found["r3"]["estimate"]["counts"] == {"k": 30, "n": 40}
    assert found["r1"]["n"] == 30          # where r2 and r3 are divided there is no majority of the others
    assert found["r1"]["estimate"]["value"] == 1.0


def canary(evidence, share, rng):
    """Every fifth case becomes a canary with the other label; the model "agrees" with it in `share` of them."""
    keys, truths, results = [], dict(evidence.truths), {one.token: one for one in evidence.results}
    for place, key in enumerate(evidence.keys):
        if place % 5:
            keys.append(key)
            continue
        keys.append(CaseKey(**{**key.to_dict(), "role": "canary"}))
        wrong = 1 - truths[key.token].value["label"]
        truths[key.token] = Truth(**{**truths[key.token].to_dict(), "value": {"label": wrong}})
        if rng.random() < share:
            one = results[key.token]
            results[key.token] = Result(one.run_id, one.token, 1, "ok", None, None, {"score": 0.9 if wrong else 0.1})
    rows = [results[one.token] for one in evidence.results]
    return Evidence(evidence.run, rows, keys, truths, evidence.protocol, evidence.pack, evidence.dataset)


def test_a_model_that_is_right_on_wrong_labels_is_noticed_and_an_honest_one_is_not(tmp_path):
    evidence, _ = made(n=150, quality=3.0)
    honest = score(canary(evidence, 0.0, np.random.default_rng(1)), tmp_path / "a").facts["canary_test"]
    cheat = score(canary(evidence, 0.8, np.random.default_rng(1)), tmp_path / "b").facts["canary_test"]
    assert honest["n"] == cheat["n"] == 30
    assert honest["p"] > 0.05
    assert cheat["p"] < 1e-6


def test_discordant_pairs_are_tested_apart_in_positives_and_negatives(tmp_path):
    good, _ = made(n=150, quality=3.0)
    poor, _ = made(n=150, quality=0.5, model_seed=4)
    facts = score(good, tmp_path / "good", baseline=(score(poor, tmp_path / "poor"), "poor")).facts
    rows = {row["id"]: row["mcnemar"] for row in facts["comparison"]["differences"]}
    assert rows["auc"] is None
    assert rows["sensitivity"]["exact_p"] < 0.05
    assert rows["sensitivity"]["only_first"] > rows["sensitivity"]["only_second"]
    assert rows["sensitivity"] != rows["specificity"]

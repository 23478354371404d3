import json
import random
import re
import sys

import pytest
import yaml

from eval_harness.base import WrongUsage
from eval_harness.cli.main import run as door
from eval_harness.protocol.claim import judge, read_claims, restated
from eval_harness.protocol.clock import minutes, read_stamps
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.stats.proportions import wilson
from eval_harness.tasks import load_pack


def whole(**changes):
    lower, upper = wilson(360, 400)
    claim = {"id": "c", "quantity": "sensitivity", "value": 0.9, "n": 400, "k": 360, "unit": "lesion", "operating_point": 0.45,
             "interval": {"lower": round(lower, 3), "upper": round(upper, 3), "level": 0.95, "method": "wilson"},
             "set": {"id": "joint-ct", "version": "2"}, "device": {"name": "RY-CT", "version": "2.2.1"}}
    return {name: value for name, value in {**claim, **changes}.items() if value is not None}


def codes(claim):
    return {issue.code for issue in judge(claim, "claims[0]").issues}


def test_a_claim_that_says_everything_may_be_printed_in_both_languages():
    judged = judge(whole(), "claims[0]")
    assert judged.ok
    assert "360/400 lesion" in judged.spoken["en"]
    assert "置信区间" in judged.spoken["zh"]


@pytest.mark.parametrize(("code", "missing"), [
    ("CLM-002", {"value": None}), ("CLM-002", {"quantity": None}), ("CLM-003", {"n": None, "k": None}), ("CLM-003", {"n": True}),
    ("CLM-004", {"unit": None}), ("CLM-004", {"unit": "things"}), ("CLM-005", {"interval": None}),
    ("CLM-005", {"interval": {"lower": 0.8, "upper": 0.95}}), ("CLM-006", {"set": None}), ("CLM-006", {"set": {"id": "joint-ct"}}),
    ("CLM-007", {"device": {"name": "RY-CT"}}), ("CLM-008", {"operating_point": None}), ("CLM-011", {"k": 380}),
    ("CLM-012", {"interval": {"lower": 0.91, "upper": 0.95, "level": 0.95, "method": "bootstrap"}}),
    ("CLM-013", {"interval": {"lower": 0.88, "upper": 0.92, "level": 0.95, "method": "wilson"}}),
    ("CLM-009", {"quantity": "time_to_result"}),
    ("CLM-002", {"value": "0.9"}), ("CLM-002", {"value": True}), ("CLM-002", {"value": float("nan")}), ("CLM-003", {"n": "400"}),
    ("CLM-003", {"n": 400.0}), ("CLM-005", {"interval": {"lower": "0.8", "upper": 0.95, "level": 0.95, "method": "wilson"}}),
    ("CLM-005", {"interval": {"lower": 0.8, "upper": 0.95, "level": 0.95, "method": True}}),
    ("CLM-006", {"set": {"id": "j", "version": 2}}),
    ("CLM-007", {"device": {"name": "RY-CT", "version": 1.10}}), ("CLM-008", {"operating_point": True}), ("CLM-017", {"k": True}),
    ("CLM-017", {"k": "360"}), ("CLM-017", {"within_min": "5"}),
])
def test_each_missing_part_is_refused_by_name_in_both_languages(code, missing):
    judged = judge(whole(**missing), "claims[0]")
    assert code in {issue.code for issue in judged.issues}
    assert all(issue.message_zh and issue.message_en and issue.hint_zh and issue.hint_en for issue in judged.issues)
    assert not judged.spoken


def test_a_claim_file_names_each_missing_part_in_both_languages(tmp_path, capsys, monkeypatch):
    """By typing: one claim a missing part, and one that is whole."""
    parts = {"quantity": "CLM-002", "value": "CLM-002", "n": "CLM-003", "unit": "CLM-004", "interval": "CLM-005", "set": "CLM-006",
             "device": "CLM-007", "operating_point": "CLM-008"}
    rows = [{**whole(**{part: None}), "id": f"without-{part}"} for part in parts] + [whole(id="whole")]
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump({"claims": rows}, allow_unicode=True), encoding="utf-8")
    for lang, refused in (("zh", "拒绝："), ("en", "REFUSED: ")):
        monkeypatch.setattr(sys, "argv", ["touchstone-eval", "claim", str(tmp_path / "claims.yaml"), "--lang", lang])
        with pytest.raises(SystemExit) as left:
            door()
        assert left.value.code == 1
        said = re.split(f"^{refused}", capsys.readouterr().out, flags=re.MULTILINE)[1:]
        assert [text.splitlines()[0] for text in said] == [f"without-{part}" for part in parts]
        for text, code in zip(said, parts.values(), strict=True):
            assert code in text
    assert "360/400" in said[-1]         # the whole one follows the last that was refused


def test_the_three_claims_as_they_were_quoted_are_refused():
    recognition = {"id": "97", "quantity": "recognition_rate", "value": 0.9704}
    fracture = {"id": "90", "quantity": "sensitivity", "value": 0.9}
    minutes = {"id": "5", "quantity": "time_to_result", "value": 5, "source": "model latency"}
    for claim in (recognition, fracture):
        assert {"CLM-003", "CLM-004", "CLM-005", "CLM-006", "CLM-007", "CLM-008"} <= codes(claim)
    assert {"CLM-009", "CLM-010"} <= codes(minutes)


def test_a_time_from_exam_to_result_is_accepted_with_the_sites_own_stamps_only():
    clock = whole(quantity="time_to_result", value=4.1, k=None, unit="study",
                  interval={"lower": 3.8, "upper": 4.4, "level": 0.95, "method": "bootstrap_percentile"})
    assert codes(clock) == {"CLM-009"}
    assert codes({**clock, "timestamps": {"exam_end": "RIS", "result_available": "PACS"}}) == set()
    assert codes({**clock, "timestamps": {"exam_end": "RIS", "result_available": "PACS"}, "source": "telemetry wall_s"}) == {"CLM-010"}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Two finished evaluations on made-up sets: nodule detection, and fractures called by case."""
    folder, out = tmp_path_factory.mktemp("claims"), {}
    for name, task, quality in (("nodules", "lung-nodule-ct", 3.4), ("fractures", "chest-dr", 2.2)):
        pack = pack_json(load_pack(task))
        if name == "fractures":
            title = {"zh": "准确率", "en": "Accuracy"}
            pack = {**pack, "estimates": [*pack["estimates"], {"id": "accuracy", "metric": "accuracy", "operating_point": "declared",
                                                               "title": title}]}
        evidence, _ = made_evidence(pack, lambda p, d: {**default_plan(p, d), "B": 200}, n=300, quality=quality)
        out[name] = score(evidence, folder / name)
    return out


def told(capsys, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["touchstone-eval", "claim", *map(str, words), "--json"])
    capsys.readouterr()
    door()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize(("run", "estimate", "quantity"), [
    ("nodules", "lesion_sensitivity", "recognition_rate"), ("fractures", "accuracy", "accuracy"),
    ("fractures", "sensitivity", "sensitivity"), ("fractures", "specificity", "specificity")])
def test_the_quoted_rates_restated_from_a_synthetic_set_say_everything(scored, run, estimate, quantity, capsys, monkeypatch):
    found = told(capsys, monkeypatch, "--restate", scored[run].path, "--estimate", estimate, "--quantity", quantity)
    assert found["ok"]
    claim = found["claim"]
    assert claim["interval"]["lower"] < claim["value"] < claim["interval"]["upper"]
    assert claim["n"] > 100
    assert claim["operating_point"] == "declared"
    assert claim["unit"] == ("lesion" if run == "nodules" else "image")
    for lang, words in (("zh", "置信区间"), ("en", "95 % CI")):
        assert words in found["claims"][0]["spoken"][lang]
        assert f"made-{'lung-nodule-ct' if run == 'nodules' else 'chest-dr'}-1@1" in found["claims"][0]["spoken"][lang]


def test_a_result_within_five_minutes_is_restated_from_the_sites_clocks_and_never_from_latency(scored, tmp_path, capsys, monkeypatch):
    rng = random.Random(3)
    rows = ["exam_end,result_available"]
    for number in range(200):
        waited = rng.lognormvariate(1.1, 0.4)
        late = f"2026-11-02T08:{int(waited) % 60:02d}:{int(waited % 1 * 60):02d}+08:00" if number else ""
        rows.append(f"2026-11-02T08:00:00+08:00,{late}")
    (tmp_path / "ris.csv").write_text("\n".join(rows), encoding="utf-8")
    found = told(capsys, monkeypatch, "--restate", scored["fractures"].path, "--stamps", tmp_path / "ris.csv", "--within-min", "5")
    assert found["ok"]
    claim = found["claim"]
    inside = sum(line.split(",")[1] <= "2026-11-02T08:05:00+08:00" and not line.endswith(",") for line in rows[1:])
    assert (claim["k"], claim["n"], claim["unit"]) == (inside, 200, "study")
    assert claim["interval"]["lower"] == pytest.approx(wilson(inside, 200)[0])
    assert "within 5 min" in found["claims"][0]["spoken"]["en"]
    assert "机构时钟" in found["claims"][0]["spoken"]["zh"]
    assert codes({**claim, "source": "model latency"}) == {"CLM-010"}
    assert codes({name: value for name, value in claim.items() if name != "timestamps"}) == {"CLM-009"}


@pytest.mark.parametrize("text", ["exam_end\n2026-11-02T08:00:00", "exam_end,result_available\nmonday,tuesday",
                                  "exam_end,result_available\n2026-11-02T08:00:00,2026-11-02T07:00:00", ""])
def test_time_stamps_that_cannot_be_are_refused(text, tmp_path):
    (tmp_path / "ris.csv").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUsage, match="CLM-014"):
        minutes(read_stamps(tmp_path / "ris.csv"))


def test_a_number_that_an_evaluation_does_not_have_cannot_be_restated(scored, capsys, monkeypatch):
    with pytest.raises(WrongUsage, match="CLM-015"):
        restated(scored["nodules"].facts, "auc", "auc")
    with pytest.raises(SystemExit):
        told(capsys, monkeypatch)
    assert "CLM-016" in capsys.readouterr().err


def test_ninety_seven_percent_of_ten_thousand_and_of_a_hundred_are_not_the_same_claim():
    for k, n in ((9704, 10_000), (97, 100)):
        lower, upper = wilson(k, n)
        claim = whole(quantity="recognition_rate", value=k / n, k=k, n=n,
                      interval={"lower": lower, "upper": upper, "level": 0.95, "method": "wilson"})
        assert codes(claim) == set()
    assert wilson(9704, 10_000) == pytest.approx((0.9669, 0.9735), abs=1e-4)
    swapped = whole(quantity="recognition_rate", value=0.97, k=97, n=100,
                    interval={"lower": 0.9669, "upper": 0.9735, "level": 0.95, "method": "wilson"})
    assert codes(swapped) == {"CLM-013"}


def test_a_file_that_is_no_list_of_claims_is_refused(tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": [whole()]}, allow_unicode=True), encoding="utf-8")
    assert len(read_claims(path)) == 1
    for text in ("claims: 3", "- 1", "a: [", json.dumps("x")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(WrongUsage, match="CLM-001"):
            read_claims(path)

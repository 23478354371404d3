import json

import pytest
import yaml

from eval_harness.base import WrongUsage
from eval_harness.protocol.claim import judge, read_claims, restated
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
])
def test_each_missing_part_is_refused_by_name_in_both_languages(code, missing):
    judged = judge(whole(**missing), "claims[0]")
    assert code in {issue.code for issue in judged.issues}
    assert all(issue.message_zh and issue.message_en and issue.hint_zh and issue.hint_en for issue in judged.issues)
    assert not judged.spoken


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


def test_the_claims_restated_from_a_synthetic_set_say_everything(tmp_path):
    pack = pack_json(load_pack("chest-dr"))
    evidence, _ = made_evidence(pack, lambda p, d: {**default_plan(p, d), "B": 200}, n=300, quality=2.6)
    facts = score(evidence, tmp_path / "s").facts
    for estimate in ("sensitivity", "specificity"):
        judged = judge(restated(facts, estimate, estimate), estimate)
        assert judged.ok, judged.issues
        assert "made-chest-dr-1@1" in judged.spoken["zh"]


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

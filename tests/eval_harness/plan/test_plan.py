import json

import pytest
import yaml

from eval_harness.base import Terminal, WrongUsage
from eval_harness.protocol.check import problems
from eval_harness.protocol.lock import lock, read_plan
from eval_harness.protocol.plan import Plan, default_plan
from eval_harness.protocol.sample_size import filled, recomputed
from eval_harness.scoring import pack_json
from eval_harness.tasks import load_pack

VENDOR, PLATFORM = b"\x03" * 32, b"\x04" * 32
DATASET = {"set_id": "joint-dr", "version": "2", "visibility": "sealed", "inputs_root": "0" * 64, "reference_root": "1" * 64}
PACK = pack_json(load_pack("chest-dr"))


def plan(**changes):
    made = default_plan(PACK, DATASET, {"operating_points": {"declared": 0.4}}, "2" * 64)
    made["primary"][0]["comparator"]["reason"] = "guideline"
    made["sample_size"] = {"design": "auc_target", "assumed": 0.9, "power": 0.8, "available_positives": 200, "available_negatives": 300}
    return Plan.from_data({**made, **changes}, "plan").to_dict()


def written(path, protocol):
    path.write_text(yaml.safe_dump(protocol, allow_unicode=True), encoding="utf-8")
    return path


def codes(protocol):
    return {issue.code for issue in problems(protocol, PACK)}


def test_a_whole_plan_has_nothing_to_say():
    assert codes(plan()) == set()


@pytest.mark.parametrize(("code", "change"), [
    ("PLN-020", lambda p: p["primary"].append({**p["primary"][0], "estimate": "sensitivity"})),
    ("PLN-021", lambda p: p["primary"].append(p["primary"][0])),
    ("PLN-022", lambda p: p["primary"][0]["comparator"].update(value=None)),
    ("PLN-023", lambda p: p["primary"][0]["comparator"].update(kind="noninferiority", margin=0.0, version="1")),
    ("PLN-024", lambda p: p["primary"][0]["comparator"].update(reason="")),
    ("PLN-025", lambda p: p["primary"][0].update(estimate="acuracy")),
    ("PLN-026", lambda p: p["primary"][0].update(bound="upper")),
    ("PLN-027", lambda p: p["operating_points"][0].update(source="joint-dr@2")),
    ("PLN-028", lambda p: p.update(operating_points=[])),
    ("PLN-029", lambda p: p["task"].update(digest="f" * 64)),
    ("PLN-030", lambda p: p.update(sample_size=None)),
    ("PLN-031", lambda p: p["sample_size"].update(assumed=0.7)),
    ("PLN-032", lambda p: p["sample_size"].update(required_positives=3)),
    ("PLN-033", lambda p: p["sample_size"].update(available_positives=20, available_negatives=30)),
    ("PLN-034", lambda p: p["device"]["scope"].update(population="adult", age_bands=["6-12", "18-44"])),
])
def test_each_thing_that_is_wrong_with_a_plan_has_its_own_code(code, change):
    protocol = plan()
    change(protocol)
    assert code in codes(protocol)


def test_a_metric_that_a_failure_can_improve_may_not_be_primary():
    pack = {**PACK, "estimates": [{**PACK["estimates"][0], "metric": "calibration_slope"}, *PACK["estimates"][1:]]}
    assert "PLN-035" in {issue.code for issue in problems(plan(), pack)}


WRITTEN = {
    "a key twice": ("B: 2000\nB: 300\n", "line 2", "第 2 行"),
    "a key twice deep inside": ("primary:\n- {alpha: 0.05, alpha: 0.2}\n", "line 2", "第 2 行"),
    "brackets without end": ("[" * 100_000, "more than 50 levels", "嵌套超过 50 层"),
    "a day that does not exist": ("level: 2026-99-99\n", "does not exist", "不存在"),
    "a number of five thousand digits": ("seed: " + "9" * 5000, "too long", "过长"),
    "tabs": ("a:\n\tb: 1\n", "line 2 is not YAML", "第 2 行不合"),
    "a tag that runs something": ("!!python/object/apply:os.system [ls]\n", "line 1", "第 1 行"),
    "two files in one": ("a: 1\n---\nb: 1\n", "line 2", "第 2 行"),
    "another encoding": ("级别: 1\n".encode("gb18030"), "no UTF-8", "不是 UTF-8"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_plan_that_could_be_read_in_two_ways_or_in_none_is_refused_with_its_line(how, tmp_path):
    text, english, chinese = WRITTEN[how]
    (tmp_path / "plan.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(WrongUsage, match="PLN-002") as refused:
        read_plan(tmp_path / "plan.yaml")
    assert english in refused.value.issue.message_en
    assert chinese in refused.value.issue.message_zh


def test_a_plan_with_a_byte_order_mark_or_other_line_ends_is_the_same_plan(tmp_path):
    held = read_plan(written(tmp_path / "plan.yaml", plan())).protocol
    data = (tmp_path / "plan.yaml").read_bytes()
    for other in (b"\xef\xbb\xbf" + data, data.replace(b"\n", b"\r\n")):
        (tmp_path / "other.yaml").write_bytes(other)
        assert read_plan(tmp_path / "other.yaml").protocol == held


@pytest.mark.parametrize("signatures", [None, 7, ["no base64!"], [3]])
def test_a_locked_plan_without_readable_signatures_is_refused_by_name(signatures, tmp_path):
    held = lock(written(tmp_path / "plan.yaml", plan()), VENDOR, "vendor", tmp_path / "plan.locked.json")
    assert held.signers
    data = json.loads((tmp_path / "plan.locked.json").read_text())
    (tmp_path / "plan.locked.json").write_text(json.dumps({**data, "signatures": signatures}))
    with pytest.raises(Terminal, match="PLN-010"):
        read_plan(tmp_path / "plan.locked.json")


def test_a_misspelt_key_is_refused_with_the_nearest_right_one():
    with pytest.raises(WrongUsage, match="multiplicity"):
        Plan.from_data({**plan(), "multiplicty": "none"}, "plan", "PLN-001")


def test_the_exact_sample_sizes_of_the_reference_come_out():
    protocol = plan(primary=[{"estimate": "sensitivity", "comparator": {"kind": "target", "value": 0.8, "reason": "r"}, "alpha": 0.025,
                              "sided": "one"}],
                    sample_size={"design": "proportion_target", "assumed": 0.88, "power": 0.8, "available_positives": 185})
    again = recomputed(protocol)
    assert again["required_positives"] == 185
    assert again["achieved_power"] >= 0.8
    assert recomputed({**protocol, "sample_size": {**protocol["sample_size"], "allowance": 0.1}})["required_positives"] == 206


def test_a_two_sided_alpha_spends_half_on_the_bound():
    one = plan(primary=[{"estimate": "sensitivity", "comparator": {"kind": "target", "value": 0.8, "reason": "r"}, "alpha": 0.05,
                         "sided": "two"}],
               sample_size={"design": "proportion_target", "assumed": 0.88, "power": 0.8})
    assert recomputed(one)["required_positives"] == 185
    assert filled(one)["sample_size"]["required_positives"] == 185


def two_endpoints(multiplicity, **others):
    rule = {"kind": "target", "value": 0.8, "reason": "r"}
    first = {"estimate": "sensitivity", "comparator": rule, "alpha": 0.025, "sided": "one"}
    second = {"estimate": "specificity", "comparator": {**rule, "value": 0.7}, "alpha": 0.025, "sided": "one"}
    size = {"design": "proportion_target", "assumed": 0.88, "power": 0.8, "available_positives": 300, "others": [
        {"estimate": "specificity", "design": "proportion_target", "assumed": 0.8, "available_positives": 300, **others}] if others else []}
    return plan(primary=[first, second], multiplicity=multiplicity, sample_size=size)


def test_every_primary_end_point_has_its_own_size_and_all_of_them_a_joint_power():
    assert "PLN-039" in codes(two_endpoints("fixed_sequence"))
    made = two_endpoints("fixed_sequence", design_effect=1.0)
    assert codes(made) == set()
    told = filled(made)["sample_size"]
    assert told["required_positives"] == 185
    assert told["others"][0]["required_positives"] == recomputed(made, 1)["required_positives"] > 100
    powers = [told["achieved_power"], told["others"][0]["achieved_power"]]
    assert told["joint_power"] == pytest.approx(1 - sum(1 - power for power in powers))
    assert "PLN-032" in codes(two_endpoints("fixed_sequence", required_positives=7))
    assert "PLN-041" in codes(two_endpoints("fixed_sequence", available_positives=140))
    assert Plan.from_data(filled(made), "plan").to_dict()["sample_size"]["others"][0]["estimate"] == "specificity"


def test_end_points_that_share_their_alpha_need_more_cases():
    sequence, shared = two_endpoints("fixed_sequence", design_effect=1.0), two_endpoints("bonferroni", design_effect=1.0)
    for place in (0, 1):
        assert recomputed(shared, place)["required_positives"] > recomputed(sequence, place)["required_positives"]
        assert recomputed(two_endpoints("holm", design_effect=1.0), place) == recomputed(shared, place)
    clustered = two_endpoints("fixed_sequence", design_effect=1.5)
    assert recomputed(clustered, 1)["required_positives"] == -(-recomputed(sequence, 1)["required_positives"] * 3 // 2)


def test_exact_power_is_the_binomial_sum_of_the_rule_itself():
    """Peer: the sum over every possible number of successes, by scipy."""
    from scipy.stats import binom

    from eval_harness.stats.proportions import METHODS
    for method in ("wilson", "clopper_pearson"):
        made = two_endpoints("fixed_sequence", design_effect=1.0)
        made["primary"][0]["method"] = method
        clears = [METHODS[method](k, 300, 0.95)[0] > 0.8 for k in range(301)]
        expected = sum(binom.pmf(k, 300, 0.88) for k in range(301) if clears[k])
        assert recomputed(made)["achieved_power"] == pytest.approx(expected, abs=1e-9)


def test_means_and_paired_versions_have_their_designs():
    """Peer: statsmodels' power of the one-sample t test."""
    mean = plan(primary=[{"estimate": "auc", "comparator": {"kind": "target", "value": 0.7, "reason": "r"}, "alpha": 0.05, "sided": "two"}],
                sample_size={"design": "mean_target", "assumed": 0.76, "sd": 0.2, "power": 0.8, "available_positives": 90})
    again = recomputed(mean)
    power = pytest.importorskip("statsmodels.stats.power").TTestPower()
    assert again["achieved_power"] == pytest.approx(power.power(0.3, 90, 0.025, alternative="larger"), abs=1e-6)
    assert again["required_positives"] == -(-power.solve_power(0.3, alpha=0.025, power=0.8, alternative="larger") // 1)
    versions = plan(primary=[{"estimate": "auc", "comparator": {"kind": "noninferiority", "margin": 0.05, "version": "1", "reason": "r"}}],
                    sample_size={"design": "auc_paired", "assumed": 0.9, "reference": 0.9, "correlation": 0.5, "power": 0.8,
                                 "available_positives": 150, "available_negatives": 150})
    needed = recomputed(versions)["required_positives"]
    enough = {**versions, "sample_size": {**versions["sample_size"], "available_positives": needed, "available_negatives": needed}}
    assert recomputed(enough)["achieved_power"] == pytest.approx(0.8, abs=0.01)
    assert "PLN-031" in codes({**versions, "sample_size": {**versions["sample_size"], "reference": None}})


def test_a_plan_is_locked_when_both_roles_have_signed_and_not_before(tmp_path):
    draft, target = written(tmp_path / "plan.yaml", plan()), tmp_path / "plan.locked.json"
    first = lock(draft, VENDOR, "vendor", target)
    assert not first.locked
    second = lock(target, PLATFORM, "platform", target)
    assert second.locked
    assert [one["role"] for one in second.signers] == ["vendor", "platform"]
    assert second.protocol == read_plan(draft).protocol
    before = target.read_bytes()
    lock(target, VENDOR, "vendor", target)
    assert target.read_bytes() == before


def test_a_plan_changed_after_locking_is_refused(tmp_path):
    target = tmp_path / "plan.locked.json"
    lock(written(tmp_path / "plan.yaml", plan()), VENDOR, "vendor", target)
    held = json.loads(target.read_bytes())
    held["protocol"]["primary"][0]["comparator"]["value"] = 0.7
    target.write_text(json.dumps(held))
    with pytest.raises(Terminal, match="PLN-010"):
        read_plan(target)


def test_a_sealed_plan_names_its_submission_before_it_can_be_locked(tmp_path):
    draft = written(tmp_path / "plan.yaml", plan(submission=None))
    with pytest.raises(Terminal, match="PLN-012"):
        lock(draft, VENDOR, "vendor", tmp_path / "out.json")
    with pytest.raises(WrongUsage, match="PLN-011"):
        lock(draft, VENDOR, "referee", tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()

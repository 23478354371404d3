"""Every task pack through the doors a vendor uses: kit, rehearse, report, verify; and a pack that lies outside the package."""
from __future__ import annotations

import json
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from eval_harness.cli.main import run as door
from eval_harness.sandbox.process import FLOOR
from eval_harness.scoring.directory import ScoreDir
from eval_harness.tasks import list_packs, load_pack
from eval_harness.tasks.practice import write_practice_set

pytestmark = [pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}"), pytest.mark.slow]
CASES, COINS = 32, Path(__file__).parent / "coin_pack"
EXPECTED = {   # primary estimate of the reference model: (what guessing gives, least and most that is plausible)
    "chest-dr": (0.5, 0.85, 1.0), "chest-dr-multilabel": (0.5, 0.8, 0.99), "fhir-risk": (0.5, 0.6, 0.95), "ich-ct-mask": (0.0, 0.8, 0.97),
    "lung-nodule-ct": (0.0, 0.7, 0.98), "nodule-malignancy": (0.5, 0.6, 0.95), "polyp-clips": (0.0, 0.75, 0.99),
    "polyp-frames": (0.0, 0.6, 0.95), "report-text": (0.0, 0.8, 0.97), "rib-fracture-ct": (0.0, 0.6, 0.95),
    "rib-fracture-class": (0.5, 0.8, 0.99), "stroke-ct": (0.5, 0.75, 1.0), "viral-pneumonia-ct": (0.5, 0.65, 0.97),
}
NAMED = ("lung-nodule-ct", "nodule-malignancy", "chest-dr-multilabel", "rib-fracture-ct", "rib-fracture-class", "stroke-ct", "ich-ct-mask",
         "polyp-frames", "polyp-clips", "viral-pneumonia-ct", "paediatric-dr", "fhir-risk", "report-text")


@pytest.fixture
def told(capsys, monkeypatch):
    """Type a command here and read its JSON."""
    def typed(*words, code=0):
        monkeypatch.setattr(sys, "argv", ["touchstone-eval", *map(str, words), "--json"])
        capsys.readouterr()
        with ExitStack() as stack:
            left = stack.enter_context(pytest.raises(SystemExit)) if code else None
            door()
        assert left is None or left.value.code == code
        return json.loads(capsys.readouterr().out.splitlines()[-1])
    return typed


@pytest.fixture
def refused(capsys, monkeypatch):
    """Type a command that stops, and read what it says."""
    def typed(*words):
        monkeypatch.setattr(sys, "argv", ["touchstone-eval", *map(str, words)])
        with pytest.raises(SystemExit):
            door()
        return capsys.readouterr().err
    return typed


def whole(told, task, root, *own, edition="vendor"):
    """kit → rehearse → report → verify; gives facts, and what verify said."""
    kit = told("kit", "--task", task, "--out", root / "kit")
    assert kit["golden"]
    done = told("rehearse", root / "kit" / "submission", "--task", task, "--out", root / "r", "--cases", CASES, "--sandbox", "floor",
                "--no-pdf")
    assert done["counts"]["cases"] == done["counts"]["ok"] > CASES
    made = told("report", root / "r" / "score", "--edition", edition, "--out", root / "E.zip", "--no-pdf")
    return ScoreDir(root / "r" / "score").facts, told("verify", made["file"], "--trust", made["public_key"], *own)


def test_the_ten_named_tasks_have_their_packs():
    assert set(list_packs()) == {*NAMED, "chest-dr"}


@pytest.mark.parametrize("name", list_packs())
def test_a_pack_goes_from_kit_to_verified_report_with_numbers_that_make_sense(name, told, tmp_path):
    facts, verified = whole(told, name, tmp_path, edition="regulator" if name == "lung-nodule-ct" else "vendor")
    assert verified["ok"]
    assert verified["counts"]["DIFFERS"] == verified["counts"]["COMMITTED"] == 0
    assert verified["counts"]["MATCH"] > 10
    assert verified["levels"]["V2"] == "done"
    assert facts["accounting"]["scored"] == CASES
    assert facts["accounting"]["variant"] + facts["accounting"]["repeat"] == facts["accounting"]["planned"] - CASES > 0
    assert facts["repeatability"]["identical"] == facts["repeatability"]["n"]
    if name == "paediatric-dr":
        children_apart(facts)
        return
    primary = facts["estimates"][0]
    chance, low, high = EXPECTED[name]
    assert chance < low <= primary["value"] <= high
    assert "absent" in primary["interval"] or primary["interval"]["lower"] <= primary["value"] <= primary["interval"]["upper"]
    assert primary["n"] in (CASES, sum(primary["counts"].values()), *primary["counts"].values())
    assert {one["dimension"] for one in facts["strata"]} >= {"site", "tier", "region", "sex", "age_band"}
    assert all(one["n"] > 0 and one["stratum"] == "all" for one in facts["robustness"])


def children_apart(facts):
    """No number over several age bands: not overall, not in another stratum, not under a variant."""
    assert all(one["value"] == one["interval"] == {"absent": "not_pooled"} for one in facts["estimates"])
    bands = next(one for one in facts["strata"] if one["dimension"] == "age_band")
    assert [level["level"] for level in bands["levels"]] == ["<1", "1-5", "6-12", "13-17"]
    assert all(0.5 < level["estimates"][0]["value"] <= 1 for level in bands["levels"])
    others = [level for one in facts["strata"] if one is not bands for level in one["levels"]]
    assert all(one["value"] == {"absent": "not_pooled"} for level in others for one in level["estimates"])
    assert {line["stratum"] for line in facts["tests"]} == {f"age_band={level['level']}" for level in bands["levels"]}
    assert all(one["stratum"].startswith("age_band=") for one in facts["robustness"])


def test_a_device_for_adults_cannot_be_planned_for_children(told, refused, tmp_path):
    write_practice_set(load_pack("paediatric-dr"), tmp_path / "set", n=4, seed=1)
    made = told("plan", "new", "--data", tmp_path / "set", "--out", tmp_path / "plan.yaml")
    adult = made["protocol"] | {"device": made["protocol"]["device"] | {"scope": {"population": "adult"}}}
    (tmp_path / "adult.json").write_text(json.dumps(adult))
    assert "PLN-038" in {issue["code"] for issue in told("plan", "check", tmp_path / "adult.json", code=1)["issues"]}
    adult["primary"][0]["comparator"]["reason"] = "guideline"
    (tmp_path / "adult.json").write_text(json.dumps(adult))
    (tmp_path / "key").write_text("07" * 32)
    assert "PLN-038" in refused("plan", "lock", tmp_path / "adult.json", "--key", tmp_path / "key")


def test_a_pack_outside_the_package_with_its_own_graph_generator_measure_and_variant_goes_the_same_way(told, tmp_path):
    shutil.copytree(COINS, tmp_path / "coins", ignore=shutil.ignore_patterns("__pycache__"))
    pack = load_pack(tmp_path / "coins")
    assert not pack.built_in
    facts, verified = whole(told, tmp_path / "coins", tmp_path / "work", "--task", tmp_path / "coins")
    assert verified["ok"]
    assert verified["levels"]["V2"] == "done"
    assert 0.7 < facts["estimates"][0]["value"] <= 1
    assert facts["accounting"]["persons"] == CASES // 2
    assert {one["variant"] for one in facts["robustness"]} == {"darker", "turned"}
    assert next(one for one in facts["robustness"] if one["variant"] == "turned")["difference"] == 0


def test_a_kit_that_does_not_give_the_golden_answers_says_so(told, tmp_path):
    shutil.copytree(load_pack("chest-dr").folder, tmp_path / "chest-dr", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "chest-dr" / "golden.json").write_text('{"answers": {}}')
    assert not told("kit", "--task", tmp_path / "chest-dr", "--out", tmp_path / "kit")["golden"]

"""The commands as they are typed: plan, claim, score, report, verify; exit codes and JSON as scripts rely on them."""
import json
import subprocess
import sys

import pytest
import yaml

from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set

KEY = "07" * 32


def typed(*words, code=0, cwd=None):
    done = subprocess.run([sys.executable, "-m", "eval_harness.cli.main", *map(str, words)], capture_output=True, text=True, check=False,
                          cwd=cwd)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def told(*words, code=0):
    return json.loads(typed(*words, "--json", code=code).stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("typed")
    pack = load_pack("chest-dr")
    write_practice_set(pack, made / "set", n=24, seed=3)
    rows = [json.loads(line) for line in (made / "set" / "reference.jsonl").read_text().splitlines()]
    with (made / "predictions.jsonl").open("w") as out:
        for place, row in enumerate(rows[1:]):                       # one case is left out: it counts as failed
            score = 0.8 if row["truth"]["value"]["label"] else 0.2
            out.write(json.dumps({"token": row["key"]["token"], "output": {"score": score if place % 6 else 1 - score}}) + "\n")
    (made / "vendor.key").write_text(KEY)
    return made


@pytest.mark.slow
def test_predictions_are_scored_reported_and_verified_by_three_commands(folder, tmp_path):
    scored = told("score", "--predictions", folder / "predictions.jsonl", "--data", folder / "set", "--out", tmp_path / "s")
    assert scored["accounting"]["missing"] == 1
    assert set(scored["estimates"]) == {"auc", "sensitivity", "specificity", "ppv", "npv"}
    first = (tmp_path / "s" / "facts.full.json").read_bytes()
    typed("score", "--predictions", folder / "predictions.jsonl", "--data", folder / "set", "--out", tmp_path / "s")
    assert (tmp_path / "s" / "facts.full.json").read_bytes() == first
    for edition in ("vendor", "regulator"):
        made = told("report", tmp_path / "s", "--edition", edition, "--out", tmp_path / f"{edition}.zip", "--no-pdf")
        found = told("verify", made["file"], "--trust", made["public_key"])
        assert found["ok"]
        assert found["counts"]["DIFFERS"] == found["counts"]["COMMITTED"] == 0
    untrusted = told("verify", tmp_path / "vendor.zip", code=1)
    assert untrusted["sound"]
    assert not untrusted["ok"]
    belongs = told("verify", tmp_path / "vendor.zip", "--trust", tmp_path / "vendor.pub", "--opening", tmp_path / "regulator.zip")
    assert belongs["opening"] == "same_file"


@pytest.mark.slow
def test_what_is_typed_wrongly_ends_with_two_and_says_what_to_type(folder, tmp_path):
    assert "SCO-011" in typed("score", "--data", folder / "set", "--out", tmp_path / "s", code=2).stderr
    assert "REP-006" in typed("report", tmp_path, "--edition", "vendor", "--out", tmp_path / "V.zip", code=2).stderr
    assert "VER-040" in typed("verify", tmp_path / "nowhere.zip", code=2).stderr
    assert "VER-001" in typed("verify", folder / "predictions.jsonl", code=1).stdout
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{\n")
    assert "RUN-005" in typed("score", "--predictions", broken, "--data", folder / "set", "--out", tmp_path / "s", code=2).stderr
    assert not (tmp_path / "s").exists()
    assert "密钥文件" in typed("verify", folder / "predictions.jsonl", "--trust", broken, "--lang", "zh", code=2).stderr


@pytest.mark.slow
def test_a_plan_is_made_checked_and_locked_by_typing(folder, tmp_path):
    plan = tmp_path / "plan.yaml"
    typed("plan", "new", "--data", folder / "set", "--out", plan)
    assert "PLN-013" in typed("plan", "new", "--data", folder / "set", "--out", plan, code=2).stderr
    checked = told("plan", "check", plan, code=1)
    assert {issue["code"] for issue in checked["issues"]} == {"PLN-024", "PLN-030"}
    held = yaml.safe_load(plan.read_text(encoding="utf-8"))
    held["primary"][0]["comparator"]["reason"] = "guideline"
    held["sample_size"] = {"design": "auc_target", "assumed": 0.95, "power": 0.8, "available_positives": 200, "available_negatives": 200}
    plan.write_text(yaml.safe_dump(held, allow_unicode=True), encoding="utf-8")
    assert told("plan", "check", plan)["ok"]
    first = told("plan", "lock", plan, "--key", folder / "vendor.key", "--as", "vendor")
    assert not first["locked"]
    second = told("plan", "lock", first["plan"], "--key", folder / "vendor.key", "--as", "platform", "--out", first["plan"])
    assert second["locked"]
    scored = told("score", "--predictions", folder / "predictions.jsonl", "--data", folder / "set", "--plan", first["plan"],
                  "--out", tmp_path / "s")
    assert scored["verdict"] in ("met", "not_met")
    assert json.loads((tmp_path / "s" / "facts.full.json").read_bytes())["protocol"]["locked"]


@pytest.mark.slow
def test_a_claim_without_its_doubt_is_refused_in_both_languages(tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_text("claims:\n  - {id: rate, quantity: recognition_rate, value: 0.9704}\n", encoding="utf-8")
    zh, en = (typed("claim", path, "--lang", lang, code=1).stdout for lang in ("zh", "en"))
    assert "拒绝：rate" in zh
    assert "没有 n" in zh
    assert "REFUSED: rate" in en
    assert all(code in en for code in ("CLM-003", "CLM-004", "CLM-005", "CLM-006", "CLM-007", "CLM-008"))


@pytest.mark.slow
def test_a_regulators_key_is_made_once_and_never_overwritten(tmp_path):
    typed("verify", "--new-key", tmp_path / "reader.key")
    assert (tmp_path / "reader.key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "reader.pub").read_text().strip()) == 64
    assert "VER-042" in typed("verify", "--new-key", tmp_path / "reader.key", code=2).stderr

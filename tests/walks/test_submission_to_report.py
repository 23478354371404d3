"""The second story: a model is submitted, approved, run in the sandbox, scored once its predictions are fixed, signed and checked."""
from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eval_harness.base import Terminal, WrongUsage, canonical
from eval_harness.protocol.lock import lock
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.testset import read_set, write_set
from eval_harness.verify import verify_pack
from governance import evaluations, registry
from governance.desk import Desk, open_desk
from governance.signing import load_public_key
from pipelines.settings import settings

CASES = 24


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    home = tmp_path_factory.mktemp("walk") / "home"
    with open_desk(settings(home)) as desk:
        freeze(desk, "chest-dr", CASES)
        regulator = X25519PrivateKey.generate()
        (desk.home.keys / "regulator.key").write_text(regulator.private_bytes_raw().hex())
        (desk.home.keys / "regulator.pub").write_text(regulator.public_key().public_bytes_raw().hex())
        yield desk


def freeze(desk: Desk, task: str, cases: int) -> None:
    """A small sealed set, as `dataset freeze` leaves one."""
    pack = load_pack(task)
    folder = desk.home.frozen / "walk-dr" / "1"
    folder.parent.mkdir(parents=True)
    made = write_set(folder, desk.home.sealed / "walk-dr" / "1", set_id="walk-dr", version="1", task=task,
                     cases=pack.synthetic(11, cases),
                     visibility="sealed", card={"title": {"zh": "走查集", "en": "walk"}}, provenance={},
                     signing_key=desk.signing_key.private)
    registry.add_dataset(desk.store, dataset_id="walk-dr", version="1", task=task, visibility="sealed", state="frozen",
                         manifest_sha256="0" * 64, facts={"root": made.merkle_root})


@pytest.fixture(scope="module")
def parcel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("parcel") / "submission"
    load_pack("chest-dr").reference_model(folder)
    return folder


@pytest.fixture(scope="module")
def evaluated(desk, parcel):
    row = evaluations.submit(desk, parcel, "chest-dr", "示例医疗科技有限公司", "胸片助手", "2.1")
    return evaluations.evaluate(desk, row["submission_id"], "walk-dr")


def test_the_story_ends_with_a_signed_report_in_two_editions(desk, evaluated):
    assert (evaluated["state"], evaluated["end_state"]) == ("reported", "complete")
    assert set(evaluated["facts"]["files"]) == {"vendor", "regulator"}
    folder = desk.evidence_folder(evaluated["evaluation_id"])
    assert {"report.zh.html", "report.en.html", "report.zh.pdf", "report.en.pdf"} <= {path.name for path in folder.iterdir()}


def test_every_number_of_both_editions_is_recomputed_and_none_differs(desk, evaluated):
    trust = load_public_key(desk.home.signing_key.with_suffix(".pub"))
    vendor = verify_pack(Path(evaluated["facts"]["files"]["vendor"]), trust)
    assert vendor.counts["DIFFERS"] == 0
    assert vendor.counts["MATCH"] > 0
    assert vendor.counts["COMMITTED"] > 0
    key = bytes.fromhex((desk.home.keys / "regulator.key").read_text())
    regulator = verify_pack(Path(evaluated["facts"]["files"]["regulator"]), trust, key=key)
    assert (regulator.counts["DIFFERS"], regulator.counts["COMMITTED"]) == (0, 0)
    assert regulator.counts["MATCH"] >= 10


def test_the_audit_log_shows_truth_opened_only_after_the_predictions_were_fixed(desk, evaluated):
    actions = [record["action"] for record in desk.audit.records() if record["object"] == evaluated["evaluation_id"]]
    order = [action for action in actions if action in ("lock", "predicted", "unseal", "scored", "sign")]
    assert order == ["lock", "predicted", "unseal", "scored", "sign"]


def test_no_legal_entity_or_product_name_stands_in_the_audit_log(desk, evaluated):
    text = desk.audit.path.read_text(encoding="utf-8")
    assert "示例医疗" not in text
    assert "胸片助手" not in text


def test_typing_the_same_again_changes_nothing(desk, evaluated):
    before = {name: Path(path).read_bytes() for name, path in evaluated["facts"]["files"].items()}
    again = evaluations.evaluate(desk, evaluated["submission_id"], "walk-dr")
    assert again == registry.evaluation(desk.store, evaluated["evaluation_id"])
    assert {name: Path(path).read_bytes() for name, path in again["facts"]["files"].items()} == before


def test_results_changed_after_they_were_logged_are_never_scored(desk, parcel):
    row = evaluations.submit(desk, parcel, "chest-dr", "另一家公司", "胸片助手", "1.0")
    evaluation_id = evaluations.start(desk, row["submission_id"], "walk-dr")
    evaluations.predict(desk, evaluation_id)
    stored = desk.run_folder(evaluation_id) / "results.jsonl"
    rows = [json.loads(line) for line in stored.read_text().splitlines()]
    rows[3]["output"]["score"] = 1 - rows[3]["output"]["score"]
    stored.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(Terminal) as caught:
        evaluations.score(desk, evaluation_id)
    assert caught.value.issue.code == "EVL-003"
    assert not desk.score_folder(evaluation_id).exists()
    assert "unseal" not in [record["action"] for record in desk.audit.records() if record["object"] == evaluation_id]


def typed(desk: Desk, *words: str) -> tuple[int, dict]:
    command = Path(sys.executable).parent / "touchstone"
    line = [str(command), "model", *words, "--home", str(desk.home.root), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1])


def test_the_commands_tell_the_same_story(desk, evaluated):
    evaluation_id = evaluated["evaluation_id"]
    code, listed = typed(desk, "list")
    assert code == 0
    assert evaluation_id in [row["evaluation_id"] for row in listed["evaluations"]]
    code, view = typed(desk, "status", evaluation_id)
    assert (code, view["primary"]["n"]) == (0, CASES)
    code, log = typed(desk, "log", evaluation_id)
    assert (code, log["sealed"], log["output"]) == (0, True, "")
    assert log["cases"] == [{"status": "ok", "cause": "", "cases": CASES}]
    code, report = typed(desk, "report", evaluation_id)
    assert code == 0
    assert {Path(path).name for path in report["files"]} >= {"V.zip", "R.zip", "report.zh.html"}


@pytest.fixture(scope="module")
def with_variants(desk, parcel):
    """Typed as it would be: a plan that the vendor signed, with every variant of the task declared, six cases each."""
    row = evaluations.submit(desk, parcel, "chest-dr", "稳健医疗有限公司", "胸片助手", "3.0")
    set_dir = desk.home.frozen / "walk-dr" / "1"
    device = {"legal_entity": "稳健医疗有限公司", "family": "胸片助手", "name": "胸片助手", "version": "3.0"}
    plan = default_plan(pack_json(load_pack("chest-dr")), read_set(set_dir).manifest.to_dict(),
                        dict(read_submission(parcel).raw), row["digest"], device, variants=True)
    drafted, signed = parcel.parent / "plan.json", parcel.parent / "plan.locked.json"
    drafted.write_bytes(canonical({**plan, "B": 200, "variants": [{**one, "cases": 6} for one in plan["variants"]]}))
    lock(drafted, b"\x07" * 32, "vendor", signed)
    code, said = typed(desk, "evaluate", row["submission_id"], "--dataset", "walk-dr", "--plan", str(signed))
    assert code == 0, said
    return registry.evaluation(desk.store, next(one["evaluation_id"] for one in registry.evaluations(desk.store, row["submission_id"])))


def test_a_signed_plan_with_variants_is_run_and_every_number_of_both_editions_holds(desk, with_variants):
    trust, files = load_public_key(desk.home.signing_key.with_suffix(".pub")), with_variants["facts"]["files"]
    key = bytes.fromhex((desk.home.keys / "regulator.key").read_text())
    regulator = verify_pack(Path(files["regulator"]), trust, key=key)
    assert regulator.ok, [issue.text("en") for issue in regulator.issues]
    assert "copies as the plan declares them" in regulator.passed
    assert (regulator.counts["DIFFERS"], regulator.counts["COMMITTED"]) == (0, 0)
    vendor = verify_pack(Path(files["vendor"]), trust)
    assert vendor.ok, [issue.text("en") for issue in vendor.issues]
    assert set(vendor.counts) - {name for name, count in vendor.counts.items() if not count} == {"MATCH", "COMMITTED"}
    assert verify_pack(Path(files["vendor"]), trust, opening=Path(files["regulator"]), key=key).opening == "redaction_proved"


def test_copies_are_run_beside_the_set_and_their_numbers_stay_with_the_regulator(desk, with_variants):
    full = json.loads((desk.score_folder(with_variants["evaluation_id"]) / "facts.full.json").read_bytes())
    assert (full["accounting"]["planned"], full["accounting"]["scored"]) == (CASES + 4 * 6, CASES)
    assert [(one["variant"], one["n"]) for one in full["robustness"]] == [("jpeg", 6), ("noise", 6), ("window", 6)]
    assert full["repeatability"]["n"] == 6
    with zipfile.ZipFile(with_variants["facts"]["files"]["vendor"]) as held:
        told = json.loads(held.read("facts.json"))
    assert (told["robustness"], told["repeatability"]) == ([], None)


def test_an_unknown_evaluation_is_refused_with_the_known_ones_and_exit_code_2(desk, evaluated):
    code, error = typed(desk, "status", "e-none")
    assert code == 2
    assert error["error"]["code"] == "REG-004"
    assert evaluated["evaluation_id"] in error["error"]["message_en"]


def test_a_published_verdict_can_be_withdrawn_and_nothing_skips_a_state(desk, evaluated):
    with pytest.raises(WrongUsage):
        evaluations.withdraw(desk, evaluated["evaluation_id"])
    assert evaluations.publish(desk, evaluated["evaluation_id"])["state"] == "published"
    assert evaluations.withdraw(desk, evaluated["evaluation_id"])["state"] == "withdrawn"


def test_a_parcel_with_a_pickle_is_sent_back_and_cannot_be_started(desk, parcel, tmp_path):
    spoiled = tmp_path / "spoiled"
    shutil.copytree(parcel, spoiled)
    (spoiled / "model.onnx").write_bytes(b"\x80\x04\x95payload.")
    row = evaluations.submit(desk, spoiled, "chest-dr", "第三家公司", "pickle", "1.0")
    assert row["state"] == "draft"
    assert evaluations.issues_of(row)
    with pytest.raises(Terminal) as caught:
        evaluations.start(desk, row["submission_id"], "walk-dr")
    assert caught.value.issue.code == "EVL-001"

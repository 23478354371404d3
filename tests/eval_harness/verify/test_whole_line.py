"""A real set, a real run in the sandbox, a sealed reference standard, both editions, verified."""
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eval_harness.base import Terminal
from eval_harness.protocol.lock import lock
from eval_harness.protocol.plan import default_plan
from eval_harness.report import hpke, write_edition
from eval_harness.runs import run_submission
from eval_harness.scoring import pack_json
from eval_harness.scoring.gather import score_run
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.tasks.variants import cases_to_run
from eval_harness.testset import read_set, withdraw_case, write_set
from eval_harness.verify import verify_pack

SIGNER, READER, PLATFORM = b"\x01" * 32, b"\x02" * 32, b"\x05" * 32
bwrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="a sealed set needs bubblewrap here")


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("line")
    pack = load_pack("chest-dr")
    pack.reference_model(folder / "model")
    manifest = write_set(folder / "set", folder / "sealed", set_id="joint-dr", version="1", task="chest-dr", visibility="sealed",
                         cases=pack.synthetic(5, 24), card={"title": {"zh": "测试集", "en": "Test set"}},
                         provenance={"frozen_at": "2026-11-26"}, signing_key=PLATFORM)
    model = read_submission(folder / "model")
    plan = {**default_plan(pack_json(pack), manifest.to_dict(), dict(model.raw), model.digest, variants=True), "B": 200}
    import yaml
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan, allow_unicode=True))
    lock(folder / "plan.yaml", SIGNER, "vendor", folder / "plan.locked.json")
    held = lock(folder / "plan.locked.json", PLATFORM, "platform", folder / "plan.locked.json")
    with cases_to_run(read_set(folder / "set"), pack, held.protocol, folder / "cases") as cases:
        run = run_submission(model, cases, held.protocol, folder / "run", pack=pack, progress=False)
    assert not (folder / "cases").exists()
    heads = {"locked": {"seq": 1, "hash": "a" * 64, "at": "2026-11-26T01:00:00Z"},
             "predicted": {"seq": 2, "hash": "b" * 64, "at": "2026-11-26T02:00:00Z", "root": run.record["results_root"]},
             "unsealed": {"seq": 3, "hash": "c" * 64, "at": "2026-11-26T03:00:00Z", "root": manifest.reference_root}}
    return folder, heads


def scored(line, heads, name):
    folder, _ = line
    return score_run(folder / "run", folder / "set", folder / "sealed", folder / "plan.locked.json", folder / name, heads=heads,
                     context={"official": True})


@bwrap
@pytest.mark.slow
def test_a_sealed_evaluation_is_verified_to_the_last_number_by_the_regulator(line, tmp_path):
    made = scored(line, line[1], "score")
    scored_head = {"seq": 4, "hash": "d" * 64, "at": "2026-11-26T04:00:00Z", "root": made.json("commitments.json")["measurements_root"]}
    heads = {**line[1], "scored": scored_head}
    trust = Ed25519PrivateKey.from_private_bytes(PLATFORM).public_key().public_bytes_raw()
    vendor = write_edition(made, "vendor", tmp_path / "V.zip", PLATFORM, heads=heads, pdf=False)
    reader = hpke.public_key(READER)
    regulator = write_edition(made, "regulator", tmp_path / "R.zip", PLATFORM, heads=heads, regulator_key=reader, pdf=False)
    report = verify_pack(regulator, trust, key=READER)
    assert report.ok, [issue.text("en") for issue in report.issues]
    assert report.counts["COMMITTED"] == 0
    opened = verify_pack(vendor, trust, opening=regulator, key=READER)
    assert opened.ok
    assert opened.opening == "redaction_proved"
    assert "audited root: scored" in "\n".join(report.passed)
    assert "copies as the plan declares them" in report.passed
    assert {one["variant"] for one in made.facts["robustness"]} == {"noise", "window", "jpeg"}
    assert made.facts["repeatability"]["n"] == made.facts["repeatability"]["identical"] == 20


@bwrap
@pytest.mark.slow
def test_a_run_whose_predictions_were_not_recorded_first_opens_no_reference(line):
    folder, heads = line
    for change in ({"predicted": None}, {"unsealed": {**heads["unsealed"], "seq": 0}}):
        with pytest.raises(Terminal, match=r"SCO-00[12]"):
            scored(line, {**heads, **change}, "never")
    with pytest.raises(Terminal, match="SCO-001"):
        scored(line, None, "never")
    assert not (folder / "never").exists()


@bwrap
@pytest.mark.slow
def test_a_withdrawn_case_leaves_its_leaf_and_the_reference_root_still_holds(line, tmp_path):
    folder, heads = line
    shutil.copytree(folder, tmp_path / "line")
    token = read_set(tmp_path / "line" / "set").cases[0].token
    withdraw_case(tmp_path / "line" / "set", token, reason="consent withdrawn", withdrawn_on="2026-11-27", signing_key=PLATFORM)
    made = scored((tmp_path / "line", heads), heads, "score-after")
    counted = made.facts["accounting"]
    gone = 24 + 80 - counted["planned"]     # the case and its copies, of which there is one a variant at most
    assert 1 <= gone <= 5
    assert (counted["scored"], counted["answered"], counted["missing"], counted["withdrawn"]) == (23, counted["planned"], 0, gone)
    regulator = write_edition(made, "regulator", tmp_path / "R.zip", PLATFORM, regulator_key=hpke.public_key(READER), pdf=False)
    report = verify_pack(regulator, None, key=READER)
    assert report.sound, [issue.text("en") for issue in report.issues]
    assert read_set(folder / "set").cases

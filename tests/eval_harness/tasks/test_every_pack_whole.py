"""Every pack's reference model, from practice set to verified report; and a pack that lies outside the package."""
from __future__ import annotations

import shutil

import pytest

from eval_harness.report import write_edition
from eval_harness.report.keys import public_of
from eval_harness.runs import run_submission
from eval_harness.runs.protocol import protocol_for
from eval_harness.sandbox.process import FLOOR
from eval_harness.scoring.gather import score_run
from eval_harness.submission import read_submission
from eval_harness.tasks import list_packs, load_pack
from eval_harness.tasks.kit import golden_differences, write_kit
from eval_harness.tasks.practice import write_practice_set
from eval_harness.testset import read_set
from eval_harness.verify.own import own_pack
from eval_harness.verify.pack import verify_pack

pytestmark = [pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}"), pytest.mark.slow]
SIGNING = b"\x07" * 32


def whole(pack, root):
    """kit → run → score → vendor edition → verify; gives the run, the facts and the verification."""
    pack.reference_model(root / "submission")
    write_practice_set(pack, root / "set", n=16, seed=11)
    held, given = read_set(root / "set"), read_submission(root / "submission")
    protocol = {**protocol_for(None, pack, held, given), "B": 200}
    run = run_submission(given, held, protocol, root / "run", pack=pack, sandbox="floor", progress=False)
    scored = score_run(root / "run", root / "set", None, protocol, root / "score", pack_dir=pack.folder)
    report = write_edition(scored, "vendor", root / "V.zip", SIGNING, pdf=False)
    return run, scored.facts, verify_pack(report, public_of(SIGNING), own=own_pack(pack.folder) if pack.hook("measure") else None)


@pytest.mark.parametrize("name", list_packs())
def test_the_reference_model_of_a_pack_answers_and_its_report_verifies(name, tmp_path):
    run, facts, verified = whole(load_pack(name), tmp_path)
    assert run.counts == {"cases": 16, "ok": 16}
    primary = next(row for row in facts["estimates"] if row["role"] == "primary")
    if name == "paediatric-dr":
        assert primary["value"] == {"absent": "not_pooled"}
    else:
        assert not isinstance(primary["value"], dict)
    assert verified.counts["DIFFERS"] == 0
    assert verified.counts["MATCH"] > 10


def test_a_pack_outside_the_package_goes_the_same_way(tmp_path):
    folder = tmp_path / "packs" / "my-task"
    shutil.copytree(load_pack("chest-dr").folder, folder)
    (folder / "golden.json").unlink()
    for file in ("task.yaml", "task.py"):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("task: chest-dr", "task: my-task").replace('"chest-dr"', '"my-task"'), encoding="utf-8")
    pack = load_pack(folder)
    assert pack.id == "my-task"
    assert not pack.built_in
    run, _, verified = whole(pack, tmp_path / "work")
    assert run.counts["ok"] == 16
    assert verified.counts["DIFFERS"] == 0


def test_a_kit_gives_the_golden_answers(tmp_path):
    pack = load_pack("chest-dr")
    made = write_kit(pack, tmp_path / "kit")
    assert golden_differences(pack, made) == []
    assert golden_differences(pack, {**made, "answers": {}}) == ["answers"]

"""Robustness and repeatability runs that a plan declares: which cases are copied, how, and that nobody can choose otherwise."""
from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval_harness.base import WrongUsage
from eval_harness.base.copies import Copy, copied_rows, copies_among, declared_copies
from eval_harness.protocol.check import problems
from eval_harness.protocol.plan import default_plan
from eval_harness.report import write_edition
from eval_harness.runs import run_submission
from eval_harness.sandbox.process import FLOOR
from eval_harness.scoring import pack_json
from eval_harness.scoring.directory import keys_from, lines
from eval_harness.scoring.gather import score_run
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.tasks.pack import PackRefused
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.variants import STEPS, altered, cases_to_run
from eval_harness.testset import read_set
from eval_harness.verify import verify_pack

PLAN = {"variants": [{"name": "noise", "op": "noise/1", "params": {"sd": 10.0}, "cases": 5},
                     {"name": "again", "op": "repeat/1", "params": {}, "cases": 3}]}
TOKENS = [f"{number:032x}" for number in range(12)]
PARAMS = {"noise/1": {"sd": 25.0}, "resample/1": {"factor": 2}, "window/1": {"scale": 0.9, "offset": 5}, "jpeg/1": {"quality": 60},
          "flip/1": {"axis": 0}, "turn/1": {"quarter_turns": 2}, "missing/1": {"index": 1}, "repeat/1": {}}


def packed(values):
    held = io.BytesIO()
    np.save(held, values)
    return held.getvalue()


def made(op, values, kind="image", seed=1, **params):
    copy = Copy(f"{seed:016x}{0:016x}", "0", "v", op, params or PARAMS[op])
    return np.load(io.BytesIO(altered(load_pack("chest-dr"), copy, kind, packed(values), {})))


@pytest.fixture(scope="module")
def picture():
    y, x = np.mgrid[0:61, 0:83]
    return np.asarray(1500 + 900 * np.sin(x / 9) * np.cos(y / 7), np.uint16)


def test_copies_follow_from_plan_and_tokens_alone_and_say_what_they_copy():
    copies = declared_copies(PLAN, TOKENS)
    assert [copy.variant for copy in copies] == ["noise"] * 5 + ["again"] * 3
    assert copies == declared_copies(json.loads(json.dumps(PLAN)), reversed(TOKENS))
    assert {copy.original for copy in copies} <= set(TOKENS)
    other = declared_copies({**PLAN, "seed": 1}, TOKENS)
    assert not {copy.token for copy in copies} & {copy.token for copy in other}
    assert copies_among(PLAN, [*TOKENS, *(copy.token for copy in copies)]) == {copy.token for copy in copies}
    assert len(declared_copies({"variants": [{**PLAN["variants"][0], "cases": 99}]}, TOKENS)) == 12


def test_a_withdrawn_case_takes_its_copies_along_and_moves_no_other():
    pack = load_pack("chest-dr")
    rows = [(dataclasses.replace(key, token=token), dataclasses.replace(truth, salt="ab" * 32))
            for token, (_, key, truth) in zip(TOKENS, pack.synthetic(1, 12), strict=True)]
    keys, truths = {key.token: key for key, _ in rows}, {key.token: truth for key, truth in rows}
    copies = declared_copies(PLAN, TOKENS)
    gone = copies[0].original
    all_keys, _ = copied_rows(copies, keys, truths)
    left, told = copied_rows(copies, {token: key for token, key in keys.items() if token != gone}, truths)
    assert [key for key in all_keys if key.case_id != keys[gone].case_id] == left
    assert {key.role for key in left if not key.strata.get("variant")} == {"repeat"}
    canary = {token: dataclasses.replace(key, role="canary") for token, key in keys.items()}
    assert {key.role for key in copied_rows(copies, canary, truths)[0] if not key.strata.get("variant")} == {"repeat"}
    assert all(truth.salt != "ab" * 32 for truth in told.values())


@pytest.mark.parametrize("op", sorted(set(STEPS) - {"missing/1"}))
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32"])
def test_a_step_keeps_shape_and_type_and_gives_the_same_bytes_again(op, dtype, picture):
    values = np.stack([picture // 16] * 3).astype(dtype)
    first, again = made(op, values, "volume"), made(op, values, "volume")
    assert (first.shape, first.dtype) == (values.shape, values.dtype)
    assert np.array_equal(first, again)
    assert np.array_equal(first, values) == (op == "repeat/1")


def test_noise_has_the_standard_deviation_it_says_and_another_seed_is_another_noise(picture):
    flat = np.full((200, 200), 1000, np.int16)
    noisy = made("noise/1", flat, sd=25.0) - flat.astype(float)
    assert noisy.std() == pytest.approx(25, rel=0.02)
    assert noisy.mean() == pytest.approx(0, abs=0.5)
    assert not np.array_equal(made("noise/1", flat, seed=2, sd=25.0), made("noise/1", flat, sd=25.0))


def test_lossy_compression_is_that_of_a_jpeg_program(picture):
    """Peer: Pillow (libjpeg) at the same quality, grey, over the same 256 levels."""
    image = pytest.importorskip("PIL.Image")
    grey = np.rint((picture.astype(float) - picture.min()) * 255 / np.ptp(picture)).astype(np.uint8)
    grey[0, 0], grey[0, 1] = 0, 255
    for quality in (20, 60, 90):
        held = io.BytesIO()
        image.fromarray(grey).save(held, "JPEG", quality=quality)
        peer = np.asarray(image.open(held)).astype(int)
        away = np.abs(made("jpeg/1", grey, quality=quality).astype(int) - peer)
        assert away.mean() < 0.2      # libjpeg's whole-number transform rounds a coefficient the other way now and then
        assert np.percentile(away, 99) <= 4


def test_coarser_means_block_means_and_a_straight_line_stays_one():
    ramp = np.tile(np.arange(0, 640, 10, np.int16), (64, 1))
    coarse = made("resample/1", ramp, factor=2)
    assert np.array_equal(coarse[:, 2:-2], ramp[:, 2:-2])
    dots = np.zeros((64, 64), np.int16)
    dots[::2, ::2] = 400
    assert np.ptp(made("resample/1", dots, factor=2)[4:-4, 4:-4]) == 0


def test_a_missing_feature_is_not_a_number_and_the_others_stay():
    values = made("missing/1", np.arange(6, dtype=np.float32), "vector", index=4)
    assert np.isnan(values[4])
    assert np.array_equal(np.delete(values, 4), [0, 1, 2, 3, 5])


def test_a_step_that_does_not_exist_or_fit_is_refused_by_name(picture):
    with pytest.raises(WrongUsage, match="TSK-007"):
        made("blur/9", picture, sd=1.0)
    with pytest.raises(WrongUsage, match="TSK-007"):
        made("turn/1", picture, quarter_turns=1)


def test_a_step_that_moves_anatomy_is_for_tasks_without_places(tmp_path):
    import shutil
    shutil.copytree(load_pack("lung-nodule-ct").folder, tmp_path / "p", ignore=shutil.ignore_patterns("__pycache__"))
    text = (tmp_path / "p" / "task.yaml").read_text(encoding="utf-8")
    (tmp_path / "p" / "task.yaml").write_text(text.replace("op: resample/1, params: {factor: 2}", "op: flip/1, params: {axis: 0}"),
                                              encoding="utf-8")
    with pytest.raises(PackRefused, match="TSK-008"):
        load_pack(tmp_path / "p")


@pytest.mark.parametrize(("code", "variants"), [
    ("PLN-036", [{"name": "a", "op": "flip/1", "params": {"axis": 0}, "cases": 5}]),
    ("PLN-036", [{"name": "a", "op": "noise/1", "params": {}, "cases": 5}]),
    ("PLN-037", [{"name": "a", "op": "repeat/1", "params": {}, "cases": 5}] * 2),
])
def test_a_plan_may_declare_only_what_its_task_allows(code, variants):
    pack = pack_json(load_pack("chest-dr"))
    dataset = {"set_id": "s", "version": "1", "visibility": "practice", "inputs_root": "0" * 64, "reference_root": "1" * 64}
    plan = {**default_plan(pack, dataset), "variants": variants}
    assert code in {issue.code for issue in problems(plan, pack)}
    assert not {"PLN-036", "PLN-037"} & {issue.code for issue in problems(default_plan(pack, dataset), pack)}
    assert default_plan(pack, {**dataset, "visibility": "sealed"})["variants"] == []


@pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")
@pytest.mark.slow
def test_copies_are_run_scored_apart_and_a_scorer_cannot_leave_a_bad_one_out(tmp_path):
    pack = load_pack("chest-dr")
    pack.reference_model(tmp_path / "model")
    write_practice_set(pack, tmp_path / "set", n=14, seed=2)
    held, model = read_set(tmp_path / "set"), read_submission(tmp_path / "model")
    plan = {**default_plan(pack_json(pack), held.manifest.to_dict(), dict(model.raw), model.digest), "B": 200, **PLAN}
    with cases_to_run(held, pack, plan, tmp_path / "cases") as cases:
        assert len(cases.cases) == 22
        run_submission(model, cases, plan, tmp_path / "run", pack=pack, sandbox="floor", progress=False)
    assert not (tmp_path / "cases").exists()
    made = score_run(tmp_path / "run", tmp_path / "set", None, plan, tmp_path / "score")
    counted = made.facts["accounting"]
    assert (counted["planned"], counted["scored"], counted["variant"], counted["repeat"]) == (22, 14, 5, 3)
    plain = score_run(*_without_variants(tmp_path, pack, held, model, plan))
    assert [one["value"] for one in plain.facts["estimates"]] == [one["value"] for one in made.facts["estimates"]]
    report = verify_pack(write_edition(made, "vendor", tmp_path / "V.zip", b"\x01" * 32, pdf=False))
    assert report.sound
    script = Path(__file__).parents[3] / "docs" / "verify_independently.py"
    told = subprocess.run([sys.executable, "-I", str(script), str(tmp_path / "V.zip")], capture_output=True, text=True, check=False).stdout
    assert all("trusted key" in line for line in told.splitlines() if line.startswith("WRONG"))
    assert "ok    reference root" in told
    _leave_out_a_copy(made)
    forged = verify_pack(write_edition(made, "vendor", tmp_path / "W.zip", b"\x01" * 32, pdf=False))
    assert any("copies" in issue.message_en for issue in forged.issues if issue.code == "VER-020")


def _without_variants(folder, pack, held, model, plan):
    bare = {**plan, "variants": []}
    run_submission(model, held, bare, folder / "bare", pack=pack, sandbox="floor", progress=False)
    return folder / "bare", folder / "set", None, bare, folder / "bare-score"


def _leave_out_a_copy(made):
    keys = keys_from(made.bytes_of("keys.jsonl"))
    bad = next(key.token for key in keys if key.strata.get("variant"))
    for name in ("keys.jsonl", "reference.jsonl", "measurements.jsonl", "salts.jsonl"):
        rows = [json.loads(line) for line in made.bytes_of(name).splitlines()]
        (made.path / name).write_bytes(lines(row for row in rows if row["token"] != bad))

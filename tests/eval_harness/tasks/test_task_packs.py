"""A task pack says what a case is, what an answer is, and brings its own practice set and working model."""
from __future__ import annotations

import json
import shutil

import jsonschema_rs
import pytest

from eval_harness.tasks import list_packs, load_pack
from eval_harness.tasks.output import AnswerCheck, AnswerRefused
from eval_harness.tasks.pack import PackRefused
from eval_harness.tasks.practice import write_practice_set
from eval_harness.testset import verify_set

PACKS = list_packs()


@pytest.mark.parametrize("name", PACKS)
def test_practice_cases_fit_the_packs_own_reference_schema(name):
    pack = load_pack(name)
    check = jsonschema_rs.validator_for(dict(pack.reference_schema))
    rows = list(pack.synthetic(3, 6))
    assert len({key.case_id for _, key, _ in rows}) == 6
    for inputs, _, truth in rows:
        check.validate(truth.value)
        assert sorted(given.socket for given in inputs) == sorted(socket.name for socket in pack.spec.sockets)


@pytest.mark.parametrize("name", PACKS)
def test_the_same_seed_gives_the_same_practice_set(name, tmp_path):
    pack = load_pack(name)
    first, second, other = (write_practice_set(pack, tmp_path / str(place), n=3, seed=seed) for place, seed in enumerate((5, 5, 6)))
    assert first == second
    assert first.merkle_root != other.merkle_root
    assert verify_set(tmp_path / "0").ok


@pytest.mark.parametrize("name", PACKS)
def test_every_title_and_label_speaks_both_languages(name):
    pack = load_pack(name)
    words = [pack.spec.title, pack.spec.summary, *(e.title for e in pack.spec.estimates), *(s.title for s in pack.spec.strata),
             *(s.values for s in pack.spec.sockets)]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in word.zh) and word.en for word in words)
    assert pack.spec.failure_rules


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_whole_and_says_its_unit_answer_and_failure_rules_in_both_languages(name):
    pack = load_pack(name)
    assert {file.name for file in pack.folder.iterdir() if file.is_file()} == {
        "task.yaml", "output.schema.json", "reference.schema.json", "messages.yaml", "task.py", "golden.json"}
    spoken = [pack.messages[key] for key in ("unit", "output", *(f"failure_{side}" for side in pack.spec.failure_rules))]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in words["zh"]) and words["en"] for words in spoken)
    assert {"site", "tier", "region", "sex", "age_band"} <= {stratum.name for stratum in pack.spec.strata}
    assert pack.spec.protocol["comparator"]["value"]
    assert any(variant.op == "repeat/1" for variant in pack.spec.variants)
    assert len(pack.spec.variants) >= 2


def test_an_unknown_pack_is_answered_with_the_nearest_name():
    with pytest.raises(PackRefused) as refused:
        load_pack("chest-xr")
    assert refused.value.issue.code == "TSK-001"
    assert "chest-dr" in refused.value.issue.hint_en


@pytest.mark.parametrize("old, new, code", [
    ("measure:", "meazure:", "TSK-002"), ("primary: auc", "primary: roc", "TSK-005"), ("kind: binary", "kind: bynary", "TSK-002")])
def test_a_broken_task_file_is_refused_at_its_place(tmp_path, old, new, code):
    folder = tmp_path / "pack"
    shutil.copytree(load_pack("chest-dr").folder, folder)
    text = (folder / "task.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "task.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackRefused, match=code):
        load_pack(folder)


def test_a_changed_pack_has_another_digest(tmp_path):
    shutil.copytree(load_pack("chest-dr").folder, tmp_path / "pack")
    assert load_pack(tmp_path / "pack").digest == load_pack("chest-dr").digest
    with (tmp_path / "pack" / "messages.yaml").open("a") as out:
        out.write("# another\n")
    assert load_pack(tmp_path / "pack").digest != load_pack("chest-dr").digest


def test_an_answer_is_rounded_to_the_declared_places():
    check = AnswerCheck(load_pack("lung-nodule-ct"))
    mark = {"x": 1.00049, "y": -2.0, "z": 3, "score": 0.12345678}
    assert check.read(json.dumps({"marks": [mark]}).encode()) == {"marks": [{"x": 1.0, "y": -2.0, "z": 3, "score": 0.123457}]}


MARK = '{"x": 0, "y": 0, "z": 0, "score": 0.5}'


@pytest.mark.parametrize("data, cause", [
    (b"", "not_json"), (b"\x80\x04K\x01.", "not_json"), (b'{"marks": [', "not_json"), (b"[" * 100_000, "not_json"),
    (b'{"marks": NaN}', "not_finite"), (b'{"marks": [{"x": Infinity, "y": 0, "z": 0, "score": 0.1}]}', "not_finite"),
    (b'{"marks": [], "marks": []}', "repeated_key"), (b'{"marks": [], "note": "image bytes"}', "schema"),
    (b'{"marks": [{"x": 0, "y": 0, "z": 0, "score": 1.5}]}', "schema"),
    (b'{"marks": [{"x": 1e999, "y": 0, "z": 0, "score": 0}]}', "schema"),
    (('{"marks": [' + ",".join([MARK] * 101) + "]}").encode(), "mark_cap"),
])
def test_what_is_no_answer_is_refused_by_its_cause(data, cause):
    with pytest.raises(AnswerRefused) as refused:
        AnswerCheck(load_pack("lung-nodule-ct")).read(data)
    assert refused.value.cause == cause


def test_an_empty_list_of_marks_is_an_answer():
    check = AnswerCheck(load_pack("lung-nodule-ct"))
    assert check.read(b'{"marks": []}') == {"marks": []}
    assert len(check.read(('{"marks": [' + ",".join([MARK] * 100) + "]}").encode())["marks"]) == 100

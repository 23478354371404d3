"""Malformed submissions: each is refused before anything runs, by its own code, in both languages."""
from __future__ import annotations

import io
import json
import pickle
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from eval_harness.base import sha256
from eval_harness.submission import SubmissionRefused, inspect_submission, read_submission
from eval_harness.tasks import load_pack

PACK = load_pack("chest-dr")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    PACK.reference_model(tmp_path / "sub")
    return tmp_path / "sub"


def manifest(folder: Path, change=None) -> dict:
    held = json.loads((folder / "manifest.json").read_text())
    if change:
        change(held)
        (folder / "manifest.json").write_text(json.dumps(held))
    return held


def replace_model(folder: Path, data: bytes, name: str = "model.onnx") -> None:
    (folder / name).write_bytes(data)
    entry = {"path": name, "sha256": sha256(data), "bytes": len(data)}
    manifest(folder, lambda held: held.update(files=[*(f for f in held["files"] if f["path"] != name), entry]))


def issues(folder: Path, visibility: str = "practice") -> tuple:
    try:
        return tuple(inspect_submission(read_submission(folder), PACK, visibility).issues)
    except SubmissionRefused as refused:
        return (refused.issue,)


def codes(folder: Path, visibility: str = "practice") -> list[str]:
    found = issues(folder, visibility)
    for issue in found:
        assert issue.message_zh != issue.message_en
        assert issue.hint_zh
        assert issue.hint_en
    return [issue.code for issue in found]


def graph(change) -> bytes:
    """A small valid classifier, changed by `change(model)`."""
    nodes = [helper.make_node("ReduceMean", ["dr"], ["score"], keepdims=0)]
    weight = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    made = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("dr", TensorProto.FLOAT, [1, 1, "h", "w_"])],
                             [helper.make_tensor_value_info("score", TensorProto.FLOAT, [])], [weight])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    change(model)
    return model.SerializeToString()


def external(model) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def external_in_attribute(model) -> None:
    tensor = onnx.TensorProto(name="deep", data_type=1, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="weights.bin")
    model.graph.node.append(helper.make_node("Constant", [], ["deep"], value=tensor))


def foreign(model) -> None:
    model.graph.node.append(helper.make_node("Exec", ["dr"], ["x"], domain="com.vendor"))


def foreign_in_loop(model) -> None:
    body = helper.make_graph([helper.make_node("Exec", ["held"], ["next"], domain="com.microsoft")], "b", [], [])
    model.graph.node.append(helper.make_node("If", ["dr"], ["y"], then_branch=body, else_branch=body))


def deep(model) -> None:
    body = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "b", [], [])
    for _ in range(12):
        body = helper.make_graph([helper.make_node("If", ["c"], ["d"], then_branch=body, else_branch=body)], "b", [], [])
    model.graph.node.append(helper.make_node("If", ["dr"], ["y"], then_branch=body, else_branch=body))


def other_input(model) -> None:
    model.graph.input.append(helper.make_tensor_value_info("age", TensorProto.FLOAT, [1]))


def huge_constant(model) -> None:
    model.graph.initializer[0].dims[:] = [2**31, 2**20]


GRAPHS = {"SUB-032": [external, external_in_attribute], "SUB-033": [foreign, foreign_in_loop], "SUB-034": [deep], "SUB-036": [other_input],
          "SUB-035": [huge_constant]}


def test_the_reference_submission_is_sound_for_practice_and_sealed_sets(good):
    assert codes(good) == []
    assert codes(good, "sealed") == []


@pytest.mark.parametrize("change", [pytest.param((code, one), id=one.__name__) for code, them in GRAPHS.items() for one in them])
def test_a_graph_that_reaches_outside_itself_is_refused(good, change):
    code, edit = change
    replace_model(good, graph(lambda model: None))
    assert codes(good) == []
    replace_model(good, graph(edit))
    assert codes(good) == [code]


def torch_file() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"weights": [1.0]}))
    return held.getvalue()


def object_array() -> bytes:
    held = io.BytesIO()
    np.save(held, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return held.getvalue()


@pytest.mark.parametrize("data", [
    pickle.dumps([1, 2]), pickle.dumps({"a": 1}, protocol=2), pickle.dumps([1, "x", {"b": 2}], protocol=0), torch_file(), object_array(),
    zlib.compress(pickle.dumps([1]))], ids=["pickle", "protocol-2", "protocol-0", "torch", "object-array", "compressed"])
def test_a_pickle_is_refused_under_any_name(good, data):
    for name in ("model.onnx", "weights.npy"):
        replace_model(good, data, name)
        assert "SUB-028" in codes(good)


@pytest.mark.parametrize("data", [b"GIF89a", b"", b"\x08\x07\x12\x04", b"<html>"])
def test_bytes_that_are_no_graph_are_refused(good, data):
    replace_model(good, data)
    assert codes(good) == ["SUB-031"]


def test_a_plain_array_beside_the_model_is_no_pickle(good):
    held = io.BytesIO()
    np.save(held, np.zeros(3))
    replace_model(good, held.getvalue(), "weights.npy")
    assert codes(good) == []


MANIFESTS = [
    ("SUB-003", lambda m: m.update(licens="MIT")), ("SUB-003", lambda m: m.pop("kind")), ("SUB-003", lambda m: m.update(kind="torch")),
    ("SUB-003", lambda m: m.update(schema="touchstone.submission/9")), ("SUB-003", lambda m: m["files"][0].update(sha256="abc")),
    ("SUB-010", lambda m: m["task"].update(id="lung-nodule-ct")), ("SUB-010", lambda m: m["task"].update(version=9)),
    ("SUB-012", lambda m: m.update(resources={"gpu": 1})), ("SUB-013", lambda m: m.update(protocol="oip-v2")),
    ("SUB-014", lambda m: m.update(kind="predictions", pre=[], post=[])),
    ("SUB-015", lambda m: m.update(kind="python", lifecycle="per_case")),
    ("SUB-020", lambda m: m["files"].append(m["files"][0])), ("SUB-021", lambda m: m.update(files=[])),
    ("SUB-023", lambda m: m["files"].append({"path": "../x", "sha256": "0" * 64, "bytes": 1})),
    ("SUB-025", lambda m: m["files"].append({"path": "gone.bin", "sha256": "0" * 64, "bytes": 1})),
    ("SUB-026", lambda m: m["files"][0].update(bytes=3)), ("SUB-027", lambda m: m["files"][0].update(sha256="0" * 64)),
    ("SUB-041", lambda m: m.update(post=[])), ("SUB-042", lambda m: m["pre"][0].update(op="rescail/1")),
    ("SUB-042", lambda m: m["post"][0].update(op="score/2")), ("SUB-043", lambda m: m["pre"][0].update(hihg=3)),
    ("SUB-043", lambda m: m["pre"][0].pop("low")), ("SUB-050", lambda m: m.update(sockets=[{"name": "ct", "tensor": "dr"}])),
    ("SUB-051", lambda m: m.update(resources={"timeout_s": 9999})), ("SUB-051", lambda m: m.update(resources={"memory_bytes": 2**40})),
]


@pytest.mark.parametrize("place", range(len(MANIFESTS)))
def test_a_manifest_that_is_wrong_is_refused_by_its_own_code(good, place):
    code, change = MANIFESTS[place]
    manifest(good, change)
    assert code in codes(good)


def test_an_unknown_key_is_answered_with_the_nearest_right_one(good):
    manifest(good, lambda held: held.update(licens="MIT"))
    with pytest.raises(SubmissionRefused, match="SUB-003") as refused:
        read_submission(good)
    assert "licence" in refused.value.issue.hint_en


def test_links_and_unlisted_files_are_refused(good, tmp_path):
    (good / "extra.bin").write_bytes(b"x")
    assert codes(good) == ["SUB-022"]
    (good / "extra.bin").unlink()
    (tmp_path / "outside.onnx").write_bytes((good / "model.onnx").read_bytes())
    (good / "model.onnx").unlink()
    (good / "model.onnx").symlink_to(tmp_path / "outside.onnx")
    assert codes(good) == ["SUB-024"]


def test_only_graphs_and_images_may_meet_a_sealed_set(good):
    (good / "predictions.jsonl").write_bytes(b"")
    entry = {"path": "predictions.jsonl", "sha256": sha256(b""), "bytes": 0}
    manifest(good, lambda held: held.update(kind="predictions", lifecycle="per_case", pre=[], post=[], files=[*held["files"], entry]))
    assert codes(good) == []
    assert codes(good, "sealed") == ["SUB-011"]


def test_a_folder_without_manifest_and_a_bare_graph_say_what_is_missing(good, tmp_path):
    (tmp_path / "empty").mkdir()
    for path, code in ((tmp_path / "empty", "SUB-001"), (good / "model.onnx", "SUB-005")):
        with pytest.raises(SubmissionRefused, match=code):
            read_submission(path)


def test_a_zip_is_read_and_one_that_climbs_out_is_not(good, tmp_path):
    packed = tmp_path / "model.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in good.iterdir():
            archive.write(file, f"sub/{file.name}")
    assert codes(read_submission(packed, tmp_path / "scratch").folder) == []
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("../escaped", b"x")
    with pytest.raises(SubmissionRefused, match="SUB-006"):
        read_submission(packed, tmp_path / "scratch")
    assert not (tmp_path / "escaped").exists()


def test_a_manifest_with_nan_or_a_broken_one_is_refused(good):
    for text in ('{"schema": NaN}', "{", "[]"):
        (good / "manifest.json").write_text(text)
        assert codes(good)[0] in ("SUB-002", "SUB-003")


def plain_kind(folder: Path, kind: str, name: str, data: bytes, **change) -> None:
    """The same folder as a submission of another kind."""
    (folder / "model.onnx").unlink()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    manifest(folder, lambda held: held.update({"kind": kind, "lifecycle": "per_case", "pre": [], "post": [], "files": [
        {"path": name, "sha256": sha256(data), "bytes": len(data)}], **change}))


def test_a_served_program_fits_its_kinds_and_tasks_whose_answers_are_text(good):
    plain_kind(good, "python", "bundle/p.py", b"x", entry="p.py", lifecycle="serve", protocol="oip-v2")
    assert codes(good) == []
    with_files = replace(PACK, spec=PACK.spec.model_copy(update={"output_files": {"mask.npy": "a mask"}}))
    assert [issue.code for issue in inspect_submission(read_submission(good), with_files).issues] == ["SUB-017"]


def linked(folder: Path) -> None:
    (folder / "model.onnx").rename(folder.parent / "outside.onnx")
    (folder / "model.onnx").symlink_to(folder.parent / "outside.onnx")


OTHERS = {
    "SUB-016": lambda f: plain_kind(f, "oci", "image.oci.tar", b"x", lifecycle="serve"),
    "SUB-022": lambda f: (f / "extra.bin").write_bytes(b"x"),
    "SUB-024": linked,
    "SUB-028": lambda f: replace_model(f, pickle.dumps([1, 2])), "SUB-031": lambda f: replace_model(f, b"<html>"),
    "SUB-040": lambda f: plain_kind(f, "python", "bundle/p.py", b"x", entry="p.py", pre=[{"op": "batch/1"}]),
    "SUB-002": lambda f: (f / "manifest.json").write_text("{"), "SUB-001": lambda f: (f / "manifest.json").unlink(),
}


def test_thirty_malformed_submissions_have_thirty_messages_in_each_language(tmp_path):
    """Counted by the words that their senders read; a folder is made for each."""
    kinds = [(code, lambda folder, edit=edit: manifest(folder, edit)) for code, edit in MANIFESTS]
    kinds += [(code, lambda folder, edit=edit: replace_model(folder, graph(edit))) for code, edits in GRAPHS.items() for edit in edits]
    read = {"zh": set(), "en": set()}
    for number, (code, break_it) in enumerate([*kinds, *OTHERS.items()]):
        folder = tmp_path / str(number) / "sub"
        PACK.reference_model(folder)
        break_it(folder)
        told = {issue.code: issue for issue in issues(folder)}
        assert code in told
        for language, texts in read.items():
            texts.add(told[code].text(language))
    assert len(read["zh"]) >= 30
    assert len(read["en"]) >= 30
    assert not read["zh"] & read["en"]

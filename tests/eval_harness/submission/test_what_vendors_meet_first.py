"""Submissions that are wrong as a first one often is, without any ill will: each is refused before a case is run, with what to change."""
from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from eval_harness.base import Terminal, eval_messages
from eval_harness.inference import post, pre
from eval_harness.inference.engine import Engine
from eval_harness.submission import SubmissionRefused, inspect_submission, read_submission
from eval_harness.submission.onnx_inputs import IR_CAP, OPSET_CAP
from eval_harness.tasks import load_pack
from eval_harness.tasks.handed_in import answers
from eval_harness.tasks.kit import contract
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.submission.test_refused_submissions import PACK, codes, good, issues, manifest, replace_model  # noqa: F401
from tests.eval_harness.submission.test_values_in_manifests import OF_PYTHON, told

SHIPPED = sorted(path.parent.name for path in (Path(__file__).parents[3] / "eval_harness" / "tasks").glob("*/task.yaml"))


def graph(elem: int = TensorProto.FLOAT, shape: tuple = (1, 1, "h", "w"), opset: int = 17, ir: int = 8) -> bytes:
    """A sound classifier but for the input that it declares, or its version."""
    nodes = [helper.make_node("Cast", ["dr"], ["f"], to=TensorProto.FLOAT), helper.make_node("ReduceMean", ["f"], ["score"], keepdims=0)]
    made = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("dr", elem, list(shape))],
                             [helper.make_tensor_value_info("score", TensorProto.FLOAT, [])])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = ir
    return model.SerializeToString()


@pytest.mark.parametrize(("code", "wrong", "said"), [
    ("SUB-046", {"elem": TensorProto.DOUBLE}, "takes float64; pre makes float32"), ("SUB-046", {"elem": TensorProto.UINT8}, "takes uint8"),
    ("SUB-047", {"shape": (1, 3, "h", "w")}, "[1, 3, ?, ?]; pre makes [1, 1, ?, ?]"), ("SUB-047", {"shape": (1, "h", "w")}, "[1, ?, ?]"),
    ("SUB-047", {"shape": (8, 1, "h", "w")}, "batch size 1"), ("SUB-048", {"opset": 99}, "opset is 99"),
    ("SUB-048", {"ir": 99}, "IR version is 99")])
def test_an_input_that_no_case_fits_is_found_before_any_is_run(good, code, wrong, said):  # noqa: F811
    replace_model(good, graph(**wrong))
    assert codes(good) == [code]
    assert said in told(good)


@pytest.mark.parametrize("right", [{}, {"shape": ("n", "c", "h", "w")}, {"shape": (1, 1, 128, 128)}, {"opset": 13}])
def test_an_input_that_cases_may_fit_is_let_through(good, right):  # noqa: F811
    replace_model(good, graph(**right))
    assert codes(good) == []


@pytest.mark.parametrize(("steps", "elem", "shape", "code"), [
    ([{"op": "resize/1", "shape": [224, 224]}, {"op": "batch/1"}], TensorProto.FLOAT, (1, 1, 224, 224), None),
    ([{"op": "resize/1", "shape": [256, 256]}, {"op": "batch/1"}], TensorProto.FLOAT, (1, 1, 224, 224), "SUB-047"),
    ([{"op": "resize/1", "shape": [1, 224, 224]}, {"op": "batch/1"}], TensorProto.FLOAT, (1, 1, 224, 224), "SUB-047"),
    ([{"op": "cast/1", "dtype": "float16"}, {"op": "row/1"}], TensorProto.FLOAT16, (1, "h", "w"), None),
    ([{"op": "batch/1"}], TensorProto.UINT16, (1, 1, "h", "w"), None),
    ([{"op": "batch/1"}], TensorProto.FLOAT, (1, 1, "h", "w"), "SUB-046"),
    ([{"op": "bytes/1", "length": 8}], TensorProto.INT64, (8,), None),
    ([{"op": "bytes/1", "length": 8}], TensorProto.INT64, (9,), "SUB-047")])
def test_what_pre_makes_is_followed_step_by_step(good, steps, elem, shape, code):  # noqa: F811
    manifest(good, lambda held: held.update(pre=steps))
    replace_model(good, graph(elem, shape))
    assert codes(good) == [code] * (code is not None)


@pytest.mark.parametrize("task", SHIPPED)
def test_what_pre_makes_is_what_the_runner_makes(task, tmp_path):
    """The reference model of every pack declares its inputs: all of them fit."""
    pack = load_pack(task)
    pack.reference_model(tmp_path / "sub")
    assert inspect_submission(read_submission(tmp_path / "sub"), pack).issues == ()


def test_the_newest_graph_that_is_let_through_is_loaded_by_the_runner_and_a_newer_one_is_not():
    """Peer: ONNX Runtime itself."""
    told_ = {"sockets": [], "pre": [], "post": []}
    Engine(graph(opset=OPSET_CAP, ir=IR_CAP), told_)
    for newer in ({"opset": OPSET_CAP + 1}, {"ir": IR_CAP + 1}):
        with pytest.raises(Exception, match=r"(?i)opset|IR version"):
            Engine(graph(**newer), told_)


@pytest.mark.parametrize(("code", "change", "said"), [
    ("SUB-053", lambda m: m.update(operating_points={"threshold": 0.5}), "The task has: declared"),
    ("SUB-023", lambda m: m["files"].append({"path": "smoke\\1\\case.json", "sha256": "0" * 64, "bytes": 1}), "smoke/1/case.json, not"),
    ("SUB-003", lambda m: m["files"][0].update(sha256=m["files"][0]["sha256"].upper()), "64 lower-case"),
    ("SUB-003", lambda m: m["files"][0].update(sha256="sha256:" + m["files"][0]["sha256"]), "64 lower-case")])
def test_what_is_often_wrong_in_a_manifest_is_said_first(good, code, change, said):  # noqa: F811
    manifest(good, change)
    (good / "extra.txt").write_text("x")          # also wrong, and not the first to be told
    assert issues(good)[0].code == code
    assert said in issues(good)[0].text("en")


def test_an_entry_with_its_folder_is_told_without_it(tmp_path):
    write_submission(tmp_path / "sub", "python", {"bundle/predict.py": b""}, task="chest-dr", entry="bundle/predict.py")
    assert codes(tmp_path / "sub") == ["SUB-054"]
    assert "Write predict.py" in told(tmp_path / "sub")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_kits_page_names_what_a_manifest_may_hold(lang):
    """The messages point there: a vendor's installation has no docs folder."""
    page = contract(PACK, lang)
    assert all(f"`{step}`" in page for step in (*pre.STEPS, *post.STEPS))
    assert "`declared`" in page
    assert "sha256sum" in page
    assert "README" in "".join(eval_messages().issue("SUB-042", "x", found="y", near="z").text(lang))


def zipped(target: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo("x")
            member.filename = name                # as another system's tool writes it
            archive.writestr(member, data)
    return target


def refused(path: Path, scratch: Path) -> str:
    with pytest.raises(SubmissionRefused) as caught:
        read_submission(path, scratch)
    texts = "\n".join(caught.value.issue.text(lang) for lang in ("zh", "en"))
    assert not OF_PYTHON.search(texts)
    return texts


def test_a_package_of_another_kind_or_shape_is_told_what_it_is(good, tmp_path):  # noqa: F811
    files = {path.name: path.read_bytes() for path in good.iterdir()}
    scratch, inner = tmp_path / "scratch", zipped(tmp_path / "submission.zip", files).read_bytes()
    deep, nested = zipped(tmp_path / "deep.zip", {f"a/b/{name}": data for name, data in files.items()}), tmp_path / "nested.zip"
    for path, said in ((zipped(nested, {"submission.zip": inner}), "it holds another ZIP, submission.zip"), (deep, "in a/b"),
                       (zipped(tmp_path / "windows.zip", {f"sub\\{name}": data for name, data in files.items()}), "backslashes")):
        first = refused(path, scratch)
        assert said in first
        assert refused(path, scratch) == first      # and the same when it is tried again
    for data, said in ((b"7z\xbc\xaf'\x1c" + bytes(99), "it is no ZIP"), (inner[:-2000], "cut short"), (b"\x1f\x8b" + bytes(99), "no ZIP")):
        (tmp_path / "package.zip").write_bytes(data)
        assert said in refused(tmp_path / "package.zip", scratch)
    assert f"in {good.name}" in refused(good.parent, scratch)      # the folder around it
    mac = {**{f"s/{name}": data for name, data in files.items()}, "__MACOSX/s/._x": b"x"}
    assert read_submission(zipped(tmp_path / "mac.zip", mac), scratch)


@pytest.mark.parametrize(("line", "zh", "en"), [
    ({"token": "x", "score": 0.5}, "缺少 output，它的键是 token, score", "it has no output; its keys are token, score"),
    ({"case": "x", "output": {}}, "缺少 token", "it has no token"), ([{"token": "x", "output": {}}], "一个列表", "no list"),
    ({"token": 12, "output": {}}, "token 不是文字", "its token is no text"),
    ("token,score", "CSV", "CSV is not read"), ("{", "CSV", "an object stands in one line")])
def test_a_line_of_predictions_that_is_no_answer_says_what_it_is(line, zh, en):
    data = (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"
    with pytest.raises(Terminal, match="RUN-005") as caught:
        list(answers([data], "predictions.jsonl"))
    assert zh in caught.value.issue.text("zh")
    assert en in caught.value.issue.text("en")
    assert not OF_PYTHON.search(caught.value.issue.text("en"))


def test_predictions_written_on_windows_are_read():
    rows = [b'\xef\xbb\xbf{"token": "a", "output": {"score": 0.5}}\r\n', b'{"token": "b", "output": {"score": 1}}\r\n', b"\r\n"]
    assert [(line.number, line.token) for line in answers(rows, "p")] == [(1, "a"), (2, "b")]
    assert np.isclose([line.output["score"] for line in answers(rows, "p")], [0.5, 1]).all()

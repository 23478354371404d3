"""A manifest means what is written in it: true is no number, a text is no number, no encoding is guessed, no step is passed over."""
from __future__ import annotations

import builtins
import json
import re

import pytest

from tests.eval_harness.submission.test_refused_submissions import codes, good, issues, manifest, replace_model  # noqa: F401

KINDS = sorted(name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException))
OF_PYTHON = re.compile("|".join([*KINDS, "DecodeError", "Traceback"]))


def step(side: str, **changed: object):
    """The first pre or post step with parameters that differ; None takes one out."""
    def change(held: dict) -> None:
        told = {**held[side][0], **changed}
        held[side][0] = {name: value for name, value in told.items() if value is not None}

    return change


def told(folder) -> str:
    return "\n".join(issue.text(lang) for issue in issues(folder) for lang in ("zh", "en"))


@pytest.mark.parametrize(("place", "change"), [
    ("seed", lambda m: m.update(seed=True)), ("seed", lambda m: m.update(seed="1")), ("seed", lambda m: m.update(seed=1.0)),
    ("task.version", lambda m: m["task"].update(version=True)), ("task.version", lambda m: m["task"].update(version="1")),
    ("operating_points.declared", lambda m: m.update(operating_points={"declared": "0.5"})),
    ("operating_points.declared", lambda m: m.update(operating_points={"declared": True})),
    ("files.0.bytes", lambda m: m["files"][0].update(bytes=str(m["files"][0]["bytes"]))),
    ("resources.timeout_s", lambda m: m.update(resources={"timeout_s": "20"})),
    ("resources.cpu", lambda m: m.update(resources={"cpu": True})), ("resources.gpu", lambda m: m.update(resources={"gpu": False})),
    ("device.version", lambda m: m["device"].update(version=1.10)), ("licence", lambda m: m.update(licence=False))])
def test_a_value_of_another_form_is_refused_at_its_place(good, place, change):  # noqa: F811
    manifest(good, change)
    assert [(issue.code, issue.where) for issue in issues(good)] == [("SUB-003", f"manifest.json, {place}")]


def test_a_whole_number_may_stand_where_a_number_is_asked(good):  # noqa: F811
    manifest(good, lambda m: m.update(operating_points={"declared": 1}, resources={"timeout_s": 10}))
    assert codes(good) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_a_manifest_in_another_encoding_is_refused(good, encoding):  # noqa: F811
    text = json.dumps({**manifest(good), "licence": "专有"}, ensure_ascii=False)
    (good / "manifest.json").write_bytes(text.encode(encoding))
    assert codes(good) == ["SUB-002"]
    assert "UTF-8" in told(good)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(good):  # noqa: F811
    text = json.dumps(manifest(good), indent=2).replace("\n", "\r\n")
    (good / "manifest.json").write_bytes(text.encode("utf-8-sig"))
    assert codes(good) == []


@pytest.mark.parametrize(("text", "said"), [
    ('{"schema": "x",\n "kind": }', "line 2, character 10"), ('{"seed": NaN}', "NaN"), ('{"seed": 1e999}', "infinite"),
    ("[" * 100_000, "nested"),
    ('{"licence": "\\ud800"}', "half a character"), ("", "line 1"), ('{"seed": ' + "9" * 5000 + "}", "2^53")])
def test_what_is_wrong_with_the_text_is_said_with_its_place_and_without_a_name_of_pythons(good, text, said):  # noqa: F811
    (good / "manifest.json").write_text(text)
    assert codes(good) == ["SUB-002"]
    assert said in told(good)
    assert not OF_PYTHON.search(told(good))


@pytest.mark.parametrize(("side", "changed", "right"), [
    ("pre", {"op": "rescale/1", "low": "0", "high": 1}, "without quotation marks"),
    ("pre", {"op": "rescale/1", "low": 0, "high": True}, "数"),
    ("pre", {"op": "resize/1", "shape": 64}, "[64, 64]"), ("pre", {"op": "resize/1", "shape": [64, 64.5]}, "[64, 64]"),
    ("pre", {"op": "resize/1", "shape": []}, "[64, 64]"), ("pre", {"op": "resample/1", "spacing_mm": [1, 0]}, "毫米"),
    ("pre", {"op": "cast/1", "dtype": "uint8"}, "float16"), ("pre", {"op": "bytes/1", "length": 0}, "1 or more"),
    ("pre", {"op": "batch/1", "socket": "DR"}, "one of sockets: dr"), ("post", {"index": True}, "0 or more"),
    ("post", {"index": -1}, "0 or more"), ("post", {"activation": "relu"}, "softmax"), ("post", {"tensor": 1}, "a text")])
def test_a_step_with_a_parameter_of_another_form_is_refused(good, side, changed, right):  # noqa: F811
    bare = {name: None for name in manifest(good)[side][0] if name not in ("op", "socket", "tensor")} if "op" in changed else {}
    manifest(good, step(side, **{**bare, **changed}))
    assert codes(good)[0] == "SUB-044"
    assert right in told(good)


@pytest.mark.parametrize("data", [b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", b"", b"GIF89a"],
                         ids=["pointer", "empty", "picture"])
def test_what_stands_in_place_of_a_graph_is_told_in_words(good, data):  # noqa: F811
    replace_model(good, data)
    assert codes(good) == ["SUB-031"]
    assert not OF_PYTHON.search(told(good))
    assert ("Git LFS" in told(good)) == data.startswith(b"version")

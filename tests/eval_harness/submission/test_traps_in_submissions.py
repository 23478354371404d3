"""Submissions that were made to harm whoever opens them: each is refused before anything of it runs, by name, in both languages."""
from __future__ import annotations

import bz2
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from eval_harness.base import Terminal, canonical, sha256
from eval_harness.runs import run_submission
from eval_harness.submission import SubmissionRefused, inspect_submission, read_submission, unpack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.submission.test_refused_submissions import PACK, codes, good, manifest, replace_model  # noqa: F401
from tests.eval_harness.submission.test_traps_in_graphs import GRAPHS
from tests.eval_harness.submission.test_traps_in_images import IMAGES

MIB = 2**20


def text(folder: Path, old: str, new: str) -> None:
    """The manifest, without blanks, with one piece of its text replaced."""
    told = canonical(json.loads((folder / "manifest.json").read_bytes())).decode()
    assert old in told
    (folder / "manifest.json").write_text(told.replace(old, new, 1))


def entry(path: str) -> dict:
    return {"path": path, "sha256": "0" * 64, "bytes": 1}


MANIFESTS = {
    "a key twice": ("SUB-007", lambda f: text(f, '"kind":', '"kind":"python","kind":')),
    "a key twice deep inside": ("SUB-007", lambda f: text(f, '"vendor":', '"vendor":"x","vendor":')),
    "a terminal escape": ("SUB-008", lambda f: manifest(f, lambda m: m["device"].update(vendor="x\x1b[2J"))),
    "text that runs backwards": ("SUB-008", lambda f: manifest(f, lambda m: m["device"].update(family="x\u202egnp.exe"))),
    "a key with a space of no width": ("SUB-008", lambda f: manifest(f, lambda m: m.update({"lic\u200bence": "MIT"}))),
    "a key in Cyrillic": ("SUB-003", lambda f: manifest(f, lambda m: m.update({"licenc\u0435": "MIT"}))),
    "half a character": ("SUB-002", lambda f: text(f, '"vendor":"', '"vendor":"\\ud800')),
    "a number of five thousand digits": ("SUB-002", lambda f: text(f, '"seed":0', '"seed":' + "9" * 5000)),
    "a thousand brackets": ("SUB-002", lambda f: text(f, '"seed":0', '"seed":' + "[" * 100_000)),
    "an infinite threshold": ("SUB-002", lambda f: text(f, '"operating_points":{', '"operating_points":{"x":1e999,')),
    "a name longer than a disk takes": ("SUB-018", lambda f: manifest(f, lambda m: m["files"].append(entry("a" * 300)))),
    "a name of another system": ("SUB-018", lambda f: manifest(f, lambda m: m["files"].append(entry("x/CON:stream")))),
    "a drive": ("SUB-023", lambda f: manifest(f, lambda m: m["files"].append(entry("C:evil")))),
    "names that differ in case": ("SUB-019", lambda f: manifest(f, lambda m: m["files"].append(entry("Model.ONNX")))),
    "names that differ in form": ("SUB-019", lambda f: manifest(f, lambda m: m["files"].extend([entry("é"), entry("e\u0301")]))),
    "less than no memory": ("SUB-052", lambda f: manifest(f, lambda m: m.update(resources={"memory_bytes": -1}))),
    "no memory to speak of": ("SUB-052", lambda f: manifest(f, lambda m: m.update(resources={"memory_bytes": 4096}))),
    "no time": ("SUB-052", lambda f: manifest(f, lambda m: m.update(resources={"timeout_s": 0}))),
    "less than a GPU": ("SUB-012", lambda f: manifest(f, lambda m: m.update(resources={"gpu": -1}))),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_reads_two_ways_is_refused(name, good):  # noqa: F811
    code, change = MANIFESTS[name]
    change(good)
    assert code in codes(good)


PICKLES = {
    "one that starts with a number": b"I1\n0cos\nsystem\n(S'id'\ntR.",
    "one that starts with a number, protocol 2": b"\x80\x02I1\n0cos\nsystem\n(S'id'\ntR.",
    "one behind ten thousand operations": b"(" + b"I1\n0" * 10_000 + b"cos\nsystem\n(S'id'\ntR.",
    "one that never stops": b"N0" * 200_000,
    "protocol 4 that does not say so": b"\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
    "an old one, compressed": bz2.compress(b"cos\nsystem\n(S'id'\ntR."),
}


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_that_hides_its_first_bytes_is_still_one(name, good):  # noqa: F811
    replace_model(good, PICKLES[name], "weights.bin")
    assert codes(good) == ["SUB-028"]


@pytest.mark.parametrize("words", ["10.2\n", "1.0.3", "VERSION 1\n", "Copyright 2026\nAll rights reserved.\n", "(c) 2026.",
                                   "N.B. read this", "cases\nare\n.", "I, the maker", "Known limits: none."])
def test_plain_words_are_no_pickle(words, good):  # noqa: F811
    replace_model(good, words.encode(), "NOTES.txt")
    assert codes(good) == []


def smoke(folder: Path, named: str = "smoke/1", case: object = None, array: bytes | None = None, **socket: object) -> None:
    """The submission with one smoke case; socket: entries of its only input that differ."""
    held = io.BytesIO()
    np.save(held, np.zeros((4, 4), np.uint16))
    data = held.getvalue() if array is None else array
    told = {"schema": "touchstone.case/1", "token": "x", "sockets": {"dr": {
        "path": "dr.npy", "media_type": "application/x-npy", "sha256": sha256(data), "bytes": len(data), "meta": {}, **socket}}}
    files = {"smoke/1/case.json": canonical(told) if case is None else case, "smoke/1/dr.npy": data}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    listed = [{"path": name, "sha256": sha256(content), "bytes": len(content)} for name, content in files.items()]
    manifest(folder, lambda m: m.update(smoke=[{"input": named}], files=[*m["files"], *listed]))


def header(shape: str, dtype: str = "<u2") -> bytes:
    words = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words


SMOKE = {
    "a folder of this machine": ("SUB-061", {"named": "/etc"}),
    "a folder beside the submission": ("SUB-061", {"named": "../other"}),
    "a folder that is not there": ("SUB-061", {"named": "smoke/2"}),
    "a file of this machine": ("SUB-062", {"path": "/etc/passwd"}),
    "a file up the tree": ("SUB-062", {"path": "../../../../etc/passwd"}),
    "the manifest as an input": ("SUB-062", {"path": "../../manifest.json"}),
    "a file that is not listed": ("SUB-062", {"path": "other.npy"}),
    "another form than the task's": ("SUB-062", {"media_type": "text/plain"}),
    "an input too many": ("SUB-062", {"case": b'{"schema": "x", "sockets": {"dr": {}, "key": {}}}'}),
    "no object": ("SUB-062", {"case": b"[]"}),
    "a key twice": ("SUB-062", {"case": b'{"schema": "x", "schema": "y", "sockets": {}}'}),
    "an array of a petabyte": ("SUB-062", {"array": header("(1099511627776, 1024)")}),
    "an array of less than nothing": ("SUB-062", {"array": header("(-4, -4)") + bytes(32)}),
    "an array of objects": ("SUB-028", {"array": header("(1,)", "|O") + b"\x80\x04N."}),
    "an array whose head is a program": ("SUB-062", {"array": header("__import__('os').system('id')") + bytes(32)}),
    "an array whose head does not end": ("SUB-062", {"array": header("(2,") + bytes(16)}),
    "an array whose head holds a nought": ("SUB-062", {"array": header("(2,\0)") + bytes(16)}),
    "an array of complex numbers": ("SUB-062", {"array": header("(2,)", "<c8") + bytes(16)}),
}


@pytest.mark.parametrize("name", SMOKE)
def test_a_smoke_case_that_reaches_for_something_else_is_refused(name, good):  # noqa: F811
    code, change = SMOKE[name]
    smoke(good, **change)
    assert codes(good) == [code]


def test_a_plain_smoke_case_is_sound(good):  # noqa: F811
    smoke(good)
    assert codes(good) == []


def zipped(folder: Path, target: Path, **more: bytes) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
        for name, data in more.items():
            archive.writestr(name, data)
    return target


def linked(target: Path, name: str, kind: int) -> None:
    member = zipfile.ZipInfo(name)
    member.external_attr = kind << 16
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(member, "/etc/passwd")


def bytes_changed(target: Path, at: bytes, new: bytes) -> None:
    data = target.read_bytes()
    target.write_bytes(data[:data.index(at)] + new + data[data.index(at) + len(new):])


ZIPS = {
    "a path up the tree": ("SUB-006", {"../x": b""}), "a folder up the tree": ("SUB-006", {"../x/": b""}),
    "a path from the root": ("SUB-006", {"/etc/x": b""}), "a drive": ("SUB-006", {"C:x": b""}), "a backslash": ("SUB-006", {"..\\x": b""}),
    "a file that is also a folder": ("SUB-006", {"manifest.json/x": b""}), "names that differ in case": ("SUB-019", {"MODEL.onnx": b""}),
    "a name too long": ("SUB-018", {"n" * 300: b""}), "a stream of another system": ("SUB-018", {"x/y:z": b""}),
    "much of nothing": ("SUB-009", {"zeros": bytes(2 * MIB)}),
}


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_with_a_trap_is_refused_and_leaves_nothing(name, good, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(unpack, "SMALL_BYTES", MIB)
    code, more = ZIPS[name]
    with pytest.raises(SubmissionRefused, match=code):
        read_submission(zipped(good, tmp_path / "model.zip", **more), tmp_path / "scratch")
    assert not any((tmp_path / "scratch").glob("*"))


@pytest.mark.parametrize("kind", [0o120777, 0o010644, 0o060644, 0o020644, 0o140644], ids=["link", "pipe", "disk", "device", "socket"])
def test_a_zip_with_anything_but_plain_files_is_refused(kind, good, tmp_path):  # noqa: F811
    packed_zip = zipped(good, tmp_path / "model.zip")
    linked(packed_zip, "extra", kind)
    with pytest.raises(SubmissionRefused, match="SUB-006"):
        read_submission(packed_zip, tmp_path / "scratch")


def test_a_zip_with_a_manifest_twice_broken_bytes_or_a_nameless_member_is_refused(good, tmp_path):  # noqa: F811
    twice = zipped(good, tmp_path / "twice.zip")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("manifest.json", "{}")
    broken = zipped(good, tmp_path / "broken.zip", notes=bytes(range(256)) * 64)
    bytes_changed(broken, b"notes", b"notes\xff\xff\xff\xff\xff")
    nameless = zipped(good, tmp_path / "nameless.zip", QQ=b"")
    nameless.write_bytes(nameless.read_bytes().replace(b"QQ", b"\0\0"))
    for path in (twice, broken, nameless):
        with pytest.raises(SubmissionRefused, match="SUB-006"):
            read_submission(path, tmp_path / "scratch")
    assert not any((tmp_path / "scratch").glob("*"))


ANSWERS = {
    "brackets without end": ("RUN-005", b'{"token": "x", "output": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"),
    "a number of many digits": ("RUN-005", b'{"token": "x", "output": ' + b"9" * 5000 + b"}\n"),
    "no object": ("RUN-005", b"[1]\n"), "nothing": ("RUN-005", b"null\n"), "another encoding": ("RUN-005", '{"token": 1}'.encode("utf-16")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_handed_in_answers_that_cannot_be_read_are_refused_by_their_line(name, tmp_path):
    code, lines = ANSWERS[name]
    write_practice_set(PACK, tmp_path / "set", n=2, seed=4)
    model = write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": lines}, task="chest-dr")
    with pytest.raises(Terminal, match=f"{code}.*line 1"):
        run_submission(model, tmp_path / "set", {}, tmp_path / "run", progress=False)


def test_every_trap_has_words_of_its_own_in_both_languages(good, tmp_path):  # noqa: F811
    """Counted by code: what a vendor reads says what is wrong, not merely that something is."""
    told = {code for table in (MANIFESTS, GRAPHS, SMOKE, ZIPS, IMAGES) for code, _ in table.values()} | {"SUB-028", "SUB-037"}
    assert len(told) >= 25
    assert json.loads((good / "manifest.json").read_text())["kind"] == "onnx"
    assert inspect_submission(read_submission(good), PACK).ok

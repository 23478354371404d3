"""The desk copies what a manifest lists and nothing else: a folder made to fill the disk or to hang its reader is sent back."""
from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval_harness.sandbox.scratch import remove
from eval_harness.tasks import load_pack
from governance import evaluations
from governance.desk import open_desk
from pipelines.settings import settings
from tests.eval_harness.sandbox.nested import nest


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(settings(tmp_path_factory.mktemp("intake") / "home")) as desk:
        yield desk


@pytest.fixture
def parcel(tmp_path) -> Iterator[Path]:
    load_pack("chest-dr").reference_model(tmp_path / "sub")
    yield tmp_path / "sub"
    remove(tmp_path / "sub")   # deeper than pytest could clear away


TRAPS = {
    "a link to a device without end": (lambda f: (f / "zeros").symlink_to("/dev/zero"), "SUB-022"),
    "a link to a folder of this machine": (lambda f: (f / "etc").symlink_to("/etc"), "SUB-022"),
    "a link to itself": (lambda f: (f / "again").symlink_to(f), "SUB-022"),
    "a pipe": (lambda f: os.mkfifo(f / "pipe"), "SUB-022"),
    "a file of a terabyte without a byte in it": (lambda f: os.truncate(os.open(f / "hole", os.O_CREAT | os.O_WRONLY), 2**40), "SUB-022"),
    "the model as a link to a device": (lambda f: ((f / "model.onnx").unlink(), (f / "model.onnx").symlink_to("/dev/zero")), "SUB-024"),
    "the model as a pipe": (lambda f: ((f / "model.onnx").unlink(), os.mkfifo(f / "model.onnx")), "SUB-025"),
    "folders deeper than a path reaches": (lambda f: nest(f, 1100), "SUB-018"),
    "ten thousand files too many": (lambda f: [(f / f"{number}").touch() for number in range(10_050)], "SUB-009"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_folder_with_a_trap_is_sent_back_and_only_its_manifest_is_kept(name, desk, parcel):
    trap, code = TRAPS[name]
    trap(parcel)
    row = evaluations.submit(desk, parcel, "chest-dr", name, "x", "1")
    assert row["state"] == "draft"
    assert code in {issue["code"] for issue in row["facts"]["issues"]}
    kept = desk.submission_folder(row["submission_id"])
    assert [path.name for path in kept.rglob("*")] == ["manifest.json"]


def test_a_sound_zip_is_kept_whole_and_its_unpacked_copy_is_not(desk, parcel, tmp_path):
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        for path in parcel.iterdir():
            archive.write(path, path.name)
    row = evaluations.submit(desk, tmp_path / "model.zip", "chest-dr", "whole", "x", "1")
    kept = desk.submission_folder(row["submission_id"])
    assert row["state"] == "inspected"
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {path.name: path.read_bytes() for path in parcel.iterdir()}
    assert list((desk.home.runs / "incoming").iterdir()) == []

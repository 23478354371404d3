"""A backend is trusted only after its self-test was denied line by line; and the self-test can see a hole."""
from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eval_harness.base import WrongUsage
from eval_harness.base.phrases import in_chinese
from eval_harness.cli.sandbox import _show
from eval_harness.sandbox import podman
from eval_harness.sandbox.base import HARNESS, Bounds, Job, SandboxRefused
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.choose import backend, choose, proved
from eval_harness.sandbox.probe import ProbeReport, _lines, probe
from eval_harness.sandbox.process import BARE, FLOOR

needs_floor = pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")
needs_bwrap = pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")


@pytest.mark.parametrize("name, mode", [
    pytest.param("floor", "single", marks=needs_floor), pytest.param("bwrap", "single", marks=needs_bwrap),
    pytest.param("bwrap", "shared", marks=needs_bwrap)])
def test_every_attempt_is_denied(name, mode):
    report = proved(name, mode)
    assert [line for line in report.lines if not line.denied] == []
    assert len(report.lines) >= 24
    assert report.tight


class Leaky:
    """bubblewrap with the network left open and a host folder bound writable: two holes planted."""

    name, kinds, sealed = "leaky", frozenset({"python"}), True

    def available(self):
        return None

    def start(self, job):
        made = subprocess.Popen

        def opened(argv, **options):
            at = argv.index("--unshare-all")
            argv = [*argv[:at], "--unshare-user", "--unshare-pid", *argv[at + 1:]]
            place = argv.index("--remount-ro")
            return made([*argv[:place], "--bind", "/tmp", "/tmp", *argv[place:]], **options)

        subprocess.Popen = opened
        try:
            return BWRAP.start(job)
        finally:
            subprocess.Popen = made


@needs_bwrap
def test_a_planted_hole_is_seen_from_inside_and_from_outside(tmp_path):
    report = probe(Leaky(), "shared")
    allowed = {line.attempt for line in report.lines if not line.denied}
    assert {"write_canary", "other_case"} <= allowed
    assert not report.tight


def test_without_isolation_nothing_is_attempted_and_no_sealed_set_is_opened():
    report = probe(BARE, "shared")
    assert report.available
    assert not report.lines
    assert not report.tight
    with pytest.raises(SandboxRefused, match="BOX-003"):
        choose("onnx", "sealed", "none")
    assert choose("onnx", "practice", "none")[0] is BARE


def test_a_program_without_walls_is_told_nothing_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_STORE_URL", "postgresql://user:secret@db/governance")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    child = BARE.start(Job(Bounds(2**30), (sys.executable, "-c", "import os; print(dict(os.environ))")))
    told, _ = child.process.communicate()
    child.end()
    assert b"PATH" in told
    assert b"secret" not in told


@needs_bwrap
def test_the_strictest_backend_that_runs_the_kind_is_chosen():
    assert choose("onnx", "sealed")[0].name == "bwrap"
    assert choose("python", "practice")[0].name == "bwrap"


def test_an_image_without_podman_is_refused_by_name():
    if shutil.which("podman"):
        pytest.skip("podman is installed")
    with pytest.raises(SandboxRefused, match="podman is not installed"):
        choose("oci", "practice", "podman")


def test_an_unknown_backend_is_answered_with_the_names_there_are():
    with pytest.raises(WrongUsage, match="bwrap"):
        backend("docker")


@pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
def test_a_temporary_directory_too_deep_for_a_socket_is_told_in_words(tmp_path, monkeypatch):
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(SandboxRefused, match="BOX-008") as refused:
        probe(BWRAP, "files")
    assert str(tmp_path) not in refused.value.issue.text("zh")


def test_why_a_backend_cannot_be_used_is_told_in_chinese_too():
    said = {word.value for path in Path(HARNESS, "sandbox").glob("*.py") for named in ast.walk(ast.parse(path.read_text()))
            if isinstance(named, ast.FunctionDef) and named.name == "available"
            for back in ast.walk(named) if isinstance(back, ast.Return) and back.value is not None
            for word in ast.walk(back.value) if isinstance(word, ast.Constant) and isinstance(word.value, str)}
    assert len(said) >= 8
    assert {word for word in said if in_chinese(word) == word} == set()


def test_podman_without_the_runtime_that_hybrid_cgroups_need_is_not_available(tmp_path, monkeypatch):
    """crun refuses to enter them, so every container would end before its program."""
    monkeypatch.setattr(podman, "UNIFIED_BESIDE_V1", tmp_path)
    monkeypatch.setattr(podman.shutil, "which", lambda name: None if name == "runc" else f"/usr/bin/{name}")
    podman.runtime.cache_clear()
    try:
        assert "runc" in (podman.PODMAN.available() or "")
    finally:
        podman.runtime.cache_clear()


def test_what_a_self_test_that_ended_early_did_not_try_is_neither_denied_nor_allowed(capsys):
    report = ProbeReport("podman", "shared", True, None, tuple(_lines(["try tcp", "denied tcp OSError"], None)))
    assert not report.tight
    _show(report, ["oci"], True, "en")
    told = capsys.readouterr().out
    assert told.count("UNTRIED") == len(report.lines) - 1
    assert "ALLOWED" not in told

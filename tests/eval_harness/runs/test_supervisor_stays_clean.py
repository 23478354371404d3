"""No vendor bytes in our own process: a supervisor loads no runtime, and no truth; a container gets every hard flag."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eval_harness.runs import run_submission
from eval_harness.sandbox.choose import proved
from eval_harness.sandbox.podman import HARD, PODMAN
from eval_harness.sandbox.probe import probe
from eval_harness.sandbox.process import FLOOR
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.submission import archives

PROGRAM = """
import sys
from pathlib import Path
from eval_harness.runs import run_submission
run_submission(Path(sys.argv[1]), Path(sys.argv[2]), {}, Path(sys.argv[3]), sandbox="floor", progress=False)
print(sorted({"onnxruntime", "eval_harness.testset.reference", "ray"} & set(sys.modules)))
"""
FAKE = """#!{python}
import json, os, pathlib, sys
words = sys.argv[1:]
if words[0] == "info":
    print("crun"); sys.exit(0)
if words[0] == "rm":
    sys.exit(0)
if words[0] == "pull":
    print("f" * 64); sys.exit(0)
pathlib.Path({told!r}).write_text(json.dumps(words))
mounts = dict(reversed(word.split(":")[:2]) for word, before in zip(words[1:], words) if before == "--volume")
pathlib.Path(next(word for word in words if word.startswith("--cidfile=")).partition("=")[2]).touch()
if "/input" not in mounts:
    sys.exit(0)   # the self-test: this stand-in denies nothing, because it runs nothing
case = json.loads((pathlib.Path(mounts["/input"]) / "case.json").read_text())
assert set(case) == {{"schema", "token", "sockets"}}
(pathlib.Path(mounts["/output"]) / "output.json").write_text('{{"score": 0.5}}')
"""


@pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")
def test_driver_and_supervisor_load_neither_a_runtime_nor_truth(practice, tmp_path):
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(practice[1]), str(practice[0]), str(tmp_path / "run")],
                          capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def podman(tmp_path, monkeypatch):
    """A stand-in for podman that notes its arguments and answers the case: what is tested is our side of the contract."""
    told = tmp_path / "told.json"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "podman"
    program.write_text(FAKE.format(python=sys.executable, told=str(told)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    proved.cache_clear()
    yield told
    proved.cache_clear()


def image_submission(folder: Path) -> Path:
    return write_submission(folder, "oci", {"image.oci.tar": archives.image()}, task="chest-dr")


def test_a_container_gets_every_hard_flag_and_a_fresh_view_of_one_case(few, podman, tmp_path):
    plan = {"limits": {"memory_bytes": 123 * 2**20, "processes": 7}}
    run = run_submission(image_submission(tmp_path / "sub"), few, plan, tmp_path / "run", sandbox="podman", progress=False)
    words = json.loads(podman.read_text())
    assert set(HARD) <= set(words)
    assert {"--memory=128974848", "--memory-swap=128974848", "--pids-limit=7", "--cpus=1"} <= set(words)
    assert words[-1] == "f" * 64
    assert [word.rsplit(":", 1)[1] for word, before in zip(words[1:], words, strict=False) if before == "--volume"] == ["ro", "rw"]
    assert run.counts == {"cases": 4, "ok": 4}


def test_a_container_engine_that_proved_nothing_opens_no_sealed_set(podman):
    report = probe(PODMAN, "shared")
    assert not report.tight

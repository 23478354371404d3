"""What a slot keeps on disk goes with it: at its normal end, and after kill -9 at the next start. No container outlives its supervisor."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from eval_harness.base import Terminal
from eval_harness.runs import run_submission
from eval_harness.sandbox import scratch
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.podman import PODMAN
from eval_harness.sandbox.scratch import Scratch, remove, sweep
from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.runs.served import replying
from tests.eval_harness.sandbox.nested import nest
from tests.eval_harness.sandbox.test_podman import image as busybox_image
from tests.eval_harness.sandbox.test_podman import needs_podman

needs_bwrap = pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
DRIVER = ("import sys; from pathlib import Path; from eval_harness.runs import run_submission; a = sys.argv; "
          "run_submission(Path(a[1]), Path(a[2]), {}, Path(a[3]), sandbox=a[4], progress=False)")
HOLDER = "from eval_harness.sandbox.scratch import Scratch; s = Scratch('case'); print(s.path.name, flush=True); input()"
SLOW = b"import json, time; time.sleep(1); json.dump({'score': 0.5}, open('/output/output.json', 'w'))"
PATIENCE_S = 30.0


@pytest.fixture
def place(monkeypatch):
    """Where folders of this test's processes lie: a temporary directory of its own."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as short:   # a socket's path has 107 bytes
        yield from _temporary(Path(short), monkeypatch)


def _temporary(folder, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    scratch._place.cache_clear()
    yield folder / f"touchstone-{os.getuid()}"
    scratch._place.cache_clear()


@pytest.fixture
def two(tmp_path):
    write_practice_set(load_pack("chest-dr"), tmp_path / "set", n=2, seed=4)
    return tmp_path / "set"


def until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.01)


def driven(model: Path, data: Path, out: Path, sandbox: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DRIVER, str(model), str(data), str(out), sandbox])


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.is_dir()}


def test_a_folder_goes_with_its_context_and_one_deeper_than_any_path_goes_too(place):
    with Scratch("case") as folder:
        nest(folder, 1100)
        (folder / "out").symlink_to(place.parent)
    assert place.parent.is_dir()
    assert list(place.iterdir()) == []


def test_a_closed_folder_and_a_folder_of_a_moved_folders_name_are_taken_away(tmp_path):
    (tmp_path / "held" / "moved-0" / "moved-1" / "x").mkdir(parents=True)
    (tmp_path / "held" / "b" / "c").mkdir(parents=True)
    (tmp_path / "held" / "b" / "c").chmod(0)
    (tmp_path / "held" / "b").chmod(0)
    remove(tmp_path / "held")
    assert not (tmp_path / "held").exists()


def test_only_folders_whose_owner_was_killed_are_swept(place):
    with Scratch("case") as mine:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        holders = [subprocess.Popen([sys.executable, "-c", HOLDER], **pipes) for _ in range(2)]
        killed, living = (holder.stdout.readline().strip() for holder in holders)
        holders[0].kill()
        holders[0].wait()
        (place / killed / "input").mkdir()
        assert sweep(place) == [killed]
        assert names(place) == {mine.name, living}
        holders[1].communicate("\n")
        assert sweep(place) == [living]
        assert names(place) == {mine.name}


def test_a_folder_of_that_name_that_others_may_read_is_not_used(place):
    place.mkdir(mode=0o755)
    with pytest.raises(Terminal, match="BOX-007"):
        Scratch("case")


@needs_bwrap
@pytest.mark.parametrize("kind", ["files", "served"])
def test_inputs_of_a_case_in_hand_at_kill_9_are_gone_when_the_run_goes_on(kind, place, two, tmp_path):
    if kind == "files":
        write_submission(tmp_path / "sub", "python", {"bundle/predict.py": SLOW}, task="chest-dr", entry="predict.py")
    else:
        replying(tmp_path / "sub", "time.sleep(1)\nsay(told)")
    driver = driven(tmp_path / "sub", two, tmp_path / "run", "bwrap")
    mark = {"files": "case-*/input/case.json", "served": "served-*/output/oip.sock"}[kind]
    until(lambda: place.exists() and list(place.glob(mark)))
    kill(driver)
    left = names(place)
    assert len(left) == 1
    assert driven(tmp_path / "sub", two, tmp_path / "run", "bwrap").wait() == 0
    assert list(place.iterdir()) == []


@needs_bwrap
def test_a_program_that_nests_folders_beyond_the_length_of_a_path_is_charged_and_cleared_away(place, two, tmp_path):
    program = b"""
import os, time
os.chdir("/output")
for _ in range(400):
    os.mkdir("a" * 250)
    os.chdir("a" * 250)
open("hidden", "wb").write(b"x" * 2**20)
time.sleep(5)
"""
    write_submission(tmp_path / "sub", "python", {"bundle/predict.py": program}, task="chest-dr", entry="predict.py")
    run = run_submission(tmp_path / "sub", two, {"limits": {"attempts": 1}}, tmp_path / "run", sandbox="bwrap", progress=False)
    assert {(row.status, row.cause) for row in run.results} == {("crash", "files")}
    assert {row.fault for row in run.telemetry} == {"vendor"}
    assert list(place.iterdir()) == []


@needs_podman
def test_a_container_ends_with_the_supervisor_that_was_killed(place, two, tmp_path):
    def running() -> str:
        told = ["podman", "ps", "--all", "--quiet", "--filter", f"ancestor=localhost/touchstone-test-{tmp_path.name.lower()}:1"]
        return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()

    model = busybox_image(tmp_path, "echo started > /output/started; while :; do sleep 1; done")
    driver = driven(model, two, tmp_path / "run", PODMAN.name)
    until(lambda: place.exists() and list(place.glob("case-*/output/started")))
    assert running()
    kill(driver)
    until(lambda: not running())
    assert {name.partition("-")[0] for name in names(place)} == {"case", "container"}
    assert len(sweep(place)) == 2
    assert list(place.iterdir()) == []

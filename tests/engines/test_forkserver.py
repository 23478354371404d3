"""Kills leave multiprocessing's socket folders in TMPDIR: they go at the next start, ours alone, and only when their process is gone."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.engines.forkserver import MARK, sweep

HOLDS = ("import sys, time; from pipelines.engines.forkserver import forkserver; "
         "context = forkserver(); context.Process(target=time.sleep, args=(0,)).start(); print('started', flush=True); sys.stdin.read()")


def started(folder: Path) -> subprocess.Popen[str]:
    """A process of ours that holds a socket folder below `folder`."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(folder)})
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_what_a_killed_command_left_goes_at_the_next_start_and_a_living_ones_stays(tmp_path: Path) -> None:
    killed, living = started(tmp_path), started(tmp_path)
    assert len(list(tmp_path.glob("pymp-*"))) == 2
    assert sweep(tmp_path) == 0
    killed.kill()
    killed.wait()
    third = started(tmp_path)
    assert len(list(tmp_path.glob("pymp-*"))) == 2
    for process in (living, third):
        process.communicate("")
    assert list(tmp_path.glob("pymp-*")) == []


@pytest.mark.parametrize("made", ["nothing", "another's file", "a link to our own"])
def test_what_is_not_ours_stays(tmp_path: Path, made: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / MARK).touch()
    if made == "a link to our own":
        (tmp_path / "pymp-x").symlink_to(elsewhere)
    else:
        (tmp_path / "pymp-x").mkdir()
    if made == "another's file":
        (tmp_path / "pymp-x" / "listener-1").touch()
    assert sweep(tmp_path) == 0
    assert (tmp_path / "pymp-x").exists()
    assert (elsewhere / MARK).exists()


def test_a_marked_folder_whose_process_is_gone_is_removed(tmp_path: Path) -> None:
    (tmp_path / "pymp-x").mkdir()
    (tmp_path / "pymp-x" / MARK).touch()
    assert sweep(tmp_path) == 1
    assert not (tmp_path / "pymp-x").exists()

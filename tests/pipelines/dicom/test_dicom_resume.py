"""A batch that is killed half-way goes on where it was, does nothing twice that it had done, and ends with the same bytes."""
from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dicom_build import ct, part10
from test_dicom_batch import job, manifest

from pipelines.phi_zone.dicom.batch import run_batch

FILES = 1500
RUN = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from test_dicom_batch import job, run_batch
run_batch(job(Path(sys.argv[2]), [Path(sys.argv[3])]))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:05d}").write_bytes(part10(ct(
            SOPInstanceUID=f"1.2.3.{number}", SeriesInstanceUID=f"1.2.4.{number // 100}", PatientID=f"ZY{number // 300}",
            InstanceNumber=str(number % 100), StudyInstanceUID=f"1.2.5.{number // 300}")))
    (folder / "notes").write_bytes("王建国".encode() * 20)
    return folder


def released(root: Path) -> dict[str, tuple[bytes, int]]:
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in (root / "out" / "released").rglob("*.dcm")}


def killed_half_way(root: Path, source: Path) -> None:
    """Start the batch in a process group of its own and kill all of it as soon as some files are out."""
    process = subprocess.Popen([sys.executable, "-c", RUN, str(Path(__file__).parent), str(root), str(source)], start_new_session=True,
                               env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    while process.poll() is None and sum(1 for _ in (root / "out" / "released").rglob("*.dcm")) < 200:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_batch_goes_on_where_it_was_and_ends_with_the_same_bytes(tmp_path: Path, source: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for root in (whole, cut):
        root.mkdir()
    run_batch(job(whole, [source]))
    (cut / "project.key").write_bytes((whole / "project.key").read_bytes())
    (cut / "project.key").chmod(0o600)
    killed_half_way(cut, source)
    before = released(cut)
    with sqlite3.connect(cut / "out" / ".work" / "state.sqlite") as state:
        done = state.execute("SELECT count(*) FROM done").fetchone()[0]
    assert 0 < done < FILES
    assert not (cut / "out" / "manifest.jsonl").exists()
    run_batch(job(cut, [source]))
    after = released(cut)
    assert {name: content for name, (content, _) in after.items()} == {name: content for name, (content, _) in released(whole).items()}
    assert len(after) == FILES
    assert sum(before[name][1] == after[name][1] for name in before) >= done
    assert manifest(cut) == manifest(whole)
    assert not list((cut / "out" / ".work").glob("half-*"))

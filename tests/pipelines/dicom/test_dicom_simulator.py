"""`touchstone deid dicom` over what three invented hospitals hold: nothing that was planted is found in what it writes or says."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.answer_key import answer_key
from simulator.drop import write_drop
from simulator.needles import Needles
from simulator.story import told

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every hospital's images, file names with patients' names and all."""
    folder = tmp_path_factory.mktemp("disk")
    for site, nights in told(7).nights.items():
        (folder / site).mkdir()
        write_drop(folder / site, nights[max(nights)])
    return folder


def test_nothing_planted_is_in_released_files_manifests_names_or_logs(disk: Path, tmp_path: Path) -> None:
    needles = Needles(answer_key(told(7), 7)["values"])
    assert len({found.needle for found in needles.in_folder(disk)}) > 300
    subprocess.run([TOUCHSTONE, "key", "new", str(tmp_path / "key")], check=True, capture_output=True)
    out = tmp_path / "out"
    done = subprocess.run([TOUCHSTONE, "deid", "dicom", str(disk), "--out", str(out), "--site", "bench", "--pixels", "off", "--json",
                           "--key-file", str(tmp_path / "key")], capture_output=True, check=False)
    assert done.returncode == 1      # what is no DICOM is quarantined
    summary = json.loads(done.stdout)
    assert summary["status"]["released"] > 50
    assert summary["status"]["quarantined"] > 5
    (out / "log").write_bytes(done.stdout + done.stderr)
    assert list(needles.in_folder(out)) == []

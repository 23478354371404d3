"""Peak memory of `touchstone deid dicom` at one and at ten times the files: python -m benchmarks.deid_dicom --only memory --files 5000"""
from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.deid_dicom_files import small_series


def memory(files: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Peak RSS of the command and its children over `files` and ten times as many small CT slices, headers and texts, without pixels."""
    peaks = {count: peak_of(count) for count in (files, files * 10)}
    small, large = peaks[files], peaks[files * 10]
    say(f"memory       peak RSS {small / 2**20:.1f} MB at {files} files, {large / 2**20:.1f} MB at {files * 10}: {large / small:.3f} x "
        "(target 1.1)")
    return {"files": files, "peak_bytes": small, "peak_bytes_tenfold": large, "ratio": large / small}


def peak_of(count: int) -> int:
    """Largest sum of RSS over the process tree, sampled."""
    import psutil

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small_series(folder / "in", count)
        touchstone = str(Path(sys.executable).with_name("touchstone"))
        subprocess.run([touchstone, "key", "new", str(folder / "key")], check=True, stdout=subprocess.DEVNULL)
        command = [touchstone, "deid", "dicom", str(folder / "in"), "--out", str(folder / "out"), "--site", "bench", "--pixels", "off",
                   "--key-file", str(folder / "key")]
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            try:
                peak = max(peak, sum(one.memory_info().rss for one in (process, *process.children(recursive=True))))
            except psutil.Error:
                continue
            time.sleep(0.05)
        if process.returncode != 0:
            raise RuntimeError(f"not every file was released: the command ended with {process.returncode}")
        return peak

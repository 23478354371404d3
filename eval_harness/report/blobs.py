"""blobs.tar: declared output files (masks) by digest, apart from the ZIP because they are large. One set, one byte string."""
from __future__ import annotations

import io
import tarfile
from pathlib import Path

from eval_harness.scoring.directory import BLOBS, ScoreDir


def write_blobs(held: ScoreDir, out: Path) -> int:
    """Write the score's blobs to `out` and give their number; nothing is written where there are none."""
    files = sorted((held.path / BLOBS).iterdir()) if (held.path / BLOBS).is_dir() else []
    if not files:
        return 0
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
        for file in files:
            data = file.read_bytes()
            entry = tarfile.TarInfo(file.name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return len(files)

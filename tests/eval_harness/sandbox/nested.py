"""Folders within folders, deeper than any path is long."""
from __future__ import annotations

import os
from pathlib import Path


def nest(folder: Path, levels: int) -> None:
    """`levels` folders within `folder`, one inside the other, and a file in the last."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deeper", dir_fd=here)
        inner = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)

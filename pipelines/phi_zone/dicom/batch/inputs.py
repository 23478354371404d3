"""The files of a batch in input order: arguments as given, folders walked by name. The same order in every run."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def input_files(inputs: list[Path], out: Path) -> Iterator[str]:
    """Every regular file, folders in the order of their names as bytes; the output folder is left out when it lies inside."""
    own = os.path.realpath(out)
    for start in inputs:
        if start.is_dir():
            yield from _walk(os.fspath(start), own)
        elif os.path.realpath(start) != own:
            yield os.fspath(start)


def _walk(folder: str, own: str) -> Iterator[str]:
    if os.path.realpath(folder) == own:
        return
    for name in sorted(os.listdir(os.fsencode(folder))):      # names alone: a folder of a million files fits in memory
        path = os.path.join(folder, os.fsdecode(name))
        if os.path.isdir(path) and not os.path.islink(path):
            yield from _walk(path, own)
        elif os.path.isfile(path):
            yield path

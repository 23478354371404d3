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
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    for entry in ordered:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, own)
        elif entry.is_file(follow_symlinks=True):
            yield entry.path

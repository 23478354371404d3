"""A case as a submission may see it: its case.json under an opaque name, and its files."""
from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval_harness.runs.lines import value_of

BLOCK_BYTES = 65536
AHEAD_CAP_BYTES = 4 * 1024**2
"""Inputs larger than this are read in their turn: the time of reading must not count as the model's."""


@dataclass(frozen=True)
class CaseView:
    """folder: where the files lie; case: case.json as an object; files: their bytes by socket, where they were read already."""

    folder: str
    case: Mapping[str, Any]
    files: Mapping[str, bytes] | None = None

    def read(self) -> Mapping[str, bytes]:
        """Bytes of every socket's file."""
        if self.files is not None:
            return self.files
        return {name: read_bytes(f"{self.folder}/{held['path']}") for name, held in self.case["sockets"].items()}

    @property
    def bytes(self) -> int:
        return sum(int(held.get("bytes", 0)) for held in self.case["sockets"].values())


def case_view(folder: str, view: str, ahead: bool = False) -> CaseView:
    """The case in `folder` under the name that this submission may know. Read ahead of its turn is only what is small."""
    told: dict[str, Any] = value_of(read_bytes(f"{folder}/case.json"))
    held = CaseView(folder, {"schema": told["schema"], "token": view, "sockets": told["sockets"]})
    return CaseView(folder, held.case, held.read()) if ahead and held.bytes <= AHEAD_CAP_BYTES else held


def read_bytes(path: str) -> bytes:
    """A file's bytes by as few calls as that takes: a small case is read in a fraction of the time that its answer takes."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        data = os.read(handle, BLOCK_BYTES)
        if len(data) < BLOCK_BYTES:
            return data
        with os.fdopen(os.dup(handle), "rb") as rest:
            return data + rest.read()
    finally:
        os.close(handle)

"""A task pack's own measure function, loaded without the rest of the harness."""
from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from eval_harness.base import Terminal, digest, eval_messages, sha256
from eval_harness.scoring.measures import Measure


@dataclass(frozen=True)
class OwnPack:
    """A pack's measure function and the digest of the files it came from."""

    measure: Measure
    digest: str


def pack_digest(folder: Path) -> str:
    """The digest that a protocol names: over every file of the pack and its SHA-256 (as eval_harness.tasks computes it)."""
    return digest({file.relative_to(folder).as_posix(): sha256(file.read_bytes())
                   for file in sorted(folder.rglob("*")) if file.is_file() and "__pycache__" not in file.parts})


def own_pack(folder: Path) -> OwnPack:
    """`measure` of folder/task.py. The pack must come from a trusted channel: this runs its code. Raises Terminal VER-041."""
    path = folder / "task.py"
    spec = importlib.util.spec_from_file_location("touchstone_pack_under_verification", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise Terminal(eval_messages().issue("VER-041", folder.name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Measure | None = getattr(module, "measure", None)
    if found is None:
        raise Terminal(eval_messages().issue("VER-041", folder.name))
    return OwnPack(found, pack_digest(folder))

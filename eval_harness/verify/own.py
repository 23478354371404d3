"""A task pack's own measure function, loaded without the rest of the harness."""
from __future__ import annotations

import importlib.util
from pathlib import Path

from eval_harness.base import Terminal, eval_messages
from eval_harness.scoring.measures import Measure


def measure_of(folder: Path) -> Measure:
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
    return found

"""A task pack as JSON, so that it travels inside the evidence and a verifier without pydantic or YAML can read it."""
from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def pack_json(pack: Any) -> dict[str, Any]:
    """The spec of a loaded pack (eval_harness.tasks.Pack), its digest and its texts in both languages."""
    spec: Mapping[str, Any] = pack.spec.model_dump(mode="json")
    return {**spec, "digest": pack.digest, "texts": {name: dict(words) for name, words in pack.messages.items()},
            "built_in": bool(pack.built_in), "own_measure": "measure" in own_functions(pack.folder / "task.py")}


def own_functions(path: Path) -> set[str]:
    """Names of the functions at the top of a pack's task.py, read without running it."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

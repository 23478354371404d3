"""Reading a text policy by name or path."""

from __future__ import annotations

from pathlib import Path

import governance
from eval_harness.base import WrongUsage
from schemas.messages import messages
from schemas.shapes.text_policy import TextPolicy

FOLDER = Path(governance.__file__).parent / "policies" / "text"


def load_text_policy(name_or_path: str | Path) -> TextPolicy:
    """The policy of that name, or in that file. Raises WrongUsage TXT-001 (malformed) and TXT-002 (no such policy)."""
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml", ".json"):
        path = FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
        raise WrongUsage(messages().issue("TXT-002", path.name, found=Path(str(name_or_path)).name, known=known))
    return TextPolicy.from_file(path, "TXT-001", messages())

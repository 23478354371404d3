"""What beginnings.py and gated_rules.py read from the patterns of our rules, read beforehand: a process need not do it again.

Each pattern's entry stands under a digest of its own text and flags. A rule that was changed, or a site's own, is read when it is used, and
is only slower to start. `python -m pipelines.phi_zone.text.training.read_rules` writes the file; a test says when it is behind the rules.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_suffix(".json")


def beforehand(text: str, flags: int) -> dict[str, Any] | None:
    """What was read from the pattern that is written so; None: it is not one of those."""
    return _all().get(name_of(text, flags))


@cache
def _all() -> dict[str, dict[str, Any]]:
    return json.loads(PLACE.read_text(encoding="utf-8")) if PLACE.exists() else {}


def name_of(text: str, flags: int) -> str:
    return hashlib.blake2b(f"{flags}:{text}".encode(), digest_size=8).hexdigest()

"""Parameters that no input of a case states (thresholds, prevalences, plans): data, used beside those a case names."""
from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _all() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "defaults.toml").read_text(encoding="utf-8"))


def defaults(task: str) -> dict[str, Any]:
    return _all().get(task, {})

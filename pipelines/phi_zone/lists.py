"""Word lists that are data files under schemas/codes, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import schemas

CODES = Path(schemas.__file__).parent / "codes"


def lines_of(name: str) -> list[str]:
    """The lines of a list without its remarks, which begin with #."""
    return [line for line in (CODES / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


@cache
def words_of(name: str) -> frozenset[str]:
    return frozenset(word for line in lines_of(name) for word in line.split())

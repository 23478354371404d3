"""The fixed phrases that a message passes on, in Chinese; everything else in it is a name, a number or a digest."""
from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _phrases() -> dict[str, str]:
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


def in_chinese(value: object) -> object:
    """A phrase, or a phrase with something behind a colon, in Chinese; any other value as it is."""
    if not isinstance(value, str):
        return value
    phrase, colon, rest = value.partition(": ")
    known = _phrases().get(phrase)
    return value if known is None else f"{known}：{rest}" if colon else known

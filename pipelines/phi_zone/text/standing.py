"""What is made once a process and stands until its end: parsed patterns, and tables made without a search for garbage."""

from __future__ import annotations

import contextlib
import gc
import importlib
import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

syntax: Any = importlib.import_module("re._parser")
_compiler: Any = importlib.import_module("re._compiler")


@cache
def tree_of(text: str, flags: int) -> Any:
    """The elements of a pattern, as `re` itself reads them."""
    return syntax.parse(text, flags)


class Written:
    """A rule or a form of dates: its pattern is compiled when it is first used, for a process uses few of them."""

    text: str
    flags: int
    hint: str
    """Gates (gates.py) that every text passes in which it matches."""
    starts: str
    """The places (starts.py) outside which no match begins; empty: it may begin anywhere."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        compiled: re.Pattern[str] = _compiler.compile(tree_of(self.text, self.flags), self.flags)   # it was read already for its beginnings
        return compiled


@contextlib.contextmanager
def made_once() -> Iterator[None]:
    """While many objects are made that all stay, looking for garbage among them takes a tenth of the time and finds nothing."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()

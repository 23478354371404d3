"""What is made once a process and stands until its end: parsed patterns, and tables made without a search for garbage."""

from __future__ import annotations

import contextlib
import gc
import importlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

syntax: Any = importlib.import_module("re._parser")


@cache
def tree_of(pattern: re.Pattern[str]) -> Any:
    """The elements of a pattern, as `re` itself reads them."""
    return syntax.parse(pattern.pattern, pattern.flags & ~re.UNICODE)


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

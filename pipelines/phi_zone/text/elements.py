"""What the elements of a pattern match one by one in ASCII text, and what stands before a match: for beginnings.py."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from pipelines.phi_zone.text.standing import syntax

Letters = frozenset[int]
ASCII = "".join(map(chr, range(128)))
ALL = frozenset(range(128))
ONE, REPEATED = ("LITERAL", "NOT_LITERAL", "ANY", "IN"), ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
NOTHING_OF_ITS_OWN = ("ASSERT", "ASSERT_NOT", "AT")
STOPS = ".!?;:\n"
_compiler: Any = importlib.import_module("re._compiler")
_KNOWN: dict[tuple[int, Any, int], Letters] = {}
_TELLING = int(re.IGNORECASE | re.DOTALL)


def letters_of(op: Any, value: Any, flags: int) -> Letters:
    """The ASCII characters that an element of one character matches, as `re` itself says."""
    flags &= _TELLING
    key = op, (tuple(value) if isinstance(value, list) else value), flags
    if key not in _KNOWN and not flags & int(re.IGNORECASE) and (plain := _plain(str(op), value)) is not None:
        _KNOWN[key] = plain
    if key not in _KNOWN:
        state = syntax.State()
        state.flags, state.str = flags | int(re.UNICODE), ""
        one = _compiler.compile(syntax.SubPattern(state, [(op, value)]), flags)
        _KNOWN[key] = frozenset(map(ord, one.findall(ASCII)))
    return _KNOWN[key]


def _plain(name: str, value: Any) -> Letters | None:
    """The same without asking `re`, for a letter and for a set of letters and ranges."""
    items: list[tuple[str, Any]] = [(str(kind), what) for kind, what in value] if name == "IN" else [(name, value)]
    found: set[int] = set()
    for kind, what in items:
        if kind not in ("LITERAL", "RANGE"):
            return None
        found.update(range(what, what + 1) if kind == "LITERAL" else range(what[0], min(what[1], 127) + 1))
    return frozenset(code for code in found if code < 128)


def inner_of(name: str, value: Any, flags: int) -> tuple[Any, int] | None:
    """The elements within a group, a repetition or a look around, with their flags."""
    if name == "SUBPATTERN":
        return value[3], (flags | value[1]) & ~value[2]
    if name in ("ASSERT", "ASSERT_NOT"):
        return value[1], flags
    if name in REPEATED:
        return value[2], flags
    return (value, flags) if name == "ATOMIC_GROUP" else None


def never_before(tree: Iterable[Any], flags: int) -> Letters:
    """Characters that never stand directly before a match."""
    never: Letters = frozenset()
    for op, value in tree:
        name = str(op)
        if name in ("ASSERT", "ASSERT_NOT"):
            if value[0] < 0 and len(value[1]) == 1 and str(value[1][0][0]) in ONE:
                letters = letters_of(value[1][0][0], value[1][0][1], flags)
                never |= letters if name == "ASSERT_NOT" else ALL - letters
        elif name == "AT":
            if str(value) in ("AT_BEGINNING", "AT_BEGINNING_LINE"):
                never |= ALL - {10}
        elif name == "BRANCH":
            return never | frozenset.intersection(*(never_before(one, flags) for one in value[1]))
        elif name == "SUBPATTERN":
            return never | never_before(*inner_of(name, value, flags) or ((), 0))
        else:
            return never
    return never


def after_marks(tree: Iterable[Any], flags: int) -> str:
    """The characters behind which and a space a match may begin, if what stands before its first character names few of them; else none."""
    before = list(takewhile(lambda element: _looks_back(*element), tree))
    if not any(str(op) == "BRANCH" or (str(op) == "ASSERT" and value[0] < 0) for op, value in before):
        return ""
    state = syntax.State()
    state.flags, state.str = flags | int(re.UNICODE), ""
    here = _compiler.compile(syntax.SubPattern(state, before), flags)
    marks = "".join(letter for letter in ASCII if here.match(f"a{letter} ", 3))
    return marks if len(marks) <= len(STOPS) else ""


def _looks_back(op: Any, value: Any) -> bool:
    """Does the element hold nothing and look at two characters before it at most?"""
    name = str(op)
    if name in ("ASSERT", "ASSERT_NOT"):
        return bool(value[0] < 0 and value[1].getwidth()[1] <= 2)
    if name == "BRANCH":
        return all(_looks_back(*element) for one in value[1] for element in one)
    if name == "SUBPATTERN":
        return value[0] is None and not value[1] and not value[2] and all(_looks_back(*element) for element in value[3])
    return name == "AT" and str(value).startswith("AT_BEGINNING")

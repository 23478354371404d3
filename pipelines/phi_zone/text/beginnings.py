"""How a match of a rule can begin in ASCII text, and what it must hold: read from the rule's own pattern.

Everything here says too much rather than too little: looks ahead and behind are passed over, figures are all alike. So a place that
is ruled out is a place where the rule cannot match.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pipelines.phi_zone.text.elements import (
    ALL,
    ASCII,
    NOTHING_OF_ITS_OWN,
    ONE,
    REPEATED,
    Letters,
    after_marks,
    inner_of,
    letters_of,
    never_before,
)
from pipelines.phi_zone.text.prefixes import Prefixes
from pipelines.phi_zone.text.rules_read import beforehand
from pipelines.phi_zone.text.standing import tree_of

LONGEST_RUN = 8
_ALPHA, _FIGURES, _SPACES, _CAPITALS = (
    frozenset(ord(char) for char in ASCII if holds(char)) for holds in (str.isalpha, str.isdigit, str.isspace, str.isupper)
)
MARKS = tuple(char for char in ASCII if char.isprintable() and not char.isalnum() and char != " ")


@dataclass(frozen=True)
class Beginning:
    """How every match of a pattern begins in ASCII text (figures are all alike)."""

    text: str
    flags: int
    possible: bool
    """Can a text in ASCII hold a match?"""
    firsts: Letters
    """What a match can begin with."""
    at_words: bool
    """A match begins where a run of letters or figures begins, or at another character that is no space."""
    run: int
    """Figures in a row that every match holds."""
    held: Letters
    """A capital (as A) and the marks that every match holds."""
    after: str
    """Behind a space a match begins only where one of these stands before the space; empty: behind any."""

    @cached_property
    def prefixes(self) -> Prefixes:
        """The texts, however short, with which a match can begin."""
        tree = tree_of(self.text, self.flags)
        return Prefixes(_with_what_follows(tree), int(tree.state.flags), _possible, _alike)

    def at(self, text: str, place: int) -> bool:
        """Can a match begin at this place, as far as the text tells?"""
        return self.possible and (place == len(text) or ord(text[place]) in self.firsts) and self.prefixes(text, place)


@cache
def beginning(text: str, flags: int) -> Beginning:
    """Of the pattern that is written so."""
    read = beforehand(text, flags) or read_beginning(text, flags)
    firsts, held = (frozenset(map(ord, read[name])) for name in ("firsts", "held"))
    return Beginning(text, flags, read["possible"], firsts, read["at_words"], read["run"], held, read["after"])


def read_beginning(text: str, flags: int) -> dict[str, Any]:
    """The same as it stands in rules_read.json."""
    tree = tree_of(text, flags)
    flags = int(tree.state.flags)
    if not _possible(tree, flags):
        return {"possible": False, "firsts": "", "at_words": True, "run": 0, "held": "", "after": ""}
    firsts, may_be_empty = _firsts(tree, flags)
    firsts = ALL if may_be_empty else _alike(firsts)
    at_words = not may_be_empty and all(_at_words(way, flags) for way in _ways(list(tree)))
    run, held = _held(tree, flags)
    told = {"firsts": firsts, "held": held}
    letters = {name: "".join(map(chr, sorted(codes))) for name, codes in told.items()}
    return {"possible": True, "at_words": at_words, "run": run, "after": after_marks(tree, flags), **letters}


def _ways(elements: list[Any]) -> list[list[Any]]:
    """The elements once for each alternative with which they can begin."""
    for place, (op, value) in enumerate(elements):
        name, before, behind = str(op), elements[:place], elements[place + 1 :]
        if name == "BRANCH":
            return [way for one in value[1] for way in _ways([*before, *one, *behind])]
        if name == "SUBPATTERN" and not value[1] and not value[2]:
            return _ways([*before, *value[3], *behind])
        if name not in NOTHING_OF_ITS_OWN:
            break
    return [elements]


def _at_words(way: list[Any], flags: int) -> bool:
    """Does no match begin within a run of letters or figures, or at a space?"""
    firsts, never = _firsts(way, flags)[0], never_before(way, flags)
    return not firsts & _SPACES and all(not firsts & kind or kind <= never for kind in (_ALPHA, _FIGURES))


def _with_what_follows(tree: Iterable[Any]) -> list[Any]:
    """The elements, and behind the last of them what a look ahead says of the text that follows."""
    elements = list(tree)
    last = max((place for place, (op, _) in enumerate(elements) if str(op) not in NOTHING_OF_ITS_OWN), default=-1)
    ahead = [value[1] for op, value in elements[last + 1 :] if str(op) == "ASSERT" and value[0] > 0]
    return [*elements[: last + 1], *(ahead[0] if ahead and last >= 0 else ())]


def _alike(letters: Letters) -> Letters:
    return letters | _FIGURES if letters & _FIGURES else letters


def _possible(tree: Iterable[Any], flags: int) -> bool:
    """Can ASCII text match all of the elements?"""
    return all(_possible_one(str(op), op, value, flags) for op, value in tree)


def _possible_one(name: str, op: Any, value: Any, flags: int) -> bool:
    if name in ONE:
        return bool(letters_of(op, value, flags))
    if name == "BRANCH":
        return any(_possible(one, flags) for one in value[1])
    if name in REPEATED and int(value[0]) == 0:
        return True
    inner = inner_of(name, value, flags)
    return name == "ASSERT_NOT" or inner is None or _possible(*inner)


def _firsts(tree: Iterable[Any], flags: int) -> tuple[Letters, bool]:
    """(characters the elements can begin with, may they match nothing?)."""
    found: Letters = frozenset()
    for op, value in tree:
        name = str(op)
        if name in NOTHING_OF_ITS_OWN:
            continue
        if name in ONE:
            return found | letters_of(op, value, flags), False
        if name == "BRANCH":
            each = [_firsts(one, flags) for one in value[1]]
            more, empty = frozenset().union(*(letters for letters, _ in each)), any(nothing for _, nothing in each)
        elif (inner := inner_of(name, value, flags)) is not None:
            more, empty = _firsts(*inner)
            empty = empty or (name in REPEATED and int(value[0]) == 0)
        else:
            more, empty = ALL, True
        found |= more
        if not empty:
            return found, False
    return found, True


def _held(tree: Iterable[Any], flags: int) -> tuple[int, Letters]:
    """(figures in a row, a capital as A and marks) that every match of the elements holds."""
    best = row = 0
    held: Letters = frozenset()
    for op, value in tree:
        name = str(op)
        if name in ("ASSERT_NOT", "AT"):
            continue
        least, one = (int(value[0]), value[2]) if name in REPEATED else (1, [(op, value)])
        if len(one) == 1 and str(one[0][0]) in ONE:
            letters = letters_of(one[0][0], one[0][1], flags)
            row = row + least if letters <= _FIGURES else 0
            more = {65} if letters <= _CAPITALS else letters if len(letters) == 1 and chr(*letters) in MARKS else frozenset()
            best, held = max(best, row), held | (more if least else frozenset())
            continue
        row = row if name == "ASSERT" else 0
        if least:
            run, more = _held_within(name, value, flags)
            best, held = max(best, run), held | more
    return min(best, LONGEST_RUN), held


def _held_within(name: str, value: Any, flags: int) -> tuple[int, Letters]:
    if name == "BRANCH":
        each = [_held(one, flags) for one in value[1]]
        return min(run for run, _ in each), frozenset.intersection(*(held for _, held in each))
    inner = inner_of(name, value, flags)
    return _held(*inner) if inner is not None else (0, frozenset())

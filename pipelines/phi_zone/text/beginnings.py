"""How a match of a rule can begin in ASCII text, and what it must hold: read from the rule's own pattern.

Everything here says too much rather than too little: looks ahead and behind are passed over, figures are all alike. So a place that
is ruled out is a place where the rule cannot match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pipelines.phi_zone.text.elements import ALL, ASCII, ONE, REPEATED, Letters, after_stop, inner_of, letters_of, never_before
from pipelines.phi_zone.text.standing import tree_of

LONGEST_RUN = 8
ROOM = 5
"""So many characters of a match are spelled out: a longer pattern takes longer to compile than it saves."""
_ALPHA, _FIGURES, _SPACES, _CAPITALS = (
    frozenset(ord(char) for char in ASCII if holds(char)) for holds in (str.isalpha, str.isdigit, str.isspace, str.isupper)
)
MARKS = tuple(char for char in ASCII if char.isprintable() and not char.isalnum() and char != " ")
_NOTHING_OF_ITS_OWN = ("ASSERT", "ASSERT_NOT", "AT")


@dataclass(frozen=True)
class Beginning:
    """How every match of a pattern begins in ASCII text (figures are all alike)."""

    spelled: str | None
    """A pattern of every text, however short, with which a match can begin (ROOM characters of it); None: no ASCII text holds a match."""
    firsts: Letters
    """What a match can begin with."""
    at_words: bool
    """A match begins where a run of letters or figures begins, or at another character that is no space."""
    run: int
    """Figures in a row that every match holds."""
    held: Letters
    """A capital (as A) and the marks that every match holds."""
    after_stop: bool
    """Behind a space a match begins only where a mark of STOPS stands before the space."""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(_NEVER if self.spelled is None else self.spelled)

    def at(self, text: str, place: int) -> bool:
        """Can a match begin at this place, as far as the text tells?"""
        return (place == len(text) or ord(text[place]) in self.firsts) and self._compiled.match(text, place) is not None


def beginning(pattern: re.Pattern[str]) -> Beginning:
    tree = tree_of(pattern)
    flags = int(tree.state.flags)
    if not _possible(tree, flags):
        return Beginning(None, frozenset(), True, 0, frozenset(), False)
    firsts, may_be_empty = _firsts(tree, flags)
    firsts = ALL if may_be_empty else firsts
    at_words = not may_be_empty and all(_at_words(way, flags) for way in _ways(list(tree)))
    whole, begun, _ = _spelled(_with_what_follows(tree), flags, ROOM)
    return Beginning(_either([begun, whole]), _alike(firsts), at_words, *_held(tree, flags), after_stop(tree, flags))


def _ways(elements: list[Any]) -> list[list[Any]]:
    """The elements once for each alternative with which they can begin."""
    for place, (op, value) in enumerate(elements):
        name, before, behind = str(op), elements[:place], elements[place + 1 :]
        if name == "BRANCH":
            return [way for one in value[1] for way in _ways([*before, *one, *behind])]
        if name == "SUBPATTERN" and not value[1] and not value[2]:
            return _ways([*before, *value[3], *behind])
        if name not in _NOTHING_OF_ITS_OWN:
            break
    return [elements]


def _at_words(way: list[Any], flags: int) -> bool:
    """Does no match begin within a run of letters or figures, or at a space?"""
    firsts, never = _firsts(way, flags)[0], never_before(way, flags)
    return not firsts & _SPACES and all(not firsts & kind or kind <= never for kind in (_ALPHA, _FIGURES))


def _with_what_follows(tree: Iterable[Any]) -> list[Any]:
    """The elements, and behind the last of them what a look ahead says of the text that follows."""
    elements = list(tree)
    last = max((place for place, (op, _) in enumerate(elements) if str(op) not in _NOTHING_OF_ITS_OWN), default=-1)
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


Spelled = tuple[str, str, int]
"""(pattern of what the elements match within the room, pattern of what ends with the text or with the room, least length of a match)."""
_NEVER = "(?!)"


def _spelled(tree: Iterable[Any], flags: int, room: int) -> Spelled:
    """How a match of the elements can run for `room` characters; behind them everything is possible."""
    pieces: list[Spelled] = []
    least, begun = 0, _NEVER
    for op, value in tree:
        if least >= room:
            pieces.append((_NEVER, "", 0))
            break
        if str(op) not in _NOTHING_OF_ITS_OWN:
            pieces.append(_spelled_one(str(op), op, value, flags, room - least))
            least += pieces[-1][2]
    for whole, cut, _ in reversed(pieces):
        begun = _either([cut, *([whole + begun] if _NEVER not in (whole, begun) else [])])
    wholes = [whole for whole, *_ in pieces]
    return _NEVER if _NEVER in wholes else "".join(wholes), begun, least


def _spelled_one(name: str, op: Any, value: Any, flags: int, room: int) -> Spelled:
    if name in ONE:
        letters = _alike(letters_of(op, value, flags))
        return (_one_of(letters), r"\Z", 1) if letters else (_NEVER, r"\Z", 1)
    if name == "BRANCH":
        each = [_spelled(one, flags, room) for one in value[1] if _possible(one, flags)]
        return _either([whole for whole, *_ in each]), _either([cut for _, cut, _ in each]), min((least for *_, least in each), default=0)
    inner = inner_of(name, value, flags)
    if inner is None:
        return "(?s:.*)", "", 0   # what a reference repeats: anything
    whole, cut, least = _spelled(*inner, room)
    if name not in REPEATED:
        return (whole if whole == _NEVER else f"(?:{whole})"), cut, least
    fewest, most = int(value[0]), "" if str(value[1]) == "MAXREPEAT" else int(value[1])
    if not _possible(*inner):
        return "", _NEVER, 0
    if whole == _NEVER:
        return ("" if fewest == 0 else _NEVER), cut, fewest * least
    before = "" if cut == _NEVER else f"(?:{whole}){{0,{most}}}"
    return f"(?:{whole}){{{fewest},{most}}}", before + cut, fewest * least


def _either(patterns: Iterable[str]) -> str:
    """A pattern of what any of them matches."""
    some = [pattern for pattern in dict.fromkeys(patterns) if pattern != _NEVER]
    return some[0] if len(some) == 1 else f"(?:{'|'.join(some)})" if some else _NEVER


@cache
def _one_of(letters: Letters) -> str:
    """A set of letters as a pattern, neighbours as ranges."""
    begin = [code for code in sorted(letters) if code - 1 not in letters]
    end = [code for code in sorted(letters) if code + 1 not in letters]
    return "[" + "".join(rf"\x{a:02x}-\x{b:02x}" if a < b else rf"\x{a:02x}" for a, b in zip(begin, end, strict=True)) + "]"


def _firsts(tree: Iterable[Any], flags: int) -> tuple[Letters, bool]:
    """(characters the elements can begin with, may they match nothing?)."""
    found: Letters = frozenset()
    for op, value in tree:
        name = str(op)
        if name in _NOTHING_OF_ITS_OWN:
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

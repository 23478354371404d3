"""Many rules over one ASCII text: each is tried only at the words its matches can begin with (beginnings.py).

What a word can begin is found out once and remembered. A rule needs nothing for that but its pattern; hints (gates.py) that name words
save more. Finds what `finditer` of each rule finds (a test holds every rule to that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from pipelines.phi_zone.text.beginnings import LONGEST_RUN, MARKS, Beginning, beginning
from pipelines.phi_zone.text.elements import STOPS
from pipelines.phi_zone.text.gate_words import BITS, of_word
from pipelines.phi_zone.text.gates import GATES, Sight
from pipelines.phi_zone.text.standing import Written

_PIECE = re.compile(r"[A-Za-z]+\s?|\d+\s?|[^A-Za-z\d]\s?").findall
_FIGURES_ALIKE = str.maketrans("123456789", "0" * 9)
_SHIFT = len(BITS)
_RUN = [0, *(sum(1 << (_SHIFT + n) for n in range(length)) for length in range(1, LONGEST_RUN + 1))]
_MARK = {mark: 1 << (_SHIFT + LONGEST_RUN + number) for number, mark in enumerate(MARKS)}
_STOP = 1 << (_SHIFT + LONGEST_RUN + len(MARKS))
"""Held where a sentence may begin."""
_CAPITAL = BITS["capital"]
_SMALL = frozenset(range(ord("a"), ord("z") + 1))
_ENTRIES = 30_000
_AHEAD, _HEAD = 9, 2
"""So far is looked from a figure on; so many letters are looked at before more of them."""
Match = re.Match[str]
Tried = tuple[int, int, Written]
"""(number of the rule, what a text must hold, the rule)."""
Trials = tuple[tuple[int, Callable[[str, int], Match | None]], ...]
"""(number of the rule, its match at a place) of the rules that remain to be tried."""
Placed = tuple[Callable[[str, int], bool], Tried]
Within = tuple[Callable[[str, int], bool], int]
"""(can it begin at a place?, what then does)."""
Beginnings = tuple[list[Placed], list[Within]]
Begun = tuple["_Begun | None", tuple[int, ...]]
"""(rules to try where a piece begins, rules to look for in the whole text)."""


class AsciiRules:
    """`rules` in one pass; one per process and set of rules."""

    def __init__(self, rules: Sequence[Written]) -> None:
        begun = [(number, rule, beginning(rule.text, rule.flags)) for number, rule in enumerate(rules)]
        alive = [(number, rule, one) for number, rule, one in begun if one.possible]
        self._needs = {number: _need(rule.hint, one) for number, rule, one in alive}
        self._gates = {number: tuple(gate for gate in rule.hint.split() if GATES[gate] is not None) for number, rule, _ in alive}
        self._rules = {number: rule for number, rule, _ in alive}
        always = {number for number, _, one in alive if (one.firsts >= _SMALL if one.at_words else one.at(" ", 0))}
        placed = [(number, rule, one) for number, rule, one in alive if one.at_words and number not in always]
        self._placed = [(one.at, (number, self._needs[number], rule)) for number, rule, one in placed]
        self._always = [(number, self._needs[number]) for number in sorted(always)]
        self._within = [(one.at, number) for number, _, one in alive if not one.at_words and number not in always]
        self._firsts: dict[str, Beginnings] = _Remembered(self._of_first)
        self._heads: dict[str, Beginnings] = _Remembered(self._of_head)
        self._alone: dict[str, Beginnings] = _Remembered(self._of_piece)
        self._pieces: dict[str, tuple[int, int]] = _Remembered(self._piece)
        self._begun: dict[str, Begun] = _Remembered(self._begin)
        self._same: dict[tuple[int, ...], _Begun] = {}

    def __call__(self, text: str) -> list[tuple[int, Match]]:
        """(number of the rule, match) of all matches in an ASCII text, rules in their order, matches of each in theirs."""
        held, place = _STOP, 0
        tried: list[tuple[int, _Begun]] = []
        within: set[int] = set()
        pieces, begun = self._pieces, self._begun
        shape = text.translate(_FIGURES_ALIKE)
        for piece in _PIECE(shape):
            bits, seen = pieces[piece]
            held |= bits
            if seen:
                here, inside = begun[shape[place : place + seen]]
                if here is not None:
                    tried.append((place, here))
                if inside:
                    within.update(inside)
            place += len(piece)
        found: list[tuple[int, Match]] = []
        ends: dict[int, int] = {}
        for place, here in tried:
            bits = here.asked & held
            if bits & _STOP and place > 1 and text[place - 1] == " " and text[place - 2] not in STOPS:
                bits ^= _STOP
            for number, match_at in here[bits]:
                if (match := match_at(text, place)) is not None and ends.get(number, 0) <= place:
                    found.append((number, match))
                    ends[number] = match.end()
        missing = ~held
        for number, need in self._always:
            if not need & missing:
                within.add(number)
        if within:
            found += self._found_within(text, within, held)
        if len(found) > 1:
            found.sort(key=_number)
        return found

    def _found_within(self, text: str, within: Iterable[int], held: int) -> Iterator[tuple[int, Match]]:
        sight = Sight(text, held)
        for number in within:
            need = self._needs[number]
            if need & held == need and all(map(sight.has, self._gates[number])):
                for match in self._rules[number].pattern.finditer(text):
                    yield number, match

    def _piece(self, piece: str) -> tuple[int, int]:
        """(bits of what a piece holds, how many letters from its first on tell what it can begin, 0: it begins nothing)."""
        word = piece.rstrip() or piece
        bits = _RUN[min(len(word), LONGEST_RUN)] | of_word("0") if word[0] == "0" else of_word(word) | _MARK.get(word, 0)
        return bits, (max(len(piece) + 1, _AHEAD if word[0] == "0" else 0) if any(self._alone[piece]) else 0)

    def _begin(self, text: str) -> Begun:
        """What can begin in the first piece of a stretch of text."""
        piece = _PIECE(text)[0]
        placed, within = self._alone[piece]
        tried = tuple(tried for at, tried in placed if at(text, 0))
        numbers = tuple(number for number, *_ in tried)
        if tried and numbers not in self._same:
            if len(self._same) >= _ENTRIES:
                self._same.clear()
            self._same[numbers] = _Begun(tried)
        return self._same.get(numbers), tuple(number for at, number in within if any(at(text, place) for place in range(len(piece))))

    def _of_piece(self, piece: str) -> Beginnings:
        """What a piece can begin whatever follows it."""
        heads = [self._heads[piece[place : place + _HEAD]] for place in range(len(piece))]
        within = dict.fromkeys(one for place, (_, may) in enumerate(heads) for one in may if one[0](piece, place))
        return [one for one in heads[0][0] if one[0](piece, 0)], list(within)

    def _of_head(self, head: str) -> Beginnings:
        """What can begin at a place as far as its first letters tell."""
        placed, within = self._firsts[head[0]]
        return [one for one in placed if one[0](head, 0)], [one for one in within if one[0](head, 0)]

    def _of_first(self, letter: str) -> Beginnings:
        """What can begin at a place as far as its first letter tells."""
        return [one for one in self._placed if one[0](letter, 0)], [one for one in self._within if one[0](letter, 0)]


class _Remembered(dict[str, Any]):
    """What is found out of a text, found out once. Bounded: when full it begins anew with what is common."""

    def __init__(self, look: Callable[[str], Any]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, text: str) -> Any:
        told = self._look(text)
        if len(self) >= _ENTRIES:
            self.clear()
        self[text] = told
        return told


class _Begun(dict[int, Trials]):
    """What of `asked` a text holds -> the rules that can begin at a place of it. Bounded."""

    def __init__(self, tried: tuple[Tried, ...]) -> None:
        super().__init__()
        self._tried = tried
        self.asked = reduce(or_, (need for _, need, _ in tried))

    def __missing__(self, held: int) -> Trials:
        trials = tuple((number, rule.pattern.match) for number, need, rule in self._tried if need & held == need)
        if len(self) < _ENTRIES:
            self[held] = trials
        return trials


def _number(found: tuple[int, Any]) -> int:
    return found[0]


def _need(hint: str, one: Beginning) -> int:
    need = _RUN[one.run] | (_STOP if one.after_stop else 0)
    for code in one.held:
        need |= _CAPITAL if chr(code) == "A" else _MARK[chr(code)]
    for gate in hint.split():
        need |= BITS.get(gate, 0)
    return need


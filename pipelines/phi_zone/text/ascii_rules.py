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
from pipelines.phi_zone.text.joint_prefixes import AHEAD, Ahead, Aheads, JointPrefixes
from pipelines.phi_zone.text.standing import Written

_PIECE = re.compile(r"[A-Za-z]+\s?|\d+\s?|[^A-Za-z\d]\s?").findall
_FIGURES_ALIKE = str.maketrans("123456789", "0" * 9)
_SHIFT = len(BITS)
_RUN = [0, *(sum(1 << (_SHIFT + n) for n in range(length)) for length in range(1, LONGEST_RUN + 1))]
_MARK = {mark: 1 << (_SHIFT + LONGEST_RUN + number) for number, mark in enumerate(MARKS)}
_STOP, _COMMA = (1 << (_SHIFT + LONGEST_RUN + len(MARKS) + number) for number in range(2))
"""Held where a sentence, or what stands behind a comma, may begin."""
_BEFORE = _STOP | _COMMA
_CAPITAL = BITS["capital"]
_WORDS = (1 << _SHIFT) - 1 & ~(BITS["digit"] | BITS["capital"])
"""Gates that few texts open."""
_SMALL = frozenset(range(ord("a"), ord("z") + 1))
_ENTRIES, _LOOKED = 30_000, 150_000
Match = re.Match[str]
Tried = tuple[int, int, Written]
"""(number of the rule, what a text must hold, the rule)."""
Trials = tuple[tuple[int, Callable[[str, int], Match | None]], ...]
"""(number of the rule, its match at a place) of the rules that remain to be tried."""


class AsciiRules:
    """`rules` in one pass; one per process and set of rules."""

    def __init__(self, rules: Sequence[Written], waiting: bool = False) -> None:
        """waiting: rules are read when a text first has the words they need; the first texts are done sooner, the next thousand later."""
        begun = [(number, rule, beginning(rule.text, rule.flags)) for number, rule in enumerate(rules)]
        alive = [(number, rule, one) for number, rule, one in begun if one.possible]
        self._needs = {number: _need(rule.hint, one) for number, rule, one in alive}
        self._gates = {number: tuple(gate for gate in rule.hint.split() if GATES[gate] is not None) for number, rule, _ in alive}
        self._rules = {number: rule for number, rule, _ in alive}
        always = {number for number, _, one in alive if (one.firsts >= _SMALL if one.at_words else one.at(" ", 0))}
        self._always = [(number, self._needs[number]) for number in sorted(always)]
        placed = [(number, one) for number, _, one in alive if one.at_words and number not in always]
        self._placed = JointPrefixes([(number, one) for number, one in placed if not (waiting and self._needs[number] & _WORDS)])
        self._waiting: dict[int, list[tuple[int, Beginning]]] = {}
        for number, one in placed:
            if waiting and (words := self._needs[number] & _WORDS):
                self._waiting.setdefault(1 << words.bit_length() - 1, []).append((number, one))
        self._awaited = reduce(or_, self._waiting, 0)
        self._within = JointPrefixes([(number, one) for number, _, one in alive if not one.at_words and number not in always])
        self._pieces: dict[str, tuple[int, Ahead | None, Ahead | None]] = _Remembered(self._piece)
        self._same: dict[tuple[int, ...], _ToTry] = {}
        self._first, self._inside = Aheads(self._trials), Aheads(self._begun)

    def __call__(self, text: str) -> list[tuple[int, Match]]:
        """(number of the rule, match) of all matches in an ASCII text, rules in their order, matches of each in theirs."""
        held, place = _BEFORE, 0
        tried: list[tuple[int, _ToTry]] = []
        within: set[int] = set()
        pieces = self._pieces
        shape = text.translate(_FIGURES_ALIKE)
        for piece in _PIECE(shape):
            bits, first, inside = pieces[piece]
            held |= bits
            begin, place = place, place + len(piece)
            if first is not None and (trials := first[shape[place : place + AHEAD]]) is not None:
                tried.append((begin, trials))
            if inside is not None and (numbers := inside[shape[place : place + AHEAD]]):
                within.update(numbers)
        if held & self._awaited and self._admit(held):
            return self(text)
        found: list[tuple[int, Match]] = []
        ends: dict[int, int] = {}
        for place, here in tried:
            bits = here.asked & held
            if bits & _BEFORE and place > 1 and text[place - 1] == " ":
                mark = text[place - 2]
                bits &= ~_BEFORE | (_COMMA if mark == "," else _STOP if mark in STOPS else 0)
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

    def _piece(self, piece: str) -> tuple[int, Ahead | None, Ahead | None]:
        """(bits of what a piece holds, what can begin at its first letter, what can begin anywhere in it)."""
        self._make_room()
        word = piece.rstrip() or piece
        bits = _RUN[min(len(word), LONGEST_RUN)] | of_word("0") if word[0] == "0" else of_word(word) | _MARK.get(word, 0)
        return bits, self._first.of(self._placed, piece, 1), self._inside.of(self._within, piece, len(piece))

    def _trials(self, numbers: Iterable[int]) -> _ToTry | None:
        begun = self._begun(numbers)
        trials = self._same.get(begun)
        if trials is None and begun:
            trials = self._same[begun] = _ToTry(tuple((number, self._needs[number], self._rules[number]) for number in begun))
        return trials

    def _begun(self, numbers: Iterable[int]) -> tuple[int, ...]:
        self._make_room()
        return tuple(numbers)

    def _admit(self, held: int) -> bool:
        """Were there rules that no text had the words for till now? Most rules of most processes are never read."""
        admitted = []
        for bit in [bit for bit in self._waiting if bit & held]:
            admitted += [(number, one) for number, one in self._waiting[bit] if self._needs[number] & held == self._needs[number]]
            self._waiting[bit] = [(number, one) for number, one in self._waiting[bit] if self._needs[number] & held != self._needs[number]]
        if not admitted:
            return False
        self._awaited = reduce(or_, (bit for bit, some in self._waiting.items() if some), 0)
        letters = self._placed.add(admitted)
        for piece in [piece for piece in self._pieces if piece[0] in letters]:
            del self._pieces[piece]
        return True

    def _make_room(self) -> None:
        """Begins anew with what is common when too much is remembered; states that are in use stay right."""
        if len(self._placed) + len(self._within) > _ENTRIES or len(self._first) + len(self._inside) > _LOOKED:
            for made in (self._placed, self._within, self._first, self._inside, self._pieces, self._same):
                made.clear()


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


class _ToTry(dict[int, Trials]):
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
    need = _RUN[one.run]
    if one.after:
        need |= _COMMA if one.after == "," else _STOP if set(one.after) <= set(STOPS) else 0
    for code in one.held:
        need |= _CAPITAL if chr(code) == "A" else _MARK[chr(code)]
    for gate in hint.split():
        need |= BITS.get(gate, 0)
    return need


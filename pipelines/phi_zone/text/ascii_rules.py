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
from pipelines.phi_zone.text.joint_prefixes import FARTHEST, Joint, JointPrefixes
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
_AHEAD = 4
"""So many letters behind a word are looked at before a rule is tried at it."""
Match = re.Match[str]
Tried = tuple[int, int, Written]
"""(number of the rule, what a text must hold, the rule)."""
Trials = tuple[tuple[int, Callable[[str, int], Match | None]], ...]
"""(number of the rule, its match at a place) of the rules that remain to be tried."""


class AsciiRules:
    """`rules` in one pass; one per process and set of rules."""

    def __init__(self, rules: Sequence[Written]) -> None:
        begun = [(number, rule, beginning(rule.text, rule.flags)) for number, rule in enumerate(rules)]
        alive = [(number, rule, one) for number, rule, one in begun if one.possible]
        self._needs = {number: _need(rule.hint, one) for number, rule, one in alive}
        self._gates = {number: tuple(gate for gate in rule.hint.split() if GATES[gate] is not None) for number, rule, _ in alive}
        self._rules = {number: rule for number, rule, _ in alive}
        always = {number for number, _, one in alive if (one.firsts >= _SMALL if one.at_words else one.at(" ", 0))}
        self._always = [(number, self._needs[number]) for number in sorted(always)]
        self._placed = JointPrefixes([(number, one) for number, _, one in alive if one.at_words and number not in always])
        self._within = JointPrefixes([(number, one) for number, _, one in alive if not one.at_words and number not in always])
        self._pieces: dict[str, tuple[int, Joint | None, bool]] = _Remembered(self._piece)
        self._inside: dict[str, tuple[int, ...]] = _Remembered(self._begun_inside)
        self._same: dict[tuple[int, ...], _ToTry] = {}

    def __call__(self, text: str) -> list[tuple[int, Match]]:
        """(number of the rule, match) of all matches in an ASCII text, rules in their order, matches of each in theirs."""
        held, place = _STOP, 0
        tried: list[tuple[int, _ToTry]] = []
        within: set[int] = set()
        pieces = self._pieces
        shape = text.translate(_FIGURES_ALIKE)
        for piece in _PIECE(shape):
            bits, state, inside = pieces[piece]
            held |= bits
            begin, place = place, place + len(piece)
            if state is not None:
                for letter in () if place - begin > FARTHEST else shape[place : place + _AHEAD]:
                    if state.settled:
                        break
                    state = state[letter]
                if state.numbers:
                    tried.append((begin, state.trials or self._trials(state)))
            if inside:
                within.update(self._inside[shape[begin : place + _AHEAD]])
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

    def _piece(self, piece: str) -> tuple[int, Joint | None, bool]:
        """(bits of what a piece holds, what can begin at its first letter, can anything begin anywhere in it?)."""
        self._make_room()
        word = piece.rstrip() or piece
        bits = _RUN[min(len(word), LONGEST_RUN)] | of_word("0") if word[0] == "0" else of_word(word) | _MARK.get(word, 0)
        state = self._placed.after(piece)
        return bits, state if state.numbers else None, bool(self._begun_inside(piece))

    def _begun_inside(self, text: str) -> tuple[int, ...]:
        """What can begin anywhere in the first piece of a stretch of text."""
        places = range(len(_PIECE(text)[0]))
        return tuple(dict.fromkeys(number for place in places for number in self._within.after(text, place).numbers))

    def _trials(self, state: Joint) -> _ToTry:
        self._make_room()
        trials = self._same.get(state.numbers)
        if trials is None:
            tried = tuple((number, self._needs[number], self._rules[number]) for number in state.numbers)
            trials = self._same[state.numbers] = _ToTry(tried)
        state.trials = trials
        return trials

    def _make_room(self) -> None:
        """Begins anew with what is common when too much is remembered; states that are in use stay right."""
        if len(self._placed) + len(self._within) <= _ENTRIES:
            return
        for made in (self._placed, self._within, self._pieces, self._inside, self._same):
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
    need = _RUN[one.run] | (_STOP if one.after_stop else 0)
    for code in one.held:
        need |= _CAPITAL if chr(code) == "A" else _MARK[chr(code)]
    for gate in hint.split():
        need |= BITS.get(gate, 0)
    return need


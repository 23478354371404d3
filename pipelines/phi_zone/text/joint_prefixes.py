"""With which texts matches of many rules can begin: the automata of all rules (prefixes.py) gone through as one.

A state is what remains of all rules at once, made when a text first asks for it: a letter costs one look, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.phi_zone.text.beginnings import Beginning
from pipelines.phi_zone.text.prefixes import ANYWHERE, NOWHERE, State

FARTHEST = 24
"""So many letters of a word are looked at."""
_Live = tuple[tuple[int, State], ...]
"""(number of a rule, the state of its automaton)."""


class Joint(dict[str, "Joint"]):
    """The next state for each letter."""

    __slots__ = ("_live", "_made", "numbers", "settled", "trials")

    def __init__(self, live: _Live, made: dict[tuple[int, ...], Joint]) -> None:
        super().__init__()
        self._live, self._made = live, made
        self.numbers = tuple(number for number, _ in live)
        """The rules of which a match can begin with the letters so far."""
        self.settled = all(state is ANYWHERE for _, state in live)
        """Nothing that follows tells more."""
        self.trials: Any = None
        """What the owner of the automaton keeps with the state."""

    def __missing__(self, letter: str) -> Joint:
        live = tuple([(number, after) for number, state in self._live if (after := state[letter]) is not NOWHERE])
        self[letter] = state = _of(live, self._made)
        return state


class _Start(Joint):
    """Before the first letter, which a pattern tells without being parsed."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Sequence[tuple[int, Beginning]], made: dict[tuple[int, ...], Joint]) -> None:
        super().__init__((), made)
        self._rules, self.settled = rules, False

    def __missing__(self, letter: str) -> Joint:
        code = ord(letter)
        began = [(number, one.prefixes.start[letter]) for number, one in self._rules if one.possible and code in one.firsts]
        self[letter] = state = _of(tuple([one for one in began if one[1] is not NOWHERE]), self._made)
        return state


class JointPrefixes:
    """Of `rules`, (number, how a match begins). Says too much rather than too little, as the automaton of each does."""

    def __init__(self, rules: Sequence[tuple[int, Beginning]]) -> None:
        self._made: dict[tuple[int, ...], Joint] = {}
        self.start: Joint = _Start(rules, self._made)

    def __len__(self) -> int:
        """States made so far."""
        return len(self._made)

    def clear(self) -> None:
        """Begins anew; states held elsewhere stay right."""
        self._made.clear()
        self.start.clear()

    def after(self, text: str, place: int = 0) -> Joint:
        """The state behind the letters of `text` from a place on: all of them, FARTHEST at most, or fewer where no more are needed."""
        state = self.start
        for letter in text[place : place + FARTHEST]:
            if state.settled:
                break
            state = state[letter]
        return state


def _of(live: _Live, made: dict[tuple[int, ...], Joint]) -> Joint:
    key = tuple([part for number, state in live for part in (number, id(state))])
    state = made.get(key)
    if state is None:
        state = made[key] = Joint(live, made)
    return state

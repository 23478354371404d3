"""With which texts matches of many rules can begin: the automata of all rules (prefixes.py) gone through as one.

A state is what remains of all rules at once, made when a text first asks for it: a letter costs one look, however many rules there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pipelines.phi_zone.text.beginnings import Beginning
from pipelines.phi_zone.text.prefixes import ANYWHERE, NOWHERE, State

FARTHEST, AHEAD = 24, 4
"""So many letters of a word and behind it are looked at."""


_Made = dict[tuple[tuple[int, ...], tuple[State, ...]], "Joint"]


class Joint(dict[str, "Joint"]):
    """The next state for each letter."""

    __slots__ = ("_made", "_states", "numbers", "settled")
    __eq__, __hash__ = object.__eq__, object.__hash__   # type: ignore[assignment]  # each is one of a kind

    def __init__(self, numbers: tuple[int, ...], states: tuple[State, ...], made: _Made) -> None:
        """states: of the automaton of each rule."""
        super().__init__()
        self._states, self._made = states, made
        self.numbers = numbers
        """The rules of which a match can begin with the letters so far."""
        self.settled = all(state is ANYWHERE for state in states)
        """Nothing that follows tells more."""

    def __missing__(self, letter: str) -> Joint:
        after = [state[letter] for state in self._states]
        self[letter] = state = _of(self.numbers, after, self._made)
        return state


class _Start(Joint):
    """Before the first letter, which a pattern tells without being parsed."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Sequence[tuple[int, Beginning]], made: _Made) -> None:
        super().__init__((), (), made)
        self._rules, self.settled = list(rules), False

    def add(self, rules: Sequence[tuple[int, Beginning]]) -> str:
        """The letters with which more can begin from now on."""
        self._rules += rules
        letters = "".join(sorted({chr(code) for _, one in rules for code in one.firsts}))
        for letter in letters:
            self.pop(letter, None)
        return letters

    def __missing__(self, letter: str) -> Joint:
        code = ord(letter)
        begun = [(number, one.prefixes.start[letter]) for number, one in self._rules if one.possible and code in one.firsts]
        self[letter] = state = _of([number for number, _ in begun], [after for _, after in begun], self._made)
        return state


class JointPrefixes:
    """Of `rules`, (number, how a match begins). Says too much rather than too little, as the automaton of each does."""

    def __init__(self, rules: Sequence[tuple[int, Beginning]]) -> None:
        self._made: _Made = {}
        self.start = _Start(rules, self._made)

    def __len__(self) -> int:
        """States made so far."""
        return len(self._made)

    def add(self, rules: Sequence[tuple[int, Beginning]]) -> str:
        """Goes through these rules, too; the letters with which they can begin."""
        return self.start.add(rules)

    def clear(self) -> None:
        """Begins anew; states held elsewhere stay right."""
        self._made.clear()
        self.start.clear()

    def after(self, text: str, place: int = 0) -> Joint:
        """The state behind the letters of `text` from a place on: all of them, FARTHEST at most, or fewer where no more are needed."""
        state: Joint = self.start
        for letter in text[place : place + FARTHEST]:
            if state.settled:
                break
            state = state[letter]
        return state


class Ahead(dict[str, Any]):
    """The letters that follow a word -> what is made of the numbers of the rules that can begin in it."""

    def __init__(self, begun: Iterable[int], going: Iterable[Joint], made: Callable[[Iterable[int]], Any]) -> None:
        """begun: rules of which no more is asked; going: states that the letters lead on."""
        super().__init__()
        self._begun, self._going, self._made = tuple(begun), tuple(going), made

    def __missing__(self, letters: str) -> Any:
        numbers = dict.fromkeys(self._begun)
        for state in self._going:
            for letter in letters:
                if state.settled:
                    break
                state = state[letter]
            numbers |= dict.fromkeys(state.numbers)
        self[letters] = made = self._made(numbers)
        return made


class Aheads:
    """One Ahead for all words of which the same remains."""

    def __init__(self, made: Callable[[Iterable[int]], Any]) -> None:
        self._looked, self._made = 0, made
        self._known: dict[tuple[frozenset[int], frozenset[Joint]], Ahead] = {}

    def __len__(self) -> int:
        """Letters looked at so far."""
        return self._looked

    def clear(self) -> None:
        """Begins anew; those held elsewhere stay right."""
        for ahead in self._known.values():
            ahead.clear()
        self._known.clear()
        self._looked = 0

    def of(self, prefixes: JointPrefixes, word: str, places: int) -> Ahead | None:
        """What can begin at the first `places` letters of a word; None: nothing."""
        begun: set[int] = set()
        going: set[Joint] = set()
        for place in range(places):
            state = prefixes.after(word, place)
            if state.settled or len(word) - place > FARTHEST:
                begun.update(state.numbers)
            else:
                going.add(state)
        if not begun and not going:
            return None
        key = frozenset(begun), frozenset(going)
        if key not in self._known:
            self._known[key] = Ahead(sorted(begun), going, self._counted)
        return self._known[key]

    def _counted(self, numbers: Iterable[int]) -> Any:
        self._looked += 1
        return self._made(numbers)


def _of(numbers: Sequence[int], states: Sequence[State], made: _Made) -> Joint:
    """The state of the rules that go on."""
    if NOWHERE in states:
        numbers = [number for number, state in zip(numbers, states, strict=True) if state is not NOWHERE]
        states = [state for state in states if state is not NOWHERE]
    key = tuple(numbers), tuple(states)
    state = made.get(key)
    if state is None:
        state = made[key] = Joint(*key, made)
    return state

"""With which texts a match of a pattern can begin: an automaton whose states are made when a text first asks for them.

`re` could be asked the same, but takes longer to compile the question than most processes spend asking it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pipelines.phi_zone.text.elements import NOTHING_OF_ITS_OWN, ONE, REPEATED, Letters, inner_of, letters_of

ROOM = 5
"""So many characters of a match are looked at."""


class _Rest(NamedTuple):
    """What of a pattern is still to be matched: elements from a place on, and what comes behind them. One object for each."""

    elements: Sequence[Any]
    place: int
    flags: int
    behind: _Rest | None


_Entered = tuple[tuple[_Rest | None, ...], tuple[tuple[Letters, _Rest | None], ...]]


class State(dict[str, "State"]):
    """The next state for each letter."""

    __eq__, __hash__ = object.__eq__, object.__hash__   # type: ignore[assignment]  # each is one of a kind

    def __init__(self, moves: Iterable[tuple[Letters, _Rest | None]], reached: Callable[[list[_Rest | None]], State]) -> None:
        super().__init__()
        self._moves, self._reached = tuple(moves), reached
        self._alike: dict[tuple[int, ...], State] = {}

    def __missing__(self, letter: str) -> State:
        code = ord(letter)
        rests = [rest for letters, rest in self._moves if code in letters]
        key = tuple(map(id, rests))
        state = self._alike.get(key)   # most letters lead to where others of their kind lead
        if state is None:
            state = self._alike[key] = self._reached(rests)
        self[letter] = state
        return state


NOWHERE: State = State((), lambda _: NOWHERE)
ANYWHERE: State = State((), lambda _: ANYWHERE)


class Prefixes:
    """Of one pattern. Says too much rather than too little: looks around are passed over, what a reference repeats is anything."""

    def __init__(
        self, elements: Sequence[Any], flags: int, possible: Callable[[Any, int], bool], alike: Callable[[Letters], Letters]
    ) -> None:
        """possible: can the elements match at all?; alike: the letters that count as one of a set."""
        self._possible, self._alike = possible, alike
        self._rests: dict[tuple[int, int, int, int], _Rest] = {}
        self._loops: dict[tuple[int, int, int, int, int], _Rest] = {}
        self._entered: dict[int, _Entered] = {}
        self._states: dict[frozenset[int], State] = {}
        self.start = self._reached([self._rest(elements, 0, flags, None)])

    def __call__(self, text: str, place: int) -> bool:
        """Can a match begin at this place, as far as the text goes on?"""
        state = self.start
        for letter in text[place : place + ROOM]:
            if state is ANYWHERE:
                break
            state = state[letter]
            if state is NOWHERE:
                return False
        return True

    def _rest(self, elements: Sequence[Any], place: int, flags: int, behind: _Rest | None) -> _Rest:
        return self._rests.setdefault((id(elements), place, flags, id(behind)), _Rest(elements, place, flags, behind))

    def _loop(self, element: Any, fewest: int, most: int, flags: int, behind: _Rest) -> _Rest:
        """A repetition once it has begun: so many more at least and at most (beyond ROOM all numbers are one)."""
        op, (_, _, inner) = element
        fewest, most = max(fewest - 1, 0), most - 1 if most <= ROOM else most
        made = _Rest([(op, (fewest, most, inner))], 0, flags, behind)
        return self._loops.setdefault((id(inner), fewest, most, flags, id(behind)), made)

    def _reached(self, rests: list[_Rest | None]) -> State:
        """The state in which the elements of any of `rests` may come next."""
        if not rests:
            return NOWHERE
        moves: list[tuple[Letters, _Rest | None]] = []
        seen: set[int] = set()
        while rests:
            rest = rests.pop()
            if rest is None:
                return ANYWHERE
            if id(rest) in seen:
                continue
            seen.add(id(rest))
            entered = self._entered.get(id(rest))
            if entered is None:
                entered = self._entered[id(rest)] = self._enter(rest)
            rests += entered[0]
            moves += entered[1]
        if not moves:
            return NOWHERE
        return self._states.setdefault(frozenset(seen), State(moves, self._reached))

    def _enter(self, rest: _Rest) -> _Entered:
        """What the element in front asks: elements within it or behind it (None: it may match anything), or a letter."""
        if rest.place == len(rest.elements):
            return (rest.behind,), ()
        op, value = element = rest.elements[rest.place]
        name, flags = str(op), rest.flags
        behind = self._rest(rest.elements, rest.place + 1, flags, rest.behind)
        if name in NOTHING_OF_ITS_OWN:
            return (behind,), ()
        if name in ONE:
            return (), ((self._alike(letters_of(op, value, flags)), behind),)
        if name == "BRANCH":
            return tuple(self._rest(one, 0, flags, behind) for one in value[1] if self._possible(one, flags)), ()
        if name in REPEATED:
            fewest, most = int(value[0]), ROOM + 1 if str(value[1]) == "MAXREPEAT" else min(int(value[1]), ROOM + 1)
            nothing = () if fewest else (behind,)
            if most == 0 or not self._possible(value[2], flags):
                return nothing, ()
            loop = self._loop(element, min(fewest, ROOM), most, flags, behind)
            return (*nothing, self._rest(value[2], 0, flags, loop)), ()
        inner = inner_of(name, value, flags)
        return ((None,) if inner is None else (self._rest(inner[0], 0, inner[1], behind),)), ()

"""Many rules over one text of any script: a rule is tried where its gates (gates.py) are passed and a letter it cannot do without stands.

The letters are read from the rule's own pattern; hints save more. Finds what `finditer` of each rule finds (a test holds every rule to
that). Texts in ASCII alone have a shorter way (ascii_rules.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from pipelines.phi_zone.text.gate_words import BITS, of_word, words_of
from pipelines.phi_zone.text.gates import GATES, SEARCHES, Sight
from pipelines.phi_zone.text.rules_read import beforehand
from pipelines.phi_zone.text.standing import Written, tree_of

_MANY, _PLANS, _ENTRIES = 60, 20_000, 60_000
_LETTER = re.compile("[A-Za-z]").search
_LATIN = 0x2E7F
"""The scripts that end here may have letters in two cases."""
Letters = frozenset[str]
Match = re.Match[str]
Planned = tuple[int, int, Written, str]
"""(bit of the rule's letters, its number, the rule, where it starts)."""
Group = tuple[int, Callable[[str], Match | None] | None, tuple[str, ...], tuple[Planned, ...]]
"""(bits of the letters of some rule, a pattern the text must hold, gates to look through, the rules behind them)."""
_SHIFT = len(BITS)
_ANY = 1 << _SHIFT
"""The bit of rules that need no letter; above it one bit a rule."""


class GatedRules:
    """`rules` over one text after the other."""

    def __init__(self, rules: Sequence[Written]) -> None:
        letters: dict[str, int] = {}
        self._rules: list[tuple[int, tuple[str, ...], Planned]] = []
        self._asked = 0
        for number, rule in enumerate(rules):
            needed, bit = needed_letters(rule.text, rule.flags), _ANY << 1 + number
            for letter in needed or ():
                letters[letter] = letters.get(letter, 0) | bit
            gates = rule.hint.split()
            need = sum(BITS[gate] for gate in set(gates) & set(BITS))
            looks = tuple(gate for gate in gates if GATES[gate] is not None)
            self._rules.append((need, looks, (bit if needed else _ANY, number, rule, rule.starts)))
            self._asked |= need
        self._words = _Words(letters)
        self._plans: dict[int, tuple[Group, ...]] = {}

    def __call__(self, text: str) -> list[tuple[int, Match]]:
        """(number of the rule, match) of all matches, rules in their order, matches of each in theirs."""
        held = reduce(or_, map(self._words.__getitem__, set(text) if _LETTER(text) is None else words_of(text)), _ANY)
        plan = self._plans.get(held & self._asked)
        if plan is None:
            plan = self._planned(held & self._asked)
        sight, found = Sight(text, held), list[tuple[int, Match]]()
        for some, search, looks, planned in plan:
            if some & held and (search is None or search(text) is not None) and (not looks or all(map(sight.has, looks))):
                for bit, number, rule, starts in planned:
                    if bit & held:
                        for match in sight.matches(rule.pattern, starts) if starts else rule.pattern.finditer(text):
                            found.append((number, match))
        if len(found) > 1:
            found.sort(key=_number)
        return found

    def _planned(self, opened: int) -> tuple[Group, ...]:
        """The rules whose words a text has, by what must be looked at before they are tried."""
        groups: dict[tuple[str, ...], list[Planned]] = {}
        for need, looks, planned in self._rules:
            if need & opened == need:
                groups.setdefault(looks, []).append(planned)
        often = Counter(look for looks in groups for look in looks)
        plan = tuple(_group(looks, group, often) for looks, group in groups.items())
        if len(self._plans) >= _PLANS:
            self._plans.clear()
        self._plans[opened] = plan
        return plan


def _group(looks: tuple[str, ...], group: list[Planned], often: Counter[str]) -> Group:
    """often: what is looked at for several groups is remembered, other patterns are searched for at once."""
    letters = reduce(or_, (bit for bit, *_ in group))
    alone = looks[0] if looks and often[looks[0]] == 1 else ""
    return (letters, SEARCHES[alone], looks[1:], tuple(group)) if alone in SEARCHES else (letters, None, looks, tuple(group))


class _Words(dict[str, int]):
    """Word -> bits of the gates it can open and of the rules whose letter it is. Bounded."""

    def __init__(self, letters: dict[str, int]) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, word: str) -> int:
        bits = of_word(word) | self._letters.get(word, 0)
        if len(self) < _ENTRIES:
            self[word] = bits
        return bits


def _number(found: tuple[int, Any]) -> int:
    return found[0]


def needed_letters(text: str, flags: int) -> Letters | None:
    """Letters without case, one of which every match stands by or holds; None where none can be named."""
    read = beforehand(text, flags)
    if read is None:
        return read_letters(text, flags)
    return None if read["letters"] is None else frozenset(read["letters"])


def read_letters(text: str, flags: int) -> Letters | None:
    """The same, read from the pattern now."""
    found = _choices(tree_of(text, flags))
    return min(found, key=len) if found else None


def _choices(tree: Iterable[Any]) -> list[Letters]:
    """Sets of letters of each of which whatever matches the elements holds one."""
    found: list[Letters] = []
    for op, value in tree:
        name = str(op)
        if name == "LITERAL":
            found += _plain(frozenset([chr(value)])) if value > _LATIN else []
        elif name == "IN":
            found += _plain(_of_set(value))
        elif name == "BRANCH":
            found += _covering([_choices(one) for one in value[1]])
        elif name == "SUBPATTERN":
            found += _choices(value[3])
        elif name == "ASSERT":
            found += _choices(value[1])
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and int(value[0]) > 0:
            found += _choices(value[2])
    return found


def _plain(letters: Letters) -> list[Letters]:
    plain = all(ord(letter) > _LATIN and letter.lower() == letter.upper() and not letter.isspace() for letter in letters)
    return [letters] if letters and plain else []


def _of_set(items: Iterable[Any]) -> Letters:
    """The letters of a small set; none where it is large, or says what it is not."""
    found: set[str] = set()
    for op, value in items:
        name = str(op)
        if name not in ("LITERAL", "RANGE") or (name == "RANGE" and value[1] - value[0] > _MANY):
            return frozenset()
        found |= {chr(value)} if name == "LITERAL" else set(map(chr, range(value[0], value[1] + 1)))
    return frozenset(found)


def _covering(each: list[list[Letters]]) -> list[Letters]:
    """One set for all alternatives, as small as taking the letter of most alternatives first makes it; none where one has no letters."""
    if not all(each):
        return []
    covered: set[str] = set()
    left = [(frozenset(chain.from_iterable(one for one in choices if len(one) == 1)), choices) for choices in each]
    while left:
        singles = Counter(chain.from_iterable(letters for letters, _ in left))
        if not singles:
            covered |= frozenset().union(*(min(choices, key=len) for _, choices in left))
            break
        most = min(singles, key=lambda letter: (-singles[letter], letter))
        covered.add(most)
        left = [(letters, choices) for letters, choices in left if most not in letters and not any(one <= covered for one in choices)]
    return [frozenset(covered)]

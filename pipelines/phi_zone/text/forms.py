"""Everything the forms and labels find in one text: numbers, dates, ages, places, organisations and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

from pipelines.phi_zone.text import forms_called, forms_dates, forms_names, forms_numbers, forms_places, forms_sites
from pipelines.phi_zone.text.gate_words import BITS
from pipelines.phi_zone.text.gates import Sight
from pipelines.phi_zone.text.rules import Rule
from pipelines.phi_zone.text.spans import DATE, DIVISION, NUMBER, ORG, PLACE, STRONG_NAME, WEAK_NAME, Candidate
from pipelines.phi_zone.text.written_dates import DateForm, moved

Guarded = list[tuple[int, int]]
"""Places of clinical words that are never names."""
R = TypeVar("R", Rule, DateForm)
_WEAK = frozenset(
    f"form.name_{name}"
    for name in ("familiar", "gazetteer_en", "signed", "sex_age", "masked", "title", "comma_en", "pinyin", "pair_en")
    + ("romanised", "small_words", "bed", "baby", "kinship", "compound", "role")
) | {"line.name_comma_en"}


@dataclass
class Gated(Generic[R]):
    """Rules in a tree by the gates of their hints: a gate is asked only where the ones above it were passed."""

    rules: list[tuple[int, R]] = field(default_factory=list)
    below: dict[str, Gated[R]] = field(default_factory=dict)
    nodes: list[tuple[int, str, Gated[R]]] = field(default_factory=list)
    """(bit of the gate, or 0, gate, what is below) of each in `below`."""

    @classmethod
    def of(cls, rules: Iterable[R]) -> Gated[R]:
        root: Gated[R] = cls()
        for number, rule in enumerate(rules):
            node = root
            for gate in rule.hint.split():
                if gate not in node.below:
                    node.below[gate] = cls()
                    node.nodes.append((BITS.get(gate, 0), gate, node.below[gate]))
                node = node.below[gate]
            node.rules.append((number, rule))
        return root

    def open(self, sight: Sight) -> list[R]:
        """The rules whose gates this text passes, in their order."""
        reached: list[tuple[int, R]] = list(self.rules)
        self._reach(sight, sight.opened, reached)
        if len(reached) > 1:
            reached.sort(key=_number)
        return [rule for _, rule in reached]

    def _reach(self, sight: Sight, opened: int, reached: list[tuple[int, R]]) -> None:
        for bit, gate, node in self.nodes:
            if (not bit or opened & bit) and sight.has(gate):
                reached += node.rules
                if node.nodes:
                    node._reach(sight, opened, reached)


def _number(pair: tuple[int, R]) -> int:
    return pair[0]


@cache
def _gated(kind: str) -> Gated[Rule]:
    if kind == "numbers":
        return Gated.of(forms_numbers.NUMBER_RULES)
    made = {
        "places": (*forms_places.place_rules(), *forms_sites.site_rules()),
        "organisations": forms_places.org_rules(),
        "institutions": forms_sites.institution_rules(),
        "names": (*forms_names.name_rules(), *forms_called.called_rules()),
    }
    return Gated.of(made[kind])


_DATES = Gated.of(forms_dates.DATE_FORMS)


def by_form(norm: str, shift_days: int | None, date_action: str, guarded: Guarded) -> list[Candidate]:
    """Candidates of all forms in a folded text. date_action: what the policy does with dates, as in TextPolicy.actions."""
    sight = Sight(norm)
    found = numbers(sight) + _dates(sight, shift_days, date_action)
    found += [c for rule in _gated("places").open(sight) for c in _matches(sight, rule, PLACE) if not inside(c.start, c.end, guarded)]
    if sight.has("cjk"):
        found += [
            Candidate(start, end, "ADDR", rule, DIVISION if rule == "gazetteer.division" else PLACE)
            for start, end, rule in forms_places.gazetteer(norm)
            if not inside(start, end, guarded)
        ]
        found += _organisations(sight)
    found += [c for rule in _gated("institutions").open(sight) for c in _matches(sight, rule, ORG)]
    for rule in _gated("names").open(sight):
        rank = WEAK_NAME if rule.name in _WEAK else STRONG_NAME
        found += [c for c in _matches(sight, rule, rank) if not inside(c.start, c.end, guarded)]
    return found


def numbers(sight: Sight) -> list[Candidate]:
    return [candidate for rule in _gated("numbers").open(sight) for candidate in _matches(sight, rule, NUMBER)]


def _matches(sight: Sight, rule: Rule, rank: int) -> Iterator[Candidate]:
    grouped = "v" in rule.pattern.groupindex
    for match in sight.matches(rule.pattern, rule.starts):
        value = match["v"] if grouped else match[0]
        if value and (rule.holds is None or rule.holds(value)):
            start, end = match.span("v") if grouped else match.span()
            if rule.name == "form.name_dotted":
                begin, stop = forms_names.dotted(value)
                start, end = start + begin, start + stop
            yield Candidate(start, end, rule.type, rule.name, rank)


def _dates(sight: Sight, shift_days: int | None, action: str) -> list[Candidate]:
    found: list[Candidate] = []
    for form in _DATES.open(sight):
        for match in sight.matches(form.pattern, form.starts):
            new = None
            if action == "shift" and shift_days is not None:
                new = moved(match, form, shift_days)
            elif action == "year":
                parts = form.parts(match)
                new = str(parts[0]) if parts else None
            found.append(Candidate(match.start(), match.end(), "DATE", form.name, DATE, new))
    if sight.has("ninety"):
        for match in forms_dates.AGE.finditer(sight.text):
            found.append(Candidate(*forms_dates.age_span(match), "AGE", "form.age_over_89", DATE))
    return found


def _organisations(sight: Sight) -> list[Candidate]:
    found = []
    for rule in _gated("organisations").open(sight):
        for candidate in _matches(sight, rule, ORG):
            trimmed = forms_places.trim_organisation(sight.text[candidate.start : candidate.end])
            if trimmed is not None:
                found.append(Candidate(candidate.start + trimmed, candidate.end, "ORG", rule.name, ORG))
    return found


def inside(start: int, end: int, guarded: Guarded) -> bool:
    """Does a guarded clinical word begin where the candidate begins, or hold it whole?"""
    return any(a <= start < b and (a == start or b >= end) for a, b in guarded)

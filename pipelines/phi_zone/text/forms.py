"""Everything the forms and labels find in one text: numbers, dates, ages, places, organisations and names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from pipelines.phi_zone.text import (
    forms_ages,
    forms_called,
    forms_capitals,
    forms_clauses,
    forms_codes,
    forms_dates,
    forms_dates_cn,
    forms_days,
    forms_days_cn,
    forms_days_en,
    forms_handles,
    forms_handles_cn,
    forms_machine,
    forms_names,
    forms_numbers,
    forms_peoples,
    forms_places,
    forms_refs,
    forms_refs_cn,
    forms_registers,
    forms_roles,
    forms_rows,
    forms_single_cn,
    forms_sites,
    forms_told,
    forms_towns,
    names_cn,
)
from pipelines.phi_zone.text.ascii_rules import AsciiRules
from pipelines.phi_zone.text.gated_rules import GatedRules
from pipelines.phi_zone.text.rules import Rule
from pipelines.phi_zone.text.spans import CODE, DATE, DIVISION, NUMBER, ORG, PLACE, STRONG_NAME, WEAK_NAME, Candidate
from pipelines.phi_zone.text.standing import Written, made_once
from pipelines.phi_zone.text.written_dates import DateForm, moved

Guarded = list[tuple[int, int]]
"""Places of clinical words that are never names."""
Place = tuple[int, int]
Within = Callable[[re.Match[str], str], Place | None]
Form = tuple[Rule | DateForm, int, str | int, Within | None]
"""(rule, rank of what it finds, the group that is the value, where in that the value stands)."""
_NUMBERS = (
    *(*forms_numbers.NUMBER_RULES, *forms_machine.MACHINE_RULES, *forms_registers.REGISTER_RULES),
    *(*forms_refs.REFERENCE_RULES, *forms_refs_cn.REFERENCE_RULES_CN, *forms_rows.ROW_NUMBER_RULES, *forms_handles.HANDLE_RULES),
    *forms_handles_cn.HANDLE_RULES,
)
NOT_IN_PHRASES = (WEAK_NAME, DIVISION, ORG, CODE)
_WEAK = frozenset(
    [f"form.name_{name}" for name in ("familiar", "gazetteer_en", "signed", "sex_age", "masked", "title", "comma_en", "pinyin", "pair_en")]
    + [f"form.name_{name}" for name in ("romanised", "small_words", "bed", "baby", "kinship", "compound", "role")]
    + [f"form.name_{name}" for name in ("aged", "capitals", "spaced")]
    + [f"clause.name_{name}" for name in ("head", "staff", "object", "title", "familiar", "child", "child_kin", "compound")]
    + [f"clause.name_{name}" for name in ("listed", "lists")]
    + [f"people.name_{name}" for name in ("tibetan", "mongol", "yi", "dai", "foreign", "japanese", "listed", "roled")]
    + [f"told.name_{name}" for name in ("acts", "apposed", "possessive", "cued", "capitals", "lower_kin", "lower_title", "lower_pair")]
    + ["told.name_honoured", "told.name_honour"]
    + [f"rows.name_{name}" for name in ("says", "helps", "consents", "duty", "given_kin", "eldest", "bracketed", "theatre")]
    + [f"roles.name_{name}" for name in ("bracketed", "in_brackets", "listed", "behind", "joined", "team", "dashed", "has", "hyphen_comma")]
    + [f"roles.name_{name}" for name in ("apposed", "by", "home_of", "goes", "quoted", "ends", "greeted", "numbered")]
    + ["line.name_comma_en", "refs.name_field", "refs.name_party", "refs.name_of_nation"]
    + [f"single.{name}" for name in ("took_part", "took_part_alone", "participant", "account_holder", "paid_to")]
    + [f"single.foreign_{name}" for name in ("aged", "told", "first")]
)


@cache
@made_once()
def _forms() -> tuple[Form, ...]:
    """All rules, in the order of their layers."""
    ranked: list[tuple[Rule | DateForm, int]] = [(rule, NUMBER) for rule in _NUMBERS]
    ranked += [(form, DATE) for form in (*forms_dates.DATE_FORMS, *forms_dates_cn.DATE_FORMS_CN)]
    ranked += [(form, DATE) for form in (*forms_days.DAY_FORMS, *forms_days_en.DAY_FORMS_EN, *forms_days_cn.DAY_FORMS_CN)]
    ranked += [(age, DATE) for age in forms_ages.AGE_RULES]
    ranked += [(rule, CODE) for rule in forms_codes.CODE_RULES]
    places = (
        *(forms_places.place_rules, forms_sites.site_rules, forms_told.told_site_rules),
        *(forms_rows.row_site_rules, forms_towns.town_rules, forms_refs.province_rules, forms_refs_cn.reference_site_rules),
    )
    organisations = (forms_places.org_rules, forms_sites.institution_rules, forms_told.told_firm_rules, forms_rows.row_firm_rules)
    names = (
        *(forms_names.name_rules, forms_capitals.capital_rules, forms_called.called_rules),
        *(forms_clauses.clause_rules, forms_peoples.people_rules, forms_told.told_name_rules),
        *(forms_rows.row_name_rules, forms_roles.role_rules, forms_refs_cn.reference_name_rules, forms_single_cn.single_rules),
    )
    ranked += [(rule, PLACE) for rules in places for rule in rules()]
    ranked += [(rule, ORG) for rules in organisations for rule in rules()]
    ranked += [(rule, WEAK_NAME if rule.name in _WEAK else STRONG_NAME) for rules in names for rule in rules()]
    return tuple((rule, rank, "v" if "(?P<v>" in rule.text else 0, _WITHIN.get(rule.name)) for rule, rank in ranked)


@cache
def _told_forms() -> tuple[Form, ...]:
    """Those that count in a coded phrase, where a capital or a family name means nothing."""
    return tuple(form for form in _forms() if form[1] not in NOT_IN_PHRASES)


@cache
@made_once()
def _ascii_rules(phrase: bool) -> AsciiRules:
    return AsciiRules([rule for rule, *_ in (_told_forms() if phrase else _forms())], waiting=phrase)


@cache
@made_once()
def _gated_rules(phrase: bool) -> GatedRules:
    return GatedRules([rule for rule, *_ in (_told_forms() if phrase else _forms())])


@cache
def _number_rules() -> GatedRules:
    return GatedRules(_NUMBERS)


def every_rule() -> Iterator[Written]:
    """Every rule and form of dates."""
    return (rule for rule, *_ in _forms())


def by_form(norm: str, shift_days: int | None, date_action: str, guarded: Guarded, phrase: bool = False) -> list[Candidate]:
    """Candidates of all forms in a folded text. date_action: what the policy does with dates (TextPolicy.actions). phrase: of a list."""
    forms, found = _told_forms() if phrase else _forms(), []
    dated: set[tuple[int, int]] = set()
    for number, match in (_ascii_rules if norm.isascii() else _gated_rules)(phrase)(norm):
        rule, rank, group, within = forms[number]
        if isinstance(rule, DateForm):
            place = match.span("at") if "at" in match.re.groupindex else match.span()   # without the cue before it
            if place not in dated:   # of two readings of one date the first counts
                dated.add(place)
                found.append(_date(rule, match, place, shift_days, date_action))
        elif rank == DATE:
            found.append(Candidate(*forms_ages.age_span(match), "AGE", rule.name, DATE))
        elif (candidate := _candidate(rule, match, rank, group, within)) is not None and (
            not guarded or rank in (NUMBER, CODE, ORG) or not inside(candidate.start, candidate.end, guarded)
        ):
            found.append(candidate)
    if not norm.isascii():
        found += [
            Candidate(start, end, "ADDR", rule, DIVISION if rule == "gazetteer.division" else PLACE)
            for start, end, rule in forms_places.gazetteer(norm)
            if not inside(start, end, guarded) and not (phrase and rule == "gazetteer.division")
        ]
    return found


def numbers(norm: str) -> list[Candidate]:
    told = ((_NUMBERS[number], match) for number, match in _number_rules()(norm))
    found = (_candidate(rule, match, NUMBER, "v" if "v" in match.re.groupindex else 0, _WITHIN.get(rule.name)) for rule, match in told)
    return [candidate for candidate in found if candidate is not None]


def _organisation(_: re.Match[str], value: str) -> Place | None:
    trimmed = forms_places.trim_organisation(value)
    return None if trimmed is None else (trimmed, len(value))


def _capitals(match: re.Match[str], value: str) -> Place:
    return 0, forms_capitals.capitals_end(match.string, match.end("v")) - match.start("v")


_WITHIN: dict[str, Within] = {
    "form.name_aged": lambda _, value: (forms_capitals.leading_words(value), len(value)),
    "title.name_capitals": lambda _, value: (0, forms_capitals.named_words(value)),
    "told.name_lower_title": lambda _, value: (0, forms_told.lower_family(value)),
    "form.name_capitals": _capitals,
    "told.name_capitals": _capitals,
    "form.name_dotted": lambda _, value: names_cn.dotted(value),
    "form.organisation": _organisation,
    "form.name_title": names_cn.titled,
    "form.address_road": lambda _, value: (forms_places.trim_address(value), len(value)),
    "towns.lived": lambda _, value: (0, forms_towns.town_end(value, True)),
    "towns.between": lambda _, value: (0, forms_towns.town_end(value, False)),
    "towns.known": lambda _, value: (0, forms_towns.town_end(value, False)),
}
"""Where in what a rule matched the value stands, for rules whose match may hold words before or behind it; None: it holds none."""


def _candidate(rule: Rule, match: re.Match[str], rank: int, group: str | int, within: Within | None) -> Candidate | None:
    value = match[group]
    if not value or (rule.holds is not None and not rule.holds(value)):
        return None
    start, end = match.span(group)
    if rule.type == "NAME" and value[-2:] in ("'s", "’s", "'S", "’S"):
        end -= 2
    if within is not None:
        place = within(match, value)
        if place is None:
            return None
        start, end = start + place[0], start + place[1]
    return Candidate(start, end, rule.type, rule.name, rank)


def _date(form: DateForm, match: re.Match[str], place: tuple[int, int], shift_days: int | None, action: str) -> Candidate:
    new = None
    if action == "shift" and shift_days is not None:
        new = moved(match, form, shift_days)
        if new is not None:
            new = new[place[0] - match.start() : len(new) - (match.end() - place[1])]
    elif action == "year":
        parts = form.parts(match)
        new = str(parts[0]) if parts else None
    return Candidate(*place, "DATE", form.name, DATE, new)


def inside(start: int, end: int, guarded: Guarded) -> bool:
    """Does a guarded clinical word begin where the candidate begins, or hold it whole?"""
    return any(a <= start < b and (a == start or b >= end) for a, b in guarded)

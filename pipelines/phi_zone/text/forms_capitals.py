# ruff: noqa: E501, SIM905 - patterns are data: a line is one of them, whole

"""English names by how they are set: in capitals, before an age and a sex, with their letters apart."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import PARTICLES
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.plausible_en import TERM_ENDINGS
from pipelines.phi_zone.text.rules import Rule, rule


@cache
def capital_rules() -> tuple[Rule, ...]:
    return (
        rule("form.name_aged", "NAME", r"(?<![A-Za-z\-'’])(?P<v>[A-Z][A-Za-z'’\-]+(?:(?:,\s?|\s)[A-Z][A-Za-z'’\-]*\.?){1,4})(?=,?\s{1,3}(?:\d{6,12},?\s{1,3})?\(?\d{1,3}\s?(?:[FMfm](?![A-Za-z])|[yY](?:[oO/\s]|[rR][sS]?|ears?)?(?![A-Za-z])))", _aged, "capital digit aged", 0),
        rule("form.name_capitals", "NAME", r"(?<![A-Za-z\-'’])(?=(?P<v>[A-Z]{3,}(?:[\-'’][A-Z]{2,})?\s[A-Z]+(?:[\-'’][A-Z]{2,})?)(?![A-Za-z\-'’]))", _two_capitals, "family_capitals", 0),
        rule("title.name_capitals", "NAME", r"(?<![A-Za-z])(?:MR|MRS|MS|MISS|DR|DRS|PROF|PROFESSOR|DOCTOR|NURSE|SISTER|SR)(?:\.\s{0,2}|\s{1,2})(?P<v>[A-Z][A-Z'’\-]*\.?(?:\s(?!(?:AND|OR|ON|WITH|WAS|IS|HAS|BY|FROM|AT|TO|IN|FOR|THE|OF|DR|MR|MRS|MS|MISS)\b)[A-Z][A-Z'’\-]*\.?){0,3})(?![a-z])", _titled, "title_capitals", 0),
        rule("form.name_mention", "NAME", r"(?<![A-Za-z\d.])@(?P<v>[A-Z][a-z]{2,15}(?:\s[A-Z][a-z]{2,15})?)(?=[\s,:]|$)", lambda v: not _no_name(v.split()[0]), "at", 0),
        rule("form.name_spaced", "NAME", r"(?<![A-Za-z])(?P<v>[A-Z](?:\s[a-z]){2,}(?:\s,)?\s{1,3}[A-Z](?:\s[a-z]){2,})(?![A-Za-z]|\s[a-z](?![A-Za-z]))", _spaced_out, "capital letters_apart", 0),
    )


def leading_words(value: str) -> int:
    """How many letters before a name are words that are none: TRAUMA before PATEL H."""
    at = 0
    for token in re.finditer(r"[^\s,]+", value):
        if not _no_name(token[0]) or _before_given(value[token.start() :]):
            return token.start()
        at = token.end()
    return at


def _before_given(value: str) -> bool:
    """Does a family name, be it a word, stand before a comma and a given name? Young, Hope A."""
    last, comma, first = value.partition(",")
    return bool(comma) and " " not in last and last.title() in words.surnames_us() and last.title() not in HEADINGS and first.split()[:1] != [] and first.split()[0].title() in words.given_us()


def _no_name(token: str) -> bool:
    titled, low = token.title(), token.lower()
    if titled in HEADINGS or low in words.drugs_en() or low in words.no_name_en() or (len(low) > 1 and low in _SHORT_WORDS):
        return True
    return words.common_en(low) and titled not in words.surnames_us() and titled not in words.given_us()


_SHORT_WORDS = frozenset("a an and at as by for from has in is of on or the to was with seen pt hx dx ref no who that then he she his her will be been by mr mrs ms dr".split())


def _aged(value: str) -> bool:
    """What stands before an age and a sex: a listed name, or words no dictionary has, behind words that are none."""
    tokens = re.findall(r"[^\s,]+", value[leading_words(value) :])
    parts = [token for token in tokens if len(token) > 1]
    if _before_given(value[leading_words(value) :]):
        return True
    if len(tokens) < 2 or not parts or any(_no_name(part) or part.title() in words.eponyms_en() for part in parts):
        return False
    listed = [part for part in parts if part.title() in words.surnames_us() or part.title() in words.given_us()]
    return bool(listed) or all(len(part) > 4 and not words.common_en(part.lower()) and not part.lower().endswith(TERM_ENDINGS) for part in parts)


def _two_capitals(value: str) -> bool:
    """Two listed names in capitals, or a listed family name before initials."""
    first, last = re.split(r"\s", value)
    for part in (first, last):
        if _no_name(part) or part.lower() in words.COMMON_NAME_WORDS or part.title() in words.eponyms_en():
            return False
    if len(last) < 3 or (words.common_en(first.lower()) and words.common_en(last.lower())):
        return len(last) < 3 and not words.common_en(first.lower()) and first.title() in words.surnames_us() and len(first) > 3 and last not in _NO_INITIALS
    return all(part.title() in words.surnames_us() or part.title() in words.given_us() for part in (first, last))


def _titled(value: str) -> bool:
    return named_words(value) > 0


def named_words(value: str) -> int:
    """How many letters of capitals behind a title are the name: up to the first word that is none. DE SOUZA of DE SOUZA ON WARD ROUND."""
    end = 0
    for token in re.finditer(r"\S+", value):
        word = token[0].strip(".'’-")
        if len(word) > 1 and word.lower() not in PARTICLES and (_no_name(word) or word in _MODALS or word.lower().endswith(_EXAMINATION_ENDS)):
            break
        end = token.end()
    words_of = re.findall(r"[A-Z'’\-]{2,}", value[:end])
    if end and not any(word.lower() not in PARTICLES for word in words_of):
        return 0
    return end


_MODALS = frozenset(["WILL", "MAY", "CAN"])
_EXAMINATION_ENDS = ("graphy", "gram", "scopy", "ology", "opathy", "osis", "itis", "ectomy", "plasty")
_NEXT_CAPITALS = re.compile(r"\s([A-Z]{3,})(?![A-Za-z\-])")


def capitals_end(text: str, end: int) -> int:
    """Where a name in capitals ends: listed names behind it belong to it."""
    while (match := _NEXT_CAPITALS.match(text, end)) is not None:
        low, titled = match[1].lower(), match[1].title()
        if _no_name(match[1]) or words.common_en(low) or low in words.COMMON_NAME_WORDS or titled in words.eponyms_en() or not (titled in words.surnames_us() or titled in words.given_us()):
            break
        end = match.end()
    return end


def _spaced_out(value: str) -> bool:
    """A name whose letters stand apart, as columns come out of a scan: no word of a heading."""
    parts = [re.sub(r"\s", "", part) for part in re.split(r"\s?,\s?|\s{2,}|\s(?=[A-Z])", value)]
    return not any(_no_name(part) for part in parts)


_NO_INITIALS = frozenset("MD DO RN NP PA CT MR US XR IV PO IM SC BD OD OS ED ER OR OT PT RT LT DR ST AVE RD II IV CO INC LLC LTD NO VS AND AM PM".split())

"""What one place of a document says about the others: a name found once is a name everywhere in it."""

from __future__ import annotations

import re
from string import ascii_letters

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import PARTICLES
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.segments import CJK
from pipelines.phi_zone.text.spans import STRONG_NAME, TAGGED, WEAK_NAME, Candidate

_SMALL = rf"(?:(?:{'|'.join(sorted(PARTICLES))}|St\.)\s)"
_BEFORE = re.compile(rf"(?<![A-Za-z.\-])(?:[A-Z][a-z]+(?:-|\s))*{_SMALL}{{0,3}}\Z")
_ROW = ascii_letters + ".-" + "".join(char for char in map(chr, range(0x3001)) if char.isspace())
_PARTICLES = tuple(f"{word} " for word in sorted(PARTICLES))
_AFTER = re.compile(rf"(?:\s{_SMALL}{{1,3}}|(?<=\sSt)\.\s)(?P<family>[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?)(?![A-Za-z])")
_CAPITALISED = re.compile("[A-Z][a-z]+")
_INITIALS = re.compile(r"(?:\s[A-Z]\.?){1,3}(?=\s?[,;)]|\s-|\s?$|\s?\n|\s(?:MD|DO|RN|NP|PA|MBBS|FRCP)\b|(?<=\.)\s?[;,)])")
"""Behind a name: Muthukrishnan S.; Huong T P MD."""
_KIN = frozenset(
    ["son", "daughter", "wife", "husband", "mother", "father", "brother", "sister", "mom", "dad", "aunt", "uncle", "niece", "nephew"]
    + ["cousin", "baby", "twin", "mr", "mrs", "ms", "miss", "mx", "sgt", "dr", "prof", "patient", "pt", "nurse", "tech"]
)


def given_names(norm: str, found: list[Candidate]) -> list[Candidate]:
    """What belongs to a name that was found: given names and small words before it, a family name after small words.

    Jorge [Escobedo], Ms. de la [Cruz], [Guadalupe] de la Torre, [Muthukrishnan] S.
    """
    more = []
    seen: set[tuple[int, int]] = set()
    for candidate in found:
        start = candidate.start
        if candidate.type != "NAME" or candidate[:2] in seen or not norm[start].isascii() or not norm[start].isalpha():
            continue
        seen.add(candidate[:2])
        may = norm[start].isupper() or norm.startswith(_PARTICLES, start)
        match = _BEFORE.search(norm, before, start) if may and (before := _row_begins(norm, start)) < start else None
        within = match is not None and (match.start() > 0 or norm[start].islower())
        if match and match[0] and _given(_CAPITALISED.findall(match[0].replace("St.", "")), within):
            more.append(Candidate(match.start(), start - 1, "NAME", "form.given_before_name", WEAK_NAME))
        initials = _INITIALS.match(norm, candidate.end) if norm[candidate.end - 1].islower() else None
        if initials is not None:
            more.append(Candidate(candidate.end + 1, initials.end(), "NAME", "form.initials_after_name", WEAK_NAME))
        following = _AFTER.match(norm, candidate.end)
        if following and following["family"] not in words.eponyms_en() and not words.common_en(following["family"].lower()):
            more.append(Candidate(candidate.end + 1, following.end(), "NAME", "form.family_after_name", WEAK_NAME))
    return more


def _row_begins(norm: str, place: int) -> int:
    """Where the words, spaces, dots and hyphens begin that stand before `place`, forty characters back at most; `place` itself when no
    capitalised or small word is the last of them."""
    if place < 2 or not (norm[place - 1] == "-" or norm[place - 1].isspace()):
        return place
    begin = max(0, place - 40)
    before = norm[begin : place - 1]
    word = before[len(before.rstrip(ascii_letters)) :]
    if word[:1].isupper() or word in PARTICLES or before.endswith("St."):
        return begin + len(before.rstrip(_ROW))
    return place


def _given(tokens: list[str], within: bool) -> bool:
    """Are all of these given names, or within a sentence at least nothing else?"""
    return all(_may_be_given(token, within) for token in tokens)


def _may_be_given(token: str, within: bool) -> bool:
    low = token.lower()
    if token in HEADINGS or token in words.eponyms_en() or low in words.COMMON_NAME_WORDS or low in _KIN:
        return False
    return token in words.given_us() or (within and low not in words.no_name_en() and not words.common_en(low))


def again(norm: str, found: list[Candidate]) -> list[Candidate]:
    """A name with strong evidence at one place of a document is the same name at every other place."""
    repeated: set[str] = set()
    for name in {norm[c.start : c.end] for c in found if c.type == "NAME" and c.rank in (STRONG_NAME, TAGGED)}:
        if not name.isascii() and CJK.search(name):
            if len(name) >= 3 and norm.count(name) > 1:
                repeated.add(name)
        elif " " in name.strip() and norm.count(last := name.split()[-1]) > 1:
            repeated |= {part for part in (name, last) if _telling(part) and norm.count(part) > 1}
    return [
        Candidate(m.start(), m.end(), "NAME", "document.name", STRONG_NAME)
        for name in sorted(repeated)
        for m in re.finditer(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", norm)
    ]


def _telling(part: str) -> bool:
    return len(part) > 3 and part.lower() not in words.COMMON_NAME_WORDS and part not in words.eponyms_en()

"""What one place of a document says about the others: a name found once is a name everywhere in it."""

from __future__ import annotations

import re

from pipelines.phi_zone.text import forms_names, words
from pipelines.phi_zone.text.segments import CJK
from pipelines.phi_zone.text.spans import STRONG_NAME, TAGGED, WEAK_NAME, Candidate

_BEFORE = re.compile(r"(?:[A-Z][a-z]+(?:-|\s))+\Z")


def given_names(norm: str, found: list[Candidate]) -> list[Candidate]:
    """Capitalised given names directly before a name that was found belong to it: Jorge [Luis Escobedo]."""
    more = []
    for candidate in found:
        if candidate.type == "NAME" and candidate.start and norm[candidate.start].isascii() and norm[candidate.start].isupper():
            match = _BEFORE.search(norm, max(0, candidate.start - 40), candidate.start)
            tokens = re.findall("[A-Z][a-z]+", match[0]) if match else []
            if (
                match
                and tokens
                and all(t in words.given_us() or (t.lower() not in words.no_name_en() and match.start() > 0) for t in tokens)
                and not any(t in forms_names.HEADINGS or t in words.eponyms_en() or t.lower() in words.COMMON_NAME_WORDS for t in tokens)
            ):
                more.append(Candidate(match.start(), candidate.start - 1, "NAME", "form.given_before_name", WEAK_NAME))
    return more


def again(norm: str, found: list[Candidate]) -> list[Candidate]:
    """A name with strong evidence at one place of a document is the same name at every other place."""
    names = {norm[c.start : c.end] for c in found if c.type == "NAME" and c.rank in (STRONG_NAME, TAGGED)}
    cjk = {name for name in names if CJK.search(name) and len(name) >= 3}
    latin = {
        part
        for name in names
        if not CJK.search(name) and " " in name.strip()
        for part in (name, name.split()[-1])
        if len(part) > 3 and part.lower() not in words.COMMON_NAME_WORDS and part not in words.eponyms_en()
    }
    repeated = {name for name in cjk | latin if norm.count(name) > 1}
    return [
        Candidate(m.start(), m.end(), "NAME", "document.name", STRONG_NAME)
        for name in sorted(repeated)
        for m in re.finditer(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", norm)
    ]

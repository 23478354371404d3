"""Finding what is already known to identify a patient or the staff, in every form people write it (known_forms.py)."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.phi_zone.text import known_forms as forms
from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.fold import Folded, fold, lowered
from pipelines.phi_zone.text.scan import Words
from schemas.deid import KnownIdentity, Span

FEW = 40
"""So many pieces are looked for one by one; more of them in one pass."""
_DIGITS = re.compile(r"\d{2}")
_SEPARATORS = str.maketrans("", "", " \t\n\r-.()/,_")


class KnownMatcher:
    """All forms of one KnownIdentity. Holds PHI: lives only in the PHI zone's memory.

    Most texts hold nothing of a patient. So a text is first searched for plain pieces, one of which every form holds
    (`_Pieces`); forms are spelled out and compiled when a piece is met for the first time.
    """

    def __init__(self, known: KnownIdentity) -> None:
        self.known = known
        self.literals = frozenset(lowered(fold(value).norm) for value in (*known.ids, *known.phones, *known.names) if value)
        self._pieces = _Pieces(known)
        self._clear: set[str] = set()
        """Short texts that hold no piece: one patient's record says the same things again and again."""
        self._kinds: list[str] = []
        self._pattern: re.Pattern[str] | None = None

    def spans(self, folded: Folded) -> list[Span]:
        """Spans in code points of the original text."""
        return [Span(*folded.span(start, end), kind, f"known.{kind.lower()}") for start, end, kind in self.places(folded.norm)]

    def places(self, norm: str) -> list[tuple[int, int, str]]:
        """(start, end, type) in a folded text, in order, apart."""
        if norm in self._clear:
            return []
        lower = lowered(norm)
        if self._pieces.within(lower):
            return self._matches(lower)
        if len(lower) < 200 and len(self._clear) < 400:
            self._clear.add(norm)
        return []

    def touches(self, text: str) -> bool:
        return text not in self._clear and bool(self.places(fold(text).norm))

    def _matches(self, lower: str) -> list[tuple[int, int, str]]:
        found, place = [], 0
        pattern = self._pattern or self._compiled()
        while (match := pattern.search(lower, place)) is not None:
            start, end = match.span()
            if start == end or not _whole(lower, start, end):
                place = start + 1
                continue
            place = end
            found.append((start, end, self._kinds[(match.lastindex or 1) - 1]))
        return found

    def _compiled(self) -> re.Pattern[str]:
        known = self.known
        groups = {
            "NAME": forms.name_forms(known.names),
            "MRN": forms.number_forms(known.ids, 4),
            "PHONE": forms.phone_forms(known.phones),
            "ADDR": forms.address_forms(known.addresses),
            "ORG": forms.plain_forms(known.organisations, 4),
            "DATE": forms.birth_date_forms(known.birth_date),
        }
        spelled = {kind: sorted(found, key=lambda form: (-len(form), form)) for kind, found in groups.items() if found}
        self._kinds = list(spelled)
        self._pattern = re.compile("|".join("(" + "|".join(found) + ")" for found in spelled.values()) or "(?!)")
        return self._pattern


class _Pieces:
    """Plain pieces of lower-case text of which every written form of an identity holds one."""

    def __init__(self, known: KnownIdentity) -> None:
        pieces = sorted(_anchors(known))
        self.few = tuple(pieces) if len(pieces) <= FEW else tuple(piece for piece in pieces if len(piece) < 2)
        self.many = Words(piece for piece in pieces if len(piece) > 1) if len(pieces) > FEW else None
        phones = {core[-7:] for value in known.phones if len(core := _compact(value)) >= 7 and core.isdigit()}
        whole = {_compact(lowered(fold(value).norm)) for value in (*known.ids, *known.phones)}
        bare = {core.lstrip("0") for core in whole if core.isdigit()}
        self.numbers = tuple(sorted({core for core in whole if len(core) >= 4} | {core for core in bare if len(core) >= 6} | phones))

    def within(self, lower: str) -> bool:
        for piece in self.few:
            if piece in lower:
                return True
        if self.many is not None and next(self.many.iter(lower), None) is not None:
            return True
        if self.numbers and _DIGITS.search(lower):
            compact = _compact(lower)
            return any(number in compact for number in self.numbers)
        return False


@lru_cache(maxsize=512)
def matcher(known: KnownIdentity) -> KnownMatcher:
    return KnownMatcher(known)


def _compact(text: str) -> str:
    return text.translate(_SEPARATORS)


def _anchors(known: KnownIdentity) -> set[str]:
    found: set[str] = set()
    for raw in known.names:
        name = lowered(fold(raw).norm).strip()
        found |= _chinese_anchors(re.sub(r"[\s^=,]", "", name)) if forms.CJK.search(name) else _latin_anchors(name)
    for raw in (*known.addresses, *known.organisations):
        value = lowered(fold(raw).norm).strip(" ,.;")
        pieces = [piece for piece in re.split(r"[\s,.]+", value) if piece]
        if forms.CJK.search(value):
            found |= {*re.findall(r"[\u3400-\u9fff](?=[\s,]*\d)", value), value[-1]}   # single letters: a line may break anywhere
        elif pieces:
            found.add(max(pieces, key=len))
    if forms.birth_date_forms(known.birth_date):
        found |= {known.birth_date[:4], f"/{known.birth_date[2:4]}", f"-{known.birth_date[2:4]}", f".{known.birth_date[2:4]}"}
    return found


def _chinese_anchors(name: str) -> set[str]:
    if "·" in name or "•" in name or len(name) > 6 or len(name) < 2:
        return {name[:1], *(part for part in re.split("[·•]", name) if len(part) > 1)} - {""}
    cut = 2 if name[:2] in words.compound_surnames_cn() and len(name) > 2 else 1
    return {name[0], *([name[cut:]] if len(name) - cut > 1 else ()), *("".join(f) for f in forms.products(forms.readings(name[:cut]))[:4])}


def _latin_anchors(name: str) -> set[str]:
    """The tokens of the name; the longest stretch without an apostrophe of each, and the dotted initials."""
    tokens = [re.sub(r"\d+$", "", t) or t for t in forms.latin_tokens(name)]
    pieces = {max(re.split("['’-]", token), key=len) for token in tokens}
    long = {piece for piece in pieces if len(piece) > 2}
    initials = {tokens[0][0] + "."} if len(tokens) > 1 and forms.initials_of(tokens) else set()
    return (long if len(long) == len(pieces) else pieces) | initials


def _whole(text: str, start: int, end: int) -> bool:
    """Latin letters and digits match only as whole words: `Li` is not in `lipid`, 1234567 not in 91234567."""
    before, after = text[start - 1] if start else " ", text[end] if end < len(text) else " "
    return not ((_word(before) and _word(text[start]) and before.isdigit() == text[start].isdigit())
                or (_word(after) and _word(text[end - 1]) and after.isdigit() == text[end - 1].isdigit()))


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum()

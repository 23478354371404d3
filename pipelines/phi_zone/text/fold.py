"""One form of a text to search in: full width made narrow, traditional characters simplified, compatibility forms resolved, invisible
characters gone.

Every rule reads the folded text; every span is given in code points of the original. Unicode 15, UAX #15 form NFKC.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from schemas.ps3_15 import CODES


@cache
def simplified() -> dict[int, str]:
    """Traditional characters with the simplified ones, one to one."""
    pairs = (CODES / "traditional_cn.txt").read_text(encoding="utf-8")
    return {ord(pair[0]): pair[1] for line in pairs.splitlines() if not line.startswith("#") for pair in line.split()}


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2002: 0x20,
    0x2003: 0x20,
    0x2009: 0x20,
    0x202F: 0x20,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2013: 0x2D,
    0x2014: 0x2D,
    0x2212: 0x2D,
    0xFE63: 0x2D,
}
_NARROW |= {
    code: ord(base)
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if (base := unicodedata.normalize("NFD", chr(code))[0]) != chr(code) and base.isascii() and base.isalpha()
}
_NARROW |= {ord(letter): ord(base) for letter, base in zip("øØłŁđĐðÐħıæÆœŒþÞ", "oOlLdDdDhiaAoOtT", strict=True)}
"""Also letters with accents: Quiñones is searched for as Quinones, Kjærgaard as Kjargaard, Nguyễn as Nguyen."""
_NARROW |= {code: ord(simple) for code, simple in simplified().items()}
"""Rules, word lists and the tagger know simplified characters alone: 歐陽 is searched for as 欧阳, 病歷號 as 病历号."""
INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


_USUAL = tuple((mark, chr(_NARROW[ord(mark)])) for mark in "，：（）；")
_NARROWED = re.compile("[" + "".join(map(re.escape, map(chr, sorted(_NARROW)))) + "]")


@dataclass(frozen=True)
class Folded:
    """`norm` is searched; `starts[i]` is where its character i begins in the original (None: nothing moved)."""

    original: str
    norm: str
    starts: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Code points [start, end) of the original that a stretch of the folded text came from."""
        if self.starts is None:
            return start, end
        first = self.starts[start]
        last = self.starts[end - 1]
        following = next((place for place in self.starts[end:] if place > last), len(self.original))
        return first, min(following, last + 1 + _trailing_marks(self.original, last + 1))


def fold(text: str) -> Folded:
    """The folded text. Costs one C-level pass unless something must be dropped or expanded."""
    if text.isascii():
        return Folded(text, text, None)
    narrow = text
    for wide, plain in _USUAL:
        narrow = narrow.replace(wide, plain)
    if _NARROWED.search(narrow):
        narrow = narrow.translate(_NARROW)
    if unicodedata.is_normalized("NFKC", narrow) and not INVISIBLE.search(narrow):
        return Folded(text, narrow, None)
    spelled = [*map(_forms.__getitem__, narrow)]
    norm = "".join(spelled)
    if len(norm) == len(narrow) and "" not in spelled:
        return Folded(text, norm, None)
    return Folded(text, norm, [place for place, form in enumerate(spelled) for _ in form])


class _Forms(dict[str, str]):
    """A character -> its compatibility form; nothing for one that cannot be seen. Bounded."""

    def __missing__(self, char: str) -> str:
        form = "" if INVISIBLE.match(char) else unicodedata.normalize("NFKC", char)
        if len(self) < 60_000:
            self[char] = form
        return form


_forms = _Forms()


def _trailing_marks(text: str, place: int) -> int:
    """Invisible characters directly after a stretch belong to it: left behind they would show where it was."""
    count = 0
    while place + count < len(text) and INVISIBLE.match(text[place + count]):
        count += 1
    return count


def lowered(text: str) -> str:
    """Lower case of the same length (the one letter that grows keeps its case)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)

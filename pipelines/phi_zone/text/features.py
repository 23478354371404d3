# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""What the tagger sees of each character (Chinese) or word (English). Training and tagging share these lines."""
from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from pipelines.phi_zone.text import words

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,/]\d+)*|[^\sA-Za-z\d]")
_TITLES = frozenset("mr mrs ms miss mx dr drs prof doctor nurse sir".split())
DEGREES = frozenset("MD DO RN PA NP PhD LPN LVN CNA CRNA CNM LCSW MSW PharmD RPh SLP DDS DMD DPM PsyD MBBS FRCS FRCR FACS FACR FACP FACC APRN ARNP FNP BSN MSN RRT RT OT PT DPT OTR EMT RDMS LMFT CWOCN RD GP".split())
PARTICLES = frozenset("van von der den de la del della di da dos du le bin ibn al el ter".split())
"""Small words inside family names."""
_CUES = frozenset("patient named wife husband son daughter mother father brother sister by with from at in to resides lives hospital clinic center university".split())
USUAL_GIVEN, RARE_GIVEN = 500, 1500
"""Places among the characters of given names up to which one is usual, and up to which it is one at all."""
LETTERS_FROM = 0x3401
"""From this code point on a character is shown as itself."""
_SUFFIX_CN = frozenset("省市区县镇乡村路街弄巷号院校厂司所局")


def shown(char: str) -> str:
    """How a character is shown: figures and letters that are no Chinese look alike."""
    return char if ord(char) >= LETTERS_FROM else "0" if char.isdigit() else "a" if char.isalpha() else char


class _Letters(dict[str, tuple[str, str]]):
    """Character -> (how it is shown, what kind it is): figures and letters look alike; family-name, division and usual (n) or rare (m) given-name letters are marked."""

    def __missing__(self, char: str) -> tuple[str, str]:
        rank = words.given_rank_cn().get(char, RARE_GIVEN)
        kind = ("s" if char in words.surname_letters_cn() else "x" if char in _SUFFIX_CN else "") + ("n" if rank < USUAL_GIVEN else "m" if rank < RARE_GIVEN else "")
        if len(self) < 60_000:
            self[char] = shown(char), kind
        return shown(char), kind


_letters = _Letters()


def kind(char: str) -> str:
    """A character's kind without marks."""
    return _letters[char][1]


def telling_letters_cn() -> frozenset[str]:
    """All characters whose kind is not empty, and perhaps others."""
    return words.surname_letters_cn() | _SUFFIX_CN | words.given_rank_cn().keys()


def letters(text: str) -> tuple[list[str], list[str]]:
    """How each character is shown, and its kind with w (in a clinical word) or g (in a division's name)."""
    seen, kinds = map(list, zip(*[_letters[char] for char in text], strict=True))
    for start, end in words.clinical_cn().iter(text):
        for place in range(start, end):
            kinds[place] += "w"
    for start, end in words.taught_divisions_cn().iter(text):
        if not kinds[start].endswith("w"):
            for place in range(start, end):
                kinds[place] = kinds[place].removesuffix("w") + "g"
    return seen, kinds


def chinese(text: str) -> list[list[str]]:
    """One list of features a character of the folded text."""
    if not text:
        return []
    seen, kinds = letters(text)
    s, k = ["<", "<", *seen, ">", ">"], ["", "", *kinds, "", ""]
    known = words.pairs_cn()
    w = ["1" if a + b in known else "0" for a, b in pairwise(s)]
    return [["0" + b, "1" + a, "2" + c, "3" + z, "4" + d, "5" + a + b, "6" + b + c, "7" + z + a, "8" + c + d, "9" + n,
             f"A{m}|{n}|{o}", f"B{y}|{m}|{n}", f"C{n}|{o}|{p}", "D" + a + n + o, "E" + m + n + c,
             "F" + za + ab + bc + cd, "G" + ab + bc + n, "H" + ab + bc + b]
            for z, a, b, c, d, y, m, n, o, p, za, ab, bc, cd in zip(
                s, s[1:], s[2:], s[3:], s[4:], k, k[1:], k[2:], k[3:], k[4:], w, w[1:], w[2:], w[3:], strict=False)]


class _Tokens(dict[str, tuple[str, str]]):
    """Word -> (lower case, kind). Bounded."""

    def __missing__(self, token: str) -> tuple[str, str]:
        low = token.lower()
        seen = low, _word_kind(token, low)
        if len(self) < 60_000:
            self[token] = seen
        return seen


_tokens = _Tokens()


def token(word: str) -> tuple[str, str]:
    """Lower case and kind of a word."""
    return _tokens[word]


def tokens(words_of_a_line: list[str]) -> tuple[list[str], list[str]]:
    """Lower case and kind of each word."""
    lower, kinds = zip(*[_tokens[word] for word in words_of_a_line], strict=True)
    return list(lower), list(kinds)


def english(words_of_a_line: list[str]) -> list[list[str]]:
    """One list of features a word."""
    if not words_of_a_line:
        return []
    lower, kinds = tokens(words_of_a_line)
    w, k = ["<", "<", *lower, ">", ">"], ["", "", *kinds, "", ""]
    return [["0" + b, "1" + a, "2" + c, "3" + z, "5" + a + "_" + b, "6" + d, "s" + b[-3:], "k" + n, f"K{m}|{n}", f"L{n}|{o}", f"M{m}|{n}|{o}"]
            for z, a, b, c, d, m, n, o in zip(w, w[1:], w[2:], w[3:], w[4:], k[1:], k[2:], k[3:], strict=False)]


def _word_kind(token: str, low: str) -> str:
    """Shape and lists: a capital, a given name, a surname, a place, a drug, an eponym, a title, a cue."""
    if not token[0].isalpha():
        return "9" if token[0].isdigit() else token[0]
    if token in DEGREES:
        return "G"
    if low in _TITLES:
        return "T"
    if token in PARTICLES:
        return "v"
    if low in _CUES and not token[0].isupper():
        return "c"
    if token[0].islower():
        return "d" if low in words.drugs_en() else "a"
    titled = token.title()
    return ("A" if not token.isupper() else "I" if len(token) == 1 else "AA") + ("f" if titled in words.given_us() else "") + ("l" if titled in words.surnames_us() else "") \
        + ("p" if titled in place_words() else "") + ("d" if low in words.drugs_en() else "") + ("e" if titled in words.eponyms_en() else "") + ("w" if low in words.COMMON_NAME_WORDS else "") \
        + ("W" if words.common_en(low) or low in words.no_name_en() else "")


@cache
def place_words() -> frozenset[str]:
    places = words.places_us()
    return frozenset(word for level in places.values() for name in level for word in name.split() if len(word) > 2)

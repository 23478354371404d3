"""A known identity is found however it is written, and looking fast first loses nothing."""
from __future__ import annotations

import re
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.dicom import identity, spellings
from pipelines.phi_zone.dicom.identity import Matcher
from schemas.deid import KnownIdentity

PATIENT = KnownIdentity(("Wang Jianguo", "王建国", "Müller Jörg", "Iſik"), ("ZY20240188", "0042-77"), ("13816643905",),
                        ("88 Nanjing Road",), ("East Demo Hospital",), "1960-05-07")
SYLLABLES = ("Wang", "JIANGUO", "王", "建国", "müller", "Jörg", "ZY", "2024", "0188", "1960", "05", "7", "88", "nanjing", "road", " ", "-",
             "^", "·", "年")
ALPHABET = st.sampled_from([*"WangwANGjianguo王建国MüÜllerJöÖrgıİIiſSk 0123456789ZY-_./^·88NanjingRoadEastDemoHospital年月日ＺＹ２０"])


@pytest.mark.parametrize("text", ["CHEST wang_JIANGUO", "王 建 国", "王·建国 胸部", "ＺＹ２０２４０１８８", "zy-2024-0188", "MÜLLER",
                                  "1960/5/7", "1960年5月7日", "138 1664 3905", "east demo  hospital", "ISIK"])
def test_a_known_identity_is_found_however_it_is_spaced_cased_or_ordered(text: str) -> None:
    assert Matcher(PATIENT).found(text)


@pytest.mark.parametrize("text", ["CHEST 1.25", "wangxi", "建国路", "ZY2024", "Mull", "1960", "138 1664", "east hospital", ""])
def test_what_is_only_similar_is_nobody(text: str) -> None:
    assert not Matcher(PATIENT).found(text)


def by_patterns_alone(text: str) -> bool:
    patterns = "|".join(pattern() for pattern, _ in spellings.patterns(PATIENT))
    return re.search(patterns, unicodedata.normalize("NFKC", text), re.IGNORECASE) is not None


@settings(max_examples=600, deadline=None)
@given(text=st.one_of(st.text(ALPHABET, max_size=30), st.lists(st.sampled_from(SYLLABLES), max_size=8).map("".join)))
@example("ı\u0307SIK")
def test_the_quick_look_never_misses_what_a_pattern_finds(text: str) -> None:
    assert Matcher(PATIENT).found(text) == by_patterns_alone(text)


def test_letters_that_patterns_hold_equal_are_equal_to_the_quick_look() -> None:
    by_lower: dict[Any, set[bytes]] = {}
    for number in range(sys.maxunicode + 1):
        letter = chr(number)
        if letter.isalnum() and unicodedata.normalize("NFKC", letter) == letter:
            for other in {letter.lower(), letter.upper(), letter.casefold(), letter.swapcase()} - {letter}:
                if len(other) == 1 and re.fullmatch(re.escape(letter), other, re.IGNORECASE):
                    by_lower.setdefault(letter, {identity.letters(letter)}).add(identity.letters(other))
    assert len(by_lower) > 2000
    assert [letter for letter, cores in by_lower.items() if len(cores) > 1] == []

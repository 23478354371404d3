"""What the residual scan searches for: of everything known of somebody, what names them even without its context, as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipelines.phi_zone.lists import words_of
from pipelines.phi_zone.text import words
from schemas.deid import KnownIdentity

CJK = re.compile("[\u3400-\u9fff]")
NAMES = "names_that_are_words_cn.txt"


def needles_of(known: KnownIdentity) -> Iterator[tuple[str, str]]:
    """(rule, value) pairs worth searching for: what would name the person even without its context."""
    for name in known.names:
        yield ("known.name", name)
        yield from (("known.name_part", part) for part in name.split() if not CJK.search(part))
    yield from (("known.id", value) for value in known.ids)
    yield from (("known.phone", value) for value in known.phones)
    yield from (("known.address", value) for value in known.addresses if len(value) >= 8 or (CJK.search(value) and len(value) >= 5))
    yield from (
        ("known.organisation", value) for value in known.organisations if len(value) >= 6 or (CJK.search(value) and len(value) >= 5)
    )


def written(rule: str, value: str) -> Iterator[str]:
    """The spellings to search for; nothing when the value is too common to tell anything."""
    value = value.strip()
    bare = "".join(char for char in value if char.isalnum())
    if rule == "known.name_part":
        word = value.strip(".,").rstrip("0123456789")
        if value != word and len(value) >= 4:
            yield value
        if (
            len(word) >= 5
            and word.lower() not in words.COMMON_NAME_WORDS
            and word.title() not in words.eponyms_en()
            and word.title() not in _places()
        ):
            yield word
    elif rule == "known.name":
        if (CJK.search(value) and len(bare) >= 2) or (len(value.split()) >= 2 and len(bare) >= 5):
            yield value
            parts = value.split()
            if len(parts) >= 2 and not CJK.search(value):
                yield from (f"{parts[-1]}, {' '.join(parts[:-1])}", f"{parts[-1]}^{parts[0]}", f"{parts[0]} {parts[-1]}")
    elif rule in ("known.id", "known.phone"):
        if len(bare) >= 6 and len(set(bare)) > 2:
            yield value
            if bare.isdigit() and rule == "known.phone" and len(bare) == 11:
                yield from (bare, f"{bare[:3]}-{bare[3:7]}-{bare[7:]}", f"{bare[:3]} {bare[3:7]} {bare[7:]}")
            elif bare != value and len(bare) >= 8:
                yield bare
    else:
        yield value


@cache
def _places() -> frozenset[str]:
    return frozenset(words.places_us()["c"]) | frozenset(words.places_us()["s"]) | frozenset(words.places_us()["w"])


def amid_of(rule: str, form: str, encoding: str) -> str:
    """What must stand around a needle: `title` a capital first, an encoding: no ideograph beside it, because it is a word too."""
    if rule == "known.name_part":
        return "title"
    word = rule == "known.name" and (form in words_of(NAMES) or form in words.pairs_cn() or words.clinical_cn().whole(form))
    return encoding if word and encoding != "latin-1" else ""

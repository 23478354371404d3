"""A person's name out of what a system shows of him: `Brandywine, Leopold J., MD`, `NAKASHIMA^LEOPOLD^^^DR`, `Attending: L. Ostrowska`.

Systems show titles, degrees, roles and numbers around a name, and the family name first or last. What comes out is given names, then
the family name; nothing, where it is rather a role, a department or a machine.
"""

from __future__ import annotations

import re

from pipelines.phi_zone.departments import generic
from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import DEGREES

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}|\S*@\S+|#?\d[\d\-]*")
_ROLE = re.compile(r"^[A-Za-z][A-Za-z /\-]{1,30}:\s*")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_NO_NAME = frozenset(
    (
        *("dr", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "nurse", "sister", "by", "per"),
        *(degree.lower() for degree in DEGREES),
        *("m.d", "d.o", "mbchb", "bm", "bch", "mb", "bs", "ph.d", "dphil", "dnp", "od", "np-c", "fnp-c", "fnp-bc"),
        *("anp", "acnp", "cns", "pa-c", "mt", "mls", "ascp", "ccc-slp", "rdn", "ldn", "facep", "frcp", "mrcp"),
        *("mrcs", "franzcr", "mph", "mba", "ma", "msc", "mha", "ii", "iii", "iv", "jr", "sr"),
    )
)
"""Titles, degrees and what else stands around a name."""
_CALLINGS = ("ologist", "alist", "iatrist", "ician", "ographer")
_MOST_TOKENS = 6


def latin_name(shown: str) -> str | None:
    """Given names and family name of whom `shown` shows; None when it is no person's name."""
    bare = _ROLE.sub("", _BRACKETED.sub(" ", shown)).strip()
    if "^" in bare:
        family, *given = bare.partition("=")[0].split("^")
        bare = ", ".join((family, " ".join(given[:2])))
    parts = [kept for part in bare.split(",") if (kept := _kept(part))]
    tokens = [token for part in (*parts[1:2], parts[0]) for token in part] if parts else []
    if not 0 < len(tokens) <= _MOST_TOKENS or len(parts) > 2 or any(_TOKEN.fullmatch(token) is None for token in tokens):
        return None
    name = " ".join(token.rstrip(".") for token in tokens)
    return name if _may_be_person(tokens, turned=len(parts) == 2) and not generic(name) else None


def _kept(part: str) -> list[str]:
    return [token for token in part.split() if token.rstrip(".").lower() not in _NO_NAME]


def _may_be_person(tokens: list[str], turned: bool) -> bool:
    """Is some word of it no word of everyday English, and none the word of a role or a place?"""
    long = [token.lower() for token in tokens if len(token.rstrip(".")) > 2]
    names = [word for word in long if word.title() in words.given_us() or word.title() in words.surnames_us()]
    if not any(not words.common_en(word) or word in names for word in long) or any(
        word not in names and (word in words.no_name_en() or word.endswith(_CALLINGS)) for word in long
    ):
        return False
    if len(long) == 1 and words.common_en(long[0]):
        return False
    if len(tokens) == 1:
        return len(long[0]) > (4 if tokens[0].isupper() else 3)
    return turned or not all(token.islower() for token in tokens) or not any(words.common_en(word) for word in long)

"""Codings: public systems as they are, local ones under a keyed name, and no code that is really a number of a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-_:/+^*#;= ,()<>|&%@~!?\[\]{}'$]{0,79}\Z|[<>=]{1,2}\Z")
_LONG_DIGITS = re.compile(r"\d{6}")
_PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{3}-\d{2}-\d{4}|@|\d{17}[\dXx]|\d{15}|wxid_"
    r"|(?<![\d.])(?:10|1\d\d|2[0-4]\d|25[0-5])(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.])|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
)
"""A mobile number, an ID of two countries, an address of a mailbox or a machine, an account: never a code."""
SNOMED = "http://snomed.info/sct"
_EDITION = re.compile(r"/(\d{6,18}(?:/\d{6,18})?)(?:/version/\d{8})?\Z")
_REST = re.compile(r"[A-Za-z0-9._/|#:+\-]{0,160}\Z")
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("http://loinc.org", re.compile(r"(?:L[APGR])?\d{1,7}-\d\Z|[A-Z]{2}\d+-\d\Z")),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", re.compile(r"\d{1,8}\Z")),
    ("http://hl7.org/fhir/sid/icd-", re.compile(r"[A-Z0-9]{2,4}(?:\.[A-Z0-9+*]{0,5})?[+*]?(?:[xX]\d{3})?\Z")),
    ("http://hl7.org/fhir/sid/cvx", re.compile(r"\d{1,4}\Z")),
    ("http://hl7.org/fhir/sid/ndc", re.compile(r"[\d\-*]{9,14}\Z")),
    ("urn:ietf:rfc:3986", re.compile(r"(?:urn:oid:)?1\.2\.840\.10008(?:\.\d+)*\Z|https?://(?:hl7|terminology\.hl7)\.org/\S*\Z")),
    ("urn:ietf:bcp:47", re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")),
)


def public_of(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    """Is an address one of a public system? It must go on where the prefix ends, and hold nothing that could name somebody."""

    @lru_cache(maxsize=1 << 12)
    def public(system: str) -> bool:
        return any(system.startswith(prefix) and _goes_on(prefix, system[len(prefix) :]) for prefix in prefixes)

    return public


def _goes_on(prefix: str, rest: str) -> bool:
    if prefix == SNOMED and rest:
        edition = _EDITION.match(rest)
        return edition is not None and all(verhoeff(module) for module in edition[1].split("/"))
    opened = not rest or prefix[-1] in "/.-:" or rest[0] in ("/|#" if prefix.startswith("http") else ".:/-")
    return opened and _REST.match(rest) is not None and _LONG_DIGITS.search(rest) is None and _PERSONAL.search(rest) is None


def code_fits(system: str, code: str) -> bool:
    """Is `code` a plausible code of a public `system`? Phone numbers, IDs and words in other scripts are not."""
    if not _TOKEN.match(code):
        return False
    if system.startswith(SNOMED):
        return (code.isdigit() and 6 <= len(code) <= 18 and verhoeff(code)) or (":" in code and not _PERSONAL.search(code))
    for prefix, shape in _SHAPES:
        if system.startswith(prefix):
            return shape.match(code) is not None
    return not _PERSONAL.search(code) and not re.search(r"\d{8}", code.replace("1.2.840.10008.", ""))


def is_token(value: str) -> bool:
    """A FHIR `code` that may stay in a required binding: short, ASCII, without a long run of digits."""
    return len(value) <= 64 and _TOKEN.match(value) is not None and not _LONG_DIGITS.search(value) and not _PERSONAL.search(value)


_D = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_P = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def verhoeff(code: str) -> bool:
    """SNOMED CT's check digit (Verhoeff's dihedral scheme)."""
    check = 0
    for place, char in enumerate(reversed(code)):
        check = int(_D[check][int(_P[place % 8][int(char)])])
    return check == 0

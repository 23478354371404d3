"""The residual scan: does anything that would be released still hold a known identity or an identifying form?

Every needle is searched for as bytes, in UTF-8, GB18030, UTF-16 (both orders) and Latin-1, in any case, also inside base64.
Large needle sets cost no more than small ones: four bytes at every place are looked up in a bit table, and only where the
table says yes are the needles compared. A finding names its rule, its place and a keyed-size digest, never the value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.needles import CJK, amid_of, needles_of, written
from pipelines.phi_zone.text.rules import luhn, resident_id_valid
from pipelines.phi_zone.wrapped import unwrapped
from schemas.deid import KnownIdentity
from schemas.messages import messages

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "latin-1")
_BASE64 = re.compile(rb'"([A-Za-z0-9+/]{16,}={0,2})"(?!:)')
_BASE64_BARE = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
_NOT_BASE64 = re.compile(rb"[A-Z][A-Za-z]+/[0-9a-z]+\Z|[0-9a-f]+\Z|[a-z]+\Z|[0-9.]+\Z")
"""Our own keyed ids, words and numbers: never an encoded text."""
_WRAPPED = tuple(
    map(re.compile, (rb"\\(?:u-?[0-9a-fA-F]{4}|[x'][0-9a-fA-F]{2})", rb"&#[xX0-9]", rb"%[0-9A-Fa-f]{2}%", rb"=[0-9A-Fa-f]{2}=", rb"=\?\w"))
)
"""Where another writing begins (wrapped.py); each begins with one letter, which is found without looking at every byte."""
_AROUND, _WINDOW = 48, 4096
_RUN = re.compile(rb"\d[\d \-]{10,22}[Xx]?")
"""A run of digits as long as the shortest form; only there the forms are tried."""
_RUN_CLASS = bytes(0x31 if char in b"0123456789 -" else 0x30 for char in range(256))
_RUN_SEEN = b"1" * 11
"""How a run looks in data whose digits, blanks and dashes became 1: found without looking at every byte."""
_DIGIT_FORMS: tuple[tuple[str, re.Pattern[bytes], Any], ...] = (
    (
        "form.resident_id",
        re.compile(rb"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"),
        lambda v: resident_id_valid(v.upper()),
    ),
    ("form.mobile", re.compile(rb"(?:86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?![0-9A-Za-z]|[.\-]\d)"), lambda v: len(set(v)) > 4),
    ("form.ssn", re.compile(rb"\d{3}-\d{2}-\d{4}(?![0-9A-Za-z\-])"), lambda v: v[:3] not in ("000", "666")),
    ("form.bank", re.compile(rb"62\d{14,17}(?![0-9A-Za-z])"), luhn),
)
_EMAIL = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._%+\-]{1,63}\Z")
_DOMAIN = re.compile(rb"[A-Za-z0-9\-]{2,}(?:\.[A-Za-z0-9\-]{2,})+")
_TOKEN_BEFORE, _TOKEN_AFTER = re.compile(rb"[0-9a-z]+\Z"), re.compile(rb"[0-9a-z]+")
SHORTEST_TOKEN = 26
_GLUED = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_/+="


class Residual:
    """Needles compiled for scanning. Holds PHI: lives in the PHI zone's memory only."""

    def __init__(self, needles: Iterable[tuple[str, str]], forms: bool = True) -> None:
        """needles: (rule, value). Values too short or too common to mean anything are passed over (`usable`)."""
        import numpy as np

        self.forms = forms
        table: dict[bytes, dict[bytes, tuple[str, str]]] = {}
        for rule, value in needles:
            for form in written(rule, value):
                for encoding in ENCODINGS if not form.isascii() else ("utf-8", "utf-16-le", "utf-16-be"):
                    encoded = _encoded(form, encoding)
                    if encoded is not None and len(encoded) >= 4:
                        table.setdefault(encoded[:4], {}).setdefault(encoded, (rule, amid_of(rule, form, encoding)))
        self.table = table
        self.bits = min(27, max(16, (len(table) * 64).bit_length()))
        self.bitmap = np.zeros(1 << self.bits, dtype=bool)
        self.heads = np.sort(np.frombuffer(b"".join(table), dtype="<u4"))
        self.bitmap[_slot(self.heads, self.bits)] = True

    @classmethod
    def of_known(cls, identities: Iterable[KnownIdentity], forms: bool = True) -> Residual:
        return cls((needle for known in identities for needle in needles_of(known)), forms)

    def scan_bytes(self, data: bytes, where: str) -> list[Issue]:
        """Findings in `data`, each with `where` and the offset. Looks into base64 and \\u escapes, two levels deep."""
        return [issue for _, issue in self.findings(data, where)]

    def findings(self, data: bytes, where: str) -> list[tuple[int, Issue]]:
        """As `scan_bytes`, with the offset of each finding, for callers that must tell which row it was in."""
        return [(offset, self._issue(rule, code, where, offset, value)) for rule, code, offset, value in self._all(data, 0)]

    # ------------------------------------------------------------

    def _all(self, data: bytes, level: int) -> Iterator[tuple[str, str, int, bytes]]:
        yield from self._known(data)
        if self.forms:
            yield from _by_form(data)
        if level >= 2:
            return
        encoded = _BASE64.finditer(data) if data[:1] in (b"{", b"[") else _BASE64_BARE.finditer(data)
        for match in encoded:
            raw = match[match.lastindex or 0].rstrip(b"=")
            if _NOT_BASE64.match(raw):
                continue
            try:
                inner = base64.b64decode(raw[: len(raw) - len(raw) % 4] if len(raw) % 4 == 1 else raw + b"=" * (-len(raw) % 4))
            except binascii.Error:
                continue
            for rule, code, _, value in self._all(inner, level + 1) if _may_be_text(inner) else self._known(inner):
                yield rule, code, match.start(), value
        yield from self._wrapped(data)

    def _wrapped(self, data: bytes) -> Iterator[tuple[str, str, int, bytes]]:
        """What is found once escapes, entities and the like are undone; the offset is that of the wrapped place."""
        for place, window in _windows(data):
            text = window.decode("utf-8", "ignore")
            plain = unwrapped(text)
            if plain != text:
                for rule, code, _, value in self._known(plain.encode("utf-8", "ignore")):
                    yield rule, code, place, value

    def _known(self, data: bytes) -> Iterator[tuple[str, str, int, bytes]]:
        """(rule, message code, offset, value) of every needle in `data`."""
        if not self.table or len(data) < 4:
            return
        lower = data.lower()
        for place in self._candidates(lower):
            for needle, (rule, amid) in self.table.get(lower[place : place + 4], {}).items():
                if lower.startswith(needle, place) and _stands_alone(data, place, place + len(needle), needle, amid):
                    yield rule, "RES-001", place, needle

    def _candidates(self, lower: bytes) -> list[int]:
        """Places whose four bytes begin a needle: those the bit table does not rule out are looked up."""
        import numpy as np

        if len(lower) < 256:
            return [place for place in range(len(lower) - 3) if lower[place : place + 4] in self.table]
        found: list[Any] = []
        for shift in range(4):
            count = (len(lower) - shift) // 4
            if count > 0:
                words_here = np.frombuffer(lower, dtype="<u4", count=count, offset=shift)
                hits = np.flatnonzero(self.bitmap.take(_slot(words_here, self.bits)))
                heads = words_here[hits]
                nearest = np.minimum(np.searchsorted(self.heads, heads), len(self.heads) - 1)
                found.append(hits[self.heads[nearest] == heads] * 4 + shift)
        return np.sort(np.concatenate(found)).tolist() if found else []  # type: ignore[no-any-return]

    @staticmethod
    def _issue(rule: str, code: str, where: str, offset: int, value: bytes) -> Issue:
        short = hashlib.sha256(b"touchstone residual" + hashlib.sha256(value).digest()).hexdigest()[:8]
        return messages().issue(code, f"{where}@{offset}", rule=rule, digest=short)


def _slot(values: Any, bits: int) -> Any:
    import numpy as np

    slots = values * np.uint32(2654435761)
    slots >>= np.uint32(32 - bits)
    return slots


def _encoded(form: str, encoding: str) -> bytes | None:
    try:
        return form.encode(encoding).lower()
    except UnicodeEncodeError:
        return None


def _by_form(data: bytes) -> Iterator[tuple[str, str, int, bytes]]:
    for start in _runs(data):
        if start and data[start - 1] in _GLUED and data[start - 1 : start] != b"+":
            continue
        for rule, pattern, holds in _DIGIT_FORMS:
            match = pattern.match(data, start)
            if match is not None and holds(match[0].decode("ascii")):
                yield rule, "RES-002", start, match[0]
    place = data.find(b"@")
    while place >= 0:
        before, after = _EMAIL.search(data, max(0, place - 64), place), _DOMAIN.match(data, place + 1)
        if before is not None and after is not None:
            yield "form.email", "RES-002", before.start(), data[before.start() : after.end()]
        place = data.find(b"@", place + 1)


def _runs(data: bytes) -> Iterator[int]:
    """Where runs of digits begin."""
    seen = data.translate(_RUN_CLASS)
    place = seen.find(_RUN_SEEN)
    while place >= 0 and (run := _RUN.search(data, place)) is not None:
        yield run.start()
        place = seen.find(_RUN_SEEN, run.end())


def _stands_alone(data: bytes, start: int, end: int, needle: bytes, amid: str) -> bool:
    """Letters and digits count only as whole words; a lone surname only with a capital; two wide characters only amid text."""
    before, after = data[start - 1 : start], data[end : end + 1]
    if (_alnum(before) and _alnum(needle[:1]) and before.isdigit() == needle[:1].isdigit()) or (
        _alnum(after) and _alnum(needle[-1:]) and after.isdigit() == needle[-1:].isdigit()
    ):
        return False
    if needle.isdigit() and before + after != b"" and _in_token(data, start, end):
        return False
    if amid == "title":
        if not data[start : start + 1].isupper():
            return False
    elif amid and (CJK.search(data[max(0, start - 4) : start].decode(amid, "ignore")[-1:])
                   or CJK.search(data[end : end + 4].decode(amid, "ignore")[:1])):
        return False
    return len(needle) > 5 or needle.isascii() or _may_be_text(data[max(0, start - 24) : end + 24])


def _in_token(data: bytes, start: int, end: int) -> bool:
    """Is it a stretch of one of our own keyed ids, in which chance writes every number?"""
    before = _TOKEN_BEFORE.search(data, max(0, start - 32), start)
    after = _TOKEN_AFTER.match(data, end, end + 32)
    return (len(before[0]) if before else 0) + end - start + (len(after[0]) if after else 0) >= SHORTEST_TOKEN


def _alnum(byte: bytes) -> bool:
    return byte.isascii() and byte.isalnum()


def _may_be_text(data: bytes) -> bool:
    """Mostly printable in some encoding: pixel data is not."""
    if not data:
        return False
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        text = data[: len(data) // 2 * 2].decode(encoding, "replace") if encoding.startswith("utf-16") else data.decode(encoding, "replace")
        good = sum(
            1
            for char in text
            if char in "\t\r\n"
            or " " <= char <= "~"
            or "\u4e00" <= char <= "\u9fff"
            or "\u3000" <= char <= "\u303f"
            or "\uff00" <= char <= "\uffef"
        )
        if text and good / len(text) > 0.85:
            return True
    return False


def _windows(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes around it) of every place that looks wrapped; places close together on a line share a window of bounded length."""
    for pattern in _WRAPPED:
        start = end = -1
        for match in pattern.finditer(data):
            if start >= 0 and match.start() - end < _AROUND and match.end() - start < _WINDOW and b"\n" not in data[end : match.start()]:
                end = match.end()
                continue
            if start >= 0:
                yield start, _around(data, start, end)
            start, end = match.span()
        if start >= 0:
            yield start, _around(data, start, end)


def _around(data: bytes, start: int, end: int) -> bytes:
    """The stretch and what stands near it on its own line."""
    first, last = max(0, start - _AROUND), end + _AROUND
    first = max(first, data.rfind(b"\n", first, start) + 1)
    newline = data.find(b"\n", end, last)
    return data[first : newline if newline >= 0 else last]

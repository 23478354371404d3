"""Bytes of a text value → characters, by what they are rather than by what the file says they are (PS3.3 C.12.1.1.2, PS3.5 6.1.2).

ISO 2022 escapes are followed here because pydicom leaves those of ISO 2022 IR 58 in the string; UTF-8 or GB18030 bytes under a
Latin-1 or missing declaration are recognised, because a name that is read as mojibake is a name that no rule finds.
"""
from __future__ import annotations

import re
from functools import lru_cache

_SINGLE = {
    "": "latin-1", "ISO_IR 6": "latin-1", "ISO_IR 100": "latin-1", "ISO_IR 101": "iso8859-2", "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4", "ISO_IR 144": "iso8859-5", "ISO_IR 127": "iso8859-6", "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8", "ISO_IR 148": "iso8859-9", "ISO_IR 203": "iso8859-15", "ISO_IR 13": "shift_jis",
    "ISO_IR 149": "euc_kr", "ISO_IR 166": "tis_620", "ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk", "ISO_IR 58": "gb2312",
}
_ESCAPES: tuple[tuple[bytes, str], ...] = (   # escape sequence → how the bytes after it are read
    (b"\x1b(B", "ascii"), (b"\x1b(J", "jisx0201"), (b"\x1b)I", "jisx0201"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"),
    (b"\x1b$(D", "iso2022_jp_2"), (b"\x1b$)A", "gb2312"), (b"\x1b$)C", "euc_kr"), (b"\x1b-A", "latin-1"), (b"\x1b-B", "iso8859-2"),
    (b"\x1b-C", "iso8859-3"), (b"\x1b-D", "iso8859-4"), (b"\x1b-L", "iso8859-5"), (b"\x1b-G", "iso8859-6"), (b"\x1b-F", "iso8859-7"),
    (b"\x1b-H", "iso8859-8"), (b"\x1b-M", "iso8859-9"), (b"\x1b-b", "iso8859-15"), (b"\x1b-T", "tis_620"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LATIN_LIKE = frozenset(("latin-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-15"))


def charsets(value: bytes) -> tuple[str, ...]:
    """Specific Character Set (0008,0005) as its terms."""
    return tuple(term.strip(" \0") for term in value.decode("ascii", "replace").split("\\"))


@lru_cache(maxsize=4096)
def decode(raw: bytes, terms: tuple[str, ...]) -> str:
    """Characters of one value, padding included. Never raises: undecodable bytes become U+FFFD and are then refused by rules.

    A NUL inside ends a value, as it does where the text was written: what stands behind it nobody meant to say.
    """
    if b"\0" in raw.rstrip(b"\0"):
        raw = b"\\".join([part.partition(b"\0")[0] for part in raw.split(b"\\")])
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    if b"\x1b" in raw:
        return _escaped(raw, terms)
    first = (terms[0] if terms else "").replace("ISO 2022 IR", "ISO_IR")
    declared = _SINGLE.get(first, "")
    if declared in ("utf-8", "gb18030", "gbk", "gb2312"):
        return _first_that_fits(raw, declared, "utf-8", "gb18030")
    if declared in ("", *_LATIN_LIKE):
        return _undeclared(raw, declared or "latin-1")
    utf8 = _strict(raw, "utf-8")
    return utf8 if utf8 is not None else _first_that_fits(raw, declared, "gb18030")


def decodings(raw: bytes, terms: tuple[str, ...]) -> tuple[str, ...]:
    """Every plausible reading of a value: the likely one first, then what other systems may show. For finding known names."""
    found = [decode(raw, terms)]
    if not raw.isascii():
        found += [text for codec in ("utf-8", "gb18030", "latin-1") if (text := _strict(raw, codec)) is not None]
    if b"\0" in raw.rstrip(b"\0"):
        found += [decode(raw.replace(b"\0", b""), terms), *(raw.decode(codec, "ignore") for codec in ("utf-16-le", "utf-16-be"))]
    return tuple(dict.fromkeys(found))


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _first_that_fits(raw: bytes, *codecs: str) -> str:
    for codec in codecs:
        text = _strict(raw, codec)
        if text is not None:
            return text
    return raw.decode(codecs[0], "replace")


def _undeclared(raw: bytes, codec: str) -> str:
    """Latin-1 or nothing declared: UTF-8 if it is valid, GB18030 if the high bytes are pairs of common characters."""
    utf8 = _strict(raw, "utf-8")
    if utf8 is not None:
        return utf8
    if _looks_chinese(raw):
        return raw.decode("gb18030", "replace")
    return raw.decode(codec, "replace")


def _looks_chinese(raw: bytes) -> bool:
    """Whether every run of high bytes is whole GB2312 characters and there is more of it than accents in a word would give.

    Near miss: "Müller" (one high byte) and "Grüße" (two, no GB2312 character) stay Latin.
    """
    runs = _HIGH_RUN.findall(raw)
    if any(len(run) % 2 or _strict(run, "gb2312") is None for run in runs):
        return _looks_gbk(raw)
    longest, total = max(map(len, runs)), sum(map(len, runs))
    if longest >= 4 or total * 2 >= len(raw.strip()):
        return True
    latin = b"".join(runs).decode("latin-1")
    return not all(letter.isalpha() for letter in latin)


def _looks_gbk(raw: bytes) -> bool:
    """GBK beyond GB2312 (second byte below 0xA1): accepted when nearly all of the text decodes to Chinese characters."""
    text = _strict(raw, "gb18030")
    if text is None:
        return False
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    return chinese >= 2 and chinese * 2 >= letters


def _escaped(raw: bytes, terms: tuple[str, ...]) -> str:
    """ISO 2022 code extension. Delimiters (\\ ^ = CR LF) return to the first character set (PS3.5 6.1.2.5.3)."""
    start = _SINGLE.get((terms[0] if terms else "").replace("ISO 2022 IR", "ISO_IR"), "latin-1")
    out: list[str] = []
    codec, pos = start, 0
    while pos < len(raw):
        escape = raw.find(b"\x1b", pos)
        stop = len(raw) if escape < 0 else escape
        if stop > pos:
            out.append(_stretch(raw[pos:stop], codec, start))
        if escape < 0:
            break
        for sequence, name in _ESCAPES:
            if raw.startswith(sequence, escape):
                codec, pos = name, escape + len(sequence)
                break
        else:
            pos = escape + 1
    return "".join(out)


def _stretch(raw: bytes, codec: str, start: str) -> str:
    if codec == "jisx0201":
        return _first_that_fits(raw, "shift_jis")
    if codec in ("iso2022_jp", "iso2022_jp_2"):
        opening = b"\x1b$B" if codec == "iso2022_jp" else b"\x1b$(D"
        return (opening + raw + b"\x1b(B").decode(codec, "replace")
    if codec == "ascii":
        return _first_that_fits(raw, "ascii", start)
    return _first_that_fits(raw, codec, "gb18030" if codec == "gb2312" else codec)

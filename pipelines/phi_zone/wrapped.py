"""Text inside another writing: HTML and its entities, percent signs, JSON and RTF escapes, MIME words, base64, hexadecimal.

A name in such a wrapping is a name to whoever unwraps it, but no rule sees it. So free text is unwrapped before it is cleaned,
and the residual scan unwraps before it searches. Only what turns into readable words is unwrapped: `95%`, `a<b`, codes and
hashes stay as they are. What cannot be looked into and is long enough to carry something is taken out.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections.abc import Callable
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from pipelines.phi_zone.rtf import is_rtf, rtf_text
from pipelines.phi_zone.text.decode import html_text

ROUNDS, MOST_BYTES = 4, 4_000_000
OPAQUE = 200
"""From so many letters on, base64 that holds no text is taken out."""
_SIGN = re.compile(r"&[#a-zA-Z]|%[0-9A-Fa-f]{2}|\\|=\?|=[0-9A-Fa-f]{2}=|<[/!a-zA-Z]")
_MARKUP = re.compile(
    r"</?(?:html|body|head|div|p|br|span|b|i|u|em|strong|font|table|tbody|tr|td|th|ul|ol|li|h[1-6]|pre|a|img|sub|sup|center|style|script)"
    r"(?:\s[^<>]*)?/?>|<!--|<\?xml|</[A-Za-z][\w:.\-]*\s*>",
    re.IGNORECASE,
)
_CUT_TAG = re.compile(r"</?[A-Za-z][^<>]*(?=<|\Z)")
"""A tag that another one begins in."""
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|amp|lt|gt|quot|apos|nbsp);")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")
_PERCENT_ASCII = re.compile(r"(?<=[A-Za-z])%(20|2C|2B|3A|2F|40|27|7C|3D|26)(?=[A-Za-z])", re.IGNORECASE)
_DECIMAL_U = re.compile(r"(?:\\u-?\d{2,5}\? ?)+")
_HEX_U = re.compile(r"(?:\\{1,4}u\{?[0-9a-fA-F]{4}\}?)+")
_HEX_X = re.compile(r"(?:\\{1,4}x[0-9a-fA-F]{2}){2,}|(?:\\'[0-9a-fA-F]{2}){2,}")
_MIME = re.compile(r"=\?[A-Za-z0-9._-]+\?[bBqQ]\?[^?\s]*\?=")
_QUOTED = re.compile(r"(?:=[0-9A-Fa-f]{2}(?:=\r?\n)?){3,}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){6,}(?![0-9A-Za-z])")
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=_\-.])(?:[A-Za-z0-9+/]{60,76}\r?\n)*(?:[A-Za-z0-9+/]{8,}|[A-Za-z0-9+/]{6,7}(?==))={0,2}(?![A-Za-z0-9+/=_])"
)
_DATA_URL = re.compile(r"data:[\w.+\-/]{0,80}(?:;[\w\-=.]{1,40}){0,3};base64,", re.IGNORECASE)
_ORDINARY = re.compile("[\t\r\n\x20-\x7e\xa0-\u024f\u2000-\u206f\u3000-\u303f\u3400-\u9fff\uff00-\uffef\u00b7\ufeff]+")
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")


def unwrapped(text: str) -> str:
    """`text` as whoever unwraps it reads it; the same object when there is nothing to unwrap."""
    for _ in range(ROUNDS):
        new = _once(text)
        if new == text:
            break
        text = new
    return text


def page_text(markup: str) -> str:
    """`html_text` of a page without its cut tags, which it would follow to the end of the page, one by one."""
    return html_text(_CUT_TAG.sub("", markup))


def _once(text: str) -> str:
    if _SIGN.search(text) is not None:
        if is_rtf(text):
            text = rtf_text(text)
        if _MARKUP.search(text) is not None:
            text = page_text(text)
        for pattern, rule in _RULES:
            text = pattern.sub(rule, text)
    if len(text) < 8:
        return text
    return _BASE64.sub(_base64, _DATA_URL.sub("", _HEX.sub(_hex, text)))


# ---------------------------------------------------------------- one wrapping each: a match in, what it stands for out

Rule = Callable[[re.Match[str]], str]


def _bytes_of(pattern: str) -> Rule:
    pairs = re.compile(pattern)

    def rule(match: re.Match[str]) -> str:
        raw = bytes(int(pair, 16) for pair in pairs.findall(match[0]))
        told = _words(raw, 2) if any(byte >= 0x80 for byte in raw) else None
        return told if told is not None else match[0]

    return rule


def _decimal_u(match: re.Match[str]) -> str:
    return _of_units(int(number) % 65536 for number in re.findall(r"-?\d{2,5}", match[0]))


def _hex_u(match: re.Match[str]) -> str:
    return _of_units(int(unit, 16) for unit in re.findall(r"u\{?([0-9a-fA-F]{4})", match[0]))


def _of_units(units: object) -> str:
    return "".join(map(chr, units)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # type: ignore[call-overload]


def _mime(match: re.Match[str]) -> str:
    try:
        return str(make_header(decode_header(match[0])))
    except (LookupError, ValueError, HeaderParseError):
        return match[0]


def _hex(match: re.Match[str]) -> str:
    told = _words(bytes.fromhex(match[0]))
    return told if told is not None and _IDEOGRAPH.search(told) else match[0]


def _base64(match: re.Match[str]) -> str:
    token = match[0]
    core = token.rstrip("=")
    if core.upper() == core or core.lower() == core or (core.isalpha() and core[1:].islower()):
        return token   # every code and every word; base64 of words has capitals and small letters
    try:
        raw = base64.b64decode(re.sub(r"\s", "", core) + "=" * (-len(re.sub(r"\s", "", core)) % 4))
    except (binascii.Error, ValueError):
        return token
    raw = _inflated(raw)
    told = _words(raw, 2 if token.endswith("=") else 12)
    if told is not None and (_IDEOGRAPH.search(told) or _plain_words(told, token)):
        return told
    return "[OTHER]" if len(core) >= OPAQUE and _mixed(core) and not re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", core) else token


def _plain_words(told: str, token: str) -> bool:
    letters = sum(char.isalpha() or char == " " for char in told)
    return len(told) >= 6 and letters * 10 >= len(told) * 6 and (_mixed(token) or token.endswith("="))


def _mixed(token: str) -> bool:
    return any(c.isdigit() for c in token) and any(c.islower() for c in token) and any(c.isupper() for c in token)


def _inflated(raw: bytes) -> bytes:
    if raw[:2] == b"\x1f\x8b" or raw[:1] == b"\x78":
        try:
            return zlib.decompressobj(47).decompress(raw, MOST_BYTES)
        except zlib.error:
            return raw
    return raw


def _words(raw: bytes, shortest_gb: int | None = None) -> str | None:
    """The text in `raw` when all of it is ordinary letters; None otherwise.

    shortest_gb: from so many bytes on GB18030 is tried, in which chance bytes are letters too, and from 20 on UTF-16; None: neither.
    """
    tries = ["utf-8"]
    if shortest_gb is not None and len(raw) >= shortest_gb:
        tries.append("gb2312" if len(raw) < 24 else "gb18030")
    if shortest_gb is not None and len(raw) >= 20 and len(raw) % 2 == 0:
        tries += ["utf-16-le", "utf-16-be"]
    for encoding in tries:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text and _ORDINARY.fullmatch(text):
            return text
    return None


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (_ENTITY, lambda match: html.unescape(match[0])),
    (_DECIMAL_U, _decimal_u),
    (_HEX_U, _hex_u),
    (_HEX_X, _bytes_of(r"[x']([0-9a-fA-F]{2})")),
    (_PERCENT, _bytes_of(r"%([0-9A-Fa-f]{2})")),
    (_PERCENT_ASCII, lambda match: chr(int(match[1], 16))),
    (_MIME, _mime),
    (_QUOTED, _bytes_of(r"=([0-9A-Fa-f]{2})")),
)

"""Notes as they come: bytes in a declared, undeclared or wrongly declared encoding, plain or HTML, to one clean string.

UTF-8, UTF-16 with or without a byte order mark, GB18030 (with GBK and GB2312 inside it), Big5, Latin-1. Bytes that are no
text in any of them give None: what cannot be read cannot be cleaned, so it does not leave.
"""

from __future__ import annotations

import codecs
import html
import re

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._\-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9._\-]+)|<\?xml[^>]{0,100}encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)", re.IGNORECASE
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff]")
_COMMON = re.compile("[\u4e00-\u9fff，。、：；（）《》“”！？\x09\x0a\x0d\x20-\x7e\uff01-\uff5e]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<!doctype[^>]*>|<\?.*?\?>", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|head|title|template|noscript|svg|object|iframe)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(
    r"</?(?:br|p|div|tr|li|ul|ol|h[1-6]|table|hr|section|article|dt|dd|pre|blockquote|thead|tbody|caption)\b[^>]*>", re.IGNORECASE
)
_CELL = re.compile(r"</?(?:td|th)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>?")
_HTML = re.compile(rb"<(?:html|body|div|p|br|span|table|b|font|!doctype|h[1-6])\b|&(?:nbsp|lt|gt|amp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
TEXT_TYPES = re.compile(r"text/(?:plain|html|markdown|csv|tab-separated-values|xml)?|application/(?:xhtml\+xml|text)|\Z", re.IGNORECASE)


def decode(data: bytes, content_type: str = "") -> str | None:
    """The text in `data`; None when it is no text. `content_type` is a hint that may be wrong."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    declared = _CHARSET.search(content_type)
    meta = _META.search(data[:1024])
    named = [declared[1] if declared else "", (meta[1] or meta[2]).decode("ascii") if meta else ""]
    candidates = list(dict.fromkeys(_family(name) for name in named if name))
    if data.isascii() and b"\x00" not in data and b"\x1b" not in data:
        return data.decode("ascii")
    best, best_score = None, 0.75
    for encoding in dict.fromkeys(["utf-8", *candidates, "gb18030", "utf-16-le", "utf-16-be", "big5", "cp1252"]):
        text = _strict(data, encoding)
        if text is None:
            continue
        score = _score(text) + (0.02 if encoding in candidates else 0) + (0.2 if encoding == "utf-8" else 0)
        if encoding == "cp1252" and encoding not in candidates:
            score -= 0.1
        if score > best_score:
            best, best_score = text, score
    return best


def _family(name: str) -> str:
    lower = name.lower().replace("_", "-")
    if lower in ("gbk", "gb2312", "gb18030", "cp936", "x-gbk", "hz-gb-2312", "euc-cn"):
        return "gb18030"
    if lower in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "windows-1252", "cp1252"):
        return "cp1252"
    if lower in ("utf-16", "utf16", "ucs-2", "unicode"):
        return "utf-16-le"
    try:
        return codecs.lookup(lower).name
    except LookupError:
        return "utf-8"


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _score(text: str) -> float:
    """Share of ordinary Chinese and ASCII characters, less what no text holds."""
    if not text:
        return 1.0
    sample = text if len(text) <= 4000 else text[:2000] + text[-2000:]
    common = len(_COMMON.findall(sample))
    accented = sum(1 for char in sample if "\xc0" <= char <= "\u024f")
    odd = len(_CONTROL.findall(sample))
    return (common + 0.9 * accented - 4 * odd) / len(sample)


def is_html(data: bytes, content_type: str) -> bool:
    return (
        "html" in content_type.lower()
        or "xml" in content_type.lower()
        or (not content_type.lower().startswith("text/plain") and _HTML.search(data[:4000]) is not None)
    )


def html_text(markup: str) -> str:
    """The words of an HTML page as a reader sees them: no tag, no comment, no attribute, entities resolved twice.

    Inline tags vanish without a space (a name split by <b> is one name again); block tags become line ends.
    """
    text = _COMMENT.sub("", markup)
    text = _HIDDEN.sub("", text)
    text = _CELL.sub(" ", _BREAK.sub("\n", text))
    text = _TAG.sub("", text)
    text = html.unescape(html.unescape(text))
    text = _TAG.sub("", _COMMENT.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\xa0]{2,}", " ", text)).strip()

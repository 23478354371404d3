"""What in a short text of a device or a protocol tells of somebody by its form alone: numbers, titles, addresses, days, veiled words."""
from __future__ import annotations

import base64
import re
from functools import lru_cache

from pipelines.phi_zone.dicom.codes import examination

MOST_REMEMBERED = 4096
"""Texts: descriptions and device texts repeat from patient to patient."""
DAY_IN_A_ROW = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_OWN_NUMBER = re.compile(
    r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"                  # mobile
    r"|(?<!\d)[1-9]\d{5}\s?(?:18|19|20)\d{2}\s?[01]\d[0-3]\d\s?\d{3}[\dXx](?![0-9A-Za-z])")   # resident ID
_PERSONAL = re.compile(
    _OWN_NUMBER.pattern + r"|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)|[\w.+-]+@[\w-]+\.\w"            # SSN, e-mail
    r"|(?<![\d.])\d{9,}(?![\d.])|(?:\d+\.){5,}\d+"                  # other long numbers, UIDs in text; ages over 89
    r"|\b(?:MRN|SSN|DOB|NAME|PATIENT ?ID)\s*[:#=]|\b(?:(?-i:Dr|Mrs?|Ms|Prof)\s|(?:Dr|Mrs?|Ms|Prof)\.\s)\s*[A-Z]"
    r"|(?<![A-Za-z0-9])(?:09\d|1[0-3]\d)Y(?![A-Za-z0-9])|(?:https?|file|s?ftp|smb|nfs|ldaps?)://|\\\\\w|(?<![A-Za-z])[A-Za-z]:[\\/]\w"
    r"|(?<![\w.])/(?:home|users|mnt|data|export|media|root|var|tmp)/\w", re.IGNORECASE)
_CARET = re.compile(r"[A-Za-z]\^[A-Za-z]")
_REST = r"[^\s\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]*"
"""What else of a word goes with it. Chinese has no spaces: a sentence does not go for the number in it."""
_TELLING_WORDS = re.compile(rf"{_REST}(?:{_PERSONAL.pattern}){_REST}", re.IGNORECASE)
_CARET_WORDS = re.compile(rf"{_REST}(?:{_CARET.pattern}){_REST}")
_DAY = re.compile(rf"(?<!\d){DAY_IN_A_ROW}(?!\d)|(?<![\d.])(?:19|20)\d{{2}}([-/.])\d{{1,2}}\1\d{{1,2}}(?![\d.])"
                  r"|(?<![\d.])\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d{2}(?![\d.])"
                  rf"|(?<!\d)\d{{1,2}}[-/. ]?{MONTH}[-/., ]{{0,2}}(?:19|20)\d{{2}}(?!\d)"
                  rf"|(?<![A-Za-z]){MONTH}[. ]{{1,2}}\d{{1,2}},? (?:19|20)\d{{2}}(?!\d)", re.IGNORECASE)
LONG_NUMBER = re.compile(r"(?<![\d.])\d{8,}(?![\d.])")
"""Eight digits are a serial or somebody's number in a device text or a code; a description may count so far."""
_WITH_LONG_NUMBER = re.compile(rf"[\w-]*{LONG_NUMBER.pattern}[\w-]*", re.ASCII)
_GLUED_DAY = re.compile(rf"(?<![\d.]){DAY_IN_A_ROW}(?:[T_-]?[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)")
_PLACE = re.compile(r"\b(?:hospital|clinic|infirmary|medical cent(?:er|re))\b", re.IGNORECASE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")
_VEILED = re.compile(r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{4}){3,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![A-Za-z0-9+/=])"
                     r"|(?<![A-Za-z0-9])(?:[0-9A-Fa-f]{2}){6,}(?![A-Za-z0-9])")
_PLAIN_WORDS = re.compile(r"[^\W_][\w ^,.'=:;|\-]{4,}")


def personal_number(text: str) -> bool:
    """A mobile number or a resident ID."""
    return _OWN_NUMBER.search(text) is not None


def without_days(text: str) -> str:
    return re.sub(r"\s{2,}", " ", _DAY.sub(" ", text)).strip() if _DAY.search(text) else text


def glued_days(text: str) -> list[tuple[int, int]]:
    """Where days stand that touch letters ("CT20150918_A"), as no rule for prose expects. Near miss: 20261399."""
    return [found.span() for found in _GLUED_DAY.finditer(text)] if "19" in text or "20" in text else []


def without_long_numbers(text: str) -> str:
    """A device text without its serials ("P95160051"). Near misses: "2.0.12345678", "B70f"."""
    return re.sub(r"\s{2,}", " ", _WITH_LONG_NUMBER.sub(" ", text)).strip() if LONG_NUMBER.search(text) else text


def has_cjk(text: str) -> bool:
    return _CJK.search(text) is not None


@lru_cache(maxsize=MOST_REMEMBERED)
def technical(text: str) -> bool:
    """Whether a short text of a device or a protocol shows nothing personal, so that it may stay as it is."""
    return (_PERSONAL.search(text) is None and not named_by_caret(text) and _PLACE.search(text) is None and _DAY.search(text) is None
            and _CJK.search(text) is None and _NO_TEXT.search(text) is None and not any(map(_unveiled, _VEILED.finditer(text))))


@lru_cache(maxsize=MOST_REMEMBERED)
def without_telling_words(text: str) -> str:
    """A text without each word that tells by its form. Days are left: a cleaner has moved them already."""
    text = _CARET_WORDS.sub(" ", text) if named_by_caret(text) else text
    return _VEILED.sub(lambda found: " " if _unveiled(found) else found[0], _TELLING_WORDS.sub(" ", text))


def named_by_caret(text: str) -> bool:
    """Whether a caret joins the parts of a name. Near miss: region and examination, "Thorax^Routine (Adult)"."""
    return _CARET.search(text) is not None and not examination(text)


def _unveiled(found: re.Match[str]) -> bool:
    """Whether a run of letters is Base64 or hexadecimal for words. Near miss: a long word decodes to no text."""
    run = found[0]
    for decode in (base64.b64decode, bytes.fromhex):
        try:
            plain = decode(run).decode("utf-8")
        except (ValueError, UnicodeDecodeError):
            continue
        if _PLAIN_WORDS.fullmatch(plain.strip("\0\r\n ")) and sum(map(str.isalpha, plain)) * 2 >= len(plain):
            return True
    return False

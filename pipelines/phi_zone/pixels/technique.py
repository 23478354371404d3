"""Which text on an image is technique: gain, depth, dose, probe, side, position. It says how, never who or when.

A line stays only when every part of it is on the list; what is not recognised as technique is hidden. Dates and times of day, bare
numbers of five digits and more, and years are never technique.
"""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from schemas.ps3_15 import CODES

_UNITS = (r"(?:k?Hz|MHz|dB|fps|bpm|BPM|kV[pP]?|KV[pP]?|mAs?|uAs|µAs|ms|msec|sec|s|min|cm/s|m/s|mm/s|mmHg|mm2|cm2|mm|cm|ml|mL|cc"
          r"|mGy(?:\.?cm)?|uGy|mSv|HU|Hu|%|deg|°|x|X|T|W/kg|Gy|px|dpi|ppm)")
_NUMBER = r"[+\-±~<>=]?(?<!\d)\d{1,4}(?:[.,]\d{1,3})?(?!\d)"
WORDS = [word for line in (CODES / "pixel_technique.txt").read_text(encoding="utf-8").splitlines()
         if not line.startswith("#") for word in line.split()]
_PROBE = (r"(?:[A-Z]{1,2}\d{1,2}(?:-\d{1,2})(?:[A-Za-z]{1,2})?(?:-[A-Z]{1,2})?|\d{1,2}[CLSPVD](?:-[A-Z]{1,2}|L)?"
          r"|[A-Z]{1,3}\d{1,2}-\d{1,2}-[A-Z]{1,2})")
_LABEL = "|".join(re.escape(word) for word in sorted(WORDS, key=len, reverse=True))
_PART = re.compile(rf"(?:{_PROBE}(?![A-Za-z0-9])|(?:{_LABEL})(?![A-Za-z])|{_NUMBER}\s*{_UNITS}(?![A-Za-z])|{_NUMBER}"
                   rf"|{_UNITS}(?![A-Za-z])|[:=/|,;.*+()\[\]\-#%&~<>^°])")
_NEVER = re.compile(
    r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}|\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*(?:19|20)?\d{2}|(?<!\d)[0-2]?\d\s*[:：]\s*[0-5]\d(?!\d)"
    r"|(?<![\d.])\d{5,}|(?<!\d)(?=\d+[-:])(?=(?:[-:]?\d){5})|\d月\d|(?<![\d.])(?:19|20)\d{2}(?![\d.])(?!\s*(?:Hz|ms|mm))"
    r"|\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\b", re.IGNORECASE)
_BARE = re.compile(r"\d{1,2}[-/]\d{1,2}|\d{2}\.\d{2}|\d{4,}")
"""A line that is nothing else: a day and a month, or a number that may be somebody's."""


@lru_cache(maxsize=4096)
def is_technique(text: str, further: tuple[str, ...] = ()) -> bool:
    """Whether a line read from an image may stay. `further` words come from the policy."""
    line = unicodedata.normalize("NFKC", text).strip()
    if not line or _NEVER.search(line) or _BARE.fullmatch(line):
        return False
    own = re.compile("|".join(re.escape(word) for word in sorted(further, key=len, reverse=True))) if further else None
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        found = (own.match(line, at) if own else None) or _PART.match(line, at)
        if found is None or found.end() == at:
            return False
        at = found.end()
    return True

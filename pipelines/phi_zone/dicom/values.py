"""Single values: dates that move by whole days, ages with a cap, numbers and codes that are what their VR says (PS3.5 6.2).

Every function gives the new text, or None where the value is not what it claims to be; the caller then empties or drops it.
"""
from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from itertools import pairwise

from pipelines.phi_zone.dicom.telling import DAY_IN_A_ROW

_DA = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
_DT = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")
_TM = re.compile(r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?")
_AS = re.compile(r"(\d{1,3})([DWMYdwmy])")
_NUMBER = re.compile(rb" *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *(?:\\ *(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)? *)*")
_INTEGER = re.compile(rb" *[+-]?\d{1,10} *(?:\\ *(?:[+-]?\d{1,10})? *)*")
_LONG_DIGITS = re.compile(rb"(?<![\d.])[1-9]\d{10,}(?![\d.eE])")
_DAY = re.compile(rf"(?<![\d.]){DAY_IN_A_ROW}(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?!\d)".encode())
_LARGE_OR_DAY = re.compile(rb"(?<![\d.])\d{8,}(?![\d.eE])|" + _DAY.pattern)
_LONGEST_LIST = 4
"""Values of a list that could hold a day among them; a longer one is a curve or a contour."""
_CODE = re.compile(rb"[A-Z0-9_ ]{0,16}(?:\\[A-Z0-9_ ]{0,16})*")
OLDEST_YEAR, NEWEST_YEAR = 1880, 2200
SENTINELS = frozenset(("19000101", "18991230", "19700101", "19010101", "19110101", "20991231", "21001231"))
"""Dates that systems write for "unknown". Shifted, they would tell the shift, so they are emptied."""


@lru_cache(maxsize=8192)
def shifted_date(text: str, days: int) -> str | None:
    """DA (also the ACR-NEMA form with dots): YYYYMMDD moved by `days`. None for no date, a sentinel or an impossible one."""
    found = _DA.fullmatch(text.strip(" \0"))
    if found is None:
        return None
    return _moved("".join(found.groups()), days)


@lru_cache(maxsize=8192)
def shifted_datetime(text: str, days: int) -> str | None:
    """DT: the day moves, the time of day and the zone stay. A year or a month alone moves from its middle."""
    found = _DT.fullmatch(text.strip(" \0"))
    if found is None:
        return None
    year, month, day, time, zone = found.groups()
    if time and _TM.fullmatch(time) is None:
        return None
    moved = _moved(year + (month or "07") + (day or "15"), days)
    if moved is None:
        return None
    return moved[:8 if day else 6 if month else 4] + (time or "") + (zone or "")


def _moved(day: str, days: int) -> str | None:
    if day in SENTINELS or not OLDEST_YEAR <= int(day[:4]) <= NEWEST_YEAR:
        return None
    try:
        return (dt.date(int(day[:4]), int(day[4:6]), int(day[6:8])) + dt.timedelta(days=days)).strftime("%Y%m%d")
    except ValueError:
        return None


def year_only(text: str) -> str | None:
    """DA or DT with nothing but the year: 1 January (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))."""
    day = shifted_date(text, 0) or shifted_datetime(text, 0)
    return day and day[:4] + "0101"


def time_of_day(text: str) -> str | None:
    """TM as it is, when it is one."""
    text = text.strip(" \0")
    return text if _TM.fullmatch(text) else None


def years(number: int, unit: str) -> float:
    return number / {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}[unit]


def capped_age(text: str, cap_years: int, step_years: int = 1) -> str | None:
    """AS: above the cap it becomes cap + 1; `step_years` rounds down. Months, weeks and days that exceed the cap count too."""
    found = _AS.fullmatch(text.strip(" \0"))
    if found is None:
        return None
    number, unit = int(found[1]), found[2].upper()
    if years(number, unit) >= cap_years + 1:
        return f"{cap_years + 1:03d}Y"
    if unit == "Y" and step_years > 1:
        number -= number % step_years
    return f"{number:03d}{unit}"


def is_number(raw: bytes, vr: str, large: bool = True) -> bool:
    """DS or IS that is a number and not a day (20260312), a telephone or card number: no integer of eleven digits and more, of eight
    where no quantity is so `large`.
    """
    raw = raw.rstrip(b"\0 ")
    if not raw:
        return True
    if len(raw) >= 8 and raw.count(b"\\") < _LONGEST_LIST and (_DAY if large else _LARGE_OR_DAY).search(raw):
        return False
    if vr == "IS":
        return _INTEGER.fullmatch(raw) is not None
    return _NUMBER.fullmatch(raw) is not None and _LONG_DIGITS.search(raw) is None


def is_code(raw: bytes) -> bool:
    """CS as PS3.5 has it: capitals, digits, space, underscore, 16 at most."""
    return _CODE.fullmatch(raw.rstrip(b"\0")) is not None


def readings(raw: bytes) -> tuple[str, ...]:
    """A binary value as text, in the encodings a name could hide in."""
    if raw.isascii():
        return (raw.decode("ascii"),)
    return raw.decode("latin-1"), raw.decode("utf-8", "ignore"), raw.decode("gb18030", "ignore"), raw.decode("utf-16-le", "ignore")


_LETTERS = re.compile(rb"[A-Za-z]")
_PRINTED = re.compile(rb"[ -~\t\r\n]{8,}")
MOST_SPELT = 4096


def spells(raw: bytes) -> bool:
    """Whether what should be binary numbers is a text: printable to the last byte with more letters than chance gives, or Chinese.

    Near misses: a ramp of bytes, and numbers such as 8.2, which is "ffffff @".
    """
    text = raw.rstrip(b"\0 ")
    if not 8 <= len(text) <= MOST_SPELT:
        return False
    if _PRINTED.fullmatch(text):
        letters = _LETTERS.findall(text)
        ramp = all(one <= two for one, two in pairwise(text))
        return len(set(letters)) >= 5 and not ramp and len(letters) * (4 if len(text) >= 16 else 1.6) >= len(text)
    try:
        read = text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(text) >= 12 and read.isprintable() and sum("\u4e00" <= letter <= "\u9fff" for letter in read) * 3 >= len(read)


def swapped(raw: bytes, word: int) -> bytes:
    import numpy as np

    return np.frombuffer(raw, dtype=f">u{word}").astype(f"<u{word}").tobytes()

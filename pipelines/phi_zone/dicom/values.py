"""Single values: dates that move by whole days, ages with a cap, numbers and codes that are what their VR says (PS3.5 6.2).

Every function gives the new text, or None where the value is not what it claims to be; the caller then empties or drops it.
"""
from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

_DA = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
_DT = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")
_TM = re.compile(r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?")
_AS = re.compile(r"(\d{1,3})([DWMYdwmy])")
_NUMBER = re.compile(rb" *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *(?:\\ *(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)? *)*")
_INTEGER = re.compile(rb" *[+-]?\d{1,10} *(?:\\ *(?:[+-]?\d{1,10})? *)*")
_LONG_DIGITS = re.compile(rb"(?<![\d.])[1-9]\d{10,}(?![\d.eE])")
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
    day = shifted_date(text.strip(" \0")[:10] if "." in text or "-" in text else text.strip(" \0")[:8], 0)
    return day and day[:4] + "0101"


def time_of_day(text: str) -> str | None:
    """TM as it is, when it is one."""
    text = text.strip(" \0")
    return text if _TM.fullmatch(text) else None


def capped_age(text: str, cap_years: int, step_years: int = 1) -> str | None:
    """AS: above the cap it becomes cap + 1; `step_years` rounds down. Months, weeks and days that exceed the cap count too."""
    found = _AS.fullmatch(text.strip(" \0"))
    if found is None:
        return None
    number, unit = int(found[1]), found[2].upper()
    years = number / {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}[unit]
    if years >= cap_years + 1:
        return f"{cap_years + 1:03d}Y"
    if unit == "Y" and step_years > 1:
        number -= number % step_years
    return f"{number:03d}{unit}"


def is_number(raw: bytes, vr: str) -> bool:
    """DS or IS that is a number and not a telephone or card number: no integer of eleven digits and more."""
    raw = raw.rstrip(b"\0 ")
    if not raw:
        return True
    if vr == "IS":
        return _INTEGER.fullmatch(raw) is not None
    return _NUMBER.fullmatch(raw) is not None and _LONG_DIGITS.search(raw) is None


def is_code(raw: bytes) -> bool:
    """CS as PS3.5 has it: capitals, digits, space, underscore, 16 at most."""
    return _CODE.fullmatch(raw.rstrip(b"\0")) is not None

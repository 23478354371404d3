"""FHIR date, dateTime and instant (R4 2.24.0.1), whole and partial, moved by whole days with time and zone as they were."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
_TIME = re.compile(r"T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?\Z")


@lru_cache(maxsize=1 << 13)
def moved_date(day: str, shift_days: int) -> str | None:
    """`day` (YYYY, YYYY-MM or YYYY-MM-DD) moved. A partial date stands for its middle and stays as partial as it was.

    None when there is no such day, or the moved one is before year 1.
    """
    match = _DATE.match(day)
    if match is None:
        return None
    year, month, date = match.groups()
    try:
        new = dt.date(int(year), int(month or 7), int(date or (15 if month else 1))) + dt.timedelta(days=shift_days)
    except (ValueError, OverflowError):
        return None
    return new.isoformat()[: len(day)]


def moved(value: str, shift_days: int) -> str | None:
    """A date, dateTime or instant moved; None when it is not one."""
    day, rest = value[:10], value[10:]
    if rest and not _TIME.match(rest):
        return None
    new = moved_date(day, shift_days)
    return None if new is None else new + rest


def year_of(value: str) -> str | None:
    """The year of a date, dateTime or instant; None when it is not one."""
    day, rest = value[:10], value[10:]
    ok = _DATE.match(day) is not None and (not rest or _TIME.match(rest) is not None)
    return day[:4] if ok else None


def age_at(birth: str, at: dt.date) -> int | None:
    """Whole years from a (partial) birth date to `at`, as old as it can be; None when it is no date."""
    match = _DATE.match(birth[:10])
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    return at.year - year - ((at.month, at.day) < (month, day))

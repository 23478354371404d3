

"""Reading a date out of a match and putting a moved one back in the form it was written in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.phi_zone.text.standing import Written

NUMERALS = "〇零一二三四五六七八九"
_DIGIT = {char: value for value, chars in enumerate(("〇零○", "一", "二", "三", "四", "五", "六", "七", "八", "九")) for char in chars}
_ENTRIES = 4096
_moved: dict[tuple[str, str, int], str | None] = {}
"""What was asked last: a note says the same day several times."""
MONTH, DAY = "(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
"""The figures of a month and a day."""
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")


@dataclass(frozen=True)
class DateForm(Written):
    """`parts` turns a match into (year, month or None, day or None); `write` puts a moved date back into the same form."""

    name: str
    hint: str
    """Gates (gates.py) that every text passes in which the form stands."""
    starts: str
    """The places (starts.STARTS) outside which the form does not begin; empty: it may begin anywhere."""
    text: str
    flags: int
    parts: Callable[[re.Match[str]], tuple[int, int | None, int | None] | None]
    write: Callable[[re.Match[str], dt.date], str]


def figure(match: re.Match[str], name: str) -> int:
    return int(match[name])


def ymd(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    return figure(match, "y"), figure(match, "m"), figure(match, "d")


def fit(old: str, number: int) -> str:
    return (
        f"{number:0{len(old)}d}"
        if old.startswith("0") or len(old) > 2
        else str(number)
        if len(old) == 1
        else f"{number:02d}"
        if number < 10
        else str(number)
    )


def put(match: re.Match[str], new: dict[str, str]) -> str:
    """The matched text with the named groups replaced."""
    text, base = match[0], match.start()
    for name in sorted(new, key=match.start, reverse=True):
        text = text[: match.start(name) - base] + new[name] + text[match.end(name) - base :]
    return text


def ym(match: re.Match[str]) -> tuple[int, int, None]:
    return figure(match, "y"), figure(match, "m"), None


def write_ym(match: re.Match[str], day: dt.date) -> str:
    return put(match, {"y": f"{day.year:04d}", "m": fit(match["m"], day.month)})


def write_ymd(match: re.Match[str], day: dt.date) -> str:
    year = f"{day.year:04d}" if len(match["y"]) == 4 else f"{day.year % 100:02d}"
    form = "d" if len(match["m"]) == 1 or len(match["d"]) == 1 else "02d"  # one figure alone shows that none is filled up with zeros
    return put(match, {"y": year, "m": format(day.month, form), "d": format(day.day, form)})


def two_digit(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    year = figure(match, "y")
    return (2000 if year < 50 else 1900) + year, figure(match, "m"), figure(match, "d")


def _month_name(text: str) -> int:
    return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(text.lower()[:3]))


def named(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    day = match.groupdict().get("d")
    year = figure(match, "y")
    if year < 100:
        year += 2000 if year < 50 else 1900
    return year, _month_name(match["m"]), int(day) if day else None


def write_named(match: re.Match[str], day: dt.date) -> str:
    name = (
        _MONTHS[day.month - 1]
        if len(match["m"]) > 4 or (len(match["m"]) == 3 and match["m"].lower() == "may")
        else _MONTHS[day.month - 1][:3]
    )
    name = name.upper() if match["m"].isupper() else name.title()
    new = {"y": f"{day.year:04d}" if len(match["y"]) == 4 else f"{day.year % 100:02d}", "m": name}
    if match.groupdict().get("d"):
        new["d"] = fit(match["d"], day.day)
    if match.groupdict().get("o"):
        new["o"] = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    return put(match, new)


def _numeral(text: str) -> int:
    """三 → 3, 十五 → 15, 二十 → 20, 卅一 → 31."""
    text = text.replace("卅", "三十").replace("廿", "二十")
    if "十" not in text:
        return int("".join(str(_DIGIT[char]) for char in text))
    tens, _, ones = text.partition("十")
    return (_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0)


def _spoken(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens + 1] + "十") + (NUMERALS[ones + 1] if ones else "")


def numeral_parts(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    year = int("".join(str(_DIGIT[char]) for char in match["y"]))
    return year, _numeral(match["m"]), _numeral(match["d"]) if match.groupdict().get("d") else None


def write_numeral(match: re.Match[str], day: dt.date) -> str:
    zero = "零" if "零" in match["y"] else "〇"
    year = "".join(zero if char == "0" else NUMERALS[int(char) + 1] for char in f"{day.year:04d}")
    new = {"y": year, "m": _spoken(day.month)}
    return put(match, new | ({"d": _spoken(day.day)} if match.groupdict().get("d") else {}))


def none(_: re.Match[str]) -> None:
    return None


def unwritten(match: re.Match[str], _: dt.date) -> str:
    return match[0]


def bare(name: str, hint: str, pattern: str, starts: str = "", flags: int = re.IGNORECASE) -> DateForm:
    """A date without a year, or one that is not written back: it becomes the tag."""
    return DateForm(name, hint, starts, pattern, flags, none, unwritten)


def moved(match: re.Match[str], form: DateForm, shift_days: int) -> str | None:
    """The date in its own form, moved; None when it has no year or does not exist. Month and year stand for their middle."""
    key = form.name, match[0], shift_days
    if key not in _moved:
        if len(_moved) >= _ENTRIES:
            _moved.clear()
        _moved[key] = _move(match, form, shift_days)
    return _moved[key]


def _move(match: re.Match[str], form: DateForm, shift_days: int) -> str | None:
    parts = form.parts(match)
    if parts is None:
        return None
    year, month, day = parts
    try:
        whole = dt.date(year, month or 7, day or (15 if month else 1)) + dt.timedelta(days=shift_days)
    except (ValueError, OverflowError):
        return None
    return form.write(match, whole)

# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Dates and ages in text: found in Chinese and English forms, moved by the subject's shift in the form they were written in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

_NUM = "〇零一二三四五六七八九"
_DIGIT = {char: value for value, chars in enumerate(("〇零○", "一", "二", "三", "四", "五", "六", "七", "八", "九")) for char in chars}
_MON = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_Y, _Y2 = r"(?:19|20)\d{2}", r"(?:[1-3]\d|[5-9]\d)"


@dataclass(frozen=True)
class DateForm:
    """`parts` turns a match into (year, month or None, day or None); `write` puts a moved date back into the same form."""

    name: str
    pattern: re.Pattern[str]
    parts: Callable[[re.Match[str]], tuple[int, int | None, int | None] | None]
    write: Callable[[re.Match[str], dt.date], str]


def _int(match: re.Match[str], name: str) -> int:
    return int(match[name])


def _ymd(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    return _int(match, "y"), _int(match, "m"), _int(match, "d")


def _fit(old: str, number: int) -> str:
    return (
        f"{number:0{len(old)}d}"
        if old.startswith("0") or len(old) > 2
        else str(number)
        if len(old) == 1
        else f"{number:02d}"
        if number < 10
        else str(number)
    )


def _put(match: re.Match[str], new: dict[str, str]) -> str:
    """The matched text with the named groups replaced."""
    text, base = match[0], match.start()
    for name in sorted(new, key=match.start, reverse=True):
        text = text[: match.start(name) - base] + new[name] + text[match.end(name) - base :]
    return text


def _write_ymd(match: re.Match[str], day: dt.date) -> str:
    year = f"{day.year:04d}" if len(match["y"]) == 4 else f"{day.year % 100:02d}"
    form = "d" if len(match["m"]) == 1 or len(match["d"]) == 1 else "02d"  # one figure alone shows that none is filled up with zeros
    return _put(match, {"y": year, "m": format(day.month, form), "d": format(day.day, form)})


def _two_digit(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    year = _int(match, "y")
    return (2000 if year < 50 else 1900) + year, _int(match, "m"), _int(match, "d")


def _month_name(text: str) -> int:
    return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(text.lower()[:3]))


def _named(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    day = match.groupdict().get("d")
    year = _int(match, "y")
    if year < 100:
        year += 2000 if year < 50 else 1900
    return year, _month_name(match["m"]), int(day) if day else None


def _write_named(match: re.Match[str], day: dt.date) -> str:
    name = (
        _MONTHS[day.month - 1]
        if len(match["m"]) > 4 or (len(match["m"]) == 3 and match["m"].lower() == "may")
        else _MONTHS[day.month - 1][:3]
    )
    name = name.upper() if match["m"].isupper() else name.title()
    new = {"y": f"{day.year:04d}" if len(match["y"]) == 4 else f"{day.year % 100:02d}", "m": name}
    if match.groupdict().get("d"):
        new["d"] = _fit(match["d"], day.day)
    if match.groupdict().get("o"):
        new["o"] = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in (11, 12, 13) else 0, "th")
    return _put(match, new)


def _numeral(text: str) -> int:
    """三 → 3, 十五 → 15, 二十 → 20, 卅一 → 31."""
    text = text.replace("卅", "三十").replace("廿", "二十")
    if "十" not in text:
        return int("".join(str(_DIGIT[char]) for char in text))
    tens, _, ones = text.partition("十")
    return (_DIGIT[tens] if tens else 1) * 10 + (_DIGIT[ones] if ones else 0)


def _spoken(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _NUM[tens + 1] + "十") + (_NUM[ones + 1] if ones else "")


def _numeral_parts(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    year = int("".join(str(_DIGIT[char]) for char in match["y"]))
    return year, _numeral(match["m"]), _numeral(match["d"]) if match.groupdict().get("d") else None


def _write_numeral(match: re.Match[str], day: dt.date) -> str:
    zero = "零" if "零" in match["y"] else "〇"
    year = "".join(zero if char == "0" else _NUM[int(char) + 1] for char in f"{day.year:04d}")
    new = {"y": year, "m": _spoken(day.month)}
    return _put(match, new | ({"d": _spoken(day.day)} if match.groupdict().get("d") else {}))


def _none(_: re.Match[str]) -> None:
    return None


def _unwritten(match: re.Match[str], _: dt.date) -> str:
    return match[0]


def _form(name: str, pattern: str, parts: Callable = _ymd, write: Callable = _write_ymd) -> DateForm:
    return DateForm(name, re.compile(pattern, re.IGNORECASE), parts, write)


DATE_FORMS: tuple[DateForm, ...] = (
    _form(
        "date.ymd", rf"(?<![\d.])(?P<y>{_Y})\s?[-/.年]\s?(?P<m>0?[1-9]|1[0-2])\s?[-/.月]\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?:\s?[日号])?"
    ),
    _form("date.compact", rf"(?<![\dA-Z.\-])(?P<y>{_Y})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\dA-Z]|\.\d)"),
    _form(
        "date.numeral",
        rf"(?P<y>[一二][{_NUM}○]{{3}})年\s?(?P<m>十[一二]?|[一二三四五六七八九])月\s?(?P<d>[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二三四五六七八九])[日号]",
        _numeral_parts,
        _write_numeral,
    ),
    _form(
        "date.numeral_month", rf"(?P<y>[一二][{_NUM}○]{{3}})年\s?(?P<m>十[一二]?|[一二三四五六七八九])月", _numeral_parts, _write_numeral
    ),
    _form(
        "date.mdy",
        rf"(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])(?P<s>[/\-.])(?P<d>3[01]|[12]\d|0?[1-9])(?P=s)(?P<y>{_Y}|\d{{2}})(?![\d/]|[.\-]\d)",
        lambda m: _ymd(m) if len(m["y"]) == 4 else _two_digit(m),
    ),
    _form("date.dmy", rf"(?<![\d/.\-])(?P<d>3[01]|[12]\d|0?[1-9])(?P<s>[/\-.])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<y>{_Y})(?![\d/]|[.\-]\d)"),
    _form(
        "date.short_year",
        rf"(?<![\d/.\-])(?P<y>{_Y2})(?P<s>[./\-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|[.\-]\d|\s?(?:mm|cm|ml|mg))",
        _two_digit,
    ),
    _form("date.short_year_cn", r"(?<!\d)(?P<y>\d{2})年\s?(?P<m>0?[1-9]|1[0-2])月\s?(?P<d>3[01]|[12]\d|0?[1-9])[日号]", _two_digit),
    _form(
        "date.named_mdy",
        rf"(?<![A-Z])(?P<m>{_MON})\.?\s{{1,2}}(?P<d>3[01]|[12]\d|0?[1-9])(?P<o>st|nd|rd|th)?,?\s{{1,2}}'?(?P<y>{_Y}|\d{{2}})(?!\d|:)",
        _named,
        _write_named,
    ),
    _form(
        "date.named_dmy",
        rf"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?P<o>st|nd|rd|th)?(?:\s{{1,2}}of)?[\s\-/.]{{0,2}}(?P<m>{_MON})\.?,?[\s\-/.]{{0,2}}'?(?P<y>{_Y}|\d{{2}})(?!\d|:)",
        _named,
        _write_named,
    ),
    _form("date.named_my", rf"(?<![A-Z])(?P<m>{_MON})\.?,?(?:\s+of)?\s{{1,2}}(?P<y>{_Y})(?!\d)", _named, _write_named),
    _form(
        "date.ym_cn",
        rf"(?<!\d)(?P<y>{_Y})\s?年\s?(?P<m>0?[1-9]|1[0-2])\s?月(?:份)?",
        lambda m: (_int(m, "y"), _int(m, "m"), None),
        lambda m, d: _put(m, {"y": f"{d.year:04d}", "m": _fit(m["m"], d.month)}),
    ),
    _form(
        "date.ym",
        rf"(?<![\d/.\-])(?P<y>{_Y})[-/.](?P<m>0[1-9]|1[0-2])(?![\d/\-.])",
        lambda m: (_int(m, "y"), _int(m, "m"), None),
        lambda m, d: _put(m, {"y": f"{d.year:04d}", "m": _fit(m["m"], d.month)}),
    ),
    _form(
        "date.my",
        rf"(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])/(?P<y>{_Y})(?![\d/\-])",
        lambda m: (_int(m, "y"), _int(m, "m"), None),
        lambda m, d: _put(m, {"y": f"{d.year:04d}", "m": _fit(m["m"], d.month)}),
    ),
    _form(
        "date.year_cn",
        rf"(?<!\d)(?P<y>{_Y})\s?年(?!代)",
        lambda m: (_int(m, "y"), None, None),
        lambda m, d: _put(m, {"y": f"{d.year:04d}"}),
    ),
    _form(
        "date.year_en",
        rf"(?<![A-Z])(?:in|since|from|until|till|during|circa|year|before|after|early|late|mid|spring|summer|fall|autumn|winter)[\s\-](?:of\s)?(?P<y>{_Y})(?![\d:./\-]|\s?(?:m[lg]|mm|cm|kg|units?|cc|%))",
        lambda m: (_int(m, "y"), None, None),
        lambda m, d: _put(m, {"y": f"{d.year:04d}"}),
    ),
    _form("date.md_cn", r"(?<!\d)(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]", _none, _unwritten),
    _form(
        "date.md_numeral",
        r"(?<![一二三四五六七八九十个])(?:十[一二]?|[一二三四五六七八九])月(?:[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])[日号]",
        _none,
        _unwritten,
    ),
    _form(
        "date.range_end",
        r"(?<=\d{4}[./\-]\d\d[./\-]\d\d)\s?[-~至到]\s?(?:1[0-2]|0?[1-9])[./\-月](?:3[01]|[12]\d|0?[1-9])日?(?!\d)",
        _none,
        _unwritten,
    ),
    _form(
        "date.md_named",
        rf"(?<![A-Z])(?:{_MON}\.?\s(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?{_MON})(?![A-Z\d%]|\.\d)",
        _none,
        _unwritten,
    ),
    _form(
        "date.md_cued",
        r"(?<![A-Z])(?:on|dated?|seen|since|from|until|until|due)\s(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])(?![\d/])",
        _none,
        _unwritten,
    ),
    _form("date.birthday_short", r"(?<=生日[::])\s?(?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9])(?!\d)", _none, _unwritten),
)

ENGLISH = frozenset(("date.named_mdy", "date.named_dmy", "date.named_my", "date.year_en", "date.md_named", "date.md_cued"))
"""Forms that need a word of letters: skipped where the text has none."""

AGE = re.compile(
    r"(?<![\d.])(?P<v>9\d|1[0-3]\d)\s?(?=(?:周)?岁|[\s\-]?(?:years?|yrs?)\b|[\s\-]?y/?o\b|\s?[MF]\b(?=[\s,]))|(?:年龄|享年|aged?)[\s::]{0,2}(?P<w>9\d|1[0-3]\d)(?![\d.]|\s?(?:mm|cm|kg|days?|天|月|个月))"
    r"|(?P<x>九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?)\s?(?=(?:周|多|余)?岁|高龄)|(?P<z>\b(?:nineties|ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|one hundred(?: and \w+)?)(?=[\s\-]years?|\s?y/?o))",
    re.IGNORECASE,
)
_AGE_NUMERAL_NINETY = ("九十",)


def age_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the number of an age over 89 stands."""
    name = next(name for name in ("v", "w", "x", "z") if match[name])
    return match.span(name)


def moved(match: re.Match[str], form: DateForm, shift_days: int) -> str | None:
    """The date in its own form, moved; None when it has no year or does not exist. Month and year stand for their middle."""
    parts = form.parts(match)
    if parts is None:
        return None
    year, month, day = parts
    try:
        whole = dt.date(year, month or 7, day or (15 if month else 1)) + dt.timedelta(days=shift_days)
    except (ValueError, OverflowError):
        return None
    return form.write(match, whole)

# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Dates and ages in text, in Chinese and English forms."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.phi_zone.text import written_dates as written

_MON = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_Y, _Y2 = r"(?:19|20)\d{2}", r"(?:[1-3]\d|[5-9]\d)"


def _form(name: str, hint: str, pattern: str, parts: Callable = written.ymd, write: Callable = written.write_ymd) -> written.DateForm:
    return written.DateForm(name, hint, _STARTS.get(name, ""), re.compile(pattern, re.IGNORECASE), parts, write)


_STARTS = {f"date.{name}": "short date" for name in ("mdy", "dmy", "short_year", "my")} | {
    f"date.{name}": "year" for name in ("ymd", "compact", "ym_cn", "ym", "year_cn")
}
"""Forms that begin with figures and a separator, or with a year."""


DATE_FORMS: tuple[written.DateForm, ...] = (
    _form(
        "date.ymd",
        "digit year",
        rf"(?<![\d.])(?P<y>{_Y})\s?[-/.年]\s?(?P<m>0?[1-9]|1[0-2])\s?[-/.月]\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?:\s?[日号])?",
    ),
    _form("date.compact", "digit year", rf"(?<![\dA-Z.\-])(?P<y>{_Y})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\dA-Z]|\.\d)"),
    _form(
        "date.numeral",
        "年",
        rf"(?P<y>[一二][{written.NUMERALS}○]{{3}})年\s?(?P<m>十[一二]?|[一二三四五六七八九])月\s?(?P<d>[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二三四五六七八九])[日号]",
        written.numeral_parts,
        written.write_numeral,
    ),
    _form(
        "date.numeral_month",
        "年",
        rf"(?P<y>[一二][{written.NUMERALS}○]{{3}})年\s?(?P<m>十[一二]?|[一二三四五六七八九])月",
        written.numeral_parts,
        written.write_numeral,
    ),
    _form(
        "date.mdy",
        "digit short_date",
        rf"(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])(?P<s>[/\-.])(?P<d>3[01]|[12]\d|0?[1-9])(?P=s)(?P<y>{_Y}|\d{{2}})(?![\d/]|[.\-]\d)",
        lambda m: written.ymd(m) if len(m["y"]) == 4 else written.two_digit(m),
    ),
    _form(
        "date.dmy",
        "digit short_date year",
        rf"(?<![\d/.\-])(?P<d>3[01]|[12]\d|0?[1-9])(?P<s>[/\-.])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<y>{_Y})(?![\d/]|[.\-]\d)",
    ),
    _form(
        "date.short_year",
        "digit short_date",
        rf"(?<![\d/.\-])(?P<y>{_Y2})(?P<s>[./\-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|[.\-]\d|\s?(?:mm|cm|ml|mg))",
        written.two_digit,
    ),
    _form(
        "date.short_year_cn",
        "digit 年",
        r"(?<!\d)(?P<y>\d{2})年\s?(?P<m>0?[1-9]|1[0-2])月\s?(?P<d>3[01]|[12]\d|0?[1-9])[日号]",
        written.two_digit,
    ),
    _form(
        "date.named_mdy",
        "digit month_name month",
        rf"(?<![A-Z])(?P<m>{_MON})\.?\s{{1,2}}(?P<d>3[01]|[12]\d|0?[1-9])(?P<o>st|nd|rd|th)?,?\s{{1,2}}'?(?P<y>{_Y}|\d{{2}})(?!\d|:)",
        written.named,
        written.write_named,
    ),
    _form(
        "date.named_dmy",
        "digit month_name month",
        rf"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?P<o>st|nd|rd|th)?(?:\s{{1,2}}of)?[\s\-/.]{{0,2}}(?P<m>{_MON})\.?,?[\s\-/.]{{0,2}}'?(?P<y>{_Y}|\d{{2}})(?!\d|:)",
        written.named,
        written.write_named,
    ),
    _form(
        "date.named_my",
        "digit month_name month year",
        rf"(?<![A-Z])(?P<m>{_MON})\.?,?(?:\s+of)?\s{{1,2}}(?P<y>{_Y})(?!\d)",
        written.named,
        written.write_named,
    ),
    _form(
        "date.ym_cn",
        "digit year 年",
        rf"(?<!\d)(?P<y>{_Y})\s?年\s?(?P<m>0?[1-9]|1[0-2])\s?月(?:份)?",
        lambda m: (written.figure(m, "y"), written.figure(m, "m"), None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}", "m": written.fit(m["m"], d.month)}),
    ),
    _form(
        "date.ym",
        "digit year",
        rf"(?<![\d/.\-])(?P<y>{_Y})[-/.](?P<m>0[1-9]|1[0-2])(?![\d/\-.])",
        lambda m: (written.figure(m, "y"), written.figure(m, "m"), None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}", "m": written.fit(m["m"], d.month)}),
    ),
    _form(
        "date.my",
        "digit year slash",
        rf"(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])/(?P<y>{_Y})(?![\d/\-])",
        lambda m: (written.figure(m, "y"), written.figure(m, "m"), None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}", "m": written.fit(m["m"], d.month)}),
    ),
    _form(
        "date.year_cn",
        "digit year 年",
        rf"(?<!\d)(?P<y>{_Y})\s?年(?!代)",
        lambda m: (written.figure(m, "y"), None, None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}"}),
    ),
    _form(
        "date.year_en",
        "digit year word_year",
        rf"(?<![A-Z])(?:in|since|from|until|till|during|circa|year|before|after|early|late|mid|spring|summer|fall|autumn|winter)[\s\-](?:of\s)?(?P<y>{_Y})(?![\d:./\-]|\s?(?:m[lg]|mm|cm|kg|units?|cc|%))",
        lambda m: (written.figure(m, "y"), None, None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}"}),
    ),
    _form("date.md_cn", "digit 月", r"(?<!\d)(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]", written.none, written.unwritten),
    _form(
        "date.md_numeral",
        "月",
        r"(?<![一二三四五六七八九十个])(?:十[一二]?|[一二三四五六七八九])月(?:[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])[日号]",
        written.none,
        written.unwritten,
    ),
    _form(
        "date.lunar",
        "月",
        rf"(?:(?:[一二][{written.NUMERALS}○]{{3}}|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]|(?:19|20)\d\d)年\s?)?(?:农历|阴历|旧历)?(?:闰)?(?:[正腊冬]月(?:初[一二三四五六七八九十]|十[一二三四五六七八九]|廿[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十)|(?:十[一二]?|[二三四五六七八九])月(?:初[一二三四五六七八九十]|廿[一二三四五六七八九]))(?![次度步级期直个])",
        written.none,
        written.unwritten,
    ),
    _form(
        "date.range_end",
        "digit short_date",
        r"(?<=\d{4}[./\-]\d\d[./\-]\d\d)\s?[-~至到]\s?(?:1[0-2]|0?[1-9])[./\-月](?:3[01]|[12]\d|0?[1-9])日?(?!\d)",
        written.none,
        written.unwritten,
    ),
    _form(
        "date.md_named",
        "digit month_name month",
        rf"(?<![A-Z])(?:{_MON}\.?\s(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?{_MON})(?![A-Z\d%]|\.\d)",
        written.none,
        written.unwritten,
    ),
    _form(
        "date.md_cued",
        "digit slash bare_slash",
        r"(?<![A-Z])(?:on|dated?|seen|since|from|until|due|lkw|lmp|dos|doi|admitted|discharged)\s(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])(?![\d/])",
        written.none,
        written.unwritten,
    ),
    _form(
        "date.birthday_short",
        "digit 生日",
        r"(?<=生日[::])\s?(?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9])(?!\d)",
        written.none,
        written.unwritten,
    ),
)

AGE = re.compile(
    r"(?<![\d.])(?P<v>9\d|1[0-3]\d)\s?(?=(?:周)?岁|[\s\-]?(?:years?|yrs?)\b|[\s\-]?y/?o\b|\s?[MF]\b(?=[\s,]))|(?:年龄|享年|aged?)[\s::]{0,2}(?P<w>9\d|1[0-3]\d)(?![\d.]|\s?(?:mm|cm|kg|days?|天|月|个月))"
    r"|(?:年届|年近|年逾|年已|高寿|享寿|享年|虚岁)\s?(?P<u>九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?|9\d|1[0-3]\d)(?!\d)|(?P<x>九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?)\s?(?=(?:周|多|余)?岁|高龄)|(?P<z>\b(?:nineties|ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|one hundred(?: and \w+)?)(?=[\s\-]years?|\s?y/?o))",
    re.IGNORECASE,
)


def age_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the number of an age over 89 stands."""
    name = next(name for name in ("v", "w", "x", "z", "u") if match[name])
    return match.span(name)

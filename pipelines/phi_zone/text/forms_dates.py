# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Dates and ages in text, in Chinese and English forms."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.phi_zone.text import written_dates as written

_MON = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_SPELLED = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_Y, _Y2 = r"(?:19|20)\d{2}", r"(?:[1-3]\d|[5-9]\d)"


def _form(name: str, hint: str, pattern: str, parts: Callable = written.ymd, write: Callable = written.write_ymd) -> written.DateForm:
    return written.DateForm(name, hint, _STARTS.get(name, ""), pattern, re.IGNORECASE, parts, write)


def _bare(name: str, hint: str, pattern: str) -> written.DateForm:
    return written.bare(name, hint, pattern, _STARTS.get(name, ""))


_STARTS = {f"date.{name}": "short date" for name in ("mdy", "dmy", "dmy_short", "short_year", "my")} | {
    f"date.{name}": "year" for name in ("ymd", "compact", "ym_cn", "ym", "ym_dot", "year_cn")
}
"""Forms that begin with figures and a separator, or with a year."""


DATE_FORMS: tuple[written.DateForm, ...] = (
    _form(
        "date.ymd",
        "digit year",
        rf"(?<![\d.])(?P<y>{_Y})\s?[-/.年]\s?(?P<m>0?[1-9]|1[0-2])\s?[-/.月]\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?:\s?[日号])?",
    ),
    _form("date.compact", "digit year", rf"(?<![\dA-Z.\-])(?P<y>{_Y})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?:(?![\dA-Z]|\.\d)|(?=(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?![\dA-Z.\-])))"),
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
        rf"(?<!pgar\s)(?<!gars\s)(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])(?P<s>[/\-.])(?P<d>3[01]|[12]\d|0?[1-9])(?P=s)(?P<y>{_Y}|\d{{2}})(?![\d/]|[.\-]\d|\s?分)",
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
        rf"(?<!pgar\s)(?<!gars\s)(?<![\d/.\-])(?P<y>{_Y2})(?P<s>[./\-])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/]|[.\-]\d|\s?(?:mm|cm|ml|mg))",
        written.two_digit,
    ),
    _form(
        "date.dmy_short",
        "digit short_date",
        r"(?<![\d/.\-vV])(?P<d>3[01]|2\d|1[3-9])(?P<s>[/\-.])(?P<m>0?[1-9]|1[0-2])(?P=s)(?P<y>\d{2})(?![\d/]|[.\-]\d|\s?(?:mm|cm|ml|mg))",
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
        rf"(?<![A-Z])(?P<m>{_MON})\.?(?:\s{{1,2}}|-)(?P<d>3[01]|[12]\d|0?[1-9])(?P<o>st|nd|rd|th)?(?:,?\s{{1,2}}|-)'?(?P<y>{_Y}|\d{{2}})(?!\d|:\d)",
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
        "digit month_name month",
        rf"(?<![A-Z])(?P<m>{_MON})(?:\.?,?(?:\s+of)?\s{{1,2}}|-)'?(?P<y>{_Y}|(?<=')\d\d)(?![\d\-])",
        written.named,
        written.write_named,
    ),
    _form(
        "date.named_ymd",
        "digit month_name month year",
        rf"(?<!\d)(?P<y>{_Y})[\s\-/.](?P<m>{_MON})[\s\-/.](?P<d>3[01]|[12]\d|0?[1-9])(?!\d)",
        written.named,
        written.write_named,
    ),
    _bare(
        "date.numeral_year",
        "年",
        rf"(?P<y>[一二][{written.NUMERALS}○]{{3}})年(?!代)",
    ),
    _form(
        "date.ym_cn",
        "digit year 年",
        rf"(?<!\d)(?P<y>{_Y})\s?年\s?(?P<m>0?[1-9]|1[0-2])\s?月(?:份)?",
        written.ym,
        written.write_ym,
    ),
    _form(
        "date.ym",
        "digit year",
        rf"(?<![\d/.\-])(?P<y>{_Y})[-/.](?P<m>0[1-9]|1[0-2])(?![\d/\-.])",
        written.ym,
        written.write_ym,
    ),
    _form(
        "date.my",
        "digit year slash",
        rf"(?<![\d/.\-])(?P<m>0?[1-9]|1[0-2])/(?P<y>{_Y})(?![\d/\-])",
        written.ym,
        written.write_ym,
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
        rf"(?<![A-Z])(?:in|since|from|until|till|during|circa|year|before|after|early|late|mid|spring|summer|fall|autumn|winter)[\s\-](?:of\s)?(?P<at>(?P<y>{_Y}))(?![\d:/\-]|\.\d|\s?(?:m[lg]|mm|cm|kg|units?|cc|%))",
        lambda m: (written.figure(m, "y"), None, None),
        lambda m, d: written.put(m, {"y": f"{d.year:04d}"}),
    ),
    _form("date.md_cn", "digit 月", r"(?<!\d)(?:1[0-2]|0?[1-9])\s?月\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号]", written.none, written.unwritten),
    _bare(
        "date.md_numeral",
        "月",
        r"(?<![一二三四五六七八九十个])(?:十[一二]?|[一二三四五六七八九])月(?:[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])[日号]",
    ),
    _bare(
        "date.lunar",
        "月",
        rf"(?:(?:[一二][{written.NUMERALS}○]{{3}}|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]|(?:19|20)\d\d)年\s?)?(?:农历|阴历|旧历)?(?:闰)?(?:[正腊冬]月(?:初[一二三四五六七八九十]|十[一二三四五六七八九]|廿[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十)|(?:十[一二]?|[二三四五六七八九])月(?:初[一二三四五六七八九十]|廿[一二三四五六七八九]))(?![次度步级期直个])",
    ),
    _bare(
        "date.lunar_named",
        "月",
        r"(?:农历|阴历|旧历|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年)\s?(?:[一二][〇零○一二三四五六七八九]{3}年)?闰?(?:[正腊冬]|十[一二]?|[一二三四五六七八九])月(?:初[一二三四五六七八九十]|[一二]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|[一二三四五六七八九](?![个天]))?",
    ),
    _bare(
        "date.md_cued_cn",
        "digit slash",
        r"(?:末次月经|月经|发病|起病|入院|出院|手术|复诊|就诊|复查|采血|预约|随访|预产期|检查|受伤|转入|转出|LMP|EDC)(?:日期|时间|于|为|是)?[:\s]{0,2}(?P<at>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?![\d/%])",
    ),
    _bare(
        "date.range_end",
        "digit range",
        r"(?:(?<=\d{4}[./\-]\d\d[./\-]\d\d)|(?<=\d{4}[./\-]\d[./\-]\d\d)|(?<=\d{4}[./\-]\d[./\-]\d)|(?<=\d{4}[./\-]\d\d[./\-]\d))\s?[-~至到]\s?(?:1[0-2]|0?[1-9])[./\-月](?:3[01]|[12]\d|0?[1-9])日?(?!\d)",
    ),
    _bare(
        "date.md_named",
        "digit month_name month",
        rf"(?<![A-Z])(?:{_MON}\.?\s(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?{_MON}(?:(?-i:(?<!may))|(?=\s?[,.;)]|\s?$|\s(?:at|and|for|to|or|with)\b)))(?![A-Z\d%]|\.\d)",
    ),
    _bare(
        "date.md_cued",
        "digit slash bare_slash",
        r"(?<![A-Z])(?:on|dated?|seen|since|from|until|due|lkw|lmp|dos|doi|admitted|discharged)\s(?P<at>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])|(?:3[01]|2\d|1[3-9])/(?:1[0-2]|0?[1-689]))(?![\d/])",
    ),
    _bare(
        "date.spaced",
        "digit slash slash_apart",
        r"(?<![\d/])(?:[0-3]\s)?\d\s/\s(?:[01]\s)?\d\s/\s(?:[12]\s\d\s)?\d\s\d(?![\d/]|\s[\d/])",
    ),
    _bare(
        "date.spelled",
        "month_name",
        rf"(?<![A-Z])(?:(?:the\s)?{_SPELLED}(?:[\s\-]{_SPELLED})?(?:\sof)?\s{_MON}(?:(?<!\smay)(?<!march)|(?<=of\smay)|(?<=of\smarch)|(?=,?\s(?:nineteen|two\sthousand|twenty)))|{_MON}\s(?:the\s)?{_SPELLED}(?:[\s\-]{_SPELLED})?(?=,?\s(?:nineteen|two\sthousand|twenty)))(?:,?\s(?:nineteen|two\sthousand|twenty)(?:[\s\-](?:and\s)?{_SPELLED}){{0,3}})?(?![A-Z])",
    ),
    _bare(
        "date.md_padded",
        "digit slash bare_slash",
        r"(?<=\s)(?:0[1-9]/(?:3[01]|2\d|1[3-9])|(?:3[01]|2\d|1[3-9])/0[1-9])(?![\dA-Z/%\-]|\.\d|\s(?:(?:lymph\s)?nodes?|positive|pos|ln|lns)\b)",
    ),
    _bare(
        "date.last_period",
        "digit",
        r"(?:末次月经|预产期)(?:日期|时间|为|是)?[:\s]{0,2}(?P<at>(?:1[0-2]|0?[1-9])[.\-](?:3[01]|[12]\d|0?[1-9]))(?![\d/%]|\s?[天日d])",
    ),
    _form(
        "date.ym_dot",
        "digit year",
        rf"(?<![\d/.\-])(?P<y>{_Y})[./\-](?P<m>1[0-2]|0?[1-9])(?=(?![版个例分倍万元米毫公克次度期号条项级型岁人名张点片粒支])[\u4e00-\u9fff])",
        written.ym,
        written.write_ym,
    ),
    _bare(
        "date.part_of_month",
        "month_name",
        r"(?<![A-Z])(?:early|mid|late)[\s\-](?:january|february|march|april|may|june|july|august|september|october|november|december)(?![A-Z])",
    ),
    _bare(
        "date.md_bracketed",
        "digit",
        r"(?:术前|术后|入院|出院|复查|发病|首诊|复诊|今日|昨日|外院)\(\s?(?P<at>(?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9]))\s?\)(?!\s?[天日周月年次h])",
    ),
    _bare(
        "date.lunar_month",
        "月",
        rf"(?:[一二][{written.NUMERALS}○]{{3}}|(?:19|20)\d\d|[去今前明])年\s?(?:农历|阴历)?闰?[正腊冬]月(?![初廿一二三十\d])",
    ),
    _bare(
        "date.republic",
        "",
        rf"民国(?:\d{{2,3}}|[{written.NUMERALS}十百]{{1,4}})年(?:\s?(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:\s?(?:3[01]|[12]\d|0?[1-9]|[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])[日号])?)?",
    ),
    _bare(
        "date.holiday",
        "holiday",
        r"(?<![A-Z])(?:since|on|before|after|around|until|over|by|last|this|at)\s(?:last\s)?(?P<at>(?:thanksgiving|christmas(?!\s(?:disease|factor|tree))(?:\s(?:day|eve))?|new\syear'?s(?:\s(?:day|eve))?|easter(?:\ssunday)?|labou?r\sday|memorial\sday|independence\sday|boxing\sday|halloween|diwali|ramadan|eid|hanukkah|mother's\sday|father's\sday|valentine's\sday)(?![A-Z])(?:,?\s(?:of\s)?(?:19|20)\d\d(?!\d))?)",
    ),
    _bare(
        "date.birthday_short",
        "digit 生日",
        r"(?<=生日[::])\s?(?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9])(?!\d)",
    ),
)

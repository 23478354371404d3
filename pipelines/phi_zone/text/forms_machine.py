# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Where a machine or a person is, and numbers told in Chinese figures: coordinates, IPv6 addresses, accounts behind an @, numerals."""
from __future__ import annotations

import ipaddress
import re

from pipelines.phi_zone.text.gates import NUMERAL
from pipelines.phi_zone.text.rules import Rule, rule

_BEHIND = r"\s?(?:[::]|是|为|码)?\s?"
_DEGREES = r"\d{1,3}(?:\.\d{1,8})?\s?(?:[°度]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?[′'’分]\s?)?(?:\d{1,2}(?:\.\d{1,6})?\s?(?:[″\"”秒]|''))?)?"


def ipv6_valid(value: str) -> bool:
    """An address of RFC 4291 of three groups or more; a time of day or `::` between two words is none."""
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return sum(map(bool, value.split(":"))) >= 3 and value.count(":") >= 3


def _on_earth(value: str) -> bool:
    """Latitude and longitude in one order or the other, and not the two ends of an interval: they are apart or one is negative."""
    one, two = map(float, re.findall(r"-?\d+\.\d+", value)[:2])
    sizes = sorted((abs(one), abs(two)))
    return sizes[0] <= 90 and 10 <= sizes[1] <= 180 and (sizes[1] - sizes[0] >= 15 or one * two < 0)


MACHINE_RULES: tuple[Rule, ...] = (
    rule("label.dicom_tag", "MRN", r"\((?:0008,0050|0010,00[12]0|0010,100[01]|0020,0010|0032,1064|0038,0010|0040,(?:1001|2016|2017))\)\s?(?:[A-Z]{2}(?![A-Z]))?\s?[=:]?\s?(?:\[(?=[^\[\]\n]{2,64}\]))?(?P<v>(?<=\[)[^\[\]\n]{2,64}|[A-Z\d][\w\-.^]{1,62}\w)", hint="digit tag", flags=0),
    rule("form.segment_number", "MRN", r"(?<=\|)(?P<v>[A-Z]{0,4}\d{6,12})(?=[|^])", hint="digit piped", flags=0),
    rule("form.ipv6", "OTHER", r"(?<![\dA-Z:.])(?P<v>[\dA-F]{1,4}(?::{1,2}[\dA-F]{1,4}){2,7}(?:::)?)(?![\dA-Z:])", ipv6_valid, hint="digit colons"),
    rule("form.uid", "OTHER", r"(?<![\d.])(?!1\.2\.840\.10008\.)(?P<v>[0-2](?:\.\d{1,39}){6,})(?![\d])", hint="digit uid"),
    rule("form.coordinates", "ADDR", r"(?<![\d.\-])(?P<v>-?\d{1,3}\.\d{4,8}\s?°?\s?[NS]?\s?[,;、]\s?-?\d{1,3}\.\d{4,8}(?:\s?°?\s?[EW](?![A-Z]))?)(?![\d.%])", _on_earth, hint="digit degrees"),
    rule("label.coordinates", "ADDR", r"(?<![A-Z])(?:经纬度|经度|纬度|坐标|定位|GPS|lat(?:itude)?|lon(?:g(?:itude)?)?|lng|coordinates)" + r"\s?(?:[::=]|is|are|为|是)?\s?" + r"(?P<v>-?\d{1,3}\.\d{3,8}(?:\s?[,;、/ ]\s?-?\d{1,3}\.\d{3,8})?)(?![\d.%])", hint="digit degrees"),
    rule("form.latitude_cn", "ADDR", rf"(?P<v>[南北]纬\s?{_DEGREES}(?:[\s,、]{{0,2}}[东西]经\s?{_DEGREES})?|[东西]经\s?{_DEGREES}(?:[\s,、]{{0,2}}[南北]纬\s?{_DEGREES})?)", hint="digit latitude_cn"),
    rule("form.latitude_en", "ADDR", r"(?<![\d.])(?P<v>\d{1,3}\s?°\s?\d{1,2}\s?[′'’]\s?(?:\d{1,2}(?:\.\d{1,4})?\s?(?:[″\"”]|'')\s?)?[NSEW](?![A-Z])(?:[\s,]{1,2}\d{1,3}\s?°\s?\d{1,2}\s?[′'’]\s?(?:\d{1,2}(?:\.\d{1,4})?\s?(?:[″\"”]|'')\s?)?[NSEW](?![A-Z]))?)", hint="digit degree_sign"),
    rule("label.handle_cn", "ACCT", r"(?:微博|抖音|小红书|快手|知乎|豆瓣|贴吧|B站|哔哩哔哩)(?:账号|帐号|昵称|号|名|ID)?" + _BEHIND + r"(?P<v>@(?:[A-Z\d_.\-]{2,30}|[\u4e00-\u9fffA-Z\d_\-]{2,12}))", hint="at"),
    rule("form.long_numerals", "IDCARD", rf"(?<![{NUMERAL}])(?P<v>[一二三四五六七八九](?:[\s\-]?[{NUMERAL}]){{13,18}}[\s\-]?[{NUMERAL}X])(?![{NUMERAL}])", hint="many_numerals"),
    rule("label.mrn_numerals", "MRN", rf"(?:住院|门诊|病历|病案|登记|检查|就诊卡?|影像|病理|标本|医保卡?|社保卡?|档案)(?:号码?|编号|流水号){_BEHIND}(?P<v>[{NUMERAL}](?:[\s\-]?[{NUMERAL}]){{3,19}})(?![{NUMERAL}])", hint="some_numerals"),
)

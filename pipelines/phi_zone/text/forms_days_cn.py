# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Chinese days without a year, told by what stands beside them: a weekday, a part of the day, a second day, what was begun or stopped; days glued to a time, years of the Republic, feasts."""
from __future__ import annotations

import datetime as dt
import re

from pipelines.phi_zone.text import written_dates as written

_MONTH, _DAY = written.MONTH, written.DAY
_MONTH_2, _DAY_2 = "(?:1[0-2]|0[1-9])", r"(?:3[01]|[12]\d|0[1-9])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_NO_PART = r"(?![1-9]/(?:[2-5]|10)(?!\d))"
"""Thirds, a strength of 4/5 or a score of 6/10 are no days."""
_SHIFTS = "白班|夜班|日班|早班|晚班|中班|大夜|小夜|前夜|后夜|值班|二线|一线|备班|听班"
_PARTS = "上午|下午|中午|傍晚|凌晨|清晨|早上|早晨|晚上|晚间|夜间|夜里|早(?![期已产])|晚(?!期)|晨(?!僵)|当[天日晚]|那天"
_STOPS = ("停(?!机|电)|已?(?:停[用药]?|拔(?!牙)除?管?|拆线?|换药?|转[入出]|做过?|查过?|复查|出院|手术(?![间室台床包]))(?![后前]?第)|起(?:停|加|改|予|用|给|服|口服|静滴|始用)|改[为用服]|更换|加用|加[量做]|换[管药液]|拔[除管]|拆[线除]|转[入出院科]|入[院住]|出院|复[查诊]|手术(?![间室台床包])|开始(?!下)|首[次剂诊]|末次|门诊(?![量病患])|[拍做查抽测验打开]的|出(?=[。,;结报])")
_GOES = "来(?![复源自])|去(?![皮除极白甲])|取(?![出石模栓材物钉异])|拿|回(?![流肠声缩抽])|走(?![行向线])|交(?![锁叉])|到期|出院|入院|复[查诊]|手术(?![间室台床包])|之前|以前|那天|当[天晚]|前[来还交报]|再[来查约]|开[学会诊始]|截止|发[薪工]|生的|又[吃用发做打来去查]|还(?![是有没未在要需能可好不会想得可])"
_SEASONS = "春节|元旦|元宵节?|清明|端午|中秋|重阳|国庆|除夕|腊八|七夕|圣诞|立春|惊蛰|春分|谷雨|立夏|芒种|夏至|小暑|大暑|立秋|处暑|秋分|寒露|霜降|立冬|冬至|小寒|大寒|情人节|儿童节|劳动节|母亲节|父亲节|教师节"
_AT_DAY = "那[天晚日]|当[天晚日夜]|前[一两]?[天夜日晚](?!起)|前夕|次日|[后过]第?[一二两三四五六七八九十\\d]{1,2}天|一早|一大早|晚上|早上|上午|下午|中午|凌晨|夜里|以来|日(?![常间益渐趋期照均])"
_SCHOOL = "那[天晚日]|当[天晚日]|早上|上午|下午|中午|凌晨|傍晚|晚上|夜里|一早|半夜|清早"


def _bare(name: str, hint: str, pattern: str) -> written.DateForm:
    return written.bare(f"days_cn.{name}", hint, pattern, flags=0)


def _of_republic(match: re.Match[str]) -> tuple[int, int | None, int | None]:
    """115/03/27 is the year 2026."""
    return written.figure(match, "y") + 1911, written.figure(match, "m"), written.figure(match, "d")


def _write_republic(match: re.Match[str], day: dt.date) -> str:
    return written.put(match, {"y": str(day.year - 1911), "m": written.fit(match["m"], day.month), "d": written.fit(match["d"], day.day)})


DAY_FORMS_CN: tuple[written.DateForm, ...] = (
    _bare("weekday", "digit", rf"(?<![\d/.\-A-Za-z]){_MONTH}/{_DAY}(?=\s?[(\[]?(?:周|星期|礼拜)[一二三四五六日天](?![次个维期]))"),
    _bare("weekday_dotted", "digit", rf"(?<![\d/.\-A-Za-z])(?<!糖)(?<!钾){_MONTH}[.\-]{_DAY}(?=\s?[(\[](?:周|星期|礼拜)[一二三四五六日天](?![次个维期])|\s?(?:星期|礼拜)[一二三四五六日天](?![次个]))"),
    _bare("behind_weekday", "digit", rf"(?<!每)(?:周|星期|礼拜)[一二三四五六日天]\s?\(?(?P<at>{_NO_PART}{_MONTH}/{_DAY}(?![\d/%.]|\s?[片粒支级分次])|{_MONTH}[.\-]{_DAY}(?=\)?(?:来|去|行|做|复|再|返|入院|出院|手术|上午|下午|晚上)))"),
    _bare("glued", "digit day_then_time", rf"(?<![\d/.\-A-Za-z])(?:{_MONTH_2}[/\-.]{_DAY_2}(?={_TIME})|{_MONTH_2}-{_DAY_2}(?=\s{_TIME})|{_NO_PART}{_MONTH}/{_DAY}(?=\s(?:[01]?\d|2[0-3]):[0-5]\d))"),
    _bare("part_of_day", "digit cjk", rf"(?<![\d/.\-A-Za-z%])(?:{_NO_PART}{_MONTH}/{_DAY}(?=\s?(?:{_SHIFTS}|{_PARTS}))|(?<![A-Za-z]\s)(?<![\u4e00-\u9fff]){_MONTH}\.{_DAY}(?=\s?(?:{_SHIFTS}))|{_MONTH_2}-{_DAY_2}(?=\s?(?:{_SHIFTS}|{_PARTS})))"),
    _bare("range", "digit slash slash_range", rf"(?<![\d/.\-A-Za-z:])(?={_MONTH}/(?:1[1-9]|2\d|3[01]|0\d)|{_MONTH}/{_DAY}\s?[~\-至到]\s?{_MONTH}/(?:1[1-9]|2\d|3[01]|0\d))(?!{_MONTH}/(?P<below>\d{{1,2}})\s?[~\-至到]\s?\d{{1,2}}/(?P=below)(?!\d)){_MONTH}/{_DAY}\s?[~\-至到]\s?{_MONTH}/{_DAY}(?![\d/.%A-Za-z])"),
    _bare("range_dotted", "digit cjk", rf"(?:自|从|于|定于|请假|放假|休假|出差|外出|排班:?|值班:?|停诊:?)\s?(?P<at>{_MONTH}\.{_DAY}\s?[~\-至到]\s?{_MONTH}\.{_DAY})(?![\d.%/A-Za-z])"),
    _bare("range_then", "digit cjk", rf"(?<![\d/.\-A-Za-z]){_MONTH}\.{_DAY}\s?[~\-至到]\s?{_MONTH}\.{_DAY}(?=\s?[(,]?(?:{_SHIFTS}|放假|休[息假诊]|停诊)|(?<![\u4e00-\u9fff]\d\.\d.\d\.\d)(?:住院|外出|请假|出差))"),
    _bare("range_hyphened", "digit dash_or_colon until", rf"(?<![\d/.\-A-Za-z])(?:{_MONTH_2}-{_DAY_2}\s?[至到]\s?{_MONTH_2}-{_DAY_2}|{_MONTH_2}-{_DAY_2}~{_MONTH_2}-{_DAY_2}(?=[\u4e00-\u9fff]))(?![\d\-])"),
    _bare("from_dotted", "digit cjk", rf"(?:(?<=[,;。、:\s(])|^){_MONTH}\.{_DAY}(?=起(?:恢复|开诊|停诊|执行|实行|开始|调整|施行|启用|暂停|休|上班|放假|改[为由用]|由|换|每[日天周晚]))"),
    _bare("since_dotted", "digit cjk", rf"(?:自|从|截至|截止)(?P<at>{_MONTH}\.{_DAY})(?=起(?=[,。;每开服口停改复恢执实用至由]|$)|至今|止)"),
    _bare("meeting", "digit cjk", rf"(?:(?<=[(,;。、:\s])|^){_MONTH}[./]{_DAY}(?=[\u4e00-\u9fff]{{0,6}}(?:讲座|义诊|培训|例会|聚餐|聚会|团建|科会|党课|直播|沙龙|接龙|年会|开业|停电|停水|消防演练|应急演练))"),
    _bare("begun", "digit slash", rf"(?<![\d/.%A-Za-z\-约占上中下前后内外远近右左力])(?<![A-Za-z]\s){_NO_PART}{_MONTH}/{_DAY}(?={_STOPS})"),
    _bare("recalled", "digit", rf"(?:记得|大概|大约|好像|可能|应该|约莫|估计|据说|回忆|印象中|说)(?:是|在|于)\s?(?P<at>{_NO_PART}{_MONTH}/{_DAY}|{_MONTH}\.(?:3[01]|[12]\d)(?=那|来的|去的|前后(?:来|去|开|出)))(?![\d/%]|\s?[片粒支级次天])"),
    _bare("numerals", "月", r"(?<![一二三四五六七八九十个])(?:十[一二]?|[一二三四五六七八九])月(?:二?十[一二三四五六七八九]?|三十一?|廿[一二三四五六七八九]?|[一二三四五六七八九])\s?[、,至到及和~\-]\s?(?:二?十[一二三四五六七八九]?|三十一?|廿[一二三四五六七八九]?|[一二三四五六七八九])[日号]"),
    _bare("day_shift", "digit", rf"(?<![\d日][、,])(?:(?<![\d年月/.\-第每近共连隔满龄程达余数过了经型各天周:\u4e00-\u9fff])|(?<=[在于和至到及与定从自约改拟为是]))(?:{_DAY}日)(?={_SHIFTS}|{_PARTS})(?!日早[产期])"),
    _bare("date_shift", "digit", rf"(?<![\d年月/.\-第每近共型床A-Za-z]){_DAY}号(?={_SHIFTS}|{_PARTS})"),
    _bare("day_of_call", "digit", rf"(?<![\d年月/.\-第每近共连隔满型床台间机柜房楼门诊室库栏A-Za-z]){_DAY}号(?={_GOES})"),
    _bare("days_apart", "digit", rf"(?<![\d年月/.\-第每近共型床后A-Za-z]){_DAY}(?:[日号]?[、,]{_DAY}){{0,3}}[日号]?[、,及和]\s?{_DAY}[日号](?={_SHIFTS}|{_PARTS}|两[天日]|[三四五]天)"),
    written.DateForm("days_cn.ymd_glued", "digit year day_then_time", "year", rf"(?<![\d.])(?P<y>(?:19|20)\d\d)[\-/.](?P<m>{_MONTH_2})[\-/.](?P<d>{_DAY_2})(?={_TIME})", 0, written.ymd, written.write_ymd),
    written.DateForm("days_cn.short_glued", "digit short_date day_then_time", "short date", rf"(?<![\d/.\-A-Za-z])(?P<y>[1-3]\d)(?P<s>[\-/.])(?P<m>{_MONTH_2})(?P=s)(?P<d>{_DAY_2})(?={_TIME})", 0, written.two_digit, written.write_ymd),
    written.DateForm("days_cn.republic", "digit short_date", "", rf"(?<![\d/.\-A-Za-z])(?P<y>11\d|120)(?P<s>[\-/.])(?P<m>{_MONTH})(?P=s)(?P<d>{_DAY_2}(?={_TIME})|{_DAY}(?![\d/%:]|[.\-]\d))", 0, _of_republic, _write_republic),
    written.DateForm("days_cn.republic_cn", "digit 年", "", rf"(?<!\d)(?P<y>1[01]\d|120)年\s?(?P<m>{_MONTH})月\s?(?P<d>{_DAY})[日号]", 0, _of_republic, _write_republic),
    _bare("feast", "season", rf"(?:{_SEASONS})(?=节?(?:{_AT_DAY}))|除夕(?=夜)"),
    _bare("since_feast", "season", r"(?:从|自|到|过了|过完|打从)(?P<at>清明|端午|中秋|重阳|除夕|元旦|冬至|夏至|立[春夏秋冬]|惊蛰|霜降|大寒|处暑)(?=节?(?:起|以来|开始|到现在|至今|就|才))"),
    _bare("new_year", "年", r"大年(?:初[一二三四五六七八九十]|三十|夜)"),
    _bare("day_of_new_year", "年", r"年(?<![今明去前后当近每学周\d]年)(?P<at>初[二三四五六七八九](?=才|晚|早|那|上午|下午|,|。)|三十(?=晚|那[天晚]|夜|下午|上午))"),
    _bare("day_of_feast", "cjk", rf"(?<![月年\d高])(?:初[四五六七八九十](?=才|就|又|再|来|去|回|发|起|出院|入院|复查|上班|开始|凌晨|半夜|{_SCHOOL})|初[一二三](?={_SCHOOL})|正月里?(?:初|十)[一二三四五六七八九十])"),
    _bare("day_told", "digit", rf"(?:上次|下次|末次|最近一次|月经|例假|日期|发病|起病|定在|改到|推到|改约|约在|约到|预约)[^,。;\d]{{0,6}}?[是在为到约于]?(?<!第)(?P<at>{_DAY}号)(?=[,。;、]|$|左右|前后)"),
    _bare("bracketed", "digit bracketed", rf"(?:[昨前今明后]天|今日|昨日|[昨今][晚早晨夜])\(\s?(?P<at>{_NO_PART}{_MONTH}/{_DAY}|{_MONTH_2}-{_DAY_2})\s?\)"),
    _bare("slashed_row", "digit slash", rf"(?<![\d/.%A-Za-z\-]){_MONTH}/{_DAY}(?:[、,及和]{_MONTH}/{_DAY}){{1,5}}(?=[两二三四]次|各(?:[一两]次|查|做|采|抽|送|测)|分别|先后|均[为未送采])"),
)

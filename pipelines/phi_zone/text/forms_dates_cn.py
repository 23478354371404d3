# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Chinese dates that lack a year or a month, told by what stands beside them: days of this month, holidays, columns of a row."""

from __future__ import annotations

from pipelines.phi_zone.text import written_dates as written

_MONTH, _DAY = written.MONTH, written.DAY
_DAY_CN = "(?:十[一二三四五六七八九]?|二十[一二三四五六七八九]?|三十一?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_GOES_ON = "复查|复诊|入院|出院|转入|转出|转科|手术|住院|来院|首诊|起病|发病|就诊|挂号|到期|当天|那天|拔管|拆线|拍片|突发|突然"
_HOLIDAYS = (r"春节|元旦|元宵|清明|端午|中秋|重阳|国庆|五一(?![\d岁])|劳动节|儿童节|妇女节|教师节|圣诞|除夕|小年|腊八|七夕|母亲节|父亲节|立春|雨水(?!多)|惊蛰|春分|谷雨|立夏|小满|芒种|夏至|小暑|大暑|立秋|处暑|白露|秋分|寒露|霜降|立冬|小雪(?!天)|大雪(?!天|山|大)|冬至|小寒|大寒(?!战)|三伏|头伏|三九")
"""Feasts and the twenty-four parts of the solar year."""


def _bare(name: str, hint: str, pattern: str) -> written.DateForm:
    return written.bare(name, hint, pattern, flags=0)


DATE_FORMS_CN: tuple[written.DateForm, ...] = (
    _bare("date.day_of_month", "月", rf"(?<=[本下上当]月|个月)(?:{_DAY}[日号]|初[一二三四五六七八九十]|{_DAY_CN}[日号])(?!线|位|方|床|楼|针|管)"),
    _bare("date.md_goes_on", "digit slash cjk", rf"(?<![\d/.%A-Za-z\-约占上中下前后内外远近右左\u4e00-\u9fff]){_MONTH}/{_DAY}(?=行(?!走)|我院|外院|本院|当地|{_GOES_ON}|查[血房头胸腹尿])"),
    _bare("date.md_dotted", "digit cjk day_dotted", rf"(?<![\d.\-/:#*糖钾钠钙氯磷镁酸酶白温压率数值为约比到至达升降分])(?<![A-Za-z]\s)(?:1[0-2]|0?[1-9])\.(?:3[01]|[12]\d|0?[1-9])(?=出(?:报告|结果|片)|第[一二三四五六]次|做的|拍的|开的|查的|来的|{_GOES_ON})"),
    _bare("date.md_at", "digit cjk", r"(?<=[于在])(?:1[0-2]|[1-9])\.(?:3[01]|[12]\d|0?[1-9])(?=前[来取往到]|来[取院]|到[院期]|复[诊查]|手术|出院|入院|取)"),
    _bare("date.md_handled", "digit cjk", rf"(?:收样|采样|签收|登记|置管|入院|出院|就诊|挂号|预约|维护|换管|拔管|末次月经|预产期)[:于\s]?(?P<at>{_MONTH}[.\-]{_DAY})(?![\d/%]|\s?[天日周月年次个分d]|[.\-~]\d)"),
    _bare("date.days_cn", "digit 月", rf"(?<![\d年]){_MONTH}月{_DAY}\s?[,、及和\-—–~至到]\s?(?:{_DAY}\s?[,、及和\-—–~至到]\s?)*{_DAY}[日号]"),
    _bare("date.days_of_year_cn", "digit 年", rf"年\s?{_MONTH}月(?P<at>{_DAY}\s?[,、及和\-—–~至到]\s?(?:{_DAY}\s?[,、及和\-—–~至到]\s?)*{_DAY}[日号])"),
    _bare("date.day_to_cn", "月", rf"月(?<=[0-9]月){_DAY}[日号]\s?[,、及和\-—–~至到]\s?(?P<at>{_DAY}[日号])"),
    _bare("date.md_first", "digit cjk", rf"(?:^|(?<=\n))(?:{_MONTH}/(?:3[01]|2\d|1[3-9])|{_MONTH}[\-.](?:3[01]|2\d|1[3-9])(?=\s?(?:晨|早|夜班|白班|中班|交班|查房|术后第))|(?:1[0-2]|0[1-9])[\-/.](?:3[01]|[12]\d|0[1-9]))(?=\s?(?:[01]?\d:\d\d|\s(?![\d次级天周月年个片粒枚肌])[\u4e00-\u9fff]|术[后前]|第[一二三四五六]|患者|病人|晨|早|夜班|白班|查房|入院|出院|电话))"),
    _bare("date.md_slash_then", "digit slash cjk", rf"(?:^|(?<=[,;。、:\s]))(?:{_MONTH}/(?:3[01]|2\d|1[3-9]|0[1-9])(?![\d/%])(?=第[一二三四五六]次|改[打约用至到口静服成为]|电话|随访|再[次电]|已|患者|家属|病人|查房|术后|停|予|晨|早|上午|下午|中午|晚|夜|凌晨|起|约|前|采|测|抽|送|取|做|拍|开|来|返|回|拆|拔|打|行|在|去|从|又|因|发|吃|喝))"),
    _bare("date.month_part", "month_part", rf"(?:(?<![\d.一二三四五六七八九十近孕约龄满个第后程])|(?<=[;,。:]\d\.))(?:{_MONTH}|十[一二]?|[一二三四五六七八九])月(?:[上中下]旬|底|末(?!次)|初(?![一二三四五六七八九十次诊步始产]))"),
    _bare("date.short_ym_cn", "digit 年", r"(?<![\d史程龄约近余续达已共第./\-])(?:1[5-9]|2\d)年\s?(?:1[0-2]|0?[1-9])月(?!\s?\d|余|龄|个)"),
    _bare("date.born_dotted", "digit cjk", r"(?:出生|生于)于?[:\s]?(?P<at>(?:19|20)\d\d[./](?:1[0-2]|0?[1-9]))(?![\d./\-])"),
    _bare("date.column", "digit piped cjk", r"(?<=\|)(?:1[0-2]|0[1-9])[\-/](?:3[01]|[12]\d|0[1-9])(?=\|)"),
    _bare("date.holiday_cn", "年", rf"年(?:(?<=[去今前明当同大]年)|(?<=(?:19|20)\d\d年))(?P<at>(?:{_HOLIDAYS})(?:节|夜)?|(?<=大年)(?:初[一二三四五六七八九十]|三十|夜))"),
    _bare("date.holiday_lunar", "月", r"五月端午|八月中秋|(?<!\d)(?:1[0-2]|[1-9])月(?:初[一二三四五六七八九十](?!次)|廿[一二三四五六七八九]?)"),
    _bare("date.year_part_cn", "digit 年", r"(?<!\d)(?:19|20)\d\d年(?P<at>[底初末])(?![次诊步期始])"),
    _bare("date.md_then_cn", "digit cjk", r"(?:^|(?<=[,;。、\s]))(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9])(?=复查|胸片|头颅|胸部|腹部|CT|MR|彩超|B超|超声|心电|血常规|肝功|基本|转[入出院科]|拔|入院|出院|行|予|改|停|再次|病理|手术|结果)"),
    _bare("date.md_part_of_day", "digit slash cjk", rf"(?:^|(?<=[,;。、\s拟定于约到在])){_MONTH}/{_DAY}(?=术[中前]|上午|下午|中午|晚上|凌晨|清晨|早上|拔[除管]|转[入出]|出院|入院|下床|下地|手术|拆线)"),
    _bare("date.md_told_cn", "digit cjk", r"(?:自述|自诉|诉|日期|时间)(?:为|是|:)?\s?(?P<at>(?:1[0-2]|[1-9])\.(?:3[01]|[12]\d))(?=在|因|于|去|吃|饮|起|出现|开始|被|[,。;]|$)"),
    _bare("date.day_told_cn", "digit cjk", rf"(?:表示|定于|预计|拟于|拟|将于|改至|改到|推迟到|约|于)(?P<at>{_DAY}[日号])(?=上午|下午|晚|早|凌晨|来|复[查诊]|前来|入院|出院|手术|到院)"),
    _bare("date.md_last_cn", "digit slash cjk", rf"(?<=[\u4e00-\u9fff][,。、\s]){_MONTH}/(?:3[01]|2\d|1[3-9])$"),
    _bare("date.financial", "年", "贰[零〇壹贰叁肆伍陆柒捌玖]{3}年[零壹贰叁肆伍陆柒捌玖拾]{1,3}月[零壹贰叁肆伍陆柒捌玖拾]{1,4}[日号]"),
)

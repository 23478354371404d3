# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Ages over 89, in figures and in words (45 CFR 164.514(b)(2)(i)(C))."""

from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import rule

AGE_FIGURES = (r"(?<![\d.])(?P<v>9\d|1[0-3]\d)\s?(?=[周多余几来]?岁|[\s\-]?(?:years?|yrs?)\b|[\s\-]?y/?o\b|[\s\-]?y\.\s?o\.|\s?[MF]\b(?=[\s,.;:)/]|$))")
AGE_EN = (r"(?<![A-Za-z])(?:aged?[\s::]{0,2}(?P<w>9\d|1[0-3]\d)(?!\d|\.\d|\s?(?:mm|cm|kg|days?|天|月|个月))|aged?\s(?P<q>ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|a\shundred|one\shundred)(?![A-Za-z])|(?:he|she|mother|father|mum|dad|grand\w{2,9}|aunt|uncle)\s(?:is|was|turned)\s(?P<k>9\d|1[01]\d)(?=\s(?:and|now|but|next|in)\s|[,.;]\s|[,.;]?$)|(?:patient|pt|man|woman|lady|gentleman|widow(?:er)?|resident|client|mother|father|husband|wife),\s(?P<p>9\d|1[01]\d)(?=,\s|\s(?:and|who|was|is)\s)|now\s(?P<n>9\d|1[01]\d)(?=[.,;]\s(?:Daughter|Son|Wife|Husband|Lives|Widow|Carers?|Family|Home)(?-i:[a-z]*))|(?<=,\s)(?P<s>ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?)(?=,\s)|(?:lady|man|woman|gentleman|widow(?:er)?|boy|girl)\sof\s(?P<o>9\d|1[01]\d)(?=[,.;]|\swho\b)|(?<!\d)(?<=,\s)(?P<d>9\d|1[01]\d)(?=,\s(?:widow|widower|wife|husband|of|retired|resident|from|male|female|living|lives)\b)|turn(?:s|ing|ed)\s(?P<t>9\d|1[01]\d)(?!\d|\.\d|\s?(?:degrees|%))|(?<!\d)(?P<b>9\d|1[01]\d)(?=(?:th|st|nd|rd)\sbirthday)|(?P<z>(?:nineties|ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|one hundred(?: and \w+)?)(?=[\s\-]years?|\s?y/?o)))")
AGE_CN = (
    r"(?:过完年|过了年|翻过年|今年|明年|开年)(?:就|都|快|已经?|该|刚|虚岁|实岁|周岁|整|满)?\s?(?P<y>9\d|1[01]\d|九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?)(?=了|啦|[,。;]|周?岁|高龄)|(?:年龄|享年)[\s::]{0,2}(?P<w>9\d|1[0-3]\d)(?!\d|\.\d|\s?(?:mm|cm|kg|days?|天|月|个月))|(?:年届|年近|年逾|年已|高寿|享寿|享年|虚岁)\s?(?P<u>九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?|9\d|1[0-3]\d)(?!\d)"
    r"|(?P<x>九旬|九十[一二三四五六七八九]?|一百(?:[零〇]?[一二三四五六七八九])?)\s?(?=[周多余几来]?岁|高龄|老|以上|出头[,。的])|(?P<z>九十有[一二三四五六七八九]|九十[一二三四五六七八九]?(?=[了啦][,。;!的还,]))"
)
_OLD = "老人家?|老太太?|老爷子|老先生|老奶奶|老爷爷|奶奶|爷爷|外婆|外公|姥姥|姥爷|婆婆|公公|太婆|阿婆|阿公|伯伯|老伯|老翁|老妪|老母亲?|老父亲?|老伴|院友|长者|老者|老?寿星公?|外?曾?祖[父母]|太[公爷奶]"
_NO_COUNT = r"(?![\d.:/%~\-]|\s?(?:mm|cm|kg|ml|次|分|级|%|mg|天|床|号|个|人|例))"
AGE_BESIDE = (
    rf"(?:{_OLD})[,、]\s?(?:(?:女|男)性?[,、]\s?)?(?P<a>9\d|1[01]\d){_NO_COUNT}(?=[,。;、)]|$)|(?:男性?|女性?|(?<=[\u4e00-\u9fff],)(?-i:[FM]))[,、/|]\s?(?P<b>9\d|1[01]\d){_NO_COUNT}(?=[,。;、)|]|$)"
    rf"|(?:年长者|年纪最大者?|年岁最大者?|最高龄者?|年事最高者?|高龄|人瑞|寿星公?)(?:为|是|已|的)?(?P<c>9\d|1[01]\d){_NO_COUNT}(?=[,。;、)的]|$)"
    rf"|(?:{_OLD})(?:(?![血心脉体氧糖压率分重尿肌钠])[\u4e00-\u9fff]){{0,4}}?(?:都|已经?|快|刚|就要|今年|现年|有|年)(?P<d>9\d|1[01]\d|九十[一二三四五六七八九]?){_NO_COUNT}(?=[了啦,。;]|$)"
)
AGE_SLASHED = r"(?<![A-Za-z\d/])(?-i:[MF])/(?P<s>9\d|1[01]\d)(?![\d/.%])|(?<![\d./\-])(?P<t>9\d|1[01]\d)/(?=(?-i:[MF男女])(?![A-Za-z/]))"
AGE_RULES = (
    rule("form.age_over_89", "AGE", AGE_FIGURES, hint="ninety"), rule("form.age_over_89_en", "AGE", AGE_EN, hint="ninety"),
    rule("form.age_over_89_cn", "AGE", AGE_CN, hint="ninety"), rule("form.age_over_89_beside", "AGE", AGE_BESIDE, hint="ninety cjk"), rule("form.age_over_89_slashed", "AGE", AGE_SLASHED, hint="ninety slash"),
)


def age_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the number of an age over 89 stands."""
    name = next(name for name in match.re.groupindex if match[name])
    return match.span(name)

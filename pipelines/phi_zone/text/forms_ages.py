# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Ages over 89, in figures and in words (45 CFR 164.514(b)(2)(i)(C))."""

from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import rule

AGE_FIGURES = (r"(?<![\d.])(?P<v>9\d|1[0-3]\d)\s?(?=[周多余几来]?岁|[\s\-]?(?:years?|yrs?)\b|[\s\-]?y/?o\b|[\s\-]?y\.\s?o\.|\s?[MF]\b(?=[\s,.;:)/]|$))")
AGE_EN = (r"(?=[A-Za-z\d])(?<![A-Za-z])(?:aged?[\s::]{0,2}(?P<w>9\d|1[0-3]\d)(?!\d|\.\d|\s?(?:mm|cm|kg|days?|天|月|个月))|aged?\s(?P<q>ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|a\shundred|one\shundred)(?![A-Za-z])|(?:he|she|mother|father|mum|dad|grand\w{2,9}|aunt|uncle)\s(?:is|was|turned)\s(?P<k>9\d|1[01]\d)(?=\s(?:and|now|but|next|in(?!\s(?:ed|er|recovery|resus|room|triage)\b))\s|[,.;]\s|[,.;]?$)|(?:patient|pt|man|woman|lady|gentleman|widow(?:er)?|resident|client|mother|father|husband|wife),\s(?P<p>9\d|1[01]\d)(?=,\s|\s(?:and|who|was|is)\s)|now\s(?P<n>9\d|1[01]\d)(?=[.,;]\s(?:Daughter|Son|Wife|Husband|Lives|Widow|Carers?|Family|Home)(?-i:[a-z]*))|(?<=,\s)(?P<s>ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?)(?=,\s)|(?:lady|man|woman|gentleman|widow(?:er)?|boy|girl)\sof\s(?P<o>9\d|1[01]\d)(?=[,.;]|\swho\b)|(?<!\d)(?<=,\s)(?P<d>9\d|1[01]\d)(?=,\s(?:widow|widower|wife|husband|of|retired|resident|from|male|female|living|lives)\b)|turn(?:s|ing|ed)\s(?P<t>9\d|1[01]\d)(?!\d|\.\d|\s?(?:degrees|%))|(?<!\d)(?P<b>9\d|1[01]\d)(?=(?:th|st|nd|rd)\sbirthday)|(?P<z>(?:nineties|ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|one hundred(?: and \w+)?)(?=[\s\-]years?|\s?y/?o)))")
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
_FIGURES = r"(?:9\d|1[01]\d)"
_WORDS = r"(?:ninety(?:[\s\-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one)\shundred(?:\s(?:and\s)?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))?)"
_NTH = r"(?:ninetieth|ninety[\s\-](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:one[\s\-])?hundredth|hundred\sand\s(?:first|second|third|fourth|fifth))"
_WHO = "aunt(?:ie|y)?|brother|client|dad(?:dy)?|father|gent(?:leman)?|grand\\w{2,9}|gran(?:ny)?|he|husband|lady|man|mama?|mom|mother|mum|nana?|neighbou?r|papa|partner|resident|she|sister|spouse|uncle|who|widow(?:er)?|wife|woman"
_MONTHS = "apr(?:il)?|aug(?:ust)?|dec(?:ember)?|feb(?:ruary)?|jan(?:uary)?|july?|june?|mar(?:ch)?|may|nov(?:ember)?|oct(?:ober)?|sept?(?:ember)?"
_GOES_ON = rf"""(?=[,.;!?"'](?:\s|$|")|\s?$|\s(?:and|but|in\s(?:{_MONTHS}|a|fine|good|three|two)|last|next|now|on\s(?:her|his|the)|or\sso|this|today|tomorrow|years?)\b)"""
_LIVING = "alert|and|counting|drives?|driving|feisty|fiercely|fit|frail|hale|holding|independent|keen|lives?|living|lucid|proud|sharp|spry|still\\s(?:at\\shome|cooks?|cooking|drives?|driving|gardens?|gardening|independent|lives?|living|sharp|walks|works)"
AGE_TOLD = (
    rf"(?=[A-Za-z\d])(?:(?<![A-Za-z\d])(?:(?:entering|in)\s(?:her|his|my|their)\s(?P<a>{_FIGURES}(?:st|nd|rd|th)(?=\syear)|{_NTH}(?=\syear))|(?:her|his|my|their|the|a)\s(?P<b>{_NTH})(?=\sbirthday)"
    rf"|turn(?:s|ing|ed)?\s(?P<c>{_WORDS})(?![a-z\-]|\s(?:degrees|per|times))|(?:{_WHO})(?:'ll\sbe|'s|\sis|\sturned|\swas|\swill\sbe)\s(?:about\s|almost\s|just\s|nearly\s|now\s|only\s|over\s)?[\"']?(?:(?P<d>{_WORDS})|(?P<e>{_FIGURES})){_GOES_ON}"
    rf"|I(?:'m|\sam|'ll\sbe|\sturned|\swas)\s(?:about\s|almost\s|just\s|nearly\s|now\s|only\s)?(?:(?P<f>{_WORDS})|(?P<g>{_FIGURES})){_GOES_ON}"
    rf"|(?:died|dies|drives|driving|gardening|lives\salone|living\salone|married|passed(?:\saway)?|widowed|working)\sat\s(?:the\sage\sof\s)?(?:(?P<h>{_WORDS})|(?P<i>{_FIGURES}))(?=[,.;!](?:\s|$)|\s?$|\s(?:and|but|from|of)\b)"
    rf"|(?:(?<=[.,;:]\s)|(?<=and\s)|(?<![^\n]))at\s(?:(?P<j>{_WORDS})|(?P<k>9\d|10\d)),?\s(?=(?:he|mum|she|they)\b)"
    rf"|(?:(?<=[.;]\s)|(?<=\")|(?<![^\n]))(?:(?P<l>{_WORDS})(?=,\s(?:alone|ex|from|independent|lives?|living|never|retired|sharp|still|widow|with)|\sand\s(?:{_LIVING})\b)|(?P<m>{_FIGURES})(?=\s(?:and|but)\s(?:{_LIVING})\b|,\s(?:lives?|living)\s(?:alone|at|in|with)\b)|(?:almost|just|nearly|now|turned|will\sbe)\s(?P<p>{_FIGURES})(?=\s(?:come|in|last|next|this)\s(?:{_MONTHS}|autumn|birthday|month|spring|summer|week|winter|year)\b)|(?P<t>{_FIGURES})(?=\s(?:come|next|this)\s(?:{_MONTHS}|birthday)\b)|(?:almost|barely|just|nearly|only)\s(?P<q>{_FIGURES})(?=[,.!]\s?(?:dear|doctor|love|mind|nurse|sir|you|\"))))"
    rf"|(?<![A-Za-z\d])(?:grand\s|old\s)?age\sof\s(?:(?P<r>{_WORDS})|(?P<s>{_FIGURES})(?!\d|\.\d|\s?(?:%|days?|hours?|minutes?|months?|weeks?)))"
    rf"|(?<![\d./\-A-Za-z])(?:(?P<n>9\d|10\d)(?=/(?-i:[MF])(?:[\s,.;)]|$)|\s?/\s?(?:fe)?male\b|y(?:[\s,.;)]|$))|(?P<o>{_FIGURES})(?=\snext\sbirthday|\s(?:on|in|this|next)\s(?:his|her)\sbirthday)))"
)
"""Told of somebody in a sentence: her 94th year, my wife is 91, at 93 she; a pulse, a pressure or a saturation has another subject."""
AGE_OF_KIN = (
    rf"(?=[A-Za-z\d])(?:(?<![A-Za-z])(?:(?:aunt|brother|dad|father|grand\w{{2,9}}|gran(?:ny)?|husband|MG[FM]|mother|mum|nana?|PG[FM]|partner|sister|uncle|wife)(?:,\s|\s\(|\s(?:(?:deceased|died|d\.)\s)?(?:at\s|aged?\s)?)(?P<v>{_FIGURES})(?=\)|[,;]\s|\.?\s?$|\.\s(?-i:[A-Z])|\s(?:a&w|alive|and|cares|CVA|deceased|died|from|has|helps|in\sgood|lives|MI|of|well|with)\b)"
    rf"|(?:lived|living|survived)\s(?:on\s)?to(?:\sbe)?\s(?:(?P<w>{_FIGURES})(?!\d|\.\d|\s?(?:%|days|hours|m|meters|miles|weeks)\b)|(?P<x>{_WORDS}))|(?:made|makes|making)\sit\sto\s(?:(?P<a>{_FIGURES})(?=[,.;!]|\s?$|\s(?:and|but|in|with)\b)|(?P<b>{_WORDS}))"
    rf"|(?:oldest|eldest)\s(?:[A-Z]+\s){{0,3}}at\s(?P<c>{_FIGURES})(?=[,.;])|see(?:ing|n|s)?\s(?P<d>{_WORDS})(?=[,.;]|\sin\b|\s?$)|ages?(?:\sis|\snow|\swas|\s?[:=])?\s(?:(?P<e>{_WORDS})(?![A-Z\-])|(?P<f>{_FIGURES})(?=[,.;]|\s?$)))"
    rf"|(?<![\d./\-A-Za-z])(?P<g>{_FIGURES})(?=-y-?o\b|\scandles\b)|(?<![A-Za-z\-])(?P<h>{_WORDS})(?=\scandles\b))"
)
AGE_RULES = (
    rule("form.age_of_kin", "AGE", AGE_OF_KIN, hint="ninety"),
    rule("form.age_told", "AGE", AGE_TOLD, hint="ninety"),
    rule("form.age_over_89", "AGE", AGE_FIGURES, hint="ninety"), rule("form.age_over_89_en", "AGE", AGE_EN, hint="ninety"),
    rule("form.age_over_89_cn", "AGE", AGE_CN, hint="ninety"), rule("form.age_over_89_beside", "AGE", AGE_BESIDE, hint="ninety cjk"), rule("form.age_over_89_slashed", "AGE", AGE_SLASHED, hint="ninety slash"),
)


def age_span(match: re.Match[str]) -> tuple[int, int]:
    """Where the number of an age over 89 stands."""
    name = next(name for name in match.re.groupindex if match[name])
    return match.span(name)

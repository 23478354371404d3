# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""What a text must hold before a rule is worth trying: cheap looks, each taken once a text.

A rule's `hint` names gates; every text in which the rule matches passes them all (a test holds every rule to that).
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.phi_zone.text.words import surname_letters_cn

# Alternatives begin with a letter each, never with a set: only then `re` looks for their first letters alone.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_LABELS = {
    "card_word": "证|身份|id\\s?card|resident",
    "passport_word": "护照|证|passport",
    "ssn_word": "ssn|social",
    "bank_word": "银|卡|iban|bank|credit|debit|card",
    "record_word": r"mrn|m\.r\.n|mr\s?#|med|hospital\s|patient\s|chart|unit\s|acc|encounter|visit|specimen|case\s|study\s|badge|employee|csn|fin|har|uhid|nhs|bed\s",
    "account_word": "acc|member|subscriber|policy|group|insurance|beneficiary|medica|health|claim|invoice",
    "licence_word": "驾|licen|driver|dl|dea|npi",
    "phone_word": "tel|phone|cell|mobile|fax|pager|beeper|call|contact|reach|ext",
    "zip_word": "邮|zip|postal",
    "serial_word": r"号|s/n|sn|serial|mac",
    "qq_word": "qq",
    "cn_label": "号|证|卡|床|码|照|牌|户|宝|位|电话|手机|座机|固话|联系方式|热线|传真|分机|小灵通|来电|拨打|致电|邮编|患者id|病人id",
}
"""Words of the labels of numbers, lower case."""
TITLES = "医师|医生|大夫|主任医师|副主任医师|主治医师|副主任|主任|护士长|护士|教授|副教授|院长|副院长|科主任|技师|博士|老师|先生|女士|小姐|太太|阿姨|大爷|大妈|大叔|师傅|同志|老人家|奶奶|爷爷|书记|校长|律师|警官|主管|经理|药师|研究员|护师|技士|同学|嫂"
KIN = "父亲|母亲|丈夫|妻子|配偶|爱人|儿子|女儿|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|祖父|祖母|舅舅|叔叔|姑姑|姨妈|女婿|儿媳|侄子|外甥|孙子|孙女|家属|家人|长子|次子|长女|次女|独子|独女|护工|保姆|联系人|监护人|同事|邻居|朋友|室友"
_SIGNS = r"主刀|主诊|主持|执刀|完成|操作|执行|审核|复核|审签|签发|签名|签字|书写|记录|会诊|查房|接诊|陪同|护送|转交|代办|代签|代述|代诉|本人|家属|确认|核对|穿刺|麻醉|汇报|交班|接班|沟通|同意|诉|说|电话|联系|\(|（"
_FAMILIAR, _DESCENT = "|".join(f"{head}[{''.join(sorted(surname_letters_cn()))}]" for head in "老小阿"), "之[子女父母夫妻儿妹弟兄姐婴]"
_MASK = "|".join(["某", *(rf"{mark}(?<=[\u4e00-\u9fff]{mark})" for mark in (r"\*", "×", "○", "x", "X"))])
_SEX_AGE = "男|女|岁|住院号|ID|Id|iD|id|身份证|电话"
_NAMED = rf":|】|\]|·|•|姓名|名叫|名字叫|叫做|曾用名|化名|署名|{_FAMILIAR}|{_DESCENT}|{_MASK}|{_SEX_AGE}|{_SIGNS}|{TITLES}|{KIN}"
"""Any cue of a Chinese name: most sentences hold none."""
_FIGURE = r"[\d一二三四五六七八九十百甲乙丙丁A-Za-z\-—]"
ORG_TAIL = (r"(?:医院|医科大学|中医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|妇幼保健院|保健院|疾控中心|疾病预防控制中心|体检中心|门诊部|诊所|医学院|医学中心|血液中心|疗养院|康复中心|护理院|养老院|福利院|敬老院|影像中心|检验所|急救中心|"
            r"大学|学院|中学|小学|幼儿园|学校|研究所|研究院|研究中心|公司|集团|工厂|厂|银行|派出所|公安局|法院|检察院|政府|居委会|村委会|局|酒店|商场|超市|制药|药业|药房|大药房|工会|合作社|部队)")


class Sight:
    """One text and what has been seen of it so far."""

    __slots__ = ("_held", "_starts", "lower", "text")

    def __init__(self, text: str) -> None:
        self.text, self.lower = text, text.lower()
        self._held: dict[str, bool] = {}
        self._starts: dict[str, list[int]] = {}

    def has(self, gate: str) -> bool:
        """Does the text pass this gate?"""
        held = self._held.get(gate)
        if held is None:
            held = self._held[gate] = GATES[gate](self)
        return held

    def matches(self, pattern: re.Pattern[str], starts: str) -> Iterator[re.Match[str]]:
        """As `pattern.finditer`, for a pattern that can only begin at the places named `starts` (empty: anywhere)."""
        if not starts:
            yield from pattern.finditer(self.text)
            return
        places = self._starts.get(starts)
        if places is None:
            places = self._starts[starts] = STARTS[starts](self.text)
        end = 0
        for place in places:
            if place >= end and (match := pattern.match(self.text, place)) is not None:
                yield match
                end = match.end()


def _text(pattern: str) -> Callable[[Sight], bool]:
    search = re.compile(pattern).search
    return lambda sight: search(sight.text) is not None


def _lower(pattern: str) -> Callable[[Sight], bool]:
    search = re.compile(pattern).search
    return lambda sight: search(sight.lower) is not None


def _with_figure(labels: str) -> str:
    """Any of the labels (alternatives apart by bars) with a figure not far behind it."""
    return "|".join(rf"{label}[^\d]{{0,40}}\d" for label in labels.split("|"))


GATES: dict[str, Callable[[Sight], bool]] = {
    "digit": _text(r"\d"),
    "cjk": _text("[\u3400-\u9fff]"),
    "capital": _text("[A-Z]"),
    "net": _lower(r"@|://|www\.|微信|wechat|weixin"),
    "at": lambda sight: "@" in sight.text,
    "web": lambda sight: "://" in sight.lower or "www." in sight.lower,
    # numbers
    "long": _text(r"\d(?:[\s\-.()*xX×+]{0,14}\d){4}|\d{3}[*×xX]{4}"),
    **{name: _lower(_with_figure(labels)) for name, labels in _LABELS.items()},
    "chat": _lower("微信|wechat|weixin"),
    "plate": _text("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"),
    "plate_label": _lower("车牌|牌照|plate"),
    # dates
    "year": _text(r"(?:19|20)\d\d"),
    "short_date": _text(r"\d[/\-.]\d{1,2}[/\-.]\d"),
    "年": lambda sight: "年" in sight.text,
    "月": lambda sight: "月" in sight.text,
    "slash": lambda sight: "/" in sight.text,
    "bare_slash": _text(r"\s\d{1,2}/\d{1,2}(?![\d/])"),
    "word_year": _lower(r"[a-z][\s\-](?:of\s)?(?:19|20)\d\d"),
    "month_name": _lower(_MONTH),
    "month": _lower(rf"{_MONTH}[a-z]*\.?,?(?:\s+of)?[\s\-/.]{{0,2}}'?\d|\d(?:st|nd|rd|th)?(?:\s{{1,2}}of)?[\s\-/.]{{0,2}}{_MONTH}"),
    "生日": lambda sight: "生日" in sight.text,
    "ninety": _lower(r"9\d|1[0-3]\d|九十|一百|ninet|hundred"),
    # places
    "numbered": _text(rf"[号支弄栋幢座单楼层室户组队社村房](?:(?<={_FIGURE}.)|(?<={_FIGURE}[\s\-].)|(?<={_FIGURE}\s-.))"),
    "road": _text("[路街道巷同弄里园区村庄苑镇乡屯寓厦场队旗查木]"),
    "street": _text(r"\d[A-Z]?\s+[A-Z\d]"),
    "box": _lower(r"o\.?\s?box"),
    "organisation": _text(ORG_TAIL),
    # names
    "colon": _text(r"[::】\]]"),
    "dot": _text("[·•]"),
    "title": _text(TITLES),
    "named": _text(f"{_NAMED}"),
    "familiar": _text(_FAMILIAR),
    "mask": _text(_MASK),
    "descent": _text(_DESCENT),
    "sex_age": _text(_SEX_AGE),
    "signed": _text(_SIGNS),
    "two_capitals": _text(r"[A-Z][^\s,^]*[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z]"),
    "inner_capital": _text(r"[a-z],?\s[A-Z][a-z'’]"),
    "labelled_capital": _text(r"[::]\s{0,3}[A-Z]"),
    "possessive": lambda sight: "'s " in sight.text or "'s\n" in sight.text or "'s\t" in sight.text,
    "caret": lambda sight: "^" in sight.text,
    "title_en": _text(r"(?:M(?:r|rs|s|iss|x|adam)|Dr|Prof(?:essor)?|Doctor|Nurse|S(?:ir|gt|ister)|Rev|Capt|Father|Pastor|Judge|Officer|Attorney)\.?\s"),
    "degree": _text(r",?\s(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A|Ph\.?D|MBBS|F[AR]C|D[PD][MS]|LPN|C[RN]|PharmD|LCSW|RDMS|RT)"),
}

_DATES = re.compile(r"(?<!\d)(?:\d{1,2}(?=[/\-.]\d{1,2}[/\-.]\d|/(?:19|20)\d\d)|(?:19|20)\d\d(?:\d{4})?(?!\d))")
_RUNS, _LONG = re.compile(r"[+(]|(?<!\d)\d"), re.compile(r"\d(?:[\s\-.()*xX×+]{0,14}[\d*×xX]){4,}")
_PAIRS, _COLONS, _WORDS = re.compile(r"(?<![A-Za-z])[A-Z](?=[^\s,^]*[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z])"), re.compile(r"\s?[::]\s{0,3}[A-Z]"), re.compile("(?<![A-Za-z])[A-Za-z]")


def _runs(text: str) -> list[int]:
    """Where runs of figures, plus signs and brackets stand in and just before stretches of five figures or more."""
    found: list[int] = []
    for stretch in _LONG.finditer(text):
        begin = max(stretch.start() - 4, found[-1] + 1 if found else 0)
        found += [match.start() for match in _RUNS.finditer(text, begin, stretch.end())]
    return found


def _before_colons(text: str) -> list[int]:
    """Beginnings of the words in the thirty letters before a colon that a capital follows."""
    found: list[int] = []
    for colon in _COLONS.finditer(text):
        begin = max(colon.start() - 30, found[-1] + 1 if found else 0)
        found += [match.start() for match in _WORDS.finditer(text, begin, colon.start())]
    return found


STARTS: dict[str, Callable[[str], list[int]]] = {
    "date": lambda text: [match.start() for match in _DATES.finditer(text)],
    "run": _runs,
    "pair": lambda text: [match.start() for match in _PAIRS.finditer(text)],
    "colon": _before_colons,
}
"""Places where a rule that names them can begin: looking there alone finds what looking everywhere finds."""

# ruff: noqa: E501, SIM905 - patterns are data: a line is one of them, whole

"""What a text must hold before a rule is worth trying: cheap looks, each taken once a text.

A rule's `hint` names gates; every text in which the rule matches passes them all (a test holds every rule to that).
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.phi_zone.text.gate_words import BITS, opened
from pipelines.phi_zone.text.scan import Words
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
    "qq_word": "qq|扣扣|企鹅|q号",
    "user_word": "user|log",
    "vehicle_word": "vin|vehicle|chassis|engine|车架|车辆|底盘|大架|发动机",
    "plate_label_en": "tag|plate|reg",
    "cn_label": "号|证|卡|床|码|照|牌|户|宝|位|电话|手机|座机|固话|联系方式|热线|传真|分机|小灵通|来电|拨打|致电|邮编|患者id|病人id",
}
"""Words of the labels of numbers, lower case."""
TITLES = "医师|医生|大夫|主任医师|副主任医师|主治医师|副主任|主任|护士长|护士|教授|副教授|院长|副院长|科主任|技师|博士|老师|先生|女士|小姐|太太|阿姨|大爷|大妈|大叔|师傅|同志|老人家|奶奶|爷爷|书记|校长|律师|警官|主管|经理|药师|研究员|护师|技士|同学|嫂"
KIN = "父亲|母亲|丈夫|妻子|配偶|爱人|儿子|女儿|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|祖父|祖母|舅舅|叔叔|姑姑|姨妈|女婿|儿媳|侄子|外甥|孙子|孙女|家属|家人|长子|次子|长女|次女|独子|独女|护工|保姆|联系人|监护人|同事|邻居|朋友|室友"
_SIGNS = r"主刀|主诊|主持|执刀|完成|操作|执行|审核|复核|审签|签发|签名|签字|书写|记录|会诊|查房|接诊|陪同|护送|转交|代办|代签|代述|代诉|本人|家属|确认|核对|穿刺|麻醉|汇报|交班|接班|沟通|同意|诉|说|电话|联系|\(|（"
_FAMILIAR, _DESCENT = "|".join(f"{head}[{''.join(sorted(surname_letters_cn()))}]" for head in "老小阿"), "之[子女父母夫妻儿妹弟兄姐婴]"
_MASK = "|".join(["某", *(rf"{mark}(?<=[\u4e00-\u9fff]{mark})" for mark in (r"\*", "×", "○", "x", "X"))])
_SEX_AGE = "男|女|岁|住院号|ID|Id|iD|id|身份证|电话"
_FIGURE = r"[\d一二三四五六七八九十百甲乙丙丁A-Za-z\-—]"
BRANDS_CN = ("协和 华西 湘雅 瑞金 仁济 齐鲁 同济 积水潭 阜外 安贞 天坛 宣武 西京 唐都 盛京 华山 中山 长海 长征 新华 和睦家 美年大健康 爱康国宾 慈铭 省人民 市人民 县人民 区人民 省立 省肿瘤 市中心 市妇幼 省妇幼 "
             "301 三零一 302 306 307 309 空总 海总 武总 北医 上医 邵逸夫 儿研所 首儿所 中肿 医科院肿瘤 浙一 浙二 川大 武大 郑大").split()
"""What people call well-known hospitals and their like; alone they need a cue."""
COUNTRIES_CN = "缅甸 泰国 越南 老挝 柬埔寨 印度 印尼 印度尼西亚 马来西亚 新加坡 菲律宾 韩国 朝鲜 日本 蒙古国 巴基斯坦 孟加拉 尼泊尔 斯里兰卡 阿富汗 伊朗 伊拉克 沙特 阿联酋 迪拜 土耳其 以色列 埃及 苏丹 埃塞俄比亚 肯尼亚 坦桑尼亚 乌干达 刚果 安哥拉 尼日利亚 加纳 几内亚 赞比亚 南非 马达加斯加 俄罗斯 乌克兰 哈萨克斯坦 乌兹别克斯坦 德国 法国 英国 意大利 西班牙 葡萄牙 荷兰 瑞士 瑞典 波兰 希腊 美国 加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 古巴 澳大利亚 澳洲 新西兰".split()
ORG_TAIL = (r"(?:医院|医科大学|中医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|妇幼保健院|保健院|疾控中心|疾病预防控制中心|体检中心|门诊部|诊所|医学院|医学中心|血液中心|疗养院|康复中心|护理院|养老院|福利院|敬老院|影像中心|检验所|急救中心|"
            r"大学|学院|中学|小学|幼儿园|学校|研究所|研究院|研究中心|公司|集团|工厂|厂|银行|派出所|公安局|法院|检察院|政府|居委会|村委会|局|酒店|商场|超市|制药|药业|药房|大药房|工会|合作社|部队)")


class Sight:
    """One text and what has been seen of it so far."""

    __slots__ = ("_held", "_starts", "lower", "opened", "text")

    def __init__(self, text: str) -> None:
        self.text, self.lower = text, text.lower()
        self.opened = opened(text)
        self._held: dict[str, bool] = {}
        self._starts: dict[str, list[int]] = {}

    def has(self, gate: str) -> bool:
        """Does the text pass this gate?"""
        held = self._held.get(gate)
        if held is None:
            bit, look = _GATES[gate]
            held = self._held[gate] = bool(not bit or self.opened & bit) and (look is None or look(self))
        return held

    def matches(self, pattern: re.Pattern[str], starts: str) -> Iterator[re.Match[str]]:
        """As `pattern.finditer`, for a pattern that can only begin at the places named `starts` (empty: anywhere)."""
        if not starts:
            return pattern.finditer(self.text)
        places = self._starts.get(starts)
        if places is None:
            places = self._starts[starts] = STARTS[starts](self.text)
        return self._at(pattern, places) if places else iter(())

    def _at(self, pattern: re.Pattern[str], places: list[int]) -> Iterator[re.Match[str]]:
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


_COUNTRIES, _BRANDS = Words(COUNTRIES_CN), Words(BRANDS_CN)

GATES: dict[str, Callable[[Sight], bool] | None] = {
    "digit": None,
    "cjk": None,
    "capital": None,
    "net": lambda sight: "@" in sight.text or "://" in sight.lower or "www." in sight.lower,
    "at": None,
    "web": lambda sight: "://" in sight.lower or "www." in sight.lower,
    # numbers
    "long": _text(r"\d(?:[\s\-.()*xX×+]{0,14}\d){4}|\d{3}[*×xX]{4}"),
    "long15": _text(r"\d(?:[\s\-.]?\d){14}"),
    "long9": _text(r"\d(?:[\s\-.()]{0,2}\d){8}"),
    "long9_or_masked": _text(r"\d(?:[\s\-.()]{0,2}\d){8}|[*×xX]{4}"),
    "masked": _text("[*×xX]{4}"),
    "plus": None,
    "ip": _text(r"\d\.\d{1,3}\.\d"),
    "ssn": _text(r"\d-\d\d-\d"),
    **{name: _lower(_with_figure(labels)) for name, labels in _LABELS.items()},
    "chat": _lower("微信|wechat|weixin|威信|薇信|v信|vx|微博|抖音|小红书|快手|whatsapp|telegram"),
    "bed": _text("床(?:(?<=[0-9]床)|(?<=[0-9].床))"),
    "long_mixed": _text("[A-HJ-NPR-Za-hj-npr-z0-9]{17}"),
    "plate": _text("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"),
    "plate_label": _lower("车牌|牌照|plate"),
    # dates
    "year": _text(r"(?:19|20)\d\d"),
    "short_date": _text(r"\d[/\-.]\d{1,2}[/\-.]\d"),
    "年": None,
    "月": None,
    "slash": None,
    "bare_slash": _text(r"\s\d{1,2}/\d{1,2}(?![\d/])"),
    "word_year": _lower(r"[a-z][\s\-](?:of\s)?(?:19|20)\d\d"),
    "month_name": _lower(_MONTH),
    "month": _lower(rf"{_MONTH}[a-z]*\.?,?(?:\s+of)?[\s\-/.]{{0,2}}'?\d|\d(?:st|nd|rd|th)?(?:\s{{1,2}}of)?[\s\-/.]{{0,2}}{_MONTH}"),
    "生日": lambda sight: "生日" in sight.text,
    "ninety": _lower(r"9\d|1[0-3]\d|九十|一百|ninet|hundred"),
    # places
    "numbered": _text(rf"[号支弄栋幢座单楼层室户组队社村房](?:(?<={_FIGURE}.)|(?<={_FIGURE}[\s\-].)|(?<={_FIGURE}\s-.))"),
    "road": None,
    "street": _text(r"\d[A-Z]?\s+[A-Z\d]"),
    "box": _lower(r"o\.?\s?box"),
    "organisation": _text(ORG_TAIL),
    "near": _text("住.*(?:一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)|家在.*(?:一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)"),
    "country": lambda sight: next(_COUNTRIES.iter(sight.text), None) is not None,
    "moved": None,
    "country_en": None,
    "road_en": None,
    "highway": None,
    "land_en": None,
    "short_hospital": _text("[一二三四五六七八九十附]院"),
    "known_hospital": lambda sight: next(_BRANDS.iter(sight.text), None) is not None,
    "org_en": None,
    "regional": None,
    "known_org": None,
    # names
    "colon": None,
    "dot": None,
    "title": _text(TITLES),
    "familiar": _text(_FAMILIAR),
    "kinship": None,
    "mask": _text(_MASK),
    "descent": _text(_DESCENT),
    "sex_age": _text(_SEX_AGE),
    "signed": _text(_SIGNS),
    "two_capitals": _text(r"[A-Z][^\s,^]{0,120}[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z]"),
    "inner_capital": _text(r"[A-Za-z],?\s[A-Z][a-z'’]"),
    "labelled_capital": _text(r"[::]\s{0,3}[A-Z]"),
    "possessive": lambda sight: "'s " in sight.text or "'s\n" in sight.text or "'s\t" in sight.text,
    "caret": None,
    "title_en": _text(r"(?:M(?:r|rs|s|iss|x|adam)|Drs?|Prof(?:essor)?|Doctor|Nurse|S(?:ir|gt|ister)|Rev|Capt|Father|Pastor|Judge|Officer|Attorney|Coach|De(?:tective|puty)|Trooper|Rabbi|Imam|Fr|Lt|Cpl|Pvt)[.\s]"),
    "called": _text("小名|乳名|奶名|大名|学名|用名|原名|又名|化名|别名|别号|昵称|绰号|外号|诨号|诨名|网名|花名|艺名|笔名|法名|教名|文名|本名|信名|爱称|人称"),
    "called_en": _lower(r"name|goes\sby|known|a\.?k\.?a|alias|n[ée]e|former|f/k/a|called|answers|calls?\s"),
    "initial": _text(r"[A-Z]\.\s?(?:[A-Zvdablt])"),
    "small_word": None,
    "romanised": None,
    "pinyin": None,
    "given": None,
    "kin_en": None,
    "cue_en": None,
    "plain_label": None,
    "role": None,
    "compound": None,
    "kin_cn": _text(KIN),
    "comma_capital": _text(r",\s?[A-Z]"),
    "plural_title": None,
    "baby": None,
    "place_in_ward": _text(r"(?:[Rr]oom|[Rr]m|RM|[Bb]ed|BED|[Bb]ay)\s?#?\d"),
    "signed_en": None,
    "electronically": None,
    "degree": None,
}

_GATES = {gate: (BITS.get(gate, 0), look) for gate, look in GATES.items()}
_SHORT_DATES, _YEARS = re.compile(r"(?<!\d)\d{1,2}(?=[/\-.]\d{1,2}[/\-.]\d|/(?:19|20)\d\d)"), re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s?[\-/.年]|\d{4}(?!\d))")
_RUNS, _LONG = re.compile(r"[+(]|(?<!\d)\d"), re.compile(r"\d(?:[\s\-.()*xX×+]{0,14}[\d*×xX]){4,}")
_PAIRS, _COLONS, _WORDS = re.compile(r"(?<![A-Za-z])[A-Z](?=[^\s,^]{0,120}[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z])"), re.compile(r"\s?[::]\s{0,3}[A-Z]"), re.compile("(?<![A-Za-z])[A-Za-z]")


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
    "short date": lambda text: [match.start() for match in _SHORT_DATES.finditer(text)],
    "year": lambda text: [match.start() for match in _YEARS.finditer(text)],
    "run": _runs,
    "pair": lambda text: [match.start() for match in _PAIRS.finditer(text)],
    "colon": _before_colons,
}
"""Places where a rule that names them can begin: looking there alone finds what looking everywhere finds."""

# ruff: noqa: E501 - word lists are data: a line is one of them, whole

"""Is a row of Chinese letters a name? What may be one where a label, a title, kin or a form of writing tells that one stands there."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import RARE_GIVEN
from pipelines.phi_zone.text.plausible import TRANSLITERATING_CN, headed_cn
from pipelines.phi_zone.text.scan import Words

_NOT_GIVEN = "的是在有无和及与或等为于被将请予应可未见不行后前内外上下左右大小多少全部其余各该此本主副助责值管治检麻护经查科医病患住门急"
_NOT_WORDS = frozenset(["姓名", "患者", "病人", "家属", "医师", "医生", "护士", "主任", "签名", "签字", "不详", "未知", "同意", "知情", "阴性", "阳性", "正常", "自述", "否认", "男性", "女性", "本人", "父母", "子女", "陪同", "代诉", "代签", "拒绝", "要求", "表示", "诉说", "目前", "现在", "今日", "高龄", "高度", "高危", "白天", "常规", "时间", "左侧", "右侧", "双侧", "关系", "单位", "安全", "平素", "任何", "明确", "方法", "应用", "经过", "连续", "相关", "计划", "成人", "全身", "严重", "严密", "严格", "严防", "严禁", "温和", "温度", "申请", "平时", "平车", "平卧", "平日", "于今", "于昨", "于上", "于下", "于术", "向家", "向患", "向上", "常见", "常有", "段时", "水平", "水肿", "金属", "包括", "查房", "巡视", "曾有", "曾行", "曾于", "曾在", "曾因", "史明", "和家", "和患", "时有", "时感", "于院", "于我", "于本", "康复", "连接", "管理", "管床", "强调", "解释", "解除", "支持", "支架", "方式", "方便", "文化", "章程", "国家", "国产", "全院", "全科", "全程", "应急", "盛行", "干预", "干部", "都已", "都有", "万一", "宣布", "公司", "高年", "配合", "安好", "康健", "见下", "见上"])

_NOT_PAIRS = frozenset(["明显", "明确", "显示", "均有", "血压", "血糖", "度怀"])
"""Words that stand behind a letter of a family name: 高|明显, 高|血压."""

RARE_ALONE = frozenset("乜亓仉仝佘佴侬冀冼刁勾厍宓宦岑嵇巢巴庹庾忻扈揭昝晁暨桓植殳汲沐浦湛濮狄璩皮禤禹竺笪粟糜綦缑羿芮茅茹荀荣莘蒯蒲蓟衡裘訾谌谯贝贡贲赫辜逄逯邝邰邴邸郄郇郏郗郜郦鄂鄢酆钭钮阙阚隗雍韶骆")
"""Rare family names that are hardly anything else, though one letter alone."""

RATHER_NAMES = frozenset("奉占禄权昌涂骆蓝麦岑景卞佘池盘闻厉郜阚廉扈芮阙浦戈伏鹿雍羊亓况宿鲜慕危亢嵇戎勾茅呼檀习庾宓仉郗缑谯笪汲竺璩濮莘宦暨於钭郏郦贡堵沐荀弓蔚巢桓禤钦忻郇沃汝")
"""Family names beyond the frequent ones that are hardly a word before a title."""


@cache
def surname(rare: bool = False) -> str:
    """A family name; rare: also one of those that count only behind a role, a label or kin."""
    singles = "".join(sorted(name for name in words.surnames_cn() | (words.rare_surnames_cn() if rare else frozenset()) if len(name) == 1))
    return rf"(?:{'|'.join(sorted(words.compound_surnames_cn()))}|[{singles}])"


def plausible_name_cn(value: str) -> bool:
    """A surname and one or two further characters that are no clinical or everyday word."""
    bare = re.sub(r"\s", "", value)
    if bare in _NOT_WORDS or bare[:2] in _NOT_WORDS or words.clinical_cn().at(bare, 0):
        return False
    return bare[1:3] not in _NOT_PAIRS and not any(char in _NOT_GIVEN for char in bare[1:2])


def described(value: str) -> bool:
    """A name before a people or a country it comes from: no word of marriage, trade or schooling."""
    return plausible_name_cn(value) and value[:2] not in words.pairs_cn() and (len(value) == 3 or value[0] in words.FREQUENT_SURNAMES_CN)


def kin_has(value: str) -> bool:
    rank = words.given_rank_cn()
    return plausible_name_cn(value) and not headed_cn(value) and value[:2] not in words.pairs_cn() and all(rank.get(letter, RARE_GIVEN) < RARE_GIVEN for letter in value[1:])


_WORDY = frozenset("于应时常都曾和从经由向尚能全单易关相成但祝司")
"""Family names that are mostly words of time, kind or sort."""


def kin_named(value: str) -> bool:
    """A plausible name all of whose letters names have, and no word that begins like a rare or wordy family name."""
    rank = words.given_rank_cn()
    if not plausible_name_cn(value) or any(rank.get(letter, RARE_GIVEN) >= RARE_GIVEN and letter not in "某" for letter in value[1:]):
        return value[:2] in words.compound_surnames_cn()
    ordinary = value[:2] in words.pairs_cn() or value[1:] in words.pairs_cn()
    return not ordinary or (value[0] in words.FREQUENT_SURNAMES_CN and value[0] not in _WORDY)


def today(value: str) -> bool:
    return kin_has(value) and value[0] not in "时于应常都曾和从经由向尚能明全单易关相成安方水"


def duty(value: str) -> bool:
    return plausible_label(value) and plausible_name_cn(value) and value[-1] not in "麻身部中毕束法药剂"


def dotted(value: str) -> tuple[int, int]:
    """Where within a dotted stretch the name stands: ordinary words before the first part and behind the last are none of it."""
    first, last = re.search("[·•]", value), re.search("[^·•]*\\Z", value)
    start, end = 0, len(value)
    if first is None or last is None:
        return start, end
    known = words.pairs_cn()
    told = _BEFORE_DOTTED.match(value)
    if told is not None and first.start() - told.end() > 1:
        start = told.end()
    else:
        start = max((place + 2 for place in range(first.start() - 2) if value[place : place + 2] in known), default=0)
    tail = _dotted_parts().at(value, last.start())
    if tail > last.start() and value[tail : tail + 1] not in TRANSLITERATING_CN | {"江", "汗", "拜", "买"}:
        return start, tail
    return start, next((place for place in range(last.start() + 2, end - 1) if value[place : place + 2] in known), end)


_BEFORE_DOTTED = re.compile("(?:.{0,2}(?:患者|病人|患儿|产妇|家属|护士|医[师生]|村医|牧民|学生|联系人|陪同人?|其[父母夫妻子女兄弟姐妹])|[由经请查与和及据为])")


@cache
def _dotted_parts() -> Words:
    return Words(part for people in "ukf" for part in words.peoples_cn()[people])


_ADVISES = ("建议", "考虑", "同意", "不同意", "支持", "补充", "分析", "认为", "可以", "需要", "继续", "目前", "结合", "注意", "完善", "加强", "密切", "暂不", "暂缓", "立即", "尽快", "必要时")
"""How what somebody says begins, not who."""


def plausible_label(value: str) -> bool:
    bare = re.sub(r"\s", "", value)
    if re.search("[·•]", bare):
        return True
    return bare not in _NOT_WORDS and not bare.startswith(_ADVISES) and not any(word in bare for word in ("患者", "居民", "职工", "医师", "不详", "同上", "阴性", "阳性", "正常", "否认", "见下", "见上", "体健", "去世", "病故", "已故", "有高", "无")) \
        and not words.clinical_cn().whole(bare) and bare[-1] not in "痛咳热肿炎癌病症术史伤折晕块枚条"


def plausible_title(value: str) -> bool:
    """王, 王建, 王建国 before a title; not 主治, 住院, 责任, 值班 or 外科."""
    if len(value) == 1:
        return (value in words.FREQUENT_SURNAMES_CN or value in RARE_ALONE) and value not in "管全门单方平高时经同安都和于应从常史水能终"
    return plausible_name_cn(value) and value[-1] not in "科室院班任治管级位名诊名房术区责家各些个几的" and (value[:2] in words.compound_surnames_cn() or (_named(value) or "某" in value if len(value) > 2 else value[1] not in "你我他她它您了着过吗呢吧谁这那忘问给中"))


_NO_SURNAME_BEHIND = frozenset(["感谢", "致谢", "多谢", "答谢", "谢谢", "任何", "关于", "对于", "由于", "至于", "属于"])


def titled(match: re.Match[str], value: str) -> tuple[int, int] | None:
    """Where before a title the name stands: 由华(主任) and 感谢秦岚(老师) hold a letter before it, 互相配合(医生) holds none."""
    before = match.string[match.start("v") - 1 : match.start("v")]
    if value[0] == "由" and value[1:2] in words.surnames_cn():
        return 1, len(value)
    if len(value) == 1:
        return None if before + value in _NO_SURNAME_BEHIND else (0, 1)
    if before + value[0] in words.pairs_cn() and not (value[0] in words.FREQUENT_SURNAMES_CN and before in "名是和叫找"):
        if value[1] in words.FREQUENT_SURNAMES_CN and value[1:] not in words.pairs_cn() and (len(value) == 2 or _named(value[1:])):
            return 1, len(value)
        return None if value[1:] in words.pairs_cn() or not _named(value) else (0, len(value))
    return 0, len(value)


def _named(value: str) -> bool:
    return all(words.given_rank_cn().get(letter, RARE_GIVEN) < RARE_GIVEN for letter in value[1:])


WORDLIKE = frozenset(["东方", "西门", "南门", "北门", "东门", "夏侯", "百里", "南宫", "东郭", "南郭", "左丘", "公羊", "钟离"])
"""Compound family names that are ordinary words, too."""


def compound(value: str) -> bool:
    """One letter or two after the family name, none of which begins an ordinary word that goes on."""
    rank = words.given_rank_cn()
    usual = all(rank.get(letter, RARE_GIVEN) < 400 for letter in value[2:])
    return len(value) > 3 and (usual or value[2:] not in words.pairs_cn()) and value[2] not in "氏的" and all(rank.get(letter, RARE_GIVEN) < RARE_GIVEN for letter in value[2:])


def kinship(value: str) -> bool:
    return value[-1] in words.FREQUENT_SURNAMES_CN | RARE_ALONE | RATHER_NAMES and value not in frozenset("时应于和都经常单高平全")


def familiar(value: str) -> bool:
    return value[1:] not in "时便年龄化弟常于师干公"


def masked(value: str) -> bool:
    return not value.startswith(("于某", "有某", "和某", "时某", "应某", "任某些", "对某"))

# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""A second look at what the Chinese tagger guessed: cheap reasons why it cannot be a person, place or organisation."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import RARE_GIVEN, USUAL_GIVEN
from pipelines.phi_zone.text.forms_places import trim_organisation
from pipelines.phi_zone.text.plausible_en import guess_en

_NO_FAMILY = frozenset("于时向和过从同相应有可能支关计令都平安成常全单连明满包解水利门路海干终官归")
"""Family names that stand before a given name mostly as words."""
TELLING_GIVEN = 200
"""Ranks of letters that seldom stand but in given names."""
_AFTER_PLACE = re.compile(r"[人籍口市县省区一、,。;的来去务打农民医地方]|$")


_NO_ROAD = frozenset("山路 马路 小路 道路 铁路 走路 半路 尿路 通路 旁路 气道 肠道 胆道 产道 阴道 尿道 食道 呼吸道 消化道 上街 逛街 里路 弯路 下山 回路 线路 电路 网路 思路 出路 门路 管路 径路 通道 隧道 窦道 瘘道 孔道 轨道 频道 渠道 味道 知道 难道 街道".split())


_NO_PLACE_ENDS = ("电子厂", "化工厂", "服装厂", "鞋厂", "砖厂", "工地", "新冠", "流感", "疫苗", "疫区")


def place_cn(value: str, before: str, after: str) -> bool:
    """A bare name of a division at the head of a clause is a place only before what a place goes with: 温州口音, not 温州蜜柑."""
    if "籍" in value or (after in tuple("籍语产裔人") and value in words.world_places_cn()):
        return False   # where a thing or a language comes from; a nationality
    if value in words.pairs_cn() and not words.divisions_cn().whole(value) and value not in words.world_places_cn():
        return False
    if value.endswith(_NO_PLACE_ENDS) or (value + after).endswith(_NO_PLACE_ENDS):
        return False
    if re.match(r"\D?\d+\Z|\d+元", value):
        return False
    if value[-2:] in _NO_ROAD or (len(value) > 3 and value[-2:] in _medical()):
        return False
    if not words.divisions_cn().whole(value) or value[-1] in "省市区县旗盟":
        return True
    return (before != "" and "\u4e00" <= before <= "\u9fff") or _AFTER_PLACE.match(after) is not None


_PLACE_TAIL = re.compile("小区|社区|新村|花园|公寓|家园|街道|大街|大道|胡同|村(?![民里医])|镇(?![静痛])|乡(?!下)|路(?![过上边途])|街(?![上边])")


def place_end_cn(text: str, end: int) -> int:
    """Where a place ends of which the guess may have left the last word: 河西|小区."""
    tail = _PLACE_TAIL.match(text, end)
    return end if tail is None else tail.end()


def name_cn(value: str) -> bool:
    """A Chinese name the tagger may be right about: two letters at least, none of which a name never has, and no clinical word at its head."""
    bare = re.sub(r"[\s·•]", "", value)
    if len(bare) < 2 or bare[-1] == "氏" or bare[-1] in "的了着过与和在于是为者们其该此" or bare in _NO_GUESS or words.clinical_cn().whole(bare):
        return False
    if bare in words.world_places_cn():
        return False
    if len(bare) > 2 and (bare.endswith(_DRUG_ENDS_CN) or bare[-2:] in _GIVEN_SO):
        return False
    if not "\u4e00" <= bare[0] <= "\u9fff":
        return bare.isascii() and guess_en(value, "NAME", "") and (" " in value.strip() or ("-" in value and not value.isupper())) and value.split()[-1] not in _MODALITIES
    if any(char.isascii() and char.isalpha() for char in bare) or headed_cn(bare):
        return False
    if "·" in value or bare[:2] in words.compound_surnames_cn():
        return True
    if len(bare) > 2 and (words.bare_districts_cn().whole(bare) or (len(bare) > 3 and words.divisions_cn().at(bare, 0))):
        return False   # a place, or a place and more: 武夷山, 武汉新冠
    rank = words.given_rank_cn()
    best, *_, worst = sorted(rank.get(char, RARE_GIVEN) for char in (bare[1:] if len(bare) > 2 else bare[1] * 2))
    if bare[:2] in words.pairs_cn() and (worst >= TELLING_GIVEN if len(bare) == 3 else len(bare) > 3 or bare[0] not in words.FREQUENT_SURNAMES_CN):
        return False   # an ordinary word and more: 钟摆样; one that begins with a rare family name: 大学
    if len(bare) > 3:
        known = words.pairs_cn()
        told = [char in TRANSLITERATING_CN for char in bare]
        whole = not any(bare[place : place + 2] in known for place in range(len(bare) - 1))   # holds no ordinary word
        return all(told) or bare[:4] in _peoples() or (whole and 2 * sum(told) >= len(bare)) or (worst < RARE_GIVEN // 2 and not {bare[1:3], bare[2:4]} & known)
    if bare[0] in words.FREQUENT_SURNAMES_CN or (len(bare) == 3 and bare[0] in words.surnames_cn() and best < TELLING_GIVEN):
        return worst < RARE_GIVEN or (best < USUAL_GIVEN and bare[1:] not in words.pairs_cn())
    return worst < USUAL_GIVEN or all(char in TRANSLITERATING_CN for char in bare)


_DRUG_ENDS_CN = tuple("替尼 单抗 沙星 霉素 西林 他汀 洛尔 普利 沙坦 拉唑 硝唑 康唑 巴坦 培南 头孢 地平 列净 列汀 列奈 奈德 松龙 米松 司琼 那韦 韦林 拉韦 夫定 环素 双胍 肝素 西泮 唑仑 比妥 卡因 溴铵 利定 拉嗪 他滨 鲁胺 紫杉 铂".split())
"""How the names of medicines end that sound like foreign names: 阿维巴坦."""
def with_family_cn(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of a given name of two letters with the family name before it: 老人么桂兰."""
    before = text[start - 1 : start]
    if end - start != 2 or not before or before in _NO_FAMILY or text[start] in words.surname_letters_cn():
        return start, end
    known = before in words.surnames_cn() or before in words.rare_surnames_cn()
    return (start - 1, end) if known and text[max(0, start - 2) : start] not in words.pairs_cn() else (start, end)


_GIVEN_SO = frozenset("静滴 静注 静推 静点 肌注 皮注 滴注 推注 泵入 冲服 嚼服 含服 雾化 鼻饲 灌注 灌肠 外敷 外用".split())
"""How a medicine is given: 曾静滴, 西丁静滴."""
_NO_GUESS = frozenset("寿星 心超 封路 商保直 红方 微博 微信 抖音 登山 尤佳 商保 长江 陈年 贵科 贵院 贵处 五世 灵敏 体健 其妹 其弟 其兄 其姐 其哥 其父 其母 其子 其女 其妻 其夫 其孙 其媳 其婿 方用 方选 方拟 方予 方剂 方药 方义 方解 曾孙 曾祖 长均 长已 长在 长及 长和 长查 长说 盖章 如有 如需 如遇 如果 若有 应诊 应知 方知 方能 查无 查有 查见 来取 来访 来电 来函 都可 都未 常需 时需 时诉 时伴 解便 解尿 解手 洪亮 明知 明示 单日 单独 连日 连夜 全天 全家 包教 项下 成堆 别急 别动 别吃 能否 万勿 计次 计费 计入 计出 向我 向其 经手 经办 经查 经询 经问 于家 于门 于床 于车 于路 由家 由其 由我 由院".split())
_MODALITIES = frozenset("I II III IV V MRI MR CT DR CR PET SPECT DSA MRA CTA US XR SR AV DDD ICD CRT".split())
"""What stands behind the name of a device: Accent MRI."""


def headed_cn(value: str) -> bool:
    """Does a clinical word that looks like the beginning of a name stand at its head?"""
    heads = words.heads_cn()
    return value[:2] in heads or value[:3] in heads or value[:4] in heads


TRANSLITERATING_CN = frozenset("阿艾安奥巴贝本比波布查达戴丹道德迪丁杜多恩尔法菲费弗福盖戈格古哈海汉赫亨华霍基吉加佳杰金卡凯柯科克库拉莱兰劳勒蕾雷丽莉里利丽林琳卢鲁露罗洛玛马麦曼梅蒙米莫姆穆娜纳内妮尼诺欧帕佩皮普奇琪乔切让瑞萨塞森莎沙珊史斯丝苏索塔泰特提托瓦万威薇维温沃乌西希夏谢休雪雅亚娅伊依尤约泽扎詹珍茜")
"""Letters with which foreign names are written."""
@cache
def _peoples() -> frozenset[str]:
    parts = words.peoples_cn()
    return frozenset(one + two for kind in "tm" for one in parts[kind] for two in parts[kind])


_DEPARTMENT = re.compile(r"(?:科|室|病区|病房|中心|门诊|站|队来院|组)\Z")
_NO_INSTITUTION = re.compile(r"(?:我|本|贵(?![州阳港])|你|该|外|当地|上级|下级|上述|某|基层|社区|乡镇|就近|附近|私人|国外|定点|原)")

_KINDS = frozenset("电子厂 化工厂 服装厂 玩具厂 家具厂 食品厂 机械厂 鞋厂 砖厂 互联网医院 联网医院 掌上医院 网上医院 线上医院 智慧医院 养老院 敬老院 福利院 护理院 疗养院 幼儿园 派出所 居委会 村委会 社区医院 卫生院 卫生所 卫生室 诊所 学校 医院 公司 工厂 大学 学院 中学 小学 法院 检察院 银行 药店 药房 超市 民政局 残联 社保局 医保局 公安局 教育局 监狱 看守所 救助站 殡仪馆 火葬场 公墓 陵园 血站 卫健委 街道办".split())


def organisation_cn(value: str) -> bool:
    """A Chinese institution has a name: not a department (烧伤中心), not 当地卫生院."""
    if _NO_INSTITUTION.match(value) or value in _KINDS or not value.strip("一二三四五六七八九十百零〇"):
        return False
    if value.endswith(_STAYING) or (value.endswith(_KINDS_CN) and value[0] not in "省市县州" and trim_organisation(value) is None):
        return False
    department = _DEPARTMENT.search(value)
    if department is None:
        return True
    head = value[: department.start()]
    medical = _medical()
    return len(head) > 1 and head not in medical and head[:2] not in medical and head[-2:] not in medical and head not in words.pairs_cn()


_KINDS_CN = ("医院", "学校", "公司", "诊所", "厂", "药店", "药房", "中学", "小学", "大学", "学院", "超市", "酒店")
_STAYING = ("离院", "出院", "入院", "住院", "来院", "转院", "在院", "返院", "回院", "到院", "本院", "我院", "外院")
"""How coming and going ends, which is no institution."""


@cache
def _medical() -> frozenset[str]:
    return frozenset(words.medical_cn())

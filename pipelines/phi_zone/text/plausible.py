# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""A second look at what the tagger guessed: cheap reasons why it cannot be a person, place or organisation."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import PARTICLES, RARE_GIVEN, USUAL_GIVEN, place_words
from pipelines.phi_zone.text.forms_places import trim_organisation

_AFTER_EPONYM = re.compile(r"[’']?s?[\s\-]+(?:(?:clinic\s)?(?:classification|score)|consensus|paresis|paralysis|shunts?|catheters?|criteria|grade|score|scale|stage|disease|syndrome|sign|test|procedure|lymphoma|fracture|type|variant|bodies|cells?|position|"
                           r"catheter|grasp|tube|index|protocol|manual|skin|nodules?|collar|brace|spots?|areas?|glands?|hernia|triangle|canal|duct|nerve|muscle|fascia|ring|angle|space|point|reaction|regimen|questionnaire|staging|guidelines|rules?|ratio|curve|formula|effect|anomaly|deformity|contracture|lesion|tear|ulcer|rash|fever|agar|medium|solution|lift|chair|table|boot|hose|stockings?|laceration|exchange|therapy|walker|preparation|screening|maneuver|reflex|phenomenon|palsy|chorea|tumou?r|esophagus|esophagitis|chromosome|virus|bacilli|stain|mal|stool|protocol|node|law|line|plate|pouch|bowel|study|trial|equation|formula|category|clamp|forceps|scissors|retractor|drain|valve|stand|sounds?|biotype|osteotomy|tenosynovitis|clip|needle|sutures?|nail|wire|frame|cast|splint|dressing|bag|airway|cannula|pump|balloon|stent|filter|graft|patch|flap|incision|panel|factor|antigen|fixator|"
                           r"pattern|sequence|waves?|loop|oil|ointment|cream|paste|soap|lotion|wort|paint|exercises?|manoeuvres?|technique|method|approach|repair|resection|transposition|bypass|anastomosis|fundoplication|myotomy|pyloroplasty|hernioplasty|arthroplasty|hemiarthroplasty|plating|nailing|fixation|reconstruction|amputation|operation|projection|zones?|blade|laryngoscope|"
                           r"speculum|curette|dilators?|bougie|elevator|rongeur|cage|screws?|plate|pins?|prosthesis|implant|mesh|band|mask|circuit|guidewire|sheath|coils?|reservoir|evacuator|ventilator|cement|appliance|prism|tonometer|perimetry|granules?|inclusions?|crystals?|filaments?|broth|toxin|shift|angiosarcoma|sarcoma|neuroma|encephalopathy|dystrophy|neuropathy|myopathy|cardiomyopathy|vasculitis|purpura|naevus|nevus|oedema|apnoea|respirations?|breathing|murmur|facies|gait|crisis|attacks?|seizures?|epilepsy|dementia|antibod(?:y|ies)|phenotype|trait|suspension|percentile|centile|chart|probability|(?:low|moderate|intermediate|high)\s(?:risk|probability))\b|\sI{1,3}\b", re.IGNORECASE)
_SUTURE = re.compile(r"\d{1,2}-0\s[A-Z]")
"""The size of a thread and its maker's name for it: 3-0 Monocryl."""
_GRADED = frozenset("ASA NYHA CCS FIGO ECOG AJCC AAST CKD WHO KDIGO EDSS".split())
"""What is told in Roman figures: ASA III."""
_NO_NAME = frozenset("""bacillus bacille monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
the this that these those her his their she he they it we i you my your our patient no not and or with without on in at of for from to by as is was are were has had have do does did new old left right
positive negative normal abnormal mild moderate severe acute chronic stable history physical exam pain blood heart lung back house sodium potassium glucose platelets platelet hope may will pager room
follow repeat continue start stop hold give take check return plan impression findings assessment past present review dose oral tablet injection daily type stage grade score class""".split())
_NO_END = (_NO_NAME - {"may", "april", "june", "august"}) | frozenset("road avenue surgery clinic hospital terrace crescent boulevard parade box".split())
_GAPS = re.compile(r"[\s,.\-]+")
_MEASURED = re.compile(r"\d\.\d|[%=<>]")
_IN_WARD = frozenset("bed room rm bay ward floor level side a b c d".split())
_FIGURE_AFTER = re.compile(r"\s?[\d:=]")
_LONG_CAPITALS, _JOINED = re.compile("[A-Z]{3,}"), re.compile("-([A-Z][a-z]+)")
_SCORED = re.compile(r"\s(?:score\s)?(?:[=:]\s?)?\d{1,3}[abc+]?(?:/\d{1,2})?(?=\s?[.,;)(]|\s(?:and|at|on|with|today|now|after)\b|\s?\Z)")
"""What stands behind a score: Alvarado 7, Wagner 3."""
_ROMAN = re.compile(r"[IVX]+[abc]?\Z")


_AFTER_PLACE = re.compile(r"[人籍口市县省区一、,。;的来去务打农民医地方]|$")


_NO_ROAD = frozenset("山路 马路 小路 道路 铁路 走路 半路 尿路 通路 旁路 气道 肠道 胆道 产道 阴道 尿道 食道 呼吸道 消化道 上街 逛街 里路 弯路 下山 回路 线路 电路 网路 思路 出路 门路 管路 径路 通道 隧道 窦道 瘘道 孔道 轨道 频道 渠道 味道 知道 难道 街道".split())


def place_cn(value: str, before: str, after: str) -> bool:
    """A bare name of a division at the head of a clause is a place only before what a place goes with: 温州口音, not 温州蜜柑."""
    if "籍" in value or (after in tuple("籍语产裔人") and value in words.world_places_cn()):
        return False   # where a thing or a language comes from; a nationality
    if value in words.pairs_cn() and not words.divisions_cn().whole(value) and value not in words.world_places_cn():
        return False
    if value[-2:] in _NO_ROAD or (len(value) > 3 and value[-2:] in _medical()):
        return False
    if not words.divisions_cn().whole(value) or value[-1] in "省市区县旗盟":
        return True
    return (before != "" and "\u4e00" <= before <= "\u9fff") or _AFTER_PLACE.match(after) is not None


def name_cn(value: str) -> bool:
    """A Chinese name the tagger may be right about: two letters at least, none of which a name never has, and no clinical word at its head."""
    bare = re.sub(r"[\s·•]", "", value)
    if len(bare) < 2 or bare[-1] == "氏" or bare[-1] in "的了着过与和在于是为者们其该此" or bare in _NO_GUESS or words.clinical_cn().whole(bare):
        return False
    if not "\u4e00" <= bare[0] <= "\u9fff":
        return bare.isascii() and guess_en(value, "NAME", "") and (" " in value.strip() or ("-" in value and not value.isupper())) and value.split()[-1] not in _MODALITIES
    if any(char.isascii() and char.isalpha() for char in bare) or headed_cn(bare):
        return False
    if "·" in value or bare[:2] in words.compound_surnames_cn():
        return True
    if len(bare) > 2 and (words.bare_districts_cn().whole(bare) or (len(bare) > 3 and words.divisions_cn().at(bare, 0))):
        return False   # a place, or a place and more: 武夷山, 武汉新冠
    if bare[:2] in words.pairs_cn() and (len(bare) > 2 or bare[0] not in words.FREQUENT_SURNAMES_CN):
        return False   # an ordinary word and more: 钟摆样; one that begins with a rare family name: 大学
    rank = words.given_rank_cn()
    worst = max(rank.get(char, RARE_GIVEN) for char in bare[1:])
    if len(bare) > 3:
        known = words.pairs_cn()
        return all(char in TRANSLITERATING_CN for char in bare) or bare[:4] in _peoples() or (worst < RARE_GIVEN // 2 and not {bare[1:3], bare[2:4]} & known)
    if bare[0] in words.FREQUENT_SURNAMES_CN:
        return worst < RARE_GIVEN
    return worst < USUAL_GIVEN or all(char in TRANSLITERATING_CN for char in bare)


_NO_GUESS = frozenset("方用 方选 方拟 方予 方剂 方药 方义 方解 曾孙 曾祖 长均 长已 长在 长及 长和 长查 长说 盖章 如有 如需 如遇 如果 若有 应诊 应知 方知 方能 查无 查有 查见 来取 来访 来电 来函 都可 都未 常需 时需 时诉 时伴 解便 解尿 解手 洪亮 明知 明示 单日 单独 连日 连夜 全天 全家 包教 项下 成堆 别急 别动 别吃 能否 万勿 计次 计费 计入 计出 向我 向其 经手 经办 经查 经询 经问 于家 于门 于床 于车 于路 由家 由其 由我 由院".split())
_MODALITIES = frozenset("MRI MR CT DR CR PET SPECT DSA MRA CTA US XR SR AV DDD ICD CRT".split())
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

_KINDS = frozenset("养老院 敬老院 福利院 护理院 疗养院 幼儿园 派出所 居委会 村委会 社区医院 卫生院 卫生所 卫生室 诊所 学校 医院 公司 工厂 大学 学院 中学 小学 法院 检察院 银行 药店 药房 超市 民政局 残联 社保局 医保局 公安局 教育局 监狱 看守所 救助站 殡仪馆 火葬场 公墓 陵园 血站 卫健委 街道办".split())


def organisation_cn(value: str) -> bool:
    """A Chinese institution has a name: not a department (烧伤中心), not 当地卫生院."""
    if _NO_INSTITUTION.match(value) or value in _KINDS:
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


_ORG_WORD = re.compile(r"\b(?:hospital|clinic|cent(?:er|re)|university|college|school|academy|institute|medical|health|healthcare|practice|associates|partners|group|inc|llc|corp|corporation|company|industries|logistics|"
                       r"department|police|church|home|hospice|rehab(?:ilitation)?|pharmacy|laborator(?:y|ies)|labs|urgent care|systems?|sons|foundation|bank|memorial|infirmary|sanatorium|dialysis|cancer|kidney)\b", re.IGNORECASE)
_STREET = re.compile(r"\d+\s+(?:(?-i:[NSEW])\.?\s+)?[a-z]{3,}|\b(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place|circle|terrace|county|city|town|township|village)\b", re.IGNORECASE)


@cache
def _place_names() -> frozenset[str]:
    places = words.places_us()
    return frozenset(name.lower() for level in (*places.values(), words.telling_towns_en()) for name in level if len(name) > 3)


def guess_en(value: str, kind: str, after: str) -> bool:
    """An English guess holds only with something to show for it: a listed or unknown name, a listed place, an organisation's word."""
    if not (value[:1].isupper() or any(char.isupper() for char in value)) or _AFTER_EPONYM.match(after):
        return False
    tokens = [token for token in _GAPS.split(value) if token]
    if _SUTURE.match(value) or (tokens and tokens[0] in _GRADED and all(_ROMAN.match(token) for token in tokens[1:])):
        return False
    if kind == "ORG":
        return len(tokens) > 1 and _ORG_WORD.search(value) is not None
    if kind == "ADDR":
        if _MEASURED.search(value) or all(token.lower() in _IN_WARD or token.isdigit() for token in tokens):
            return False
        return value.lower() in _place_names() or any(part.strip().lower() in _place_names() for part in re.split(r",|\band\b", value)) or (len(tokens) > 2 and _STREET.search(value) is not None and (not value.isupper() or len(_LONG_CAPITALS.findall(value)) > 1))
    if not tokens or (not value.replace(" ", "").isalpha() and any(char.isdigit() or char in "#:/()[]%?=+*<>|;" for char in value)):
        return False
    some, every, facts = 0, -1, 0
    for token in tokens:
        facts = _facts[token]
        some |= facts
        every &= facts
    first = _facts[tokens[0]]
    if first & _LEADS_NONE or facts & _ENDS_NONE or some & _NEVER or every & _DULL or every & _SMALL_OR_EPONYM:
        return False
    if len(tokens) == 2 and ("-".join(tokens) in words.eponyms_like_names_en() or ("-" in value and every & _LIKE_EPONYM)):
        return False   # Brandt-Daroff, Stewart-Treves, Roland Morris
    if len(tokens) == 1:
        joined = _JOINED.match(after)
        if joined is not None and joined[1] in words.eponyms_en() and first & _LIKE_EPONYM:
            return False   # Brandt of Brandt-Daroff
        if (len(tokens[0]) < 3 and _FIGURE_AFTER.match(after)) or (first & _LIKE_EPONYM and _SCORED.match(after)):
            return False   # Na 134, Alvarado 7
        return bool(first & _LISTED) and not value.isupper() and not first & _COMMON and value not in words.eponyms_en()
    return bool(some & _LISTED) or not some & _COMMON


_LEADS_NONE, _ENDS_NONE, _NEVER, _DULL, _SMALL_OR_EPONYM, _LISTED, _COMMON, _LIKE_EPONYM = (1 << bit for bit in range(8))


class _Facts(dict[str, int]):
    """Word of a guessed name -> what is known of it, in bits. Bounded."""

    def __missing__(self, token: str) -> int:
        low = token.lower()
        eponym = token in words.eponyms_en() or (token.isupper() and token.title() in words.eponyms_en())
        told = {
            _LEADS_NONE: low in _NO_NAME,
            _ENDS_NONE: low in _NO_END,
            _NEVER: low in words.no_name_en() or low in words.drugs_en()
                    or (low.endswith(TERM_ENDINGS) and low.title() not in words.surnames_us() and low.title() not in words.given_us()),
            _DULL: len(token) == 1 or _ROMAN.match(token) is not None or eponym,
            _SMALL_OR_EPONYM: low in PARTICLES or eponym or token in ("Fr", "Ch"),   # 19 Fr Jackson-Pratt
            _LIKE_EPONYM: eponym or token in words.eponyms_like_names_en(),
            _LISTED: token.title() in words.given_us() or token.title() in words.surnames_us(),
            _COMMON: low in words.COMMON_NAME_WORDS,
        }
        facts = sum(bit for bit, holds in told.items() if holds)
        if len(self) < 60_000:
            self[token] = facts
        return facts


_facts = _Facts()
_STREETS = r"\b(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Boulevard|Blvd|Way|Place|Circle|Terrace|County|City|Town|Township|Village)\b"
ORG_OR_STREET = re.compile(_ORG_WORD.pattern.replace("(?:", "(?i:", 1) + "|" + _STREETS)


def worth_tagging_en(tokens: list[str], line: str) -> bool:
    """Can a guess hold in a line of these words? It needs a listed name or place, a capital where no sentence begins, or an institution."""
    start, before, seen = True, "", 0
    for token in tokens:
        weight = _weights[token]
        if weight:
            if weight & 2 or (weight & 1 and not start):
                return True
            seen |= weight
        start = token in _SENTENCE_ENDS and not (token == "." and before[:1].isupper() and len(before) < 4)   # A. and Dr. end nothing
        before = token
    return seen > 2 and ORG_OR_STREET.search(line) is not None


_SMALL_WORDS = frozenset("a an the this that these those no not and or with without on in at of for from to by as is was are were has had there".split())
_SENTENCE_ENDS = frozenset(".:!?;-")


class _Weights(dict[str, int]):
    """Word -> 0: no capital, or no part of any name; 1: a capital; 2: a capital and in a list of names or places; 4 and more of an
    institution or a street. Bounded."""

    def __missing__(self, token: str) -> int:
        low = token.lower()
        if low == token or low in _SMALL_WORDS or low in words.drugs_en() or (low in words.no_name_en() and token.title() not in place_words()):
            weight = 0
        else:
            titled = token.title()
            weight = 2 if titled in words.given_us() or titled in words.surnames_us() or titled in place_words() else 1
        if ORG_OR_STREET.search(token) or low == "urgent":   # care
            weight += 4
        if len(self) < 60_000:
            self[token] = weight
        return weight


_weights = _Weights()
TERM_ENDINGS = ("itis", "osis", "emia", "oma", "ectomy", "scopy", "pathy", "algia", "ology", "plasty", "gram", "graphy", "tion", "ment", "ing", "ness", "ical", "ous", "able", "ally", "ase", "ine", "ide", "ate", "cillin", "mycin", "olol", "pril",
                 "statin", "azole", "sis", "lysis", "rrhea", "uria", "phagia", "plegia", "tomy", "stomy", "genic", "metry", "therapy", "tic", "ular", "eal", "oid", "emic", "ogen")

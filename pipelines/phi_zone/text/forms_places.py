# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Chinese and US addresses and organisations by gazetteer and by form."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.gate_words import BRANDS_CN, STREETS_US
from pipelines.phi_zone.text.gates import ORG_TAIL
from pipelines.phi_zone.text.rules import Rule, has_digit, rule
from pipelines.phi_zone.text.scan import Words

_C = r"\u4e00-\u9fff"
_NUMBER = r"[\d一二三四五六七八九十百甲乙丙丁A-Za-z\-—]{1,8}"
_UNIT = rf"(?:{_NUMBER}\s?-?(?:号院|号楼|号|支弄|弄|巷|栋|幢|座|单元|楼|层|室|户|组|队|社|村民组|房)(?:附\d{{1,3}}号?|\d{{1,3}}-\d{{1,4}}(?:-\d{{1,4}})?(?![\d年月日天号%])|\d{{2,4}}(?![\d岁年月日天号室弄栋幢座单楼层户组队社院支-]))?)"
_ROAD = rf"[{_C}]{{1,7}}?(?:大道|大街|公路|支路|路|街|巷|胡同|里弄|弄|里|道)(?:[东南西北中一二三四五六七八九]段)?"
_PLACE = rf"[{_C}]{{1,8}}?(?:村[{_C}]{{1,3}}组|街道|科技园|产业园|软件园|创业园|高新区|经开区|新村|小区|花园|公寓|家园|社区|镇(?!村)|乡(?![镇村])|村(?!庄)|屯(?![村镇乡])|庄(?![村镇乡园])|寨(?![村镇乡])|苑|嘉园|大厦|广场|工业园|开发区|新区|园区|团场|连队|旗|嘎查|苏木|村委会|居委会|林场|农场|牧场|安置区|别墅|山庄|宿舍|家属院|家属区|出租屋|出租房|安置房)"
_CUE = "住在|住于|家住|现住|居住在|居住于|居住|现居|租住|暂住|位于|地址|住址|搬到|搬至|来自|籍贯|户籍|祖籍|寄往|寄到|寄至|送至|邮寄|返回|回到|前往|去|到|在|于|至|往|赴|从|由|自"
_CUE_END = re.compile(rf"(?:{_CUE})")
_STOP_HEADS = ("我", "本", "该", "外", "当地", "上级", "下级", "上述", "某", "基层", "综合", "专科", "三甲", "三级", "二级", "一级", "社区", "乡镇", "镇", "县", "市", "省", "区", "村", "私人", "私立", "公立",
               "转诊", "其他", "其它", "多家", "一家", "附近", "国内", "国外", "外地", "两家", "另一", "不同", "各", "原", "定点", "协作", "住", "出", "入", "在", "来", "至", "到", "去", "由", "回", "离", "送", "家人送", "急诊", "互联网", "教学", "中医", "儿童", "传染病", "精神病", "肿瘤", "口腔", "眼科", "妇产", "妇幼", "骨科", "康复", "结核病", "掌上", "网上", "线上", "智慧", "移动", "云", "预防", "儿童预防", "犬伤", "社保", "医保", "人社", "教育", "税务", "工商", "公安", "市监", "卫生", "卫健", "民政", "交通", "社会保险", "社会保障", "医疗保障", "人力资源", "血液", "腹膜", "心理", "法律", "养老", "失独", "流浪", "特殊", "戒毒", "未成年")
_NO_NAMES = frozenset((*_STOP_HEADS, *(a + b for a in _STOP_HEADS[:24] for b in _STOP_HEADS)))
"""Heads that name no institution: 我(院), 当地(医院), 上级综合(医院)."""
_ORG_CUES = re.compile(r"(?:就诊于|就职于|任职于|毕业于|转诊至|转诊到|转入|转至|转到|转往|转回|送至|送往|送到|送入|需转|应转|接往|就读于|就读|开户行|认识|询问|当地|送(?=[\u4e00-\u9fff]{3})|就读于|退休于|住入|收入|入住|急送|前往|返回|回到|赴|来到|来自|发往|寄往|外送|送检|供职于|工作于|上班于|服务于|随访于|复诊于|治疗于|手术于|检查于|体检于|建议到|建议去|建议|联系|联络|到达|抵达|后于|曾于|曾在|今在|遂到|遂至|遂在|再到|又到|先到|并在|并于|后到|后至|后在|经|曾|于|在|至|到|往|由|从|自|被|是|为|向|与|和|及|的|系|去|来|找|给|让|请|把|将|即|后|再|又|已|均|都|现|今|患者|病人|家属|父亲|母亲|丈夫|妻子|单位|地址|机构|医师|要求转|拟转|建议转)")


@cache
def place_rules() -> tuple[Rule, ...]:
    """Rules of addresses, longest reach first."""
    return (
        rule("label.address", "ADDR", rf"(?:家庭住址|家庭地址|居住地址|现住址|户籍地址|户口所在地|户籍所在地|户口地址|通讯地址|联系地址|邮寄地址|收件地址|单位地址|工作地址|常住地址|暂住地址|出生地|籍贯|住址|地址|居住地|现居地|祖籍)(?<!MAC地址)(?<!IP地址)(?<!网络地址)(?<!网址)(?<!邮箱地址)"
             rf"\s?[::]?\s?(?P<v>[{_C}A-Za-z\d\-#·()]{{2,50}})", lambda v: not re.match(r"(?:不详|未知|同上|无|略|保密|不便|见)", v), "cjk"),
        rule("form.address_road", "ADDR", rf"(?P<v>(?:[{_C}]{{1,6}}?(?:省|市|自治区|自治州|区|县))*(?:{_ROAD}|{_PLACE})(?:{_UNIT}){{1,6}})", has_address_number, "numbered road"),
        rule("form.from_here", "ADDR", rf"(?:(?<![{_C}])|(?<=[系为是])|(?<=户籍)|(?<=籍贯))(?P<v>[{_C}]{{2,8}})(?=人(?:[,。;、)\s]|$))", _division, "cjk", 0),
        rule("form.over_there", "ADDR", rf"(?:(?<![{_C}])|(?<=[在到去从由回自给的]))(?P<v>[{_C}]{{2,4}})(?=那边|这边|那里|老家|过来|方向来|转来|送来)", _division, "cjk", 0),
        rule("form.address_cued", "ADDR", rf"(?:家住|家在|现住|现居|居住在|居住于|住在|住于|租住|暂住|户籍|籍贯|祖籍|老家在?|来自|搬到|搬至|定居)[::]?\s?(?P<v>(?:(?:{_PLACE}|{_ROAD})(?:{_UNIT})*|[{_C}]{{1,7}}(?:省|市|区|县|州|旗)){{1,5}})", None, "cjk"),
        rule("form.address_us", "ADDR", r"(?<![A-Z\d])(?P<v>\d{1,6}(?:-\d{1,4})?[A-Za-z]?\s+(?:(?:North|South|East|West|N|S|E|W|NE|NW|SE|SW)\.?\s+)?(?:[A-Z][A-Za-z'’]*\d{0,3}\.?\s+|\d{1,3}(?:st|nd|rd|th)\s+){1,4}"
             rf"(?:{STREETS_US})\b\.?(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Rm|Room|Floor|Fl|#)\.?\s?#?[A-Z\d\-]{{1,6}})?)", _street_us, "digit street street_us", 0),
        rule("label.address_en", "ADDR", r"(?<![A-Za-z])(?:[Aa]ddress|ADDRESS|(?:[Hh]ome|HOME):(?=\s(?:[\d#]|Flat|Unit|Blk))|[Ll]ives(?:\salone)?\sat|[Rr]esid(?:es|ing)\sat|[Rr]esident\sof|[Rr]/[Oo]|[Mm]ail(?:ed)?\sto|[Ss]hips?\sto|[Dd]eliver(?:ed)?\sto)\s?:?\s(?P<v>(?:(?:H\.?\s?|Door\s|Plot\s)?No\.?\s)?(?:[A-Z]|#?\d)[\w/#'’\-]*(?:,?\s(?:-\s)?(?:(?:[A-Z]|#?\d)[\w/#'’\-]*|of|the|upon|on)){2,12})", labelled_address, "digit capital address_word", 0),
        rule("form.address_flat", "ADDR", r"(?<![A-Za-z])(?P<v>(?:Flat|FLAT|Unit|Blk|BLK|Apt|Apartment|Plot|Villa|House\sNo|H\.?\s?No|Door\sNo|Shop|RR|Rural\sRoute|Level)\.?\s#?(?:[A-Z]?\d{1,4}[A-Z]?|[A-Z])(?:[/\-]\d{1,4}[A-Z]?){0,3}(?:,?\s(?:(?:[A-Z]|#?\d)[\w/#'’\-]*|of|the|upon|on)){2,12})", address_en, "digit capital flat_word", 0),
        rule("form.address_lower", "ADDR", r"(?<![A-Za-z\d/.\-])(?P<v>\d{1,5}[a-z]?\s(?:[a-z]{3,}\s){1,2}(?:street|road|avenue|lane|boulevard|crescent|terrace))(?![A-Za-z])", _lower_street, "digit street_us", 0),
        rule("form.po_box", "ADDR", r"(?P<v>P\.?\s?O\.?\s?Box\s+\d{1,6})", hint="box"),
    )


def _division(value: str) -> bool:
    """A division, or several in a row, with or without their last words, and nothing else."""
    whole = words.divisions_cn().whole(value) or words.bare_districts_cn().whole(value)
    return (whole and value not in words.pairs_cn()) or (len(value) > 3 and _divisions_end(value, 0)[0] == len(value))


def _lower_street(value: str) -> bool:
    return not any(word in _NO_STREET for word in value.split()[1:-1])


_NO_STREET = frozenset("the down from along across and with off near per min mins minutes hours days weeks months years miles yards metres meters feet".split())
def _street_us(value: str) -> bool:
    return re.search(r"\s(?:Lives|Resides|Stays|Living|From|Seen|Address)\s", value) is None


_STREET_EN = re.compile(r"\b(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Crescent|Terrace|Trail|Trl|Way|Place|Square|Gardens|Grove|Rise|Croft|Drove|Garth|Wharf|Embankment|Cres|Nagar|Marg|Colony|Sector|Estate|Box|Highway|Parade|Pde|Blvd|Estate|Terrace|Jalan|Lorong|Tower|Towers|House|Mansions?|Building|Heights|Apartments|Villas?|Hostel|Residences?|Mall|Plaza)\b")


def address_en(value: str) -> bool:
    """A street's word beside a figure, or a postal code at the end of parts apart by commas."""
    return has_digit(value) and (_STREET_EN.search(value) is not None or (value.count(",") > 1 and re.search(r"\s\d{5,6}\Z", value) is not None))


def labelled_address(value: str) -> bool:
    """Behind a label a figure, a comma and one part that is no English word are enough."""
    return has_digit(value) and (_STREET_EN.search(value) is not None or ("," in value and len(_unusual_parts(value)) > 0))


def _unusual_parts(value: str) -> list[str]:
    known = (words.no_name_en(), words.drugs_en(), words.eponyms_en())
    found = re.findall(r"[A-Z][a-z'’]{2,}", value)
    return [word for word in found if not words.common_en(word.lower()) and not any(word.lower() in which or word in which for which in known)]


_HEAD_END = re.compile(r"(?:省|市|区|县|岛)?[,\s]?")
_TAIL = re.compile(rf"(?:{_PLACE}|{_ROAD}|{_UNIT}){{1,6}}(?:{_UNIT}){{0,6}}")
_PLACE_AFTER = re.compile(_PLACE)


def gazetteer(text: str) -> list[tuple[int, int, str]]:
    """(start, end, rule) of addresses that begin with a division, and of divisions written in full."""
    found: list[tuple[int, int, str]] = []
    place = 0
    divisions = words.divisions_cn()
    while (first := next(divisions.iter(text, place), None)) is not None:
        start = first[0]
        end, names = _divisions_end(text, start)
        tail = _TAIL.match(text, end)
        place = start + 1
        if tail is not None:
            found.append((start, tail.end(), "gazetteer.address"))
            place = tail.end()
            continue
        bare = _PLACE_AFTER.match(text, end)
        end = bare.end() if bare is not None else end
        if names > 1 or text[start:end] in words.telling_stems_cn() or _full_division(text[start:end].rstrip(" ,")):
            found.append((start, end, "gazetteer.division"))
            place = end
    return found


def _divisions_end(text: str, place: int) -> tuple[int, int]:
    """Where up to four divisions in a row, province to district, end, and how many they are; behind the first also 龙岗 for 龙岗区."""
    names = 0
    for _ in range(4):
        end = words.divisions_cn().at(text, place)
        if end == place and names:
            end = words.bare_districts_cn().at(text, place)
        if end == place:
            break
        if names and text[end : end + 1] in tuple("街路镇乡村道巷庄屯桥"):
            break   # 延吉市河南街
        names += 1
        ending = _HEAD_END.match(text, end)
        place = ending.end() if ending is not None else end
    return place, names


def has_address_number(value: str) -> bool:
    return has_digit(value) or bool(re.search(r"[一二三四五六七八九十]+(?:号|弄|栋|幢|单元|室|组)", value))


def _full_division(value: str) -> bool:
    """A bare division name counts as written in full (上海市, 浦东新区), or as two names in a row; 和平区 is one, 朝阳 none."""
    return any(value.endswith(end) for end in "省市区县旗州盟镇乡村") and len(value) > 2


_BEFORE_ADDRESS = re.compile("[\u4e00-\u9fff]{0,4}?(?:现住址?|居住[于在]?|住[在于]|家住|租[住房][在于]?|暂住|位于|居[于留]|现居|到达|抵达|搬[至到]|寄[至到往]?|送[至到往]|返回|前往|来自|写的)|住(?!宅)|[在到至往从自](?![\u4e00-\u9fff]?[村庄镇])")


def trim_address(text: str) -> int:
    """How many leading characters of a matched address tell of going or living there and are no part of it."""
    cue = _BEFORE_ADDRESS.match(text)
    start = cue.end() if cue is not None and len(text) - cue.end() > 3 else 0
    found = next(words.divisions_cn().iter(text[: start + 10], start), None)
    return found[0] if found is not None and found[0] - start <= 6 and (found[0] == 0 or text[found[0] - 1] not in "省市区县州旗盟") else start


@cache
def org_rules() -> tuple[Rule, ...]:
    return (
        rule("form.organisation", "ORG", rf"(?P<v>[{_C}A-Za-z\d·（）()]{{2,24}}?{ORG_TAIL}(?:(?:医学院|医学部|临床医学院)?(?:附属|直属|第[一二三四五六])[{_C}]{{0,12}}?{ORG_TAIL}|(?:第?[一二三四五六])?附属?院|附[一二三四五六七八]院?)?(?:总医院|肿瘤医院|口腔医院|眼科医院|儿童医院|妇产科?医院|华西医院|深圳医院|国际医院|人民医院|中医医院|同济医院|协和医院)?(?:[{_C}]{{1,4}}(?:分院|院区|校区|分公司|支行|分行))?(?:总院|分院|南院|北院|东院|西院|本部)?(?:集团|总公司|有限公司|有限责任公司|股份公司|分公司|项目部)?)", None, "organisation"),
    )


_CENTRES = ("医学中心", "康复中心", "研究中心", "影像中心", "体检中心", "急救中心", "血液中心")
"""What departments are called, too: 生殖医学中心 names none."""


_NET_HOSPITALS = ("掌上医院", "网上医院", "线上医院", "互联网医院", "智慧医院", "移动医院", "云医院")
"""What an app or a service is called."""


_DATED = re.compile(r"\A(?:\d{2,4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?年?")
_CARING = ("医院", "诊所", "门诊部", "卫生", "接种门诊", "保健", "康复", "体检", "血")
"""How institutions of care end: what they treat names none (癫痫医院)."""
_TRADES = ("建筑 建材 电子 化工 机械 家具 服装 制衣 制鞋 纺织 印染 食品 饮料 水泥 玻璃 陶瓷 塑料 橡胶 造纸 印刷 包装 五金 模具 铸造 电镀 喷漆 油漆 蓄电池 电池 农药 化肥 制药 砖瓦 石材 木材 木器 家电 汽车 汽配 汽修 玩具 皮革 皮鞋 箱包 灯具 屠宰 养猪 养鸡 养殖 饲料 粮油 榨油 酿酒 造船 钢铁 炼钢 炼油 煤炭 发电 自来水 污水处理 垃圾处理 建筑工程 装修 装饰 物流 快递 运输 出租 公交 环卫 保洁 保安 物业 家政 农贸 蔬菜 水果 批发 海鲜 水产 花卉 二手 人才 劳务 集贸 装配 "
           "普通 重点 职业 寄宿 乡村 城镇 农村 双语 国际 艺术 体育 技工 师范 理工 医科 综合 师专 老年 成人 函授 电视 网络 商业 政策 外资 合资 国有 集体 私营 个体 大型 小型 中型 连锁 定点 平价 街边 路边 楼下 门口 隔壁 对面 旁边").split()
_ORDINARY_HEADS = ("化 加 大 小 好 老 新 的 我 你 您 他 她 去 到 起 进 上 先 再 又 才 则 还 就 也 家 市 县 省 区 镇 乡 村 那 这 哪 某 专业 专科 正规 权威 三甲 二甲 上级 下级 复诊 就诊 治疗 诊治 救治 诊断 检查 选择 决定 一家 几家 哪家 什么 附近 当地 城里 镇上 县里 市里 省里 乡里 村里 我们 你们 他们 人家 可以 建议 最好 应该 应当 需要 需 还是 如果 赶紧 马上 立即 尽快 及时 急忙 后来 想着 "
                   "国家 公办 公立 私立 民营 大型 综合性 综合 专门 知名 著名 有名 有条件 比较 较 更 留意 比较好 当时 后 年 月 日 天 次 因 为 所谓 各大 各级 各种 不同 地方 地区 部分 多数 大多数 很多 许多 有些 一些 所有 每个 两个 三个 一个 首先 其次 然后 直接 自己 自行 家人 孩子 母亲 父亲 朋友 前往 办理 联系 转 到了 过 及 和 或 与 对 于 从 在 由 向").split()


@cache
def _generic_words(caring: bool) -> Words:
    return Words(word for word in (*_TRADES, *_ORDINARY_HEADS, *_STOP_HEADS, *(words.medical_cn() if caring else ())) if len(word) > 1)


def _generic_head(head: str, caring: bool) -> bool:
    """Is what stands before the kind of institution made of ordinary words alone: 癫痫(医院), 您可以进我们(医院), 电子(厂)?"""
    generic, singles, place = _generic_words(caring), frozenset(word for word in (*_ORDINARY_HEADS, *_STOP_HEADS) if len(word) == 1), 0
    while place < len(head):
        end = generic.at(head, place)
        if end == place:
            if head[place] not in singles:
                return False
            end = place + 1
        place = end
    return True


@cache
def _brands() -> Words:
    return Words(BRANDS_CN)


@cache
def _last_tail() -> re.Pattern[str]:
    return re.compile(ORG_TAIL + r"[\u4e00-\u9fff]{0,8}$")


def trim_organisation(text: str) -> int | None:
    """How many leading characters of a matched organisation are not part of its name; None when nothing names one."""
    if text.endswith(_NET_HOSPITALS):
        return None
    start = 0
    tail = _last_tail().search(text)
    body_end = tail.start() if tail else len(text)
    found = next(words.divisions_cn().iter(text[:body_end]), None) or next(_brands().iter(text[:body_end]), None)
    for cue in _ORG_CUES.finditer(text[:body_end]):
        if (found is None or cue.end() <= found[0]) and (len(cue[0]) > 1 or body_end - cue.end() != 1):
            start = cue.end()
    if found is not None and found[0] >= start and found[0] - start <= 8:
        start = found[0]
    head = _DATED.sub("", text[start:body_end])
    if not head or head in _NO_NAMES or (found is None and _generic_head(head, tail is not None and tail[0].startswith(_CARING))) or (tail is not None and tail[0].startswith(_CENTRES) and found is None and head in words.pairs_cn()):
        return None
    return start

# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""What a text must hold before a rule is worth trying: cheap looks, each taken once a text.

A rule's `hint` names gates; every text in which the rule matches passes them all (a test holds every rule to that).
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.phi_zone.text.gate_words import BITS, BRANDS_CN, opened
from pipelines.phi_zone.text.scan import Lists, Words
from pipelines.phi_zone.text.starts import STARTS
from pipelines.phi_zone.text.words import firms_cn, firms_en, peoples_cn, surname_letters_cn, world_places_cn

# Alternatives begin with a letter each, never with a set: only then `re` looks for their first letters alone.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_LABELS = {
    "card_word": "证|身份|id\\s?card|resident",
    "passport_word": "护照|证|passport",
    "ssn_word": "ssn|social",
    "bank_word": "银|卡|iban|bank|credit|debit|card",
    "record_word": r"mrn|m\.r\.n|mr\s?#|med|chi|record|hosp|patient\s|chart|unit\s|acc|encounter|visit|specimen|case\s|requisition|order|study\s|badge|employee|csn|fin|har|uhid|nhs|bed\s|job|dictation|ip\s?no|ip\.\s?no|ipd|op\s?no|op\.\s?no|opd|cr\s?no|cr\.\s?no|reg|incident|booking",
    "account_word": "acc|member|subscriber|policy|group|insurance|beneficiary|medica|health|claim|invoice|certificate|bsb|sort|ihi|aadhaar|abha|cnic|grp|dva",
    "licence_word": "驾|licen|driver|dl|dea|npi|reg|gmc|nmc|hcpc|ahpra|gdc|mcrn|imc|mci",
    "phone_word": "tel|phone|cell|mob|landline|ph|home|work|fax|pager|beeper|call|contact|reach|ext",
    "zip_word": "邮|zip|postal",
    "serial_word": r"号|s/n|sn|serial|mac|host|workstation|ae\s?title",
    "qq_word": "qq|扣扣|企鹅|q号",
    "user_word": "user|log",
    "vehicle_word": "vin|vehicle|chassis|engine|车架|车辆|底盘|大架|发动机",
    "plate_label_en": "tag|plate|reg|car|van|vehicle|lorry|motorbike",
    "cn_label": "号|证|卡|床|码|照|牌|户|宝|位|电话|手机|座机|固话|联系方式|热线|传真|分机|小灵通|来电|拨打|致电|邮编|患者id|病人id",
}
"""Words of the labels of numbers, lower case."""
TITLES = "队长(?<!支队长)|组长(?<!任组长)|医师|医生|大夫|主任医师|副主任医师|主治医师|副主任|主任|护士长|护士|教授|副教授|院长|副院长|科主任|技师|博士|老师|先生|女士|小姐|太太|阿姨|大爷|大妈|大叔|师傅|同志|老人家|奶奶|爷爷|老板|护理师|Sir|sir|书记|校长|律师|警官|主管|经理|药师|研究员|护师|技士|同学|嫂|(?:科|处|所|站|厂|村|镇|乡|矿|园|馆|店|连|营|团|庭|股)长(?!期|时|大|度|达|途|短|椅|廊|久|征|城|江|沙|春|于|约|径|轴|[\\d\\s]?\\d)|姑娘|法官|检察官|干事|警长|总监"
KIN = "父亲|母亲|丈夫|妻子|配偶|爱人|儿子|女儿|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|祖父|祖母|舅舅|叔叔|姑姑|姨妈|女婿|儿媳|侄子|外甥|孙子|孙女|家属|家人|长子|次子|长女|次女|独子|独女|护工|保姆|联系人|监护人|同事|邻居|朋友|室友|弟媳|儿媳妇|孙媳|媳妇|老伴|曾孙女?|外孙女?|外甥女|侄女|侄儿|岳父|岳母|公公|婆婆|嫂子|姐夫|妹夫|弟妹|表[哥弟姐妹]|堂[哥弟姐妹]|师[兄姐弟妹]|伯父|伯母|婶婶|舅妈|姑妈|姑父|姨父|小姨|养父|养母|继父|继母|案[妻夫母父子女]"
SUBJECTS = "患者|病人|患儿|病员|产妇|孕妇|伤者|伤员|死者|逝者|住户|居民|老人|家属|家长|亲属|女士|学生|工人|队员"
_SIGNS = r"主刀|主诊|主持|执刀|完成|操作|执行|审核|复核|审签|签发|签名|签字|书写|记录|会诊|查房|接诊|陪同|护送|转交|代办|代签|代述|代诉|本人|家属|确认|核对|穿刺|麻醉|汇报|交班|接班|沟通|同意|诉|说|电话|联系|\(|（"
_FAMILIAR, _DESCENT = "|".join(f"{head}[{''.join(sorted(surname_letters_cn()))}]" for head in "老小阿"), "之[子女父母夫妻儿妹弟兄姐婴]"
_MASK = "|".join(["某", *(rf"{mark}(?<=[\u4e00-\u9fff]{mark})" for mark in (r"\*", "×", "○", "x", "X"))])
_SEX_AGE = "男|女|岁|住院号|ID|Id|iD|id|身份证|电话"
_FIGURE = r"[\d一二三四五六七八九十百甲乙丙丁A-Za-z\-—]"
_ORG_TAILS = (r"(?:医院|医科大学|中医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|妇幼保健院|保健院|疾控中心|疾病预防控制中心|体检中心|门诊部|诊所|医学院|医学中心|血液中心|疗养院|康复中心|护理院|养老院|福利院|敬老院|影像中心|检验所|急救中心|"
            r"大学|学院|中学|小学|幼儿园|学校|研究所|研究院|研究中心|公司|集团|工厂|厂(?![家商区])|银行|派出所|公安局|法院|检察院|政府|居委会|村委会|局(?![限部灶麻促势面外内封切])|酒店|商场|超市|制药|药业|药房|大药房|工会|合作社|部队|救援队|消防队|支队|大队|基金会|协会|月子中心|老年公寓|养老公寓|养老中心|长者中心|安老院|护老院|残联|妇联|民政局|驾校|事务所|俱乐部|剧团|歌舞团|电视台|报社|出版社|设计院|煤矿|油田|福利中心|托老所|康养中心|养护中心|养护院|颐养院|颐养中心|护养院|康养院|照护中心|照料中心|托养中心|托老中心|养老服务站|养老驿站|乐龄公寓|干休所|休养所|光荣院|救助站|救助中心|看守所|戒毒所|拘留所|监狱|殡仪馆|火葬场|公墓|陵园|妇幼保健中心|妇保院|妇幼保健所|保健所|防治所|防治院|防治站|皮防所|职防院|中心血站|血站|防疫站|监督所|接种门诊|接种点|犬伤门诊|口腔门诊(?!部)|中医馆|国医馆|国医堂|医馆|卫生分院|妇产中心|眼科中心|透析中心|血透中心|康复医学中心|医学检验实验室|特教学校|托育园|托儿所|早教中心|培训学校|培训中心|技校|物流园|农贸公司|加油站|饭店|宾馆|酒楼|餐厅|火锅店|理发店|美容院|健身房|养殖场|屠宰场|水厂|电厂|砖厂|工程队|施工队|合作社区|信用社|储蓄所|支行|营业部|营业厅|供电所|派出所分所|刑警队|交警队|巡警队|武警中队|街道办|镇政府|司法所|法庭|律所|会诊中心|服务部|警务室|警务站|鉴定中心|鉴定所|检测中心|护理站)")
ORG_TAIL = f"(?=[{''.join(sorted({tail[0] for tail in _ORG_TAILS[3:].split('|')}))}]){_ORG_TAILS}"
"""Its first letters are looked at before its sixty words."""


class Sight:
    """One text and what has been seen of it so far."""

    __slots__ = ("_held", "_listed", "_low", "_starts", "opened", "text")

    def __init__(self, text: str, seen: int | None = None) -> None:
        """seen: the bits of the text's words, where they are known already."""
        self.text = text
        self._low: str | None = None
        self._listed: set[str] | None = None
        self.opened = opened(text) if seen is None else seen
        self._held: dict[str, bool] = {}
        self._starts: dict[str, list[int]] = {}

    @property
    def lower(self) -> str:
        if self._low is None:
            self._low = self.text.lower()
        return self._low

    @property
    def listed(self) -> set[str]:
        """The lists of names of which the text holds a word."""
        if self._listed is None:
            self._listed = _LISTED.of(self.text)
        return self._listed

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


class _Searched:
    """A look for a pattern in a text."""

    def __init__(self, pattern: str) -> None:
        self.search = re.compile(pattern).search

    def __call__(self, sight: Sight) -> bool:
        return self.search(sight.text) is not None


_text = _Searched


def _lower(pattern: str) -> Callable[[Sight], bool]:
    search = re.compile(pattern).search
    return lambda sight: search(sight.lower) is not None


def _listed(which: str) -> Callable[[Sight], bool]:
    return lambda sight: which in sight.listed


def _with_figure(labels: str) -> str:
    """Any of the labels (alternatives apart by bars) with a figure not far behind it."""
    return "|".join(rf"{label}[^\d]{{0,40}}\d" for label in labels.split("|"))


NUMERAL = "〇零○一二三四五六七八九幺两"
_FIRMS_EN = Words(firms_en())
_LISTED = Lists({
    "firm": firms_cn()["a"], "firm_cued": firms_cn()["c"], "peoples": [part for parts in peoples_cn().values() for part in parts if len(part) > 1],
    "country": world_places_cn(), "known_hospital": BRANDS_CN,
})

GATES: dict[str, Callable[[Sight], bool] | None] = {
    "digit": None, "cjk": None, "capital": None,
    "net": lambda sight: "@" in sight.text or sight.has("web"),
    "at": None,
    "web": _lower(r"://|www\.|\.(?:com|org|net|edu|gov|uk|ie|au|nz|in|hk|ca|io|info|example)/"),
    # numbers
    "long": _text(r"\d(?:[\s\-.()*xX×+]{0,14}\d){4}|\d{3}[*×xX]{4}"),
    "long15": _text(r"\d(?:[\s\-.]?\d){14}"),
    "long9": _text(r"\d(?:[\s\-.()]{0,2}\d){8}"),
    "long9_or_masked": _text(r"\d(?:[\s\-.()]{0,2}\d){8}|[*×xX]{4}"),
    "masked": _text("[*×xX]{4}"),
    "plus": None, "last": None, "number_word": None, "piped": None,
    "tag": _text(r"\(00[0-4]\d,\d{4}\)"),
    "spelled_at": _lower(r"[(\[{]\s?at\s?[)\]}]"),
    "numerals": _text("[一幺][三四五六七八九](?:[\\s\\-]?[〇零○一二三四五六七八九幺]){9}"),
    "masked_ssn": _text(r"[Xx*#]{3}-[Xx*#]{2}-\d"),
    "uid": _text(r"\d(?:\.\d+){6}"),
    "colons": _text(":[0-9A-Fa-f]{0,4}:"),
    "degrees": _text(r"\d\.\d{3}"),
    "degree_sign": None,
    "latitude_cn": _text("[南北]纬|[东西]经"),
    "many_numerals": _text(f"(?:[{NUMERAL}][\\s\\-]?){{15}}"),
    "some_numerals": _text(f"号.{{0,4}}?(?:[{NUMERAL}][\\s\\-]?){{4}}"),
    "day_dotted": _text(r"\d\.\d{1,2}[出第做拍开查来复入转住手首起发就挂到当那拔拆突]"), "month_part": _text("月(?:[上中下]旬|底|末|初)"), "udi": _text(r"\(01\)"), "field_apart": _text(r"[名人师士护者员]\s"), "bracketed": None, "spaced_figures": _text(r"\d\s\d\s\d"), "host_word": None, "slash_range": _text(r"\d/\d{1,2}\s?[~\-至到]\s?\d{1,2}/\d"), "day_then_time": _text(r"\d[/\-.]\d{1,2}\s?\d{1,2}:\d"), "understroke": None, "until": None, "season": None, "pt_word": None, "misread": _text(r"\d[OolI]\d"), "spaced_letters": _text("(?:[\u4e00-\u9fff]\\s){4}"),
    "ip": _text(r"\d\.\d{1,3}\.\d"),
    "ssn": _text(r"\d-\d\d-\d"),
    **{name: _lower(_with_figure(labels)) for name, labels in _LABELS.items()},
    "chat": _lower("微信|wechat|weixin|威信|薇信|v信|vx|微博|抖音|小红书|快手|whatsapp|telegram"),
    "bed": _text("床(?:(?<=[0-9]床)|(?<=[0-9].床))"),
    "long_mixed": _text("[A-HJ-NPR-Za-hj-npr-z0-9]{17}"),
    "plate": _text("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"),
    "plate_label": _lower("车牌|牌照|plate"),
    "province_word": None, "bank_code_word": None, "account_user": None, "name_word": None, "quote_cn": None, "ordinal": None, "ending_role": None, "greeting_word": None, "mark_word": None, "officer_word": None, "branch_word": None, "handphone_word": None, "driver_word": None, "water_word": None, "register_word": None, "card_en": None, "claim_word": None, "record_word_en": None, "paged_word": None, "extension_x": None, "weekday": None,
    # dates
    "year": _text(r"(?:19|20)\d\d"),
    "range": _text(r"\d{4}[./\-]\d{1,2}[./\-]\d{1,2}\s?[-~至到]"),
    "short_date": _text(r"\d[/\-.]\d{1,2}[/\-.]\d"),
    "年": None, "月": None, "slash": None,
    "slash_apart": _text(r"\d\s/\s\d"),
    "bare_slash": _text(r"\s\d{1,2}/\d{1,2}(?![\d/])"),
    "word_year": _lower(r"[a-z][\s\-](?:of\s)?(?:19|20)\d\d"),
    "month_name": _lower(_MONTH),
    "month": _lower(rf"{_MONTH}[a-z]*\.?,?(?:\s+of)?[\s\-/.]{{0,2}}'?\d|\d(?:st|nd|rd|th)?(?:\s{{1,2}}of)?[\s\-/.]{{0,2}}{_MONTH}"),
    "pressed": _text(r"/\d{1,2}(?::|\sat|\s[Bb][Pp])?\s[12]\d\d/\d\d"), "ranged": _text(r"\d\s?-\s?\d{1,2}/\d"), "two_slashes": _text(r"\d/\d{1,2}\s?(?:-|[A-Za-z]{2,7})\s?\d{1,2}/\d"), "roman": _text(r"\d[./\-\s][IVXivx]{1,4}[./\-\s]\d\d"),
    "slashed_row": _text(r"\d/\d{1,2}(?:,|,?\s(?:&|and|or))\s\d{1,2}/\d"), "status_post": _text("[Ss]/[Pp]\\s"), "entry": _text(r"/\d{1,2}:\s"), "valued": _text(r"\d,\s\d{1,2}/\d{1,2}\s\d"), "sorted": _text(r"\d\d-\d\d-\d\d[\s,/]"), "handle": _text(r"[a-z._\-][\d_]"), "medicare_spaced": _text(r"\d{4}\s\d{5}\s\d"), "plate_spaced": _text(r"[KS][A-Z]{2}\s\d{3}"), "plate_irish": _text(r"\d{3}[\-\s][A-Z]{1,2}[\-\s]\d"), "iban": _text(r"[A-Z]{2}\d\d\s?[A-Z\d]{4}"), "host": _text(r"\.(?:ac|co|com|edu|gob|gov|govt|health|hosp|mil|moh|nhs|nic|org|sch)\.[a-z]{2}"), "host_path": _text(r"\.[a-z]{2,8}(?::\d{2}|/[A-Za-z\d?#~@+])"), "login_word": None, "path_mark": None, "insurance_word": None, "paper_word": None, "police_word": None, "car_word": None, "reg_word": None, "transfer_word": None, "rang_word": None, "sent_word": None, "feast_word": None, "signed_word": None, "meeting_word": None, "pass_word": None, "door_word": None, "host_end": None, "ported": _text(r"\d\.\d{1,3}:\d"), "lab_word": None, "test_word": None, "counted_word": None, "spoken_word": None, "weekend_word": None, "course_word": None, "last_word": None, "row_word": None, "named_word": None, "till_word": None, "role_word_en": None, "given_word": None, "missed_word": None, "reading_word": None, "recall_word": None, "roman_word": None,
    "生日": lambda sight: "生日" in sight.text,
    "ninety": _lower(r"9\d|1[0-3]\d|九十|九旬|一百|ninet|hundred"),
    # places
    "numbered": _text(rf"[号支弄栋幢座单楼层室户组队社村房](?:(?<={_FIGURE}.)|(?<={_FIGURE}[\s\-].)|(?<={_FIGURE}\s-.))"),
    "road": None,
    "state_zip": _text(r"[ ,][A-Z]{2}[ ,]{1,2}\d{5}"),
    "street": _text(r"\d[A-Z]?\s+[A-Z\d]"),
    "box": _lower(r"o\.?\s?box"),
    "organisation": _text(_ORG_TAILS),
    "near": _text("住.*(?:一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)|家在.*(?:一带|附近|旁边|对面|周边|楼上|楼下|那边|路口|边上)"),
    "country": _listed("country"),
    "moved": None, "country_en": None, "road_en": None, "street_us": None, "street_end": None, "unit_end": None, "highway": None, "land_en": None,
    "short_hospital": _text("[一二三四五六七八九十附]院"),
    "known_hospital": _listed("known_hospital"),
    "org_en": None, "regional": None, "british_org": None, "handset": None, "hash": None, "hash_word": None, "bleep": None, "laboratory_word": None, "ring_word": None, "address_word": None, "flat_word": None, "doctor_word": None, "holiday": None,
    "known_firm": lambda sight: next(_FIRMS_EN.iter(sight.text), None) is not None,
    "acts": _text(r"[A-Z][a-z'’]+(?:-[A-Za-z][a-z]+)?\s(?:[a-z]+(?:s|ed|d|t|e|n|ke|ll)|is|has|was|and|rang)(?![a-z])"),
    "comma_figure": _text(r"[a-z],\s(?:(?:age|aged|room|rm|bed|bay|an?)\s)?\d"),
    "farewell": None, "cued": None, "list_head": None, "dash_or_colon": None, "by_word": None, "comma_word": None, "between_word": None, "moved_word": None, "band_word": None, "division_en": None, "waters_word": None, "honour_word": None, "honour_title": None, "apposed_role": None, "state_en": None, "quote": None, "goes_word": None, "under_word": None, "team_word": None, "has_word": None, "and_word": None, "son_word": None, "subject_word": None,
    "headed": _text(r"(?:AME|ame|DER|der|IAN|ian|ING|ing|IST|ist|ENT)(?:\t|\s{2,}|\s?\|\s?)\s*[A-Z]"),
    "quoted": _text(r"[\"“(][A-Z][a-z]+[\"”)]\s[A-Z]"),
    "given_lower": None,
    "title_lower": _text(r"(?<![A-Za-z])(?:dr|mrs?|ms|miss|prof|sister)\.?\s[a-z]"),
    "corner": None,
    "interstate": _text(r"(?:I|US|SR|CR)-\d"),
    "where": _text(r"(?:[bB]orn|[bB]etween|[iI]n|[oO]utside|[nN]ear|[aA]t|off|[fF]rom|[tT]o|through|[oO]f|[vV]ia|[aA]round)\s(?:[a-z]+\s)?[A-Z]"),
    "saint": _text(r"(?:St|Saint|Mt|Mount|Queen|King|Princess|Prince|Royal|Our\sLady)\.?\s(?:of\s)?[A-Z]"), "town_end": None,
    "school": None, "firm_kind_en": None, "firm_cued_en": None,
    "joined": _text("[A-Z][a-z]{2,}[A-Z][a-z]{2}"),
    "public": None,
    # names
    "colon": None, "dot": None,
    "title": _text(TITLES),
    "familiar": _text(_FAMILIAR),
    "kinship": None,
    "mask": _text(_MASK),
    "mask_sign": None,
    "descent": _text(_DESCENT),
    "sex_age": _text(_SEX_AGE),
    "signed": _text(_SIGNS),
    "two_capitals": _text(r"[A-Z][^\s,^]{0,120}[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z]"),
    "inner_capital": _text(r"[A-Za-z],?\s\(?[A-Z][a-z'’]"),
    "labelled_capital": _text(r"[::]\s{0,3}[A-Z]"),
    "possessive": lambda sight: "'s " in sight.text or "'s\n" in sight.text or "'s\t" in sight.text,
    "caret": None,
    "title_en": _text(r"(?:M(?:r|rs|s|iss|x|adam)|Drs?|Prof(?:essor)?|Doctor|Nurse|S(?:ir|gt|ister)|Rev|Capt|Father|Pastor|Judge|Officer|Attorney|Coach|De(?:tective|puty)|Trooper|Rabbi|Imam|Fr|Lt|Cpl|Pvt)[.\s]"),
    "called": _text("小名|乳名|奶名|大名|学名|用名|原名|又名|化名|别名|别号|昵称|绰号|外号|诨号|诨名|网名|花名|艺名|笔名|法名|教名|文名|本名|信名|爱称|人称"),
    "called_en": _lower(r"name|goes\sby|known|a\.?k\.?a|alias|n[ée]e|former|f/k/a|called|answers|calls?\s"),
    "initial": _text(r"[A-Z]\.\s?(?:[A-Zvdablt])"),
    "small_word": None, "romanised": None, "pinyin": None, "given": None, "kin_en": None, "cue_en": None, "plain_label": None, "role": None, "compound": None,
    "kin_cn": _text(KIN),
    "comma_capital": _text(r",\s?[A-Z]"),
    "firm": _listed("firm"),
    "firm_cued": _listed("firm_cued"),
    "firm_kind": _text("人寿|险|诊断|检验|基因|生物|物流|快递|速递|速运|科技|重工|钢铁|煤矿|矿业|纺织|电子|实业|控股|置业|地产|物业|建工|航空|证券|电力|石化|食品|服饰|家具|水泥|化工"),
    "subject": _text(SUBJECTS),
    "staff": _text("护士|医师|医生|技师|药师|麻醉师|护师|护理员|营养师|康复师|治疗师|助产士|导诊|陪检员|检验师|验光师|社工|志工|义工|保安|保洁|护工|司机|民警|警官|保姆|月嫂|主诊|助理|主管|同学|学员|进修医|规培医|研究生|队长|班长|工友|组长|老板|房东"),
    "took_part": _text("参加|出席|到场|参会|与会|列席|讨论|会诊意见|一致|在线"), "opines": _text("认为|主张|提议|反对|不赞成|补充说|指出"), "user_shape": _text(r"[A-Za-z][._]?\d\d|[a-z][_.][a-z\d]"), "token": _text("[\\da-f]-[\\da-f]{4}-"),
    "rank_cn": _text("治疗师|主治|住院|护师|主管护师|规培|进修医|康复师|总住院|院总|助产士|护理员|技师|药师|教员|队长"), "carer_cn": _text("心理|咨询师|康复师|治疗师|营养师|麻醉师|社工|个管师|呼吸师|体疗师|验光师|警|网格员|协理员|专干"),
    "trial_cn": _text("筛选号|随机号|受试者|入组号|药物编号"),
    "one_behind_role": _text(r"[师生夫长士工医机警律刀者助线班回械手教人员醉]:?\s{0,3}[\u4e00-\u9fff]{1,2}(?:[,;。、:\s)(/|]|$)"), "two_behind_doer": _text(r"[者人员][\u4e00-\u9fff]{2,3}(?:[,;。、:\s)(/|]|$)"),
    "together": lambda sight: "、" in sight.text,
    "object": _text("遇到|遇见|碰到|交代|叮嘱|嘱咐|提醒|通知|告知|联系|安排|看望|探望|转告|转达|致电|护送|陪同|搀扶|门诊的|病房的|床的|今收|新收|收治|接诊"),
    "child": _text("患儿|宝宝|宝贝|婴儿|孩子|小孩|小朋友|小患者|男婴|女婴|男孩|女孩|幼儿|儿子|女儿|孙子|孙女|外孙|弟弟|妹妹"),
    "peoples": _listed("peoples"),
    "plural_title": None, "baby": None, "lone_o": None, "title_capitals": _text(r"(?<![A-Za-z])(?:M(?:RS?|S|ISS)|DRS?|PROF(?:ESSOR)?|DOCTOR|NURSE|SISTER|SR)[.\s]"), "division_word": None, "aged": None, "slash_or_colon": _text(r"[A-Z][/:][a-z]{2}"), "letters_apart": _text(r"[A-Z]\s[a-z]\s[a-z]"), "family_capitals": None,
    "place_in_ward": _text(r"(?:[Rr]oom|[Rr]m|RM|[Bb]ed|BED|[Bb]ay)\s?#?\d"),
    "signed_en": None, "electronically": None, "degree": None,
}

SEARCHES = {gate: look.search for gate, look in GATES.items() if isinstance(look, _Searched)}
"""Looks for a pattern in the text as it stands."""
_GATES = {gate: (BITS.get(gate, 0), look) for gate, look in GATES.items()}

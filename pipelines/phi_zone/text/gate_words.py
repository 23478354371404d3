# ruff: noqa: E501, SIM905 - patterns are data: a line is one of them, whole

"""Which gates (gates.py) a word of a text can open: each word is looked at once and remembered, a text's gates are those of its words.

A word is a run of letters or any other single character; so a Chinese character is a word.
"""
from __future__ import annotations

import re

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import DEGREES, PARTICLES

SURNAME_PINYIN = frozenset("""li wang zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng dong xiao cheng cao yuan deng fu shen zeng peng lv lyu su lu jiang cai jia ding wei xue ye yan
yu pan du dai xia zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin yi chang qiao he lai gong wen pang tao hong zhai ni niu ji zhuang mo geng zhan guan miao
fei jin sheng tong ou qu cheng pei xi wei bao tan huo weng gan jing ouyang sima zhuge shangguan murong""".split())
ROMANISED = frozenset("chan wong cheung leung lam lau ng cheng kwok chow tsang yeung chiu tang tsai hsu hsieh chang lai yip fung mak poon siu tse chau kwan lui ip szeto choi yuen tam chu pang yau hui kuo liao chuang hsiao tseng teng shih nguyen tran pham hoang phan vo dang bui ngo duong kim park jung kang yoon jang hwang ahn yoo seo bae lee kwon".split())
"""Family names of Canton, Taiwan, Vietnam and Korea in Latin letters."""
COUNTRY_HEADS = frozenset("afghanistan albania algeria angola argentina armenia australia austria azerbaijan bangladesh belarus belgium belize bolivia bosnia botswana brazil bulgaria burma burundi cambodia cameroon chile china colombia congo costa croatia cuba cyprus denmark dominican ecuador egypt el eritrea estonia ethiopia fiji finland france gambia germany ghana greece guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan kazakhstan kenya kosovo kuwait laos latvia lebanon liberia libya lithuania madagascar malawi malaysia mali mexico moldova mongolia morocco mozambique myanmar namibia nepal netherlands new nicaragua niger nigeria norway oman pakistan panama paraguay peru philippines poland portugal puerto qatar romania russia rwanda saudi senegal serbia sierra singapore slovakia slovenia somalia south spain sri sudan suriname sweden switzerland syria taiwan tanzania thailand tibet togo trinidad tunisia turkey uganda ukraine uruguay uzbekistan venezuela vietnam yemen zambia zimbabwe kerala punjab hong macau guam samoa".split())


_COMPOUND = "".join(sorted({name[0] for name in words.compound_surnames_cn()}))


def _begins(labels: str) -> str:
    return rf"^(?:{labels})"


def _is(labels: str) -> str:
    return rf"^(?:{labels})$"


KEYS: dict[str, str] = {
    "digit": r"^\d",
    "cjk": "[\u3400-\u9fff]",
    "at": "@",
    "plus": r"\+",
    "card_word": "证|身|card|resident",
    "passport_word": "照|证|passport",
    "ssn_word": "ssn|social",
    "bank_word": "银|卡|iban|bank|credit|debit|card",
    "record_word": _begins("mrn|m$|mr|med|hospital|patient|chart|unit|acc|encounter|visit|specimen|case|study|badge|employee|csn|fin|har|uhid|nhs|bed"),
    "account_word": _begins("acc|member|subscriber|policy|group|insurance|beneficiary|medica|health|claim|invoice"),
    "licence_word": "驾|licen|driver|dl|dea|npi",
    "phone_word": _begins("tel|phone|cell|mobile|fax|pager|beeper|call|contact|reach|ext"),
    "zip_word": "邮|zip|postal",
    "serial_word": "号|s$|sn|serial|mac",
    "qq_word": "q|扣|鹅",
    "user_word": "user|log|screen",
    "vehicle_word": "vin|vehicle|chassis|engine|车|盘|架|动",
    "plate_label_en": _begins("tag|plate|reg"),
    "chat": "微|威|薇|v$|vx|wechat|weixin|抖|书|快|whatsapp|telegram",
    "plate_label": "牌|plate",
    "bed": "床",
    "年": "年", "月": "月", "生日": "生", "slash": "/", "caret": r"\^", "dot": "[·•]",
    "month_name": "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    "box": "box",
    "road": "[路街道巷同弄里园区村庄苑镇乡屯寓厦场队旗查木]",
    "near": "[带近边面上下口]",
    "short_hospital": "院",
    "called": "名|号|昵|称",
    "title": "[师生夫任长士授士生姐太姨爷妈叔傅志家奶记官管理员学嫂]",
    "kinship": "[爷妈娘叔婶伯姐哥嫂姨婆公奶太子汉傅爸]",
    "familiar": "[老小阿]",
    "mask": "某|[*×○x]",
    "descent": "之",
    "role": "[人生床级任员医送叫称着是东友头乡夫妻译队游诊片练]",
    "compound": f"[{_COMPOUND}]",
    "plain_label": "姓|叫|名|署",
    "kin_cn": "[父母夫妻偶人子女哥弟姐妹爷奶公婆舅叔姑妈婿媳甥孙属工姆事居友]",
    "colon": r"[::】\]]",
    "moved": _begins("from|travel|trip|moved|relocated|fl|grew|native|born|raised|liv|resid|vacation|visit|immigrated|emigrated|deployed|stationed|retired|hometown|drove"),
    "country_en": _is("|".join(sorted(COUNTRY_HEADS))),
    "road_en": _is("street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|highway|hwy|parkway|pkwy|square|bridge|plaza|pier|turnpike|expressway|freeway|tunnel|terrace|alley|boardwalk"),
    "highway": _is("interstate|highway|hwy|route|rte|road"),
    "land_en": _is("lake|mount|mt|fort|ft|cape|port|county|township|parish|borough|island|beach|reservation|valley|canyon|creek|harbor|heights"),
    "org_en": "living|nursing|memory|care|rehab|treatment|surg|fulfillment|detention|correctional|medical|health|hosp|cancer|dialysis|kidney|urgent|family|univ|school|college|academy|sheriff|police|fire|jail|penitentiary|prison|shelter|church|temple|mosque|synagogue|industries|steel|motors|logistics|foods|trucking|airlines|shipyard|inc|llc|corp|ltd|bank|union|insurance|pharmacy|clinic|local",
    "regional": _is("regional|general|memorial"),
    "known_org": _is("mass|massachusetts|mayo|hopkins|johns|kaiser|cedars|md|sloan|brigham|beth|mount|montefiore|bellevue|stanford|cleveland|emory|duke|vanderbilt|geisinger|intermountain|scripps|sutter|walgreens|walmart|costco|medicare"),
    "title_en": _begins("mr|mrs|ms|miss|mx|madam|drs?|prof|professor|doctor|nurse|sir|sgt|sister|rev|capt|father|pastor|judge|officer|attorney|coach|detective|deputy|trooper|rabbi|imam|fr|lt|cpl|pvt"),
    "degree": _is("|".join(sorted({"m", "d", "r", "n", "p", "ph", "psy", "mbchb", "frcp", "ccc", "dnp", "acnp", "lmsw", *(degree.lower() for degree in DEGREES)}))),
    "called_en": "name|goes|known|^a$|aka|alias|nee|é|former|^f$|call|answers",
    "small_word": _is("|".join(sorted({*PARTICLES, "los", "las"}))),
    "baby": "baby|infant|^bb$|^bg$",
    "place_in_ward": _is("room|rm|bed|bay"),
    "signed_en": "transcribed|typed|dictated|signed|tech|radiologist|initials|sonographer|reader",
    "electronically": "electronically",
    "plural_title": _is("drs|mmes|messrs|profs"),
    "kin_en": _begins("husband|wife|daughter|son|mother|father|brother|sister|spouse|partner|niece|nephew|grand|aunt|uncle|cousin|twin|friend|neighbo|roommate|fianc|mom|dad|boyfriend|girlfriend|step|land|caregiver|sitter|caseworker|worker|sponsor|nanny|co|babysitter|cna|hcp|poa|dpoa|proxy|officer|teacher|carer|aide|interpreter|chaplain|counselor|therapist|technician|phlebotomist|sonographer|intern"),
    "cue_en": _begins("by|with|to|called|notified|paged|named|patient|husband|wife|daughter|son|mother|father|brother|sister|spouse|partner|neighbo|friend|nurse|resident|attending|surgeon"),
    "pinyin": _is("|".join(sorted(SURNAME_PINYIN))),
    "romanised": _is("|".join(sorted(ROMANISED))),
}
"""Gate -> what a word, in lower case, holds that can open it."""
BITS = {gate: 1 << number for number, gate in enumerate((*KEYS, "capital", "given"))}
_CAPITAL, _GIVEN = BITS["capital"], BITS["given"]
_KEYS = [(BITS[gate], re.compile(key).search) for gate, key in KEYS.items()]
_ANY = re.compile("|".join(f"(?:{key})" for key in KEYS.values())).search
_WORD = re.compile(r"[A-Za-z]+|\d|[^\sA-Za-z\d]")
_ENTRIES = 60_000


class _Opened(dict[str, int]):
    """Word -> bits of the gates it can open. Bounded."""

    def __missing__(self, word: str) -> int:
        low = word.lower()
        bits = 0
        if _ANY(low) is not None:
            for bit, key in _KEYS:
                if key(low) is not None:
                    bits |= bit
        if word[0].isascii() and low != word:
            bits |= _CAPITAL
            if word.title() in words.given_us():
                bits |= _GIVEN
        if len(self) < _ENTRIES:
            self[word] = bits
        return bits


_opened = _Opened()


def opened(text: str) -> int:
    """Bits of all gates that some word of the text can open."""
    bits = 0
    for word in set(_WORD.findall(text)):
        bits |= _opened[word]
    return bits


# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""A second look at what the tagger guessed: cheap reasons why it cannot be a person, place or organisation."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import GIVEN_CN, PARTICLES, place_words

_AFTER_EPONYM = re.compile(r"[’']?s?[\s\-]+(?:classification|criteria|grade|score|scale|stage|disease|syndrome|sign|test|procedure|lymphoma|fracture|type|variant|bodies|cells?|position|"
                           r"catheter|tube|index|protocol|maneuver|reflex|phenomenon|palsy|chorea|tumou?r|esophagus|esophagitis|chromosome|virus|bacilli|stain|node|law|line|plate|pouch|bowel|study|trial|equation|formula|category|clamp|forceps|scissors|retractor|drain|valve|stand|sounds?|biotype|osteotomy|tenosynovitis|clip|needle|sutures?|nail|wire|frame|cast|splint|dressing|bag|airway|cannula|pump|balloon|stent|filter|graft|patch|flap|incision|panel|factor|antigen|fixator)\b|\sI{1,3}\b", re.IGNORECASE)
_NO_NAME = frozenset("""monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
the this that these those her his their she he they it we i you my your our patient no not and or with without on in at of for from to by as is was are were has had have do does did new old left right
positive negative normal abnormal mild moderate severe acute chronic stable history physical exam pain blood heart lung back house sodium potassium glucose platelets platelet hope may will pager room
follow repeat continue start stop hold give take check return plan impression findings assessment past present review dose oral tablet injection daily type stage grade score class""".split())
_GAPS = re.compile(r"[\s,.\-]+")
_ROMAN = re.compile(r"[IVX]+\Z")


_AFTER_PLACE = re.compile(r"[人籍口市县省区一、,。;的来去务打农民医地方]|$")


def place_cn(value: str, before: str, after: str) -> bool:
    """A bare name of a division at the head of a clause is a place only before what a place goes with: 温州口音, not 温州蜜柑."""
    if not words.divisions_cn().whole(value) or value[-1] in "省市区县旗盟":
        return True
    return (before != "" and "\u4e00" <= before <= "\u9fff") or _AFTER_PLACE.match(after) is not None


def name_cn(value: str) -> bool:
    """A Chinese name the tagger may be right about: two letters at least, with a usual surname, or usual letters after a rare one."""
    bare = re.sub(r"[\s·•]", "", value)
    if len(bare) < 2 or bare[-1] == "氏" or bare[-1] in "的了着过与和在于是为者们" or words.clinical_cn().whole(bare):
        return False
    if len(bare) > 2 and bare[:2] in words.pairs_cn() and bare[:2] not in words.compound_surnames_cn():
        return False   # an ordinary word and more: 钟摆样
    if "·" in value or bare[:2] in words.compound_surnames_cn() or bare[0] in words.FREQUENT_SURNAMES_CN or not "\u4e00" <= bare[0] <= "\u9fff":
        return True
    return all(char in GIVEN_CN for char in bare[1:]) or len(bare) > 3


_ORG_WORD = re.compile(r"\b(?:hospital|clinic|cent(?:er|re)|university|college|school|academy|institute|medical|health|healthcare|practice|associates|partners|group|inc|llc|corp|corporation|company|industries|logistics|"
                       r"department|police|church|home|hospice|rehab(?:ilitation)?|pharmacy|laborator(?:y|ies)|labs|urgent care|systems?|sons|foundation|bank|memorial|infirmary|sanatorium|dialysis|cancer|kidney)\b", re.IGNORECASE)
_STREET = re.compile(r"\d+\s+(?:(?-i:[NSEW])\.?\s+)?[a-z]{3,}|\b(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place|circle|terrace|county|city|town|township|village)\b", re.IGNORECASE)


@cache
def _place_names() -> frozenset[str]:
    places = words.places_us()
    return frozenset(name.lower() for level in places.values() for name in level if len(name) > 3)


def guess_en(value: str, kind: str, after: str) -> bool:
    """An English guess holds only with something to show for it: a listed or unknown name, a listed place, an organisation's word."""
    if not any(char.isupper() for char in value) or _AFTER_EPONYM.match(after):
        return False
    tokens = [token for token in _GAPS.split(value) if token]
    lower = [token.lower() for token in tokens]
    if kind == "ORG":
        return len(tokens) > 1 and _ORG_WORD.search(value) is not None
    if kind == "ADDR":
        return value.lower() in _place_names() or any(part.strip().lower() in _place_names() for part in re.split(r",|\band\b", value)) or (len(tokens) > 2 and _STREET.search(value) is not None)
    if any(char.isdigit() or char in "#:/()[]%" for char in value) or not tokens or lower[0] in _NO_NAME or lower[-1] in _NO_NAME - {"may", "april", "june", "august"}:
        return False
    if any(low in words.no_name_en() or low in words.drugs_en() for low in lower) or all(len(t) == 1 or _ROMAN.match(t) or t in words.eponyms_en() for t in tokens):
        return False
    if any(low.endswith(_TERM_ENDINGS) for low in lower if low.title() not in words.surnames_us() and low.title() not in words.given_us()):
        return False
    if all(low in PARTICLES or token in words.eponyms_en() for token, low in zip(tokens, lower, strict=True)):
        return False
    listed = [t.title() in words.given_us() or t.title() in words.surnames_us() for t in tokens]
    if len(tokens) == 1:
        return listed[0] and not value.isupper() and lower[0] not in words.COMMON_NAME_WORDS and value not in words.eponyms_en()
    return any(listed) or not any(low in words.COMMON_NAME_WORDS for low in lower)


_STREETS = r"\b(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Boulevard|Blvd|Way|Place|Circle|Terrace|County|City|Town|Township|Village)\b"
ORG_OR_STREET = re.compile(_ORG_WORD.pattern.replace("(?:", "(?i:", 1) + "|" + _STREETS)


def worth_tagging_en(tokens: list[str]) -> bool:
    """Can a guess hold in a line of these words? It needs a listed name or place, or a capital where no sentence begins."""
    start = True
    before = ""
    for token in tokens:
        weight = _weights[token]
        if weight > 1 or (weight and not start):
            return True
        start = token in _SENTENCE_ENDS and not (token == "." and before[:1].isupper() and len(before) < 4)   # A. and Dr. end nothing
        before = token
    return False


_SMALL_WORDS = frozenset("a an the this that these those no not and or with without on in at of for from to by as is was are were has had there".split())
_SENTENCE_ENDS = frozenset(".:!?;-")


class _Weights(dict[str, int]):
    """Word -> 0: no capital, or no part of any name; 1: a capital; 2: a capital and in a list of names or places. Bounded."""

    def __missing__(self, token: str) -> int:
        low = token.lower()
        if low == token or low in _SMALL_WORDS or low in words.drugs_en() or (low in words.no_name_en() and token.title() not in place_words()):
            weight = 0
        else:
            titled = token.title()
            weight = 2 if titled in words.given_us() or titled in words.surnames_us() or titled in place_words() else 1
        if len(self) < 60_000:
            self[token] = weight
        return weight


_weights = _Weights()
_TERM_ENDINGS = ("itis", "osis", "emia", "oma", "ectomy", "scopy", "pathy", "algia", "ology", "plasty", "gram", "graphy", "tion", "ment", "ing", "ness", "ical", "ous", "able", "ally", "ase", "ine", "ide", "ate", "cillin", "mycin", "olol", "pril",
                 "statin", "azole", "sis", "lysis", "rrhea", "uria", "phagia", "plegia", "tomy", "stomy", "genic", "metry", "therapy", "tic", "ular", "eal", "oid", "emic", "ogen")

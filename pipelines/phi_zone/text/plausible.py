"""A second look at what the tagger guessed: cheap reasons why it cannot be a person, place or organisation."""
from __future__ import annotations

import re

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import GIVEN_CN

_AFTER_EPONYM = re.compile(r"[’']?s?[\s\-]+(?:classification|criteria|grade|score|scale|stage|disease|syndrome|sign|test|procedure|lymphoma|fracture|type|variant|bodies|cells?|position|"
                           r"catheter|tube|index|protocol|maneuver|reflex|phenomenon|palsy|chorea|tumou?r|esophagus|esophagitis|chromosome|virus|bacilli|stain|node|law|line|plate|pouch|bowel|study|trial|equation|formula|category)\b", re.IGNORECASE)
_NO_NAME = frozenset("""monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
the this that these those her his their she he they it we i you my your our patient no not and or with without on in at of for from to by as is was are were has had have do does did new old left right
positive negative normal abnormal mild moderate severe acute chronic stable history physical exam pain blood heart lung back house sodium potassium glucose platelets platelet hope may will pager room
follow repeat continue start stop hold give take check return plan impression findings assessment past present review dose oral tablet injection daily type stage grade score class""".split())
_ROMAN = re.compile(r"[IVX]+\Z")


def name_cn(value: str) -> bool:
    """A Chinese name the tagger may be right about: two letters at least, with a usual surname, or usual letters after a rare one."""
    bare = re.sub(r"[\s·•]", "", value)
    if len(bare) < 2 or bare[-1] in "的了着过与和在于是为者们" or words.clinical_cn().fullmatch(bare):
        return False
    if "·" in value or bare[:2] in words.compound_surnames_cn() or bare[0] in words.FREQUENT_SURNAMES_CN or not "\u4e00" <= bare[0] <= "\u9fff":
        return True
    return all(char in GIVEN_CN for char in bare[1:]) or len(bare) > 3


def guess_en(value: str, kind: str, after: str) -> bool:
    """An English guess: has a capital, no figure in a name, no weekday or heading word, no eponym before `disease` and the like."""
    if not any(char.isupper() for char in value) or _AFTER_EPONYM.match(after):
        return False
    tokens = [token for token in re.split(r"[\s,.\-]+", value) if token]
    if kind != "NAME":
        return not (len(tokens) == 1 and tokens[0].lower() in _NO_NAME)
    if any(char.isdigit() or char in "#:/()" for char in value) or not tokens or tokens[0].lower() in _NO_NAME or tokens[-1].lower() in _NO_NAME - {"may", "april", "june", "august"}:
        return False
    if len(tokens) == 1:
        word = tokens[0]
        return len(word) > 1 and word.lower() not in words.no_name_en() and not (word.isupper() and len(word) < 5) and word.lower() not in words.COMMON_NAME_WORDS and word not in words.eponyms_en() and word.lower() not in words.drugs_en()
    if all(len(token) == 1 or _ROMAN.match(token) or token in words.eponyms_en() for token in tokens):
        return False
    return not any(token.lower() in words.drugs_en() for token in tokens)

# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""A second look at what the English tagger guessed: cheap reasons why it cannot be a person, place or organisation."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import PARTICLES, place_words

_AFTER_EPONYM = re.compile(r"[’']?s?[\s\-]+(?:(?:clinic\s)?(?:classification|score)|consensus|paresis|paralysis|shunts?|catheters?|criteria|grade|score|scale|stage|disease|syndrome|sign|test|procedure|lymphoma|fracture|type|variant|bodies|cells?|position|"
                           r"catheter|grasp|tube|index|protocol|manual|skin|nodules?|collar|(?:bending\s)?brace|spots?|areas?|glands?|hernia|triangle|canal|duct|nerve|muscle|fascia|ring|angle|space|point|reaction|regimen|questionnaire|staging|guidelines|rules?|ratio|curve|formula|effect|anomaly|deformity|contracture|lesion|tear|ulcer|rash|fever|agar|medium|solution|lift|chair|table|boot|hose|stockings?|laceration|exchange|therapy|walker|preparation|screening|maneuver|reflex|phenomenon|palsy|chorea|tumou?r|esophagus|esophagitis|chromosome|virus|bacilli|stain|mal|stool|protocol|node|law|line|plate|pouch|bowel|study|trial|equation|formula|category|clamp|forceps|scissors|retractor|drain|valve|stand|sounds?|biotype|osteotomy|tenosynovitis|clip|needle|sutures?|nail|wire|frame|cast|splint|dressing|bag|airway|cannula|pump|balloon|stent|filter|graft|patch|flap|incision|panel|factor|antigen|fixator|"
                           r"pattern|sequence|waves?|loop|oil|ointment|cream|paste|soap|lotion|wort|paint|exercises?|manoeuvres?|technique|method|approach|repair|resection|transposition|bypass|anastomosis|fundoplication|myotomy|pyloroplasty|hernioplasty|arthroplasty|hemiarthroplasty|plating|nailing|fixation|reconstruction|amputation|operation|projection|zones?|blade|laryngoscope|"
                           r"speculum|curette|dilators?|bougie|elevator|rongeur|cage|screws?|plate|pins?|prosthesis|implant|mesh|band|mask|circuit|guidewire|sheath|coils?|reservoir|evacuator|ventilator|cement|appliance|prism|tonometer|perimetry|granules?|inclusions?|crystals?|filaments?|broth|toxin|shift|angiosarcoma|sarcoma|neuroma|encephalopathy|dystrophy|neuropathy|myopathy|cardiomyopathy|vasculitis|purpura|naevus|nevus|oedema|apnoea|respirations?|breathing|murmur|facies|gait|crisis|attacks?|seizures?|epilepsy|dementia|antibod(?:y|ies)|phenotype|trait|suspension|percentile|centile|chart|probability|(?:low|moderate|intermediate|high)\s(?:risk|probability))\b|\sI{1,3}\b", re.IGNORECASE)
_NAMED_SO = re.compile(r"(?:brace|collar|corset|splint|diet|plan|drain|tube|catheter|cannula|mask|stent|valve|graft|plate|nail|screw|test|score|scale|sign|criteria|pattern|type|regimen|protocol|formula)s?\s?\(\Z|(?:Salmonella|serovar|serotype)\s\Z")
"""What is called after somebody or somewhere in brackets: brace (Milwaukee)."""
_SUTURE = re.compile(r"\d{1,2}-0\s[A-Z]")
"""The size of a thread and its maker's name for it: 3-0 Monocryl."""
_GRADED = frozenset("ASA NYHA CCS FIGO ECOG AJCC AAST CKD WHO KDIGO EDSS".split())
"""What is told in Roman figures: ASA III."""
_NO_NAME = frozenset("""const cst insp supt shri smt mon tue tues wed weds thu thur thurs fri sat sun feb apr jul aug sep sept oct nov dec gran ta garda bacillus bacille monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
the this that these those her his their she he they it we i you my your our patient no not and or with without on in at of for from to by as is was are were has had have do does did new old left right
positive negative normal abnormal mild moderate severe acute chronic stable history physical exam pain blood heart lung back house sodium potassium glucose platelets platelet hope may will pager room
follow repeat continue start stop hold give take check return plan impression findings assessment past present review dose oral tablet injection daily type stage grade score class""".split())
_NO_END = (_NO_NAME - {"may", "april", "june", "august"}) | frozenset("road avenue surgery clinic hospital terrace crescent boulevard parade box".split())
_AND = re.compile(r",|\band\b")
_GAPS = re.compile(r"[\s,.\-]+")
_MEASURED = re.compile(r"\d\.\d|[%=<>]")
_IN_WARD = frozenset("bed room rm bay ward floor level side a b c d".split())
_FIGURE_AFTER = re.compile(r"\s?[\d:=]")
_LONG_CAPITALS, _JOINED = re.compile("[A-Z]{3,}"), re.compile("-([A-Z][a-z]+)")
_BOTH_NAMED = re.compile(r"\s(?:and|&)\s[A-Z][a-z]+\s(?:charts?|criteria|classification|method|stain|test|scale|score|syndrome|disease|sign|rule|formula)\b")
_SCORED = re.compile(r"\s(?:score\s)?(?:[=:]\s?)?\d{1,3}[abc+]?(?:/\d{1,2})?(?=\s?[.,;)(]|\s(?:and|at|on|with|today|now|after)\b|\s?\Z)")
"""What stands behind a score: Alvarado 7, Wagner 3."""
_ROMAN = re.compile(r"[IVX]+[abc]?\Z")
_ORG_WORD = re.compile(r"\b(?:hospital|clinic|cent(?:er|re)|university|college|school|academy|institute|medical|health|healthcare|practice|associates|partners|group|inc|llc|corp|corporation|company|industries|logistics|"
                       r"department|police|church|home|hospice|rehab(?:ilitation)?|pharmacy|laborator(?:y|ies)|labs|urgent care|systems?|sons|foundation|bank|memorial|infirmary|sanatorium|dialysis|cancer|kidney)\b", re.IGNORECASE)
_STREET = re.compile(r"\d+\s+(?:(?-i:[NSEW])\.?\s+)?[a-z]{3,}|\b(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place|circle|terrace|county|city|town|township|village)\b", re.IGNORECASE)


@cache
def _place_names() -> frozenset[str]:
    places = words.places_us()
    return frozenset(name.lower() for level in (*places.values(), words.telling_towns_en()) for name in level if len(name) > 3)


def _placed(name: str) -> bool:
    return name.lower() in _place_names() or name in words.villages_en()


def guess_en(value: str, kind: str, after: str, before: str = "") -> bool:
    """An English guess holds only with something to show for it: a listed or unknown name, a listed place, an organisation's word."""
    if not (value[:1].isupper() or any(char.isupper() for char in value)) or _AFTER_EPONYM.match(after) or _NAMED_SO.search(before):
        return False
    tokens = [token for token in _GAPS.split(value) if token]
    if _SUTURE.match(value) or (tokens and tokens[0] in _GRADED and all(_ROMAN.match(token) for token in tokens[1:])):
        return False
    if kind == "ORG":
        return len(tokens) > 1 and _ORG_WORD.search(value) is not None
    if kind == "ADDR":
        if _MEASURED.search(value) or all(token.lower() in _IN_WARD or token.isdigit() for token in tokens):
            return False
        return _placed(value) or any(_placed(part.strip()) for part in _AND.split(value)) or (len(tokens) > 2 and _STREET.search(value) is not None and (not value.isupper() or len(_LONG_CAPITALS.findall(value)) > 1))
    if not tokens or (not value.replace(" ", "").isalpha() and any(char.isdigit() or char in "#:/()[]%?=+*<>|;" for char in value)):
        return False
    some, every, facts = 0, -1, 0
    for token in tokens:
        facts = _facts[token]
        some |= facts
        every &= facts
    first = _facts[tokens[0]]
    if first & (_LEADS_NONE | _TERM) or facts & _ENDS_NONE or some & _NEVER or every & _DULL or every & _SMALL_OR_EPONYM:
        return False
    if some & _TERM and (some & _COMMON or not (first & _UNKNOWN and len(tokens) > 2)):
        return False   # Fionnuala Mac Giolla Bride
    if len(tokens) == 2 and ("-".join(tokens) in words.eponyms_like_names_en() or ("-" in value and every & _LIKE_EPONYM)):
        return False   # Brandt-Daroff, Stewart-Treves, Roland Morris
    if len(tokens) == 1:
        if first & _LIKE_EPONYM and _BOTH_NAMED.match(after):
            return False   # Lund and Browder chart
        joined = _JOINED.match(after)
        if joined is not None and joined[1] in words.rare_eponyms_en():
            return False   # Brandt of Brandt-Daroff, Paul of Paul-Bunnell
        if (len(tokens[0]) < 3 and _FIGURE_AFTER.match(after)) or (first & _LIKE_EPONYM and _SCORED.match(after)):
            return False   # Na 134, Alvarado 7
        told = first & _UNKNOWN or (first & _LISTED and not value.isupper())
        return bool(told) and not first & _COMMON and value.removesuffix("'s") not in words.rare_eponyms_en()
    if some & _LISTED:
        return True
    if some & _COMMON:
        return False
    return any(_facts[token] & _UNKNOWN and (len(token) > 4 or not token.isupper()) for token in tokens)   # not IV PPI


_LEADS_NONE, _ENDS_NONE, _NEVER, _DULL, _SMALL_OR_EPONYM, _LISTED, _COMMON, _LIKE_EPONYM, _UNKNOWN, _TERM = (1 << bit for bit in range(10))


class _Facts(dict[str, int]):
    """Word of a guessed name -> what is known of it, in bits. Bounded."""

    def __missing__(self, token: str) -> int:
        low = token.lower()
        eponym = token in words.rare_eponyms_en() or (token.isupper() and token.title() in words.rare_eponyms_en())
        told = {
            _LEADS_NONE: low in _NO_NAME,
            _ENDS_NONE: low in _NO_END,
            _NEVER: low in words.no_name_en() or low in words.drugs_en(),
            _TERM: low.endswith(TERM_ENDINGS) and low.title() not in words.surnames_us() and low.title() not in words.given_us(),
            _DULL: len(token) == 1 or _ROMAN.match(token) is not None or eponym,
            _SMALL_OR_EPONYM: low in PARTICLES or eponym or token in ("Fr", "Ch"),   # 19 Fr Jackson-Pratt
            _LIKE_EPONYM: eponym or token in words.eponyms_like_names_en(),
            _LISTED: token.title() in words.given_us() or token.title() in words.surnames_us(),
            _COMMON: low in words.COMMON_NAME_WORDS,
            _UNKNOWN: unknown_word(token),
        }
        facts = sum(bit for bit, holds in told.items() if holds)
        if len(self) < 60_000:
            self[token] = facts
        return facts


_facts = _Facts()
_SPELLED = re.compile(r"(?:Mc|Mac|Fitz|De|Di|Du|La|Le|Van|Al|O['’]|D['’])?(?:[A-Z][a-z]+|[A-Z]{6,})(?:['’]s)?\Z")
"""How a name is spelled: one capital, or six and more."""


def unknown_word(token: str) -> bool:
    """Is it a word of no dictionary, neither of English nor of the clinic? It may be anybody's name."""
    low = token.lower()
    bare = low[:-2] if low.endswith(("'s", "’s")) else low
    return len(bare) > 2 and _SPELLED.match(token) is not None and not words.common_en(bare) and bare not in words.clinical_en()


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

# ruff: noqa: E501, SIM905 - patterns and word lists are data: a line is one of them, whole

"""Names by which somebody is called or signs: nicknames and former names, initials, degrees, small words in family names, other spellings."""
from __future__ import annotations

import re
from functools import cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.features import DEGREES, PARTICLES
from pipelines.phi_zone.text.gate_words import ROMANISED
from pipelines.phi_zone.text.name_rows import HEADINGS
from pipelines.phi_zone.text.plausible_en import TERM_ENDINGS
from pipelines.phi_zone.text.rules import Rule, rule

_C = r"\u4e00-\u9fff"
_CALLED_CN = "小名|乳名|奶名|大名|学名|曾用名|原名|又名|化名|别名|别号|昵称|绰号|外号|诨号|诨名|网名|花名|艺名|笔名|法名|教名|英文名|中文名|外文名|本名|微信名|爱称|人称"
_CALLED_EN = (r"[Nn]ick\s?name(?:d|s)?|NICKNAME|[Gg]oes\sby|GOES\sBY|[Aa]lso\sknown\sas|[Kk]nown\s(?:to\s\w+\s)?as|[Aa]\.?[Kk]\.?[Aa]\.?|AKA|[Aa]lias(?:es)?|ALIAS|[Mm]aiden\sname|MAIDEN\sNAME|[Nn][ée]e|[Ff]ormer(?:ly|\sname)|[Ff]/k/a|[Pp]refers\sto\sbe\scalled|(?:[Ww]ants|[Ww]ishes|[Aa]sks|[Ww]ould\slike|[Aa]sked)\sto\sbe\s(?:called|known\sas)|"
              r"[Pp]referred\sname|PREFERRED\sNAME|[Ll]egal\sname|[Bb]irth\sname|[Pp]revious\sname|[Cc]hosen\sname|[Ll]ikes\sto\sbe\scalled|[Aa]nswers\sto|[Cc]all(?:s|ed)?\s(?:him|her|them)(?:self|selves)?|[Ss]tage\sname|[Ss]treet\sname|[Mm]iddle\sname|[Ff]irst\sname|[Ll]ast\sname|[Ss]urname|[Ff]amily\sname|[Gg]iven\sname")
DEGREE = r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|Psy\.?D|MBBS|MBChB|FACR|FACS|FACP|FACC|FRCR|FRCS|FRCP|DPM|DDS|DMD|LPN|LVN|CNA|CRNA|CNM|APRN|ARNP|FNP|ACNP|DNP|MSN|BSN|PharmD|RPh|LCSW|LMSW|MSW|LMFT|RDMS|RRT|RT|DPT|PT|OTR(?:/L)?|OT|SLP|CCC-SLP|RD|EMT(?:-P)?|CWOCN|GP)"
SMALL = rf"(?:(?:{'|'.join(sorted(PARTICLES, key=lambda word: (-len(word), word)))})\s){{1,3}}"
_FAMILY = rf"(?:{SMALL})?(?:Mc|Mac|O['’]|D['’]|St\.\s)?[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?"
_CAPITAL = r"[A-Z][a-z'’]{2,}"
_SYLLABLE = re.compile(r"(?:ch|hs|kw|gw|ng|nh|ph|th|tr|kh|sh|ts|tz|gi|qu|[bpmfdtnlgkhjwyszcrvx])?h?[aeiouyw]{1,3}(?:ng|nh|ch|n|m|p|t|k|h|i|c|l)?\Z")
_NEVER_ROMAN = frozenset("the and for was has had not she her his him are can did who why how man men pan tan can ten hen pen park lam lee may will well note test plan team care care home".split())


@cache
def called_rules() -> tuple[Rule, ...]:
    end = r"(?=[,;.。、:)(/\s\"'」》”]|$|的|是|系|在|由|自|今|昨|来)"
    return (
        rule("label.called", "NAME", rf"(?:{_CALLED_CN})(?![单册词义贵片气额录称下医次目牌声言门胜老])(?:是|为|叫做?|唤作?|:|即)?\s?[\"'“「《]?(?P<v>(?P<twice>[{_C}])(?P=twice)|[{_C}]{{2,4}}{end}|[A-Z][A-Za-z'’\-]+(?:,?\s[A-Z][A-Za-z'’\-]+){{0,2}}|(?<=叫)[{_C}]{{2}})", _called_cn, "cjk called", 0),
        rule("label.called_en", "NAME", rf"(?<![A-Za-z])(?:{_CALLED_EN})(?:\s(?:is|was|as))?\s?:?,?\s?[\"'“(]?(?P<v>[A-Z][a-z'’]+(?:[\-\s][A-Z][A-Za-z'’\-]+){{0,2}})", _unusual, "capital called_en", 0),
        rule("form.name_initials", "NAME", rf"(?<![A-Za-z.\d/\-])(?<!itis\s)(?<!amin\s)(?<!ype\s)(?<!rade\s)(?<!tage\s)(?<!lass\s)(?<!roup\s)(?P<v>(?:[A-Z]\.\s?){{1,3}}{_FAMILY})(?![A-Za-z])", family_name, "capital initial", 0),
        rule("suffix.name_initials", "NAME", rf"(?<![A-Za-z.\d/\-])(?P<v>[A-Z]{{1,2}}\.?\s{_FAMILY}),?\s(?={DEGREE}\b)", family_name, "capital degree", 0),
        rule("suffix.name_family", "NAME", rf"(?<![A-Za-z.\d/\-])(?P<v>(?:(?:[A-Z]\.\s?){{1,3}}|[A-Z][a-z'’]+\s(?:[A-Z]\.\s)?)?{_FAMILY}),?\s\(?(?={DEGREE}(?![A-Za-z]))", family_name, "capital degree", 0),
        rule("form.name_small_words", "NAME", rf"(?<![A-Za-z\-])(?P<v>(?:[Vv]an\s(?:de[nr]?|der)|[Vv]on\sder|[Dd]e\s(?:la|los|las)|[Dd]e[lr]|[Vv]an|[Vv]on|[Dd]ella|[Bb]in|[Aa]l|du|di|da|dos|das|ter|ibn|y|bint|ben|abu|zu|af)\s[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?)(?![A-Za-z\-]|\s(?:{AFTER_EPONYM})\b)", family_name, "capital small_word", 0),
        rule("form.name_romanised", "NAME", r"(?<![A-Za-z\-])(?P<v>[A-Z](?:[a-z]{0,6}|[A-Z]{2,6})(?:\s|-)(?:[A-Z]?[a-z]{1,6}|[A-Z]{2,7})(?:(?:\s|-)(?:[A-Z]?[a-z]{1,6}|[A-Z]{2,7})(?:\s[A-Z][a-z]{1,6})?)?)(?![A-Za-z\-])", _romanised, "romanised", 0),
        rule("title.names_en", "NAME", rf"(?<![A-Za-z])(?:Drs|Mmes|Messrs|Profs)\.?\s{_FAMILY}(?:,\s{_FAMILY})*,?\s(?:and|&)\s(?P<v>{_FAMILY})", None, "capital plural_title", 0),
        rule("form.name_baby", "NAME", rf"(?<![A-Za-z])(?:[Bb]aby(?:\s(?:boy|girl|Boy|Girl|of))?|BABY(?:\s(?:BOY|GIRL|OF))?|[Ii]nfant|BB|BG|[Bb]/[Oo])\s(?P<v>{_FAMILY}(?:\s[A-Z][a-z]+)?|[A-Z]{{3,}})(?![A-Za-z])", _baby, "capital baby", 0),
        rule("form.name_bed", "NAME", rf"(?<![A-Za-z])(?:[Rr]oom|[Rr]m|RM|[Bb]ed|BED|[Bb]ay)\s?#?\d{{1,4}}[A-Z]?\s?[,:\-]?\s(?P<v>{_FAMILY}(?:,\s?[A-Z][a-z]+|\s[A-Z][a-z]+)?)(?=[,:;.\s)]|$)", family_name, "digit place_in_ward", 0),
        rule("label.initials", "NAME", r"(?<![A-Za-z])(?:[Tt]ranscribed|TRANSCRIBED|[Cc]ollected|[Ee]ntered|[Vv]erified|[Rr]eceived|[Tt]yped|TYPED|[Dd]ictated|DICTATED|[Ss]igned|SIGNED|[Tt]ech(?:nologist)?|[Rr]adiologist|[Ii]nitials|[Ss]onographer|[Rr]eader)(?:\s(?:[Bb]y|BY)\s|(?:\s(?:[Bb]y|BY))?\s?[:/]\s?)(?P<v>[a-z]{2,4}|(?<=[yY]:\s)[a-z]{5,14}|[A-Z]{2,4}|[A-Z]{5,14}(?=\s*(?:$|[\d\n;,.)])))(?![A-Za-z]|\.[A-Za-z])", lambda v: v not in DEGREES and v not in ("dr", "mr", "mrs", "ms") and not v.endswith("ly") and not (v.islower() and v.title() in words.given_us()) and not words.common_en(v.lower()) and v.lower() not in words.no_name_en(), "signed_en", 0),
        rule("label.name_single", "NAME", rf"(?<![A-Za-z])(?:[Oo]n[\s\-][Cc]all|[Nn]urse(?:\s(?:today|tonight|in\scharge))?|[Oo]rdering\sMD|ORDERING\sMD|ATTENDING|SURGEON|RADIOLOGIST|MOTHER|FATHER|[Mm]other|[Ff]ather|[Mm]um|[Dd]ad|[Cc]hild|[Ss]ibling|[Pp]artner|NOK|RN|[Cc]onsultant|[Rr]egistrar|SHO|[Ss]urgeon|[Aa]ssistant|[Ss]crub|[Aa]naesthetist|[Ee]ndoscopist|[Pp]hysician|[Pp]rovider|[Aa]ttending|[Ii]nterpreter|[Cc]haperone|[Cc]arer|[Kk]ey\s?[Ww]orker|[Mm]idwife|[Ww]itness|[Cc]aller|[Aa]uthor|[Rr]eporter|[Oo]perator|[Ss]onographer|[Rr]adiographer|[Tt]echnologist|GP|PCP)\s?:\s?(?P<v>{_CAPITAL}|[A-Z]{{4,}})(?=[,.;)]|\s*$|\s\s|\s\()", _lone, "capital labelled_capital", 0),
        rule("form.name_typist", "NAME", r"(?:^|(?<=[.\n]\s)|(?<=\n)|(?<=:\s)|(?<=\s\s))(?P<v>[A-Z]{2,4}[/:][a-z]{2,4})(?=\s*(?:$|\n|D[:D]|T[:D]|\d))", _typist, "slash_or_colon", 0),
        rule("form.name_login", "NAME", r"(?<![A-Za-z])(?P<v>[A-Z]{5,24})(?=\s(?:[Hh]as\s)?[Ee]lectronically\s(?:signed|authenticated|verified|approved))", lambda v: v.title() not in HEADINGS and not words.common_en(v.lower()) and v.lower() not in words.no_name_en(), "electronically", 0),
    )


def _typist(value: str) -> bool:
    """Initials of who spoke and who typed (HJK/mlp): no word of clinical writing among them."""
    return not any(words.common_en(part.lower()) or part.lower() in words.no_name_en() for part in re.split("[/:]", value))


def _baby(value: str) -> bool:
    return family_name(value) or all(part.title() in words.surnames_us() and part.title() not in HEADINGS for part in _parts(value))


def _lone(value: str) -> bool:
    if value.isupper() and len(value) < 6 and value.title() not in words.given_us() and value.title() not in words.surnames_us():
        return False
    if value.lower().endswith(TERM_ENDINGS) and value.title() not in words.given_us() and value.title() not in words.surnames_us():
        return False
    return (not ordinary_word(value) or value in words.given_us()) and value.title() not in HEADINGS and value not in words.eponyms_en() and not value.endswith(("ist", "ogy", "ics", "cian", "icine", "ency"))


AFTER_EPONYM = "grasp|disease|syndrome|sign|test|index|score|grade|class|classification|criteria|clamp|forceps|scissors|retractor|drain|valve|stand|sounds?|biotype|osteotomy|tenosynovitis|clip|needle|sutures?|nail|wire|frame|cast|splint|dressing|bag|airway|cannula|pump|balloon|stent|filter|graft|patch|flap|incision|panel|factor|antigen|stage|procedure|fracture|fixator|position|maneuver|tumou?r|cyst|node|body|bodies|palsy|virus"
"""Words that make an eponym of the name before them."""
_BETWEEN = re.compile(r"[\s,.'’\-]+")
_NO_NICKNAME = re.compile(r"[药酸酚素病症癌炎菌片剂碱酮醇肽钠钾钙胺林定嗪唑坦汀沙平]\Z|^(?:药|不详|未知|同上|保密|单独|如下|如此|见|无$)")


def _called_cn(value: str) -> bool:
    if value.isascii():
        return value not in HEADINGS and value.lower() not in words.drugs_en()
    return _NO_NICKNAME.search(value) is None and not words.clinical_cn().whole(value)


def _parts(value: str) -> list[str]:
    return [part for part in _BETWEEN.split(value) if len(part) > 1 and part.lower() not in PARTICLES]


def ordinary_word(part: str) -> bool:
    """A word of clinical writing, a drug or an ordinary English word that is no listed name."""
    low = part.lower()
    if part.title() in HEADINGS or low in words.no_name_en() or low in words.drugs_en():
        return True
    return (words.common_en(low) and part.title() not in words.surnames_us()) or low in words.COMMON_NAME_WORDS


def _unusual(value: str) -> bool:
    """No heading, drug or eponym: after a cue like this any other word is a name."""
    return not any(p.title() in HEADINGS or p.lower() in words.drugs_en() or p.lower() in words.no_name_en() or p in words.eponyms_en() for p in _parts(value))


_SPECIES = frozenset("coli aureus pylori difficile influenzae pneumoniae faecalis faecium albicans epidermidis burgdorferi tuberculosis falciparum vivax aeruginosa jejuni pallidum marcescens baumannii cereus glabrata perfringens meningitidis gonorrhoeae cloacae mirabilis pyogenes agalactiae hominis lugdunensis viridans bovis avium kansasii".split())


def family_name(value: str) -> bool:
    parts = _parts(value)
    if not parts or any(part.lower() in _SPECIES for part in parts) or any(ordinary_word(part) for part in parts[-1:]):
        return False
    return not all(part in words.eponyms_en() for part in parts) or (any(part in words.surnames_us() for part in parts) and value[1:2] in ". ")


def _romanised(value: str) -> bool:
    """A family name of Canton, Taiwan, Vietnam or Korea beside one or two syllables."""
    parts = [part.lower() for part in re.split(r"[\s\-]", value)]
    if len(parts) == 2 and "-" in value:
        return False
    for family, given in ((parts[0], parts[1:]), (parts[-1], parts[:-1])):
        if value.isupper() and len(family) < 3:
            continue   # NG and VO in capitals are tubes and oxygen
        if family in ROMANISED and all(_SYLLABLE.match(one) and one not in _NEVER_ROMAN for one in given) and sum(words.common_en(one) for one in given) < len(given):
            return family not in ("park", "kim", "lee", "lam", "chan", "ng") or len(parts) == 3 or not any(words.common_en(one) for one in given)
    return False

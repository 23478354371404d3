# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

"""Every form in which people write what identifies somebody, as regular expressions over folded lower-case text.

Full names, parts, spaced, pinyin in both orders, initials; numbers with any separators; addresses with and without their first
levels; the birth date in its usual forms.
"""
from __future__ import annotations

import os
import re
from functools import lru_cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.fold import fold, lowered

CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "md", "phd", "do", "rn", "np", "pa", "jr", "sr", "ii", "iii", "iv"])
_ABBREVIATIONS = frozenset(["po", "iv", "im", "sc", "bid", "tid", "qid", "qd", "qh", "qod", "eg", "ie", "am", "pm", "pr", "hs", "od", "os", "ou", "npo", "ro", "dc", "ct", "mr", "us", "ap", "pa", "cc", "hr", "bp"])
_ADDRESSED = "(?=女士|先生|小姐|太太|夫人|阿姨|大爷|大妈|奶奶|爷爷|叔叔|师傅|老师|同学|小朋友|宝宝)"
"""What stands behind a family name alone, spoken of or to."""
_GAP = r"[\s·.•*_^|/,=-]{0,3}"
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]


def name_forms(names: tuple[str, ...]) -> set[str]:
    """Regular expressions (lower case, folded text) of everything these names are written as."""
    forms: set[str] = set()
    for raw in names:
        name = lowered(fold(raw).norm).strip()
        if CJK.search(name):
            forms |= _chinese(re.sub(r"[\s^=,]", "", name))
        elif name:
            forms |= _latin(name)
    return forms


def _chinese(name: str) -> set[str]:
    if "·" in name or "•" in name:
        parts = [part for part in re.split("[·•]", name) if len(part) > 1]
        return {_spaced(name.replace("•", "·")), *(re.escape(part) for part in parts)}
    if not 2 <= len(name) <= 6:
        return {_spaced(name)} if len(name) > 6 else set()
    cut = 2 if name[:2] in words.compound_surnames_cn() and len(name) > 2 else 1
    family, given = name[:cut], name[cut:]
    forms = {_spaced(name), re.escape(family) + r"[某*x×○]{1,2}", re.escape(family) + _GAP + re.escape(given), re.escape(family) + _ADDRESSED}
    if len(given) > 1:
        forms |= {re.escape(given), re.escape(family) + r"[某*x×○]" + re.escape(given[-1])}
    return forms | _pinyin(family, given) if all(CJK.match(char) for char in name) else forms


def _spaced(name: str) -> str:
    return r"[\s·•.]{0,3}".join(re.escape(char) for char in name if char != "·")


@lru_cache(maxsize=4096)
def _reading(char: str) -> tuple[str, ...]:
    """Pinyin readings of one character without tones, ü also as v, u and yu."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")   # single characters only: its dictionary of phrases need not be read
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=True)[0]
    return tuple(dict.fromkeys(r.replace("ü", v) for r in found[:3] for v in (("v", "u", "yu") if "ü" in r else ("",))))


def readings(text: str) -> list[list[str]]:
    return [list(_reading(char)) for char in text]


def _pinyin(family: str, given: str) -> set[str]:
    families = products(readings(family))
    firsts = [options[:2] for options in readings(given)]
    givens = products(firsts)[:8]
    forms: set[str] = set()
    for f in families[:4]:
        for g in givens:
            joined = r"[\s'-]?".join(g)
            gap = r"[\s,^·._-]{0,2}"
            forms |= {"".join(f) + gap + joined, joined + gap + "".join(f)}
        heads, family_read = r"\.?\s?".join(options[0][0] for options in firsts), "".join(f)
        forms |= {family_read + r"[\s,]{1,2}" + heads + r"\.?", heads + r"\.?\s" + family_read, firsts[0][0][0] + r"\.\s?" + family_read}
        if len(family_read) > 3:
            forms.add(family_read + r",?\s" + firsts[0][0][0] + r"(?:\.|(?=\W|$))")
    return forms


def products(options: list[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for choice in options:
        rows = [[*row, item] for row in rows for item in choice][:16]
    return rows


def _latin(name: str) -> set[str]:
    tokens = latin_tokens(name)
    if not tokens:
        return set()
    bare = [re.sub(r"\d+$", "", token) for token in tokens]
    forms: set[str] = set()
    for version in {tuple(tokens), tuple(bare)}:
        forms |= _latin_forms([t for t in version if t])
    return forms


def latin_tokens(name: str) -> list[str]:
    """Given names, then family name; titles and suffixes left out."""
    if "," in name and "^" not in name:
        family, _, rest = name.partition(",")
        name = f"{rest.strip()} {family.strip()}"
    elif "^" in name:
        parts = name.split("=")[0].split("^")
        name = " ".join([*parts[1:3], parts[0]])
    return [t for t in re.findall(r"[^\W_][^\W_'’-]*(?:['’-][^\W_]+)*", name) if t.strip(".") not in _TITLES]


def _latin_forms(tokens: list[str]) -> set[str]:
    escaped = [_latin_token(token) for token in tokens]
    forms = {r"[\s.]{1,3}".join(escaped)} if len(tokens) > 1 else set()
    for token, form in zip(tokens, escaped, strict=True):
        if len(token) < 3:
            continue
        if token in words.COMMON_NAME_WORDS or token.title() in words.eponyms_en() or token in words.drugs_en():
            forms |= {title + r"\.?\s{1,2}" + form for title in ("mr", "mrs", "ms", "miss", "dr", "patient", "pt")}
        else:
            forms.add(form)
    if len(tokens) < 2:
        return forms
    first, last = escaped[0], escaped[-1]
    gap = r"[\s,^._-]{1,3}"
    forms |= {first + gap + last, last + gap + first, first + r"\s[a-z]\.?\s" + last, last + r",?\s" + first + r"\s[a-z]\.?",
              tokens[0][0] + (r"(?:\.\s?|\s)" if tokens[0][0] not in "ai" else r"\.\s?") + last, last + r",?\s" + tokens[0][0] + r"(?:\.|(?=\W|$))"}
    if len(tokens[0]) + len(tokens[-1]) >= 6:
        forms |= {first + last, last + first}
    initials = initials_of(tokens)
    if initials:
        forms.add(r"\.\s?".join(re.escape(char) for char in initials) + r"\.")
    return forms


def initials_of(tokens: list[str]) -> str:
    """First letters of a name, when they are no common abbreviation."""
    initials = "".join(token[0] for token in tokens)
    return initials if initials not in _ABBREVIATIONS and 1 < len(initials) < 5 and initials.isalpha() else ""


def _latin_token(token: str) -> str:
    return re.sub(r"\\?['’-]", r"['’\\s-]?", re.escape(token))


# ---------------------------------------------------------------- numbers, addresses, dates

def number_forms(values: tuple[str, ...], shortest: int) -> set[str]:
    """Identifiers with any single separator between their characters."""
    forms: set[str] = set()
    for raw in values:
        value = re.sub(r"[\s\-.]", "", lowered(fold(raw).norm))
        if len(value) < shortest or len(set(value)) == 1:
            continue
        forms.add(r"[\s.\-]{0,2}".join(re.escape(char) for char in value) if len(value) <= 40 else re.escape(value))
        if value.isdigit() and len(bare := value.lstrip("0")) >= 6 and bare != value:
            forms.add(re.escape(bare))
    return forms


def phone_forms(values: tuple[str, ...]) -> set[str]:
    """Telephone numbers with or without country prefix and separators; other telecom values (mail, handle) as they stand."""
    forms: set[str] = set()
    for raw in values:
        value = lowered(fold(raw).norm).strip()
        digits = re.sub(r"\D", "", value)
        if re.fullmatch(r"[\d\s()+\-.x转*#]+(?:ext\.?\s*\d+)?", value) and len(digits) >= 7:
            core = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)
            forms.add(r"[\s().\-]{0,2}".join(core))
            if len(core) == 11 and core.startswith("1"):   # with the trunk prefix of North America
                forms.add(r"[\s().\-]{0,2}".join(core[1:]))
            if core.startswith("0") and len(core) >= 10:
                forms.add(r"[\s().\-]{0,2}".join(core[-8:] if len(core) > 10 else core[-7:]))
        elif len(value) >= 5:
            forms.add(re.escape(value))
    return forms


def address_forms(values: tuple[str, ...]) -> set[str]:
    """Addresses whole, and Chinese ones from each level down and up to the house number."""
    forms: set[str] = set()
    for raw in values:
        value = lowered(fold(raw).norm).strip(" ,.;")
        if CJK.search(value):
            compact = re.sub(r"[\s,]", "", value)
            tails = [compact, *(compact[m.end():] for m in re.finditer(r"[省市区县镇乡]", compact))]
            tails += [m.group() for tail in tails if (m := re.match(r".*?\d+[号弄]", tail))]
            forms |= {r"[\s,]?".join(re.escape(c) for c in tail) for tail in tails if len(tail) >= 5}
            if 2 < len(compact) < 5 and compact[-1] in "省市区县镇乡":
                forms.add(re.escape(compact))
        elif re.fullmatch(r"[\d-]{5,10}", value):
            if len(set(value)) > 1:
                forms.add(re.escape(value))
        elif len(value) >= 4 and value not in words.COMMON_NAME_WORDS and value.title() not in words.eponyms_en():
            forms.add(r"[\s,.]{1,3}".join(re.escape(part) for part in re.split(r"[\s,.]+", value) if part))
    return forms


def plain_forms(values: tuple[str, ...], shortest: int) -> set[str]:
    folded = (lowered(fold(value).norm).strip() for value in values)
    return {r"\s{0,3}".join(re.escape(part) for part in value.split()) for value in folded if len(value) >= shortest}


def birth_date_forms(birth_date: str) -> set[str]:
    """YYYY-MM-DD in the forms it is written in. Other values give nothing."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", birth_date):
        return set()
    year, month, day = birth_date.split("-")
    m, d, name = str(int(month)), str(int(day)), _MONTHS[(int(month) - 1) % 12]
    named = f"{name[:3]}(?:{name[3:]})?\\.?" if len(name) > 3 else name
    tails = (rf"{m}[-/.]0?{d}[-/.](?:{year}|{year[2:]})", rf"{d}[-/.]0?{m}[-/.]{year}", rf"{d}[\s-]{named}[\s-]{year}")
    return {year + month + day, rf"{year}\s?[-/.年]\s?0?{m}\s?[-/.月]\s?0?{d}(?:日)?", rf"{named}\s0?{d}(?:st|nd|rd|th)?,?\s{year}",
            *tails, *("0" + tail for tail in tails)}

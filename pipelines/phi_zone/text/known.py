"""Finding what is already known to identify a patient or the staff, in every form people write it.

One pattern per identity, over the folded lower-case text: full names, parts, spaced, pinyin in both orders, initials;
numbers with any separators; addresses with and without their first levels; the birth date in its usual forms.
"""
from __future__ import annotations

import re
from functools import lru_cache

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.fold import Folded, fold, lowered
from schemas.deid import KnownIdentity, Span

_CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ffff]")
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "md", "phd", "do", "rn", "np", "pa", "jr", "sr", "ii", "iii", "iv"])
_ABBREVIATIONS = frozenset(["po", "iv", "im", "sc", "bid", "tid", "qid", "qd", "qh", "qod", "eg", "ie", "am", "pm", "pr", "hs", "od", "os", "ou", "npo", "ro", "dc", "ct", "mr", "us", "ap", "pa", "cc", "hr", "bp"])
_GAP = r"[\s·.•*_-]{0,3}"
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]


class KnownMatcher:
    """All forms of one KnownIdentity. Holds PHI: lives only in the PHI zone's memory."""

    def __init__(self, known: KnownIdentity) -> None:
        groups = {"NAME": name_forms(known.names), "MRN": number_forms(known.ids, 4), "PHONE": phone_forms(known.phones),
                  "ADDR": address_forms(known.addresses), "ORG": plain_forms(known.organisations, 4),
                  "DATE": birth_date_forms(known.birth_date)}
        self.kinds = [kind for kind, forms in groups.items() if forms]
        branches = ["(" + "|".join(sorted(groups[kind], key=lambda form: (-len(form), form))) + ")" for kind in self.kinds]
        self.pattern = re.compile("|".join(branches)) if branches else None
        self.literals = frozenset(lowered(fold(value).norm) for value in (*known.ids, *known.phones, *known.names) if value)

    def spans(self, folded: Folded) -> list[Span]:
        """Spans in code points of the original text."""
        if self.pattern is None:
            return []
        lower, found, place = lowered(folded.norm), [], 0
        while (match := self.pattern.search(lower, place)) is not None:
            start, end = match.span()
            if start == end or not _whole(lower, start, end):
                place = start + 1
                continue
            kind = self.kinds[(match.lastindex or 1) - 1]
            found.append(Span(*folded.span(start, end), kind, f"known.{kind.lower()}"))
            place = end
        return found

    def touches(self, text: str) -> bool:
        return self.pattern is not None and bool(self.spans(fold(text)))


@lru_cache(maxsize=2048)
def matcher(known: KnownIdentity) -> KnownMatcher:
    return KnownMatcher(known)


def _whole(text: str, start: int, end: int) -> bool:
    """Latin letters and digits match only as whole words: `Li` is not in `lipid`, 1234567 not in 91234567."""
    before, after = text[start - 1] if start else " ", text[end] if end < len(text) else " "
    return not ((_word(before) and _word(text[start]) and before.isdigit() == text[start].isdigit())
                or (_word(after) and _word(text[end - 1]) and after.isdigit() == text[end - 1].isdigit()))


def _word(char: str) -> bool:
    return char.isascii() and char.isalnum()


# ---------------------------------------------------------------- names

def name_forms(names: tuple[str, ...]) -> set[str]:
    """Regular expressions (lower case, folded text) of everything these names are written as."""
    forms: set[str] = set()
    for raw in names:
        name = lowered(fold(raw).norm).strip()
        if _CJK.search(name):
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
    forms = {_spaced(name), re.escape(family) + r"[某*x×○]{1,2}", re.escape(family) + _GAP + re.escape(given)}
    if len(given) > 1:
        forms |= {re.escape(given), re.escape(family) + r"[某*x×○]" + re.escape(given[-1])}
    return forms | _pinyin(family, given)


def _spaced(name: str) -> str:
    return r"[\s·•.]{0,3}".join(re.escape(char) for char in name if char != "·")


def _pinyin(family: str, given: str) -> set[str]:
    from pypinyin import Style, pinyin

    def readings(text: str) -> list[list[str]]:
        return [sorted({r.replace("ü", v) for r in found for v in ("v", "u", "yu")} or {text}) if any("ü" in r for r in found)
                else list(dict.fromkeys(found))[:3] for found in pinyin(text, style=Style.NORMAL, heteronym=True, v_to_u=True)]

    families = _products(readings(family))
    firsts = [options[:2] for options in readings(given)]
    givens = _products(firsts)[:8]
    forms: set[str] = set()
    for f in families[:4]:
        for g in givens:
            joined = r"[\s'-]?".join(g)
            gap = r"[\s,^·._-]{0,2}"
            forms |= {"".join(f) + gap + joined, joined + gap + "".join(f)}
        heads = r"\.?\s?".join(options[0][0] for options in firsts)
        forms |= {"".join(f) + r"[\s,]{1,2}" + heads + r"\.?", heads + r"\.?\s" + "".join(f)}
    return forms


def _products(options: list[list[str]]) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for choice in options:
        rows = [[*row, item] for row in rows for item in choice][:16]
    return rows


def _latin(name: str) -> set[str]:
    if "," in name and "^" not in name:
        family, _, rest = name.partition(",")
        name = f"{rest.strip()} {family.strip()}"
    elif "^" in name:
        family, *rest = [part for part in name.split("=")[0].split("^")]
        name = " ".join([*rest[:2], family])
    tokens = [t for t in re.findall(r"[^\W_][^\W_'’-]*(?:['’-][^\W_]+)*", name) if t.strip(".") not in _TITLES]
    if not tokens:
        return set()
    bare = [re.sub(r"\d+$", "", token) for token in tokens]
    forms: set[str] = set()
    for version in {tuple(tokens), tuple(bare)}:
        forms |= _latin_forms([t for t in version if t])
    return forms


def _latin_forms(tokens: list[str]) -> set[str]:
    escaped = [_latin_token(token) for token in tokens]
    forms = {r"[\s.]{1,3}".join(escaped)} if len(tokens) > 1 else set()
    for token, form in zip(tokens, escaped, strict=True):
        if len(token) < 3:
            continue
        if token in words.COMMON_NAME_WORDS or token.title() in words.eponyms_en() or token in words.drugs_en():
            forms.add(r"(?:mr|mrs|ms|miss|dr|patient|pt)\.?\s{1,2}" + form)
        else:
            forms.add(form)
    if len(tokens) < 2:
        return forms
    first, last = escaped[0], escaped[-1]
    gap = r"[\s,^._-]{1,3}"
    forms |= {first + gap + last, last + gap + first, first + r"\s[a-z]\.?\s" + last, last + r",?\s" + first + r"\s[a-z]\.?",
              tokens[0][0] + r"\.\s?" + last, last + r",?\s" + tokens[0][0] + r"(?:\.|(?=\W|$))"}
    if len(tokens[0]) + len(tokens[-1]) >= 6:
        forms |= {first + last, last + first}
    initials = "".join(token[0] for token in tokens)
    if initials not in _ABBREVIATIONS and 1 < len(initials) < 5 and initials.isalpha():
        forms.add(r"\.\s?".join(re.escape(char) for char in initials) + r"\.")
    return forms


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
            core = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)|^1(?=\d{10}$)", "", digits)
            forms.add(r"[\s().\-]{0,2}".join(core))
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
        if _CJK.search(value):
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
    return {year + month + day, rf"{year}\s?[-/.年]\s?0?{m}\s?[-/.月]\s?0?{d}(?:日)?", rf"0?{m}[-/.]0?{d}[-/.](?:{year}|{year[2:]})",
            rf"0?{d}[-/.]0?{m}[-/.]{year}", rf"{named}\s0?{d}(?:st|nd|rd|th)?,?\s{year}", rf"0?{d}[\s-]{named}[\s-]{year}"}

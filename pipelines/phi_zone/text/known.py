# ruff: noqa: E501 - patterns and word lists are data: a line is one of them, whole

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
    """All forms of one KnownIdentity. Holds PHI: lives only in the PHI zone's memory.

    Most texts hold nothing of a patient. So a text is first searched for plain pieces, one of which every form holds
    (`anchors`); forms are spelled out and compiled when a piece is met for the first time.
    """

    def __init__(self, known: KnownIdentity) -> None:
        self.known = known
        self.anchors = tuple(sorted(_anchors(known)))
        self.numbers = tuple(sorted({core for value in (*known.ids, *known.phones) if len(core := _compact(lowered(fold(value).norm))) >= 4}
                                    | {core[-7:] for value in known.phones if len(core := _compact(value)) >= 7 and core.isdigit()}))
        self.literals = frozenset(lowered(fold(value).norm) for value in (*known.ids, *known.phones, *known.names) if value)
        self._clear: set[str] = set()
        """Short texts that hold no piece: one patient's record says the same things again and again."""
        self._kinds: list[str] = []
        self._pattern: re.Pattern[str] | None = None

    def spans(self, folded: Folded) -> list[Span]:
        """Spans in code points of the original text."""
        if folded.norm in self._clear:
            return []
        lower = lowered(folded.norm)
        for piece in self.anchors:
            if piece in lower:
                return self._matches(folded, lower)
        if self.numbers and _DIGITS.search(lower):
            compact = _compact(lower)
            if any(number in compact for number in self.numbers):
                return self._matches(folded, lower)
        if len(lower) < 200 and len(self._clear) < 400:
            self._clear.add(folded.norm)
        return []

    def _matches(self, folded: Folded, lower: str) -> list[Span]:
        found, place = [], 0
        pattern = self._pattern or self._compiled()
        while (match := pattern.search(lower, place)) is not None:
            start, end = match.span()
            if start == end or not _whole(lower, start, end):
                place = start + 1
                continue
            kind, place = self._kinds[(match.lastindex or 1) - 1], end
            found.append(Span(*folded.span(start, end), kind, f"known.{kind.lower()}"))
        return found

    def _compiled(self) -> re.Pattern[str]:
        known = self.known
        groups = {"NAME": name_forms(known.names), "MRN": number_forms(known.ids, 4), "PHONE": phone_forms(known.phones),
                  "ADDR": address_forms(known.addresses), "ORG": plain_forms(known.organisations, 4),
                  "DATE": birth_date_forms(known.birth_date)}
        spelled = {kind: sorted(forms, key=lambda form: (-len(form), form)) for kind, forms in groups.items() if forms}
        self._kinds = list(spelled)
        self._pattern = re.compile("|".join("(" + "|".join(forms) + ")" for forms in spelled.values()) or "(?!)")
        return self._pattern

    def touches(self, text: str) -> bool:
        return text not in self._clear and bool(self.spans(fold(text)))


_DIGITS = re.compile(r"\d{2}")
_SEPARATORS = str.maketrans("", "", " \t\n\r-.()/,_")


def _compact(text: str) -> str:
    return text.translate(_SEPARATORS)


def _anchors(known: KnownIdentity) -> set[str]:
    """Pieces of which every written form holds one, lower case."""
    found: set[str] = set()
    for raw in known.names:
        name = lowered(fold(raw).norm).strip()
        found |= _chinese_anchors(re.sub(r"[\s^=,]", "", name)) if _CJK.search(name) else _latin_anchors(name)
    for raw in (*known.addresses, *known.organisations):
        value = lowered(fold(raw).norm).strip(" ,.;")
        pieces = [piece for piece in re.split(r"[\s,.]+", value) if piece]
        if _CJK.search(value):
            found |= {*re.findall(r"[\u3400-\u9fff](?=[\s,]*\d)", value), value[-1]}   # single letters: a line may break anywhere
        elif pieces:
            found.add(max(pieces, key=len))
    if birth_date_forms(known.birth_date):
        found |= {known.birth_date[:4], f"/{known.birth_date[2:4]}", f"-{known.birth_date[2:4]}", f".{known.birth_date[2:4]}"}
    return found


def _chinese_anchors(name: str) -> set[str]:
    if "·" in name or "•" in name or len(name) > 6 or len(name) < 2:
        return {name[:1], *(part for part in re.split("[·•]", name) if len(part) > 1)} - {""}
    cut = 2 if name[:2] in words.compound_surnames_cn() and len(name) > 2 else 1
    return {name[0], *([name[cut:]] if len(name) - cut > 1 else ()), *("".join(f) for f in _products(_readings(name[:cut]))[:4])}


def _latin_anchors(name: str) -> set[str]:
    """The tokens of the name; the longest stretch without an apostrophe of each, and the dotted initials."""
    tokens = [re.sub(r"\d+$", "", t) or t for t in _latin_tokens(name)]
    pieces = {max(re.split("['’-]", token), key=len) for token in tokens}
    long = {piece for piece in pieces if len(piece) > 2}
    return (long if len(long) == len(pieces) else pieces) | ({tokens[0][0] + "."} if len(tokens) > 1 and _initials(tokens) else set())


@lru_cache(maxsize=512)
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
    return forms | _pinyin(family, given) if all(_CJK.match(char) for char in name) else forms


def _spaced(name: str) -> str:
    return r"[\s·•.]{0,3}".join(re.escape(char) for char in name if char != "·")


@lru_cache(maxsize=4096)
def _reading(char: str) -> tuple[str, ...]:
    """Pinyin readings of one character without tones, ü also as v, u and yu."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=True)[0]
    return tuple(dict.fromkeys(r.replace("ü", v) for r in found[:3] for v in (("v", "u", "yu") if "ü" in r else ("",))))


def _readings(text: str) -> list[list[str]]:
    return [list(_reading(char)) for char in text]


def _pinyin(family: str, given: str) -> set[str]:
    families = _products(_readings(family))
    firsts = [options[:2] for options in _readings(given)]
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
    tokens = _latin_tokens(name)
    if not tokens:
        return set()
    bare = [re.sub(r"\d+$", "", token) for token in tokens]
    forms: set[str] = set()
    for version in {tuple(tokens), tuple(bare)}:
        forms |= _latin_forms([t for t in version if t])
    return forms


def _latin_tokens(name: str) -> list[str]:
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
              tokens[0][0] + r"\.\s?" + last, last + r",?\s" + tokens[0][0] + r"(?:\.|(?=\W|$))"}
    if len(tokens[0]) + len(tokens[-1]) >= 6:
        forms |= {first + last, last + first}
    initials = _initials(tokens)
    if initials:
        forms.add(r"\.\s?".join(re.escape(char) for char in initials) + r"\.")
    return forms


def _initials(tokens: list[str]) -> str:
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
    tails = (rf"{m}[-/.]0?{d}[-/.](?:{year}|{year[2:]})", rf"{d}[-/.]0?{m}[-/.]{year}", rf"{d}[\s-]{named}[\s-]{year}")
    return {year + month + day, rf"{year}\s?[-/.年]\s?0?{m}\s?[-/.月]\s?0?{d}(?:日)?", rf"{named}\s0?{d}(?:st|nd|rd|th)?,?\s{year}",
            *tails, *("0" + tail for tail in tails)}

"""How what is known of a patient may be written elsewhere: names in any order and script, numbers spaced or shortened, days."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from pipelines.phi_zone.dicom.dictionary import words
from pipelines.phi_zone.text.fold import simplified
from schemas.deid import KnownIdentity

NOBODY = frozenset(words("""
anonymous anonymized anonymised anon unknown none null test patient name phantom unnamed nobody removed deidentified doctor
physician operator tech dr mr mrs ms md phd prof jr sr ii iii iv the and for van von der den de la le el al bin abu"""))
TECHNICAL = frozenset(words("""
headneck ct mr mri us cr dx mg pt nm xa rf ot sc sr seg head brain neck chest thorax abdomen pelvis spine knee hip hand foot wrist elbow
shoulder ankle breast heart liver kidney lung leg arm skull face eye ear nose throat cardiac thyroid prostate uterus bone skin axial
coronal sagittal transverse left right both anterior posterior lateral medial supine prone standing erect contrast plain native
original primary derived secondary localizer scout image images series study axis multi single other volume max min mean average mix
lossy lossless compressed samples siemens philips toshiba canon hitachi fuji agfa kodak general electric medical systems healthcare
radiology imaging male female adult child infant body whole"""))
_SEPARATORS = r"[\s\^,.;:=_/\\|·・\-\x00-\x1f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]*"


def plain(text: str) -> str:
    """One form of width and script: full-width letters narrow, traditional characters simplified."""
    return unicodedata.normalize("NFKC", text).translate(simplified()) if not text.isascii() else text


def long_digits(number: str) -> str:
    """The longest run of digits of a number: HX00731942 is also written 00731942."""
    return max(re.findall(r"\d+", number), key=len, default="")


def significant(number: bytes) -> bytes:
    """A number without sign, padding and, where six digits are left, leading zeros."""
    number = number.strip(b" \0").lstrip(b"+")
    shorter = number.lstrip(b"0")
    return shorter if len(shorter) >= 6 else number


def has_cjk(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


def _loosely(parts: Iterable[str]) -> str:
    return _SEPARATORS.join(re.escape(part) for part in parts if part)


Pattern = Callable[[], str]
"""Made when it is needed: most patients' never are."""


def patterns(known: KnownIdentity, harmless: frozenset[str] = frozenset()) -> Iterator[tuple[Pattern, str]]:
    """(pattern, what every text that it matches holds, separators apart)."""
    for name in known.names:
        yield from _name_patterns(plain(name), harmless)
    for number in (*known.ids, *known.phones):
        yield from _number_patterns(plain(number))
    for text in (*known.addresses, *known.organisations):
        text = plain(text).strip()
        if len(text) >= (4 if has_cjk(text) else 6):
            yield partial(_loosely, re.split(r"\s+", text)), text
    if known.birth_date:
        yield partial(_day, *known.birth_date.split("-")), known.birth_date[:4]
        short = known.birth_date[2:].replace("-", "")
        yield partial("(?<!\\d){}(?!\\d)".format, short), short


_MONTHS = words("jan feb mar apr may jun jul aug sep oct nov dec")
_NUMBERS_OF_MONTHS = frozenset(f"{number:02d}" for number in range(1, 13))


def _day(year: str, month: str, day: str) -> str:
    named = _MONTHS[int(month) - 1] + "[a-z]{0,6}" if month in _NUMBERS_OF_MONTHS else "(?!)"
    month_loose, day_loose = month.replace("0", "0?", 1) if month[0] == "0" else month, f"0?{int(day)}"
    return (rf"(?<!\d){year}\D{{0,3}}{month_loose}\D{{0,3}}{day_loose}(?!\d)"
            rf"|(?<!\d)(?:{month_loose}[-/. ]{day_loose}|{day_loose}[-/. ]{month_loose})[-/. ]{year}(?!\d)"
            rf"|(?<!\d){day_loose}\W{{0,2}}{named}\W{{0,2}}{year}(?!\d)|(?<![a-z]){named}\W{{0,2}}{day_loose}\D{{1,4}}{year}(?!\d)")


def _name_patterns(name: str, harmless: frozenset[str]) -> Iterator[tuple[Pattern, str]]:
    if has_cjk(name):
        kept = [letter for letter in name if letter.isalnum()]
        if len(kept) >= 2:
            yield partial(_loosely, kept), "".join(kept)
        return
    tokens = [token for token in _WORD.findall(name) if token.lower() not in NOBODY]
    if len(tokens) >= 2:
        for order in (tokens, [*tokens[1:], tokens[0]]):
            whole = "".join(order)
            yield partial(_words, *(whole if len(whole) >= SPACED_LETTERS else order)), whole
        family, initial = tokens[0], tokens[1][0]
        if len(family) >= 4 and family.lower() not in TECHNICAL and family.lower() not in harmless:
            yield partial(_login, family, initial), family + initial
    for token in tokens:
        if len(token) >= 3 and token.lower() not in TECHNICAL and token.lower() not in harmless:
            yield partial(_words, token), token


SPACED_LETTERS = 8
"""Letters of a whole name from which it is found spaced anywhere: Ou Yang Zhen Hua."""
_WORD = re.compile(r"[^\W\d_]+")
_NO_NUMBER = re.compile(r"0+|1234?5?6?|0?1")


def _words(*tokens: str) -> str:
    return rf"(?<![^\W\d_]){_loosely(tokens)}(?![^\W\d_])"


def _login(family: str, initial: str) -> str:
    """A family name with initials behind it, as people log in: zhangwj."""
    return rf"(?<![^\W\d_]){re.escape(family + initial)}[a-z]{{0,2}}(?![^\W\d_])"


def _number_patterns(number: str) -> Iterator[tuple[Pattern, str]]:
    kept = "".join(filter(str.isalnum, number))
    if len(kept) >= 4 and any(map(str.isdigit, kept)) and not _NO_NUMBER.fullmatch(kept):
        yield partial(_spaced, kept), kept
        if len(kept) >= 6:
            yield partial(re.escape, kept), kept
        digits = long_digits(kept).lstrip("0")
        if len(digits) >= 6 and digits != kept:
            yield partial("(?<!\\d)0*{}(?!\\d)".format, digits), digits


def _spaced(number: str) -> str:
    return r"(?<![A-Za-z0-9])" + r"[\s\-_./]*".join(map(re.escape, number)) + r"(?![A-Za-z0-9])"

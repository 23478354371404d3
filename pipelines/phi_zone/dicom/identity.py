"""What a header says about who somebody is, and whether a text repeats it.

`harvest` reads identifying elements at every level, also those that are dropped; a Matcher then finds a known name, number, date of
birth or address in any other element, however it is spaced, cased or ordered.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

from pipelines.phi_zone.dicom.charset import charsets, decodings
from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, SPECIFIC_CHARACTER_SET, TAG_OF, VR_OF, words
from pipelines.phi_zone.dicom.parse import Dataset
from schemas.deid import KnownIdentity

_IDS = words("""
PatientID OtherPatientIDs AccessionNumber AdmissionID ServiceEpisodeID IssuerOfPatientID InsurancePlanIdentification MilitaryRank
PlacerOrderNumberImagingServiceRequest FillerOrderNumberImagingServiceRequest RequestedProcedureID StudyID
PlacerOrderNumberProcedure FillerOrderNumberProcedure CurrentPatientLocation ScheduledProcedureStepID PerformedProcedureStepID
MedicalRecordLocator SpecimenIdentifier ContainerIdentifier ClinicalTrialSubjectID BranchOfService""")
_PHONES = words("""
PatientTelephoneNumbers PersonTelephoneNumbers OrderCallbackPhoneNumber ReferringPhysicianTelephoneNumbers""")
_ADDRESSES = words("""
PatientAddress InstitutionAddress ReferringPhysicianAddress PersonAddress""")
_ORGANISATIONS = words("""
InstitutionName StationName RequestingService IssuerOfPatientID""")
_KIND = {TAG_OF[word]: kind for kind, listed in (("ids", _IDS), ("phones", _PHONES), ("addresses", _ADDRESSES),
                                                ("organisations", _ORGANISATIONS)) for word in listed}
_NAMES = frozenset(tag for tag, vr in VR_OF.items() if vr == "PN" and tag in KEYWORD_OF)
_BIRTH = frozenset((TAG_OF["PatientBirthDate"], TAG_OF["PatientBirthDateInAlternativeCalendar"]))
HARVESTED = _NAMES | _BIRTH | frozenset(_KIND) | {SPECIFIC_CHARACTER_SET}
_NOBODY = frozenset(words("""
anonymous anonymized anonymised anon unknown none null test patient name phantom unnamed nobody removed deidentified doctor
physician operator tech dr mr mrs ms md phd prof jr sr ii iii iv the and for van von der den de la le el al bin abu"""))
_TECHNICAL = frozenset(words("""
headneck ct mr mri us cr dx mg pt nm xa rf ot sc sr seg head brain neck chest thorax abdomen pelvis spine knee hip hand foot wrist elbow
shoulder ankle breast heart liver kidney lung leg arm skull face eye ear nose throat cardiac thyroid prostate uterus bone skin axial
coronal sagittal transverse left right both anterior posterior lateral medial supine prone standing erect contrast plain native
original primary derived secondary localizer scout image images series study axis multi single other volume max min mean average mix
lossy lossless compressed samples siemens philips toshiba canon hitachi fuji agfa kodak general electric medical systems healthcare
radiology imaging male female adult child infant body whole"""))
_SEPARATORS = r"[\s\^,.;:=_/\\|·・\-]*"


def plain_name(value: str) -> list[str]:
    """PN groups as people write them: 'ZHANG WEI', '张伟'. 'Zhang^Wei=张^伟' gives both."""
    out = []
    for group in value.split("="):
        parts = [part.strip(" \0") for part in group.split("^")[:3]]
        parts = [part for part in parts if part]
        if not parts:
            continue
        chinese = all(_is_cjk(part) for part in parts)
        out.append(("" if chinese else " ").join(parts))
    return out


def _is_cjk(text: str) -> bool:
    return bool(text) and all("\u3400" <= letter <= "\u9fff" or "\u3040" <= letter <= "\u30ff" or "\uac00" <= letter <= "\ud7af"
                              or letter in "·・ 〇" for letter in text)


def harvest(dataset: Dataset, data: bytes | memoryview, terms: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(kind, value) of everything identifying in a data set and its items; kind is a field of KnownIdentity."""
    for tag, _, start, length, items in dataset:
        if items is not None:
            if isinstance(items, list):
                for item in items:
                    yield from harvest(item, data, terms)
        elif tag in HARVESTED and 0 < length < 4096:
            raw = bytes(data[start:start + length])
            if tag == SPECIFIC_CHARACTER_SET:
                terms = charsets(raw)
            else:
                yield from _identities(tag, raw, terms)


def _identities(tag: int, raw: bytes, terms: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in decodings(raw, terms):
        for value in (part.strip(" \0") for part in text.split("\\")):
            if not value:
                continue
            if tag in _NAMES:
                yield from (("names", name) for name in plain_name(value))
            elif tag in _BIRTH:
                digits = re.sub(r"\D", "", value)
                if len(digits) == 8:
                    yield "birth_date", f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
            else:
                yield _KIND[tag], value


def known_of(dataset: Dataset, data: bytes | memoryview) -> KnownIdentity:
    kinds: dict[str, dict[str, None]] = {}
    for kind, value in harvest(dataset, data):
        kinds.setdefault(kind, {})[value] = None
    birth = next(iter(kinds.pop("birth_date", {})), "")
    return KnownIdentity(**{kind: tuple(values) for kind, values in kinds.items()}, birth_date=birth)


def body_part(text: str) -> bool:
    """Whether every word is one of anatomy, modality or position."""
    return all(word.lower() in _TECHNICAL for word in re.findall(r"[^\W\d_]+", text))


def telling(name: str) -> bool:
    """Whether a name is more than technical words: "HEAD PHANTOM" is not looked for in texts word by word."""
    return _has_cjk(name) or any(len(word) >= 2 and word.lower() not in _TECHNICAL | _NOBODY for word in re.findall(r"[^\W\d_]+", name))


class Matcher:
    """Finds the known identities of one patient in a text.

    A pattern can only match where the letters and digits of its core stand in a row in the text, so most texts need no pattern at
    all, and a patient's patterns are compiled when the first text comes close.
    """

    def __init__(self, known: KnownIdentity) -> None:
        self._known = known
        self._cores = tuple({letters(core) for _, core in _patterns(known)})
        self._search: Callable[[str], object] | None = None
        self._code_search: Callable[[str], object] | None = None

    def found(self, text: str) -> bool:
        """Whether `text` holds a known identity."""
        text = _plain(text)
        if not self.near(letters(text)):
            return False
        if self._search is None:
            self._search = _search(_patterns(self._known))
        return self._search(text) is not None

    def found_in_code(self, text: str) -> bool:
        """As `found`, for defined terms: a patient called Perfusion does not make PERFUSION a name."""
        text = _plain(text)
        if not self.near(letters(text)):
            return False
        if self._code_search is None:
            from pipelines.phi_zone.dicom.codes import clinical_words

            self._code_search = _search(_patterns(self._known, clinical_words()))
        return self._code_search(text) is not None

    def near(self, held: bytes) -> bool:
        """Whether something known could stand in a text of these `letters`. What is not near is not found."""
        return any(map(held.__contains__, self._cores))


@lru_cache(maxsize=32)
def matcher(known: KnownIdentity) -> Matcher:
    return Matcher(known)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text) if not text.isascii() else text


_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_LOWER = bytes(range(256)).lower()


def letters(text: str) -> bytes:
    """Letters and digits in a row, as UTF-8, equal wherever a pattern that ignores case holds them equal."""
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTERS)
    folded = text.casefold().replace("\u0131", "i")
    return "".join(filter(str.isalnum, folded)).encode("utf-8", "replace")


def _has_cjk(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


def _loosely(parts: Iterable[str]) -> str:
    return _SEPARATORS.join(re.escape(part) for part in parts if part)


Pattern = Callable[[], str]
"""Made when it is needed: most patients' never are."""


def _search(patterns: Iterable[tuple[Pattern, str]]) -> Callable[[str], object]:
    return re.compile("|".join(dict.fromkeys(pattern() for pattern, _ in patterns)) or r"(?!)", re.IGNORECASE).search


def _patterns(known: KnownIdentity, harmless: frozenset[str] = frozenset()) -> Iterator[tuple[Pattern, str]]:
    """(pattern, what every text that it matches holds, separators apart)."""
    for name in known.names:
        yield from _name_patterns(_plain(name), harmless)
    for number in (*known.ids, *known.phones):
        yield from _number_patterns(_plain(number))
    for text in (*known.addresses, *known.organisations):
        text = _plain(text).strip()
        if len(text) >= (4 if _has_cjk(text) else 6):
            yield partial(_loosely, re.split(r"\s+", text)), text
    if known.birth_date:
        yield partial(_day, *known.birth_date.split("-")), known.birth_date[:4]


def _day(year: str, month: str, day: str) -> str:
    month_loose, day_loose = month.replace("0", "0?", 1) if month[0] == "0" else month, f"0?{int(day)}"
    return (rf"(?<!\d){year}\D{{0,3}}{month_loose}\D{{0,3}}{day_loose}(?!\d)"
            rf"|(?<!\d)(?:{month_loose}[-/. ]{day_loose}|{day_loose}[-/. ]{month_loose})[-/. ]{year}(?!\d)")


def _name_patterns(name: str, harmless: frozenset[str]) -> Iterator[tuple[Pattern, str]]:
    if _has_cjk(name):
        kept = [letter for letter in name if letter.isalnum()]
        if len(kept) >= 2:
            yield partial(_loosely, kept), "".join(kept)
        return
    tokens = [token for token in _WORD.findall(name) if token.lower() not in _NOBODY]
    if len(tokens) >= 2:
        yield partial(_words, *tokens), "".join(tokens)
        yield partial(_words, *tokens[1:], tokens[0]), "".join((*tokens[1:], tokens[0]))
    for token in tokens:
        if len(token) >= 3 and token.lower() not in _TECHNICAL and token.lower() not in harmless:
            yield partial(_words, token), token


_WORD = re.compile(r"[^\W\d_]+")
_NO_NUMBER = re.compile(r"0+|1234?5?6?|0?1")


def _words(*tokens: str) -> str:
    return rf"(?<![^\W\d_]){_loosely(tokens)}(?![^\W\d_])"


def _number_patterns(number: str) -> Iterator[tuple[Pattern, str]]:
    kept = "".join(filter(str.isalnum, number))
    if len(kept) >= 4 and any(map(str.isdigit, kept)) and not _NO_NUMBER.fullmatch(kept):
        yield partial(_spaced, kept), kept
        if len(kept) >= 6:
            yield partial(re.escape, kept), kept


def _spaced(number: str) -> str:
    return r"(?<![A-Za-z0-9])" + r"[\s\-_./]*".join(map(re.escape, number)) + r"(?![A-Za-z0-9])"

"""What a header says about who somebody is, and whether a text repeats it.

`harvest` reads identifying elements at every level, also those that are dropped; a Matcher then finds a known name, number, date of
birth or address in any other element, however it is spaced, cased or ordered.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pipelines.phi_zone.dicom.charset import charsets, decodings
from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, SPECIFIC_CHARACTER_SET, TAG_OF, VR_OF, words
from pipelines.phi_zone.dicom.parse import Dataset
from pipelines.phi_zone.dicom.spellings import NOBODY, TECHNICAL, Pattern, has_cjk, patterns, plain
from schemas.deid import KnownIdentity

_IDS = words("""
PatientID OtherPatientIDs AccessionNumber AdmissionID ServiceEpisodeID IssuerOfPatientID InsurancePlanIdentification MilitaryRank
PlacerOrderNumberImagingServiceRequest FillerOrderNumberImagingServiceRequest RequestedProcedureID StudyID
PlacerOrderNumberProcedure FillerOrderNumberProcedure CurrentPatientLocation ScheduledProcedureStepID PerformedProcedureStepID
MedicalRecordLocator SpecimenIdentifier ContainerIdentifier ClinicalTrialSubjectID BranchOfService""")
_SERIALS = words("DeviceSerialNumber DetectorID GantryID PlateID CassetteID DeviceID")
LEAST_OF_A_SERIAL = 6
"""Letters and digits of a device's number that is looked for elsewhere: plate 1024 is also a matrix."""
_PHONES = words("""
PatientTelephoneNumbers PersonTelephoneNumbers OrderCallbackPhoneNumber ReferringPhysicianTelephoneNumbers""")
_ADDRESSES = words("""
PatientAddress InstitutionAddress ReferringPhysicianAddress PersonAddress""")
_ORGANISATIONS = words("""
InstitutionName StationName PerformedStationName RequestingService IssuerOfPatientID""")
_KIND = {TAG_OF[word]: kind for kind, listed in (("ids", _IDS), ("ids", _SERIALS), ("phones", _PHONES), ("addresses", _ADDRESSES),
                                                ("organisations", _ORGANISATIONS)) for word in listed}
_SERIAL_TAGS = frozenset(TAG_OF[word] for word in _SERIALS)
_NAMES = frozenset(tag for tag, vr in VR_OF.items() if vr == "PN" and tag in KEYWORD_OF)
_BIRTH = frozenset((TAG_OF["PatientBirthDate"], TAG_OF["PatientBirthDateInAlternativeCalendar"]))
HARVESTED = _NAMES | _BIRTH | frozenset(_KIND) | {SPECIFIC_CHARACTER_SET}


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
        if chinese and len(parts) > 1 and len(parts[0]) > 1:
            out.append(parts[0])     # a family name of two characters says more than one of one
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
            elif tag not in _SERIAL_TAGS or sum(map(str.isalnum, value)) >= LEAST_OF_A_SERIAL:
                yield _KIND[tag], value


def known_of(dataset: Dataset, data: bytes | memoryview) -> KnownIdentity:
    kinds: dict[str, dict[str, None]] = {}
    for kind, value in harvest(dataset, data):
        kinds.setdefault(kind, {})[value] = None
    birth = next(iter(kinds.pop("birth_date", {})), "")
    return KnownIdentity(**{kind: tuple(values) for kind, values in kinds.items()}, birth_date=birth)


def body_part(text: str) -> bool:
    """Whether every word is one of anatomy, modality or position."""
    return all(word.lower() in TECHNICAL for word in re.findall(r"[^\W\d_]+", text))


_NO_NAMES = TECHNICAL | NOBODY


def telling(name: str) -> bool:
    """Whether a name is more than technical words: "HEAD PHANTOM" is not looked for in texts word by word."""
    return has_cjk(name) or any(len(word) >= 2 and word.lower() not in _NO_NAMES for word in re.findall(r"[^\W\d_]+", name))


class Matcher:
    """Finds the known identities of one patient in a text.

    A pattern can only match where the letters and digits of its core stand in a row in the text, so most texts need no pattern at
    all, and a patient's patterns are compiled when the first text comes close.
    """

    def __init__(self, known: KnownIdentity) -> None:
        self._known = known
        self._cores = tuple({letters(core) for _, core in patterns(known)})
        self._search: re.Pattern[str] | None = None
        self._code_search: re.Pattern[str] | None = None

    def found(self, text: str) -> bool:
        """Whether `text` holds a known identity."""
        text = plain(text)
        if not self.near(letters(text)):
            return False
        if self._search is None:
            self._search = _search(patterns(self._known))
        return self._search.search(text) is not None

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where known identities stand in `text`; nowhere where its one form has another length."""
        folded = plain(text)
        if len(folded) != len(text) or not self.found(text) or self._search is None:
            return []
        return [match.span() for match in self._search.finditer(folded)]

    def without(self, text: str) -> str:
        """`text` less every known identity."""
        return text if not self.found(text) or self._search is None else self._search.sub(" ", plain(text))

    def found_in_code(self, text: str) -> bool:
        """As `found`, for defined terms: a patient called Perfusion does not make PERFUSION a name."""
        text = plain(text)
        if not self.near(letters(text)):
            return False
        if self._code_search is None:
            from pipelines.phi_zone.dicom.codes import clinical_words

            self._code_search = _search(patterns(self._known, clinical_words()))
        return self._code_search.search(text) is not None

    def near(self, held: bytes) -> bool:
        """Whether something known could stand in a text of these `letters`. What is not near is not found."""
        return any(map(held.__contains__, self._cores))


@lru_cache(maxsize=32)
def matcher(known: KnownIdentity) -> Matcher:
    return Matcher(known)


_NO_LETTERS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_LOWER = bytes(range(256)).lower()


def letters(text: str) -> bytes:
    """Letters and digits in a row, as UTF-8, equal wherever a pattern that ignores case holds them equal."""
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTERS)
    folded = text.casefold().replace("\u0131", "i")
    return "".join(filter(str.isalnum, folded)).encode("utf-8", "replace")


def _search(patterns: Iterable[tuple[Pattern, str]]) -> re.Pattern[str]:
    return re.compile("|".join(dict.fromkeys(pattern() for pattern, _ in patterns)) or r"(?!)", re.IGNORECASE)

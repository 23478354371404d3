"""What becomes of one value, by what the policy does with its element: the new bytes, or None to drop the element.

A value stays only when it is what its VR in the dictionary says and repeats nothing known about the patient; else it is dropped,
or emptied where the table needs the element. Texts leave as UTF-8.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pipelines.phi_zone.dicom import values
from pipelines.phi_zone.dicom.charset import decode
from pipelines.phi_zone.dicom.codes import clinical, in_a_terminology, official_meaning
from pipelines.phi_zone.dicom.dictionary import ALLOWED_OF, WORD_BYTES
from pipelines.phi_zone.dicom.icc import without_words
from pipelines.phi_zone.dicom.identity import letters
from pipelines.phi_zone.dicom.patient import EDGES, Patient
from pipelines.phi_zone.dicom.patient import cleaned as without_identities
from pipelines.phi_zone.dicom.plan import DUMMY_TEXT, Do, Plan, Rule
from pipelines.phi_zone.dicom.spellings import significant
from pipelines.phi_zone.dicom.telling import DAY_IN_A_ROW, LONG_NUMBER, personal_number, technical, without_days, without_long_numbers
from pipelines.phi_zone.dicom.uids import class_uid, new_uids

MAX_LENGTH = {"LO": 64, "SH": 16, "PN": 64, "ST": 1024, "LT": 10240}
_DUMMIES = {"DA": b"19000101", "DT": b"19000101000000", "TM": b"000000", "DS": b"0", "IS": b"0", "AS": b"000Y",
            "US": b"\0\0", "SS": b"\0\0", "UL": b"\0\0\0\0", "SL": b"\0\0\0\0", "FL": b"\0\0\0\0", "FD": b"\0" * 8}
_CHINESE_CODES = {"男": "M", "女": "F", "左": "L", "右": "R"}
"""Codes that some systems write in Chinese: sex and side."""
_DEFINED_TERM, _HOST = re.compile(r"[^a-z]*"), re.compile(r"\d\.\d+\.\d+\.\d")
_NO_CODE = re.compile(r"[\s@\\]|[A-Za-z]\^[A-Za-z]|://")
_DAY = re.compile(DAY_IN_A_ROW)
_FOR_EVERYONE = frozenset((Do.TIME, Do.AGE, Do.EMPTY, Do.DUMMY, Do.CLASS_UID))
Make = Callable[[Rule, str, bytes, tuple[str, ...]], bytes | None]


Place = tuple[int, str, bytes]
"""Tag, VR and source value."""
MOST_SHARED = 8_000


class Shared(NamedTuple):
    """What a value becomes for every patient who is not named in it."""

    became: tuple[bytes, str]
    """The element written, and the action."""
    holds: bytes = b""
    """Letters and digits in which a patient could be named."""
    number: bytes = b""
    """A number that could be a patient's own."""


class Treatment:
    """The values of one instance of one patient. `made` by what is to be done."""

    def __init__(self, little: bool, plan: Plan, patient: Patient) -> None:
        self.little, self.plan, self.patient = little, plan, patient
        self.shared: dict[Place, Shared] = plan.shared
        self.code: tuple[str, str] = ("", "")
        """(scheme, code) of the data set being read, for its meaning."""
        self.made: dict[Do, Make] = {
            Do.NUMBER: self._number, Do.CODE: self._text, Do.BINARY: self._binary, Do.TEXT: self._text, Do.CLEAN: self._cleaned,
            Do.DATE: self._date, Do.DATETIME: self._date, Do.TIME: self._time, Do.UID: self._uid, Do.AGE: self._age,
            Do.EMPTY: lambda *_: b"", Do.DUMMY: self._dummy, Do.TOKEN: self._token, Do.SUBJECT: self._subject,
            Do.CLASS_UID: self._class_uid, Do.MEANING: self._meaning, Do.CODED: self._coded, Do.LINK: self._link,
            Do.PROFILE: self._profile, Do.SIDE: self._side, Do.SMALL: self._number}

    def told_of_nobody(self, do: Do, raw: bytes, value: bytes, became: tuple[bytes, str]) -> Shared | None:
        """For a value that was decided by itself; None where who the patient is had a say in it."""
        if do in _FOR_EVERYONE:
            return Shared(became)
        if do in (Do.NUMBER, Do.SMALL) and (value or not raw.strip(b" \0")):
            return Shared(became, number=significant(raw))
        text = raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else ""
        if do in (Do.TEXT, Do.CODE, Do.SIDE) and text and value == text.strip(" \0").encode() and technical(text):
            return Shared(became, b"|".join([letters(part) for part in text.split("\\")]))
        return None

    def names_nobody(self, shared: Shared) -> bool:
        """Whether what is known about the patient has no say in it either."""
        _, holds, number = shared
        return not (holds and self.patient.matcher.near(holds)) and number not in self.patient.numbers

    def share(self, place: Place, shared: Shared) -> None:
        if len(self.shared) >= MOST_SHARED:
            self.shared.clear()
        self.shared[place] = shared

    def _number(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        if not values.is_number(raw, found.vr, found.do is not Do.SMALL) or significant(raw) in self.patient.numbers:
            return b""
        return raw.rstrip(b"\0 ")

    def _binary(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        word = WORD_BYTES.get(vr if found.vr in ALLOWED_OF else found.vr, 1)
        if len(raw) % word or values.spells(raw):
            return None
        if not self.little and word > 1 and vr not in ("UN", "OB"):
            raw = values.swapped(raw, word)
        if 8 <= len(raw) < 1 << 20 and any(self.patient.matcher.found(text) for text in values.readings(raw)):
            return None
        return raw

    def _text(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        done = self.patient.remembered((found.vr, raw, terms), lambda: self._as_text(found.vr, raw, terms))
        return found.fallback if done is None else done

    def _as_text(self, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        if vr == "CS" and not values.is_code(raw) and len(raw) > 64:
            return None
        text = decode(raw, terms).strip(" \0")
        if vr == "CS":
            text = _CHINESE_CODES.get(text, text)
            parts = [part if self._is_code(part) else "OTHER" if number > 1 else "" for number, part in enumerate(text.split("\\"))]
            return "\\".join(parts).encode() if any(parts) or not text else None
        text = without_long_numbers(without_days(text))
        if technical(text) and not self.patient.matcher.found(text) and not self.patient.names_in_pinyin(text):
            return text.encode()
        if vr in ("AE", "UR", "UC"):
            return None
        return self._clean(vr, text)

    def _is_code(self, part: str) -> bool:
        """A defined term in capitals (PS3.5 6.2), or in small letters one whose words are clinical ones."""
        termed = _DEFINED_TERM.fullmatch(part) is not None or clinical(part)
        return (termed and _HOST.search(part) is None and LONG_NUMBER.search(part) is None and technical(part)
                and not self.patient.matcher.found_in_code(part) and not self.patient.names_in_pinyin(part.replace("_", " ")))

    def _side(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        text = decode(raw, terms).strip(" \0")
        parts = [_CHINESE_CODES.get(part, part).strip() for part in text.split("\\")]
        return self._text(found, vr, raw, terms) if all(len(part) <= 4 or clinical(part) for part in parts) else found.fallback

    def _link(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        """A name by which other elements point here: as it is, or a keyed one for all of them."""
        text = decode(raw, terms).strip(" \0")
        if technical(text) and not self.patient.matcher.found(text):
            return text.encode()
        return b"L" + self.patient.key.token("dicom-link", self.patient.site_id, text)[:11].upper().encode()

    def _profile(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        clean = without_words(raw)
        return None if clean is None or any(self.patient.matcher.found(text) for text in values.readings(clean)) else clean

    def _coded(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        """A code value: long numbers are usual in terminologies, so only known identities and people's own numbers are no code."""
        text = decode(raw, terms).strip(" \0")
        if not text.isascii() or len(text) > 64 or personal_number(text) or self.patient.matcher.found(text):
            return found.fallback
        if _NO_CODE.search(text) and self._as_text("LO", raw, terms) != text.encode():
            return found.fallback
        if _DAY.fullmatch(text) and not in_a_terminology(text):
            return found.fallback
        return text.encode()

    def _cleaned(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return self.cleaned(found, raw, terms)

    def cleaned(self, found: Rule, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        """A text through the cleaner, or the rule's fallback."""
        done = self.patient.remembered(
            ("clean", found.vr, raw, terms), lambda: self._clean(found.vr, decode(raw, terms).strip(" \0")))
        return found.fallback if done is None else done

    def _meaning(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        """What the code's own scheme calls it, else the meaning cleaned, else the code itself: Code Meaning is required."""
        scheme, code = self.code
        return self.patient.remembered(("meaning", scheme, code, raw, terms), lambda: self._as_meaning(scheme, code, raw, terms))

    def _as_meaning(self, scheme: str, code: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        text, official = decode(raw, terms).strip(" \0"), official_meaning(scheme, code)
        if official is not None and text.casefold() == official.casefold():
            return text.encode()
        cleaned = self._cleaned_text(text, True) if text else ""
        if cleaned != text.strip(EDGES) and official is not None:
            cleaned = official
        return (cleaned[:64] or official or code or DUMMY_TEXT).encode()

    def _clean(self, vr: str, text: str) -> bytes | None:
        """The clinical part of a text, value by value; nothing at all when there is no cleaner, or something known is still in it."""
        if not text:
            return b""
        short = vr in ("SH", "LO", "UC", "CS")
        parts = [self._cleaned_text(part.strip(), short) for part in (text.split("\\") if short else (text,))]
        parts = [part[:MAX_LENGTH.get(vr, len(part))].strip() for part in parts]
        if vr == "CS":
            parts = [part if values.is_code(part.encode()) else "" for part in parts]
        return "\\".join(parts).encode() if any(parts) and not self.patient.matcher.found(" ".join(parts)) else None

    def _cleaned_text(self, text: str, short: bool) -> str:
        """Also without what is known and no rule of the cleaner has cut."""
        cleaned = without_identities(self.patient, text, short) if text else ""
        cut = self.patient.matcher.without(cleaned)
        return cleaned if cut is cleaned else without_identities(self.patient, cut, short)

    def _date(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return self.patient.remembered((found.do, raw), lambda: self._as_date(found.do, raw))

    def _as_date(self, do: Do, raw: bytes) -> bytes | None:
        text = raw.decode("ascii", "replace").strip(" \0")
        mode = self.plan.policy.dates
        if mode == "remove" or not text:
            return b""
        parts = []
        for part in text.split("\\"):
            if not part.strip(" \0"):
                parts.append("")
                continue
            if mode == "year":
                moved = values.year_only(part)
            elif do is Do.DATE:
                moved = values.shifted_date(part, self.patient.shift_days)
            else:
                moved = values.shifted_datetime(part, self.patient.shift_days)
            if moved is None:
                return b""
            parts.append(moved)
        return "\\".join(parts).encode()

    def _time(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        if self.plan.policy.dates != "shift":
            return b""
        parts = [values.time_of_day(part) if part.strip(" \0") else "" for part in raw.decode("ascii", "replace").split("\\")]
        return b"" if None in parts else "\\".join(part or "" for part in parts).encode()

    def _uid(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return new_uids(raw, self.patient)

    def _class_uid(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return class_uid(raw, self.patient)

    def _age(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        policy = self.plan.policy
        age = values.capped_age(raw.decode("ascii", "replace"), policy.age_cap_years, policy.age_step_years) if raw.strip(b" \0") else ""
        return None if age is None else age.encode()

    def _dummy(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        if not raw.strip(b" \0"):
            return b""
        return _DUMMIES.get(found.vr, DUMMY_TEXT.encode())

    def _token(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        text = decode(raw, terms).strip(" \0")
        return self.patient.key.token("dicom-id", self.patient.site_id, text)[:16].upper().encode() if text else b""

    def _subject(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return self.patient.subject.encode()

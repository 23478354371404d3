"""The keep-list at work: source elements in, new Explicit VR Little Endian elements out, at every level alike (PS3.15 E.1.1).

A value stays only when it is what its VR in the dictionary says and repeats nothing known about the patient; else it is dropped,
or emptied where the table needs the element. Texts leave as UTF-8.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from pipelines.phi_zone.dicom import values
from pipelines.phi_zone.dicom.charset import charsets, decode
from pipelines.phi_zone.dicom.codes import official_meaning
from pipelines.phi_zone.dicom.dictionary import ALLOWED_OF, LONG_NAMES, PIXEL_DATA, SPECIFIC_CHARACTER_SET, WORD_BYTES, place
from pipelines.phi_zone.dicom.parse import Dataset, Element, Parser
from pipelines.phi_zone.dicom.part10 import in_order
from pipelines.phi_zone.dicom.patient import Patient, personal_number, technical
from pipelines.phi_zone.dicom.patient import cleaned as without_identities
from pipelines.phi_zone.dicom.plan import DUMMY_TEXT, Do, Plan, Rule, do_for, rule
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.dicom.uids import class_uid, new_uids

MAX_LENGTH = {"LO": 64, "SH": 16, "PN": 64, "ST": 1024, "LT": 10240}
_ACTION = {Do.NUMBER: "kept", Do.CODE: "kept", Do.BINARY: "kept", Do.TEXT: "kept", Do.CLEAN: "cleaned", Do.DATE: "shifted",
           Do.DATETIME: "shifted", Do.TIME: "kept", Do.UID: "remapped", Do.AGE: "kept", Do.EMPTY: "emptied", Do.DUMMY: "replaced",
           Do.TOKEN: "replaced", Do.SUBJECT: "replaced", Do.CLASS_UID: "kept", Do.MEANING: "cleaned", Do.CODED: "kept"}
_NEVER = frozenset(range(0x5000, 0x5100)) | frozenset(range(0x6000, 0x6100)) | {0x0002, 0x0004, 0xFFFA, 0xFFFC}
"""Groups that no policy can keep: curves, overlays, directory records, signatures, padding."""
_DUMMIES = {"DA": b"19000101", "DT": b"19000101000000", "TM": b"000000", "DS": b"0", "IS": b"0", "AS": b"000Y",
            "US": b"\0\0", "SS": b"\0\0", "UL": b"\0\0\0\0", "SL": b"\0\0\0\0", "FL": b"\0\0\0\0", "FD": b"\0" * 8}
MOST_REMEMBERED = 128
"""Bytes of a value that is worth remembering from slice to slice."""
_IN_CONTEXT = frozenset((Do.MEANING, Do.CODED))
CODE_VALUE, CODING_SCHEME, LONG_CODE_VALUE = 0x00080100, 0x00080102, 0x00080119
_NOBODY: tuple[str, dict[int, str], int] = ("", {}, 0)
_CHINESE_CODES = {"男": "M", "女": "F", "左": "L", "右": "R"}
"""Codes that some systems write in Chinese: sex and side."""
Written = list[tuple[int, bytes]]


class Rewriter:
    """One instance of one patient."""

    def __init__(self, data: bytes | memoryview, parser: Parser, explicit: bool, plan: Plan, patient: Patient, signed: bool) -> None:
        self.data, self.parser, self.explicit, self.plan, self.patient = data, parser, explicit, plan, patient
        self.signed = signed
        self.actions: Counter[str] = Counter()
        self.has_private = bool(plan.private)
        self._make: dict[Do, Callable[[Rule, str, bytes, tuple[str, ...]], bytes | None]] = {
            Do.NUMBER: self._number, Do.CODE: self._code, Do.BINARY: self._binary, Do.TEXT: self._text, Do.CLEAN: self._cleaned,
            Do.DATE: self._date, Do.DATETIME: self._date, Do.TIME: self._time, Do.UID: self._uid, Do.AGE: self._age,
            Do.EMPTY: lambda *_: b"", Do.DUMMY: self._dummy, Do.TOKEN: self._token, Do.SUBJECT: self._subject,
            Do.CLASS_UID: self._class_uid, Do.MEANING: self._meaning, Do.CODED: self._coded}
        self.content_dropped = self.content_by_position = False
        self._code_seen: tuple[str, str] = ("", "")

    def dataset(self, dataset: Dataset, terms: tuple[str, ...] = (), depth: int = 0) -> Written:
        """(tag, element bytes) of what may stay, ascending."""
        out: Written = []
        rules, data, make, actions = self.plan.rules, self.data, self._make, self.actions
        known = self.patient.written_before(terms, self.parser.little, self.plan.digest)
        last, dropped, has_private, nobody = -1, 0, self.has_private, _NOBODY
        creators: dict[int, tuple[str, dict[int, str], int]] = {}
        for element in dataset:
            tag, vr, start, length, items = element
            if tag <= last:
                return self.dataset(in_order(dataset, data), terms, depth)
            last = tag
            found = rules.get(tag)
            if found is None or tag >> 16 in _NEVER:
                if tag == SPECIFIC_CHARACTER_SET:
                    terms = charsets(bytes(data[start:start + length]))
                    known = self.patient.written_before(terms, self.parser.little, self.plan.digest)
                elif tag & 0x10000 and has_private and (not tag & 0xFF00 or tag & 0xFF in creators.get(tag >> 8, nobody)[1]):
                    dropped += self._private(element, creators, out, terms, depth)
                else:
                    dropped += tag != PIXEL_DATA
                continue
            do = found.do
            if do is Do.SEQUENCE or do is Do.CONTENT:
                written = self._sequence(found, element, terms, depth)
            elif items is not None and do is not Do.EMPTY:
                dropped += 1
                continue
            else:
                raw = bytes(data[start:start + length])
                place = (tag, vr, raw)
                if place in known:
                    before, action = known[place]
                    out.append((tag, before))
                    actions[action] += 1
                    continue
                value = make[do](found, vr, raw, terms)
                if value is None:
                    dropped += 1
                    continue
                if tag in (CODE_VALUE, LONG_CODE_VALUE):
                    self._code_seen = ("", value.decode())
                if tag == CODING_SCHEME:
                    self._code_seen = (value.decode(), self._code_seen[1])
                written = self.element(found, vr, value)
                action = _ACTION[do] if value or do is Do.EMPTY else "emptied"
                actions[action] += 1
                if length <= MOST_REMEMBERED and do not in _IN_CONTEXT and tag != CODING_SCHEME and found.vr not in ALLOWED_OF:
                    known[place] = (written, action)
            if written is None:
                dropped += 1
            else:
                out.append((tag, written))
        actions["removed"] += dropped
        return out

    def element(self, found: Rule, vr: str, value: bytes) -> bytes:
        out_vr = found.vr
        if len(value) & 1:
            value += b"\0" if out_vr in ("UI", "OB", "UN") else b" "
        prefix = found.prefix
        if out_vr in ALLOWED_OF:
            choices = ALLOWED_OF[out_vr]
            out_vr = vr if vr in choices else choices[1 if out_vr == "XS" and self.signed else 0]
            prefix += out_vr.encode()
        if out_vr in LONG_NAMES:
            return prefix + b"\0\0" + len(value).to_bytes(4, "little") + value
        if len(value) > 0xFFFF:
            raise DicomProblem("DCM-112", place(int.from_bytes(prefix[:2], "little") << 16 | int.from_bytes(prefix[2:4], "little")))
        return prefix + len(value).to_bytes(2, "little") + value

    def _sequence(self, found: Rule, element: Element, terms: tuple[str, ...], depth: int) -> bytes | None:
        items = self.items_of(element, depth)
        if items is None:
            return None
        if found.do is Do.CONTENT:
            from pipelines.phi_zone.dicom.content import content_items

            bodies = content_items(self, items, terms, depth)
        else:
            bodies = [b"".join(body for _, body in self.dataset(item, terms, depth + 1)) for item in items]
        if items and not any(bodies):
            return None
        self.actions["kept"] += 1
        return found.prefix + sequence_value(bodies)

    def items_of(self, element: Element, depth: int) -> list[Dataset] | None:
        """Items of a sequence, also one that hides in UN (PS3.5 6.2.2 note 2: implicit; seen in the wild: explicit)."""
        tag, vr, start, length, items = element
        if isinstance(items, list) or items is not None:
            return items if isinstance(items, list) else None
        if length == 0:
            return []
        if vr not in ("UN", "OB"):
            return None
        for explicit in (False, True):
            try:
                return Parser.items(self.parser, start, start + length, explicit, depth, False, place(tag))[0]
            except DicomProblem:
                continue
        return None

    def _private(self, element: Element, creators: dict[int, tuple[str, dict[int, str], int]], out: Written,
                 terms: tuple[str, ...], depth: int) -> int:
        """A private element stays when its creator, by exact name, and its place in the block are listed. Gives elements dropped."""
        tag, vr, start, length, items = element
        group, number = tag >> 16, tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            name = bytes(self.data[start:start + length]).decode("latin-1").strip(" \0") if items is None and length <= 64 else ""
            listed = self.plan.private.get((name, group))
            if listed:
                creators[group << 8 | number] = (name, listed, -1)
            return 1
        block = tag >> 8
        held = creators.get(block)
        if held is None or number & 0xFF not in held[1]:
            return 1
        listed_vr = held[1][number & 0xFF]
        found = rule(tag, do_for(listed_vr), listed_vr)
        if listed_vr == "SQ":
            written = self._sequence(found, element, terms, depth)
        else:
            value = None if items is not None else self._make[found.do](found, vr, bytes(self.data[start:start + length]), terms)
            written = None if value is None else self.element(found, vr, value)
        if written is None:
            return 1
        if held[2] < 0:
            creator_tag = group << 16 | number >> 8
            at = next((place for place, (other, _) in enumerate(out) if other > creator_tag), len(out))
            out.insert(at, (creator_tag, self.element(rule(creator_tag, Do.TEXT, "LO"), "LO", held[0].encode())))
            creators[block] = (held[0], held[1], creator_tag)
        out.append((tag, written))
        self.actions["shifted" if found.do in (Do.DATE, Do.DATETIME) else "kept"] += 1
        return 0

    # values: each gives the new bytes, or None to drop the element

    def _number(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        if not values.is_number(raw, found.vr) or raw.strip(b" \0") in self.patient.numbers:
            return None
        return raw.rstrip(b"\0 ")

    def _code(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        return self._text(found, vr, raw, terms)

    def _binary(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        word = WORD_BYTES.get(vr if found.vr in ALLOWED_OF else found.vr, 1)
        if len(raw) % word:
            return None
        if not self.parser.little and word > 1 and vr not in ("UN", "OB"):
            raw = swapped(raw, word)
        if 8 <= len(raw) < 1 << 20 and any(self.patient.matcher.found(text) for text in readings(raw)):
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
        if technical(text) and not self.patient.matcher.found(text):
            return text.encode()
        if vr in ("AE", "UR", "UC"):
            return None
        return self._clean(vr, text)

    def _is_code(self, part: str) -> bool:
        return technical(part) and not self.patient.matcher.found_in_code(part)

    def _coded(self, found: Rule, vr: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        """A code value: long numbers are usual in terminologies, so only known identities and people's own numbers are no code."""
        text = decode(raw, terms).strip(" \0")
        if not text.isascii() or len(text) > 64 or personal_number(text) or self.patient.matcher.found(text):
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
        scheme, code = self._code_seen
        return self.patient.remembered(("meaning", scheme, code, raw, terms), lambda: self._as_meaning(scheme, code, raw, terms))

    def _as_meaning(self, scheme: str, code: str, raw: bytes, terms: tuple[str, ...]) -> bytes | None:
        text, official = decode(raw, terms).strip(" \0"), official_meaning(scheme, code)
        if official is not None and text.casefold() == official.casefold():
            return text.encode()
        cleaner = self.patient.text
        cleaned = untagged(cleaner.clean_term(text, self.patient.known_in_text).text) if cleaner is not None and text else ""
        if cleaned and not self.patient.matcher.found(cleaned):
            return cleaned[:64].encode()
        return (official or code or DUMMY_TEXT).encode()

    def _clean(self, vr: str, text: str) -> bytes | None:
        """The clinical part of a text; nothing at all when there is no cleaner, or when something known is still in it."""
        if not text:
            return b""
        cleaned = without_identities(self.patient, text, vr in ("SH", "LO", "UC"))
        if not cleaned or self.patient.matcher.found(cleaned):
            return None
        return cleaned[:MAX_LENGTH.get(vr, len(cleaned))].strip().encode()

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


def untagged(text: str) -> str:
    return re.sub(r"\s{2,}", " ", re.sub(r"\[[A-Z]{2,10}\]", " ", text)).strip(" ,;:-/|^")


def readings(raw: bytes) -> tuple[str, ...]:
    """A binary value as text, in the encodings a name could hide in."""
    if raw.isascii():
        return (raw.decode("ascii"),)
    return raw.decode("latin-1"), raw.decode("utf-8", "ignore"), raw.decode("gb18030", "ignore"), raw.decode("utf-16-le", "ignore")


def sequence_value(bodies: list[bytes]) -> bytes:
    """Reserved bytes, length and items of a sequence, all lengths defined."""
    value = b"".join(b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body for body in bodies)
    return b"\0\0" + len(value).to_bytes(4, "little") + value


def swapped(raw: bytes, word: int) -> bytes:
    import numpy as np

    return np.frombuffer(raw, dtype=f">u{word}").astype(f"<u{word}").tobytes()

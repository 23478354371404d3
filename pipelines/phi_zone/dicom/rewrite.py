"""The keep-list at work: source elements in, new Explicit VR Little Endian elements out, at every level alike (PS3.15 E.1.1)."""
from __future__ import annotations

from collections import Counter

from pipelines.phi_zone.dicom.charset import charsets
from pipelines.phi_zone.dicom.dictionary import ALLOWED_OF, LONG_NAMES, PIXEL_DATA, SPECIFIC_CHARACTER_SET, place
from pipelines.phi_zone.dicom.parse import Dataset, Element, Parser
from pipelines.phi_zone.dicom.part10 import in_order
from pipelines.phi_zone.dicom.patient import Patient
from pipelines.phi_zone.dicom.plan import Do, Plan, Rule, do_for, rule
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.dicom.treat import Treatment

_ACTION = {Do.NUMBER: "kept", Do.CODE: "kept", Do.BINARY: "kept", Do.TEXT: "kept", Do.CLEAN: "cleaned", Do.DATE: "shifted",
           Do.DATETIME: "shifted", Do.TIME: "kept", Do.UID: "remapped", Do.AGE: "kept", Do.EMPTY: "emptied", Do.DUMMY: "replaced",
           Do.TOKEN: "replaced", Do.SUBJECT: "replaced", Do.CLASS_UID: "kept", Do.MEANING: "cleaned", Do.CODED: "kept",
           Do.LINK: "kept", Do.SIDE: "kept", Do.SMALL: "kept", Do.PROFILE: "cleaned"}
MOST_REMEMBERED = 128
"""Bytes of a value that is worth remembering from slice to slice."""
_IN_CONTEXT = frozenset((Do.MEANING, Do.CODED))
CODE_VALUE, CODING_SCHEME, LONG_CODE_VALUE = 0x00080100, 0x00080102, 0x00080119
Creators = dict[int, tuple[str, dict[int, str], int]]
"""Private blocks that are listed: (creator, its places and VRs, tag of the creator once it is written, else -1)."""
Written = list[tuple[int, bytes]]


class Rewriter:
    """One instance of one patient."""

    def __init__(self, data: bytes | memoryview, parser: Parser, plan: Plan, patient: Patient, signed: bool) -> None:
        self.data, self.parser, self.plan, self.patient = data, parser, plan, patient
        self.signed = signed
        self.actions: Counter[str] = Counter()
        self.has_private = bool(plan.private)
        self.treatment = Treatment(parser.little, plan, patient)
        self.content_dropped = self.content_by_position = False

    def dataset(self, dataset: Dataset, terms: tuple[str, ...] = (), depth: int = 0) -> Written:
        """(tag, element bytes) of what may stay, ascending. The main data set (depth 0) is in order already."""
        out: Written = []
        rules, data, actions, treatment = self.plan.in_datasets, self.data, self.actions, self.treatment
        make, shared, outer_code, treatment.code = treatment.made, treatment.shared, treatment.code, ("", "")
        known = self.patient.written_before(terms, self.parser.little, self.plan.digest)
        dropped, has_private = 0, self.has_private
        creators: Creators = {}
        listed: set[int] = set()
        for element in in_order(dataset, data) if depth else dataset:
            tag, vr, start, length, items = element
            found = rules.get(tag)
            if found is None:
                if tag & 0x10000:
                    if tag in listed:
                        dropped += self._private(element, creators, out, terms, depth)
                    else:
                        dropped += 1
                        if has_private and not tag & 0xFF00:
                            self._creator(element, creators, listed)
                elif tag == SPECIFIC_CHARACTER_SET:
                    terms = charsets(bytes(data[start:start + length]))
                    known = self.patient.written_before(terms, self.parser.little, self.plan.digest)
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
                before = known.get(place)
                if before is None and place in shared and treatment.names_nobody(shared[place]):
                    before = shared[place].became
                if before is not None:
                    out.append((tag, before[0]))
                    actions[before[1]] += 1
                    continue
                value = make[do](found, vr, raw, terms)
                if value is None:
                    dropped += 1
                    continue
                if tag in (CODE_VALUE, LONG_CODE_VALUE):
                    treatment.code = ("", value.decode())
                if tag == CODING_SCHEME:
                    treatment.code = (value.decode(), treatment.code[1])
                written = self.element(found, vr, value)
                action = _ACTION[do] if value or do is Do.EMPTY else "emptied"
                actions[action] += 1
                if length <= MOST_REMEMBERED and do not in _IN_CONTEXT and tag != CODING_SCHEME and found.vr not in ALLOWED_OF:
                    general = treatment.told_of_nobody(do, raw, value, (written, action))
                    if general is None:
                        known[place] = (written, action)
                    else:
                        treatment.share(place, general)
            if written is None:
                dropped += 1
            else:
                out.append((tag, written))
        actions["removed"] += dropped
        treatment.code = outer_code
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

    def _creator(self, element: Element, creators: Creators, listed: set[int]) -> None:
        """A private creator whose elements may stay, by exact name."""
        tag, _, start, length, items = element
        if tag & 0xFFFF < 0x10 or items is not None or length > 64:
            return
        name = bytes(self.data[start:start + length]).decode("latin-1").strip(" \0")
        places = self.plan.private.get((name, tag >> 16))
        if places:
            block = tag >> 16 << 8 | tag & 0xFF
            creators[block] = (name, places, -1)
            listed.update([block << 8 | place for place in places])

    def _private(self, element: Element, creators: Creators, out: Written, terms: tuple[str, ...], depth: int) -> int:
        """A private element stays when its creator and its place in the block are listed, as this one's are. Gives elements dropped."""
        tag, vr, start, length, items = element
        group, number, block = tag >> 16, tag & 0xFFFF, tag >> 8
        held = creators[block]
        listed_vr = held[1][number & 0xFF]
        found = rule(tag, do_for(listed_vr), listed_vr)
        if listed_vr == "SQ":
            written = self._sequence(found, element, terms, depth)
        else:
            value = None if items is not None else self.treatment.made[found.do](found, vr, bytes(self.data[start:start + length]), terms)
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


def sequence_value(bodies: list[bytes]) -> bytes:
    """Reserved bytes, length and items of a sequence, all lengths defined."""
    value = b"".join(b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body for body in bodies)
    return b"\0\0" + len(value).to_bytes(4, "little") + value

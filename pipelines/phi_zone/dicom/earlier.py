"""An earlier file of a series, and what of it holds for the next one. Slices of a series differ in a dozen elements of some hundred.

The header is held as runs of bytes between the elements that were seen to vary. A run that stands in the next file byte for byte is
parsed and decided alike, because nothing outside the run and the context has a say in it (`_FIXED` names what has a say in others);
the elements between the runs are parsed and decided anew. Whatever does not fit makes the file one that is read from scratch, so the
outcome is always the one that reading from scratch gives.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pipelines.phi_zone.dicom.again import Again, AgainBody, Prepared, Step
from pipelines.phi_zone.dicom.body import FreshBody
from pipelines.phi_zone.dicom.dictionary import SHORT_VRS, TAG_OF, VR_NAME
from pipelines.phi_zone.dicom.faces import DESCRIBING
from pipelines.phi_zone.dicom.front import PATIENT_ID, SERIES, SOP, SOP_CLASS, STUDY, Context, Front
from pipelines.phi_zone.dicom.identity import HARVESTED, harvest
from pipelines.phi_zone.dicom.parse import Dataset, Element, Parser
from pipelines.phi_zone.dicom.part10 import IMPLICIT_LITTLE, Part10, file_meta
from pipelines.phi_zone.dicom.pixeldata import DESCRIBING_PIXELS
from pipelines.phi_zone.dicom.rewrite import Rewriter
from pipelines.phi_zone.dicom.uids import main_uid

MOST_VARYING = 64
_FIXED = HARVESTED | DESCRIBING | DESCRIBING_PIXELS | {SOP_CLASS, STUDY, SERIES, PATIENT_ID} | {TAG_OF[word] for word in (
    "CodeValue", "LongCodeValue", "URNCodeValue", "CodingSchemeDesignator", "CodeMeaning")}
"""Elements that decide about others: whose the file is, how texts are read, what the image is, what a code means."""
_META_VARYING = frozenset((0x00020000, 0x00020003))
_META_VRS = frozenset(VR_NAME[code] for code in SHORT_VRS) | {"OB"}


class Earlier:
    """One file that was read from scratch."""

    fixed = _FIXED
    most_varying = MOST_VARYING
    told_though_fixed: frozenset[int] = frozenset()
    """Fixed elements that are read nonetheless."""

    def __init__(self, data: bytes, part: Part10, front: Front, body: FreshBody, context: Context) -> None:
        self.front, self.body, self.context = front, body, context
        self.meta, self.syntax, self.notes, self.explicit = part.meta, part.transfer_syntax_uid, part.notes, part.explicit
        self.pixel_tag = part.dataset[-1][0]
        before = part.dataset[-2]
        self.header = data[:before[2] + before[3]]
        _, _, start, length, _ = part.by_tag[SERIES]
        self.series_at, self.series = start - 8, data[start - 8:start + length]
        self.dataset = part.dataset[:-1]
        self.elements: list[tuple[int, int, Element]] = []
        """(begin, end, element) of file meta and data set, once a second file has come."""
        self.varying: frozenset[int] = frozenset()
        self.prepared: Prepared | None = None

    def again(self, data: bytes, context: Context) -> Again | None:
        """The next file of the series, or None where it must be read from scratch. Raises DicomProblem for the same reason."""
        if not self.elements and not self._outlined():
            return None
        for _ in range(2):
            if self.prepared is not None:
                found = self._read(data, self.prepared)
                if found is not None:
                    return self._decided(data, context, self.prepared, *found)
            if not self._learned(data):
                return None
        return None

    def _outlined(self) -> bool:
        """Find where each element begins and ends. False where the file meta is not plain, or the encoding hangs on a length."""
        _, start = file_meta(self.header, 132)
        meta, stop = Parser(self.header).dataset(132, start, True)
        if stop != start or not all(one[0] >> 16 == 2 and one[1] in _META_VRS for one in meta):
            return False
        if self.syntax == IMPLICIT_LITTLE and self.header[start + 4:start + 6].isalpha():
            return False
        begin, elements = 132, []
        for element in (*meta, *self.dataset):
            elements.append((begin, element[2] + element[3], element))
            begin = element[2] + element[3]
        self.elements = elements
        return True

    def _read(self, data: bytes, prepared: Prepared) -> tuple[Parser, Dataset, Element] | None:
        """The varying elements and the pixel element."""
        parser, pos, size = Parser(data), 0, len(data)
        short, varying = parser.short, list[Element]()
        for step in prepared.steps:
            end = pos + len(step.run)
            if data[pos:end] != step.run or size - end < 8:
                return None
            group, number, code, length = short(data, end)
            if group << 16 | number != step.tag:
                return None
            if code == step.code:
                pos = end + 8 + length
                if pos > size:
                    return None
                varying.append((step.tag, step.name, end + 8, length, None))
            elif step.tag >> 16 == 2:
                return None
            else:
                (element,), pos = parser.dataset(end, size, self.explicit, until=end + 1)
                varying.append(element)
            if step.fixed is not None and data[end:pos] != step.fixed:
                return None
        end = pos + len(prepared.last_run)
        if data[pos:end] != prepared.last_run:
            return None
        pixels, _ = parser.dataset(end, size, self.explicit)
        if len(pixels) != 1 or pixels[0][0] != self.pixel_tag or parser.tail_at is not None:
            return None
        return parser, varying[prepared.main_from:], pixels[0]

    def _decided(self, data: bytes, context: Context, prepared: Prepared, parser: Parser, varying: Dataset, pixel: Element) -> Again | None:
        told = Part10(data, varying, self.meta, self.syntax, parser, self.explicit, self.notes)
        front = self._front(told, context, prepared)
        if front is None:
            return None
        rewriter = self._rewriter(data, parser, front)
        written = rewriter.dataset(varying, front.terms)
        if tuple([tag for tag, _ in written]) != prepared.tags or rewriter.content_dropped or rewriter.content_by_position:
            return None
        part = replace(told, dataset=[pixel])
        return Again(part, front, AgainBody(self.body.written, prepared, written, {"removed": 0} | (prepared.actions + rewriter.actions)))

    def _front(self, told: Part10, context: Context, prepared: Prepared) -> Front | None:
        """Whose the file is, of which `told` holds the varying elements. None where it must be read from scratch."""
        if self._identities(told.dataset, told.data) != prepared.identities:
            return None
        if SOP not in told.by_tag:
            return self.front
        own = told.raw(SOP)
        return None if own is None else replace(self.front, sop=main_uid(own, "(0008,0018)"))

    def _rewriter(self, data: bytes, parser: Parser, front: Front) -> Rewriter:
        return Rewriter(data, parser, self.context.plan, front.patient, front.geometry is not None and front.geometry.signed)

    def _learned(self, data: bytes) -> bool:
        """Take down which more elements vary. False where the files differ in more than values that may."""
        pos, size, parser, found = 132, len(data), Parser(data), set[int]()
        for number, (begin, end, element) in enumerate(self.elements):
            if data[pos:pos + end - begin] == self.header[begin:end]:
                pos += end - begin
                continue
            if not self._may_vary(number, element) or size - pos < 8:
                return False
            (other,), pos = parser.dataset(pos, size, element[0] >> 16 == 2 or self.explicit, until=pos + 1)
            if other[0] != element[0]:
                return False
            found.add(number)
        varying = self.varying | found
        if len(varying) > self.most_varying or (varying == self.varying and self.prepared is not None):
            return False
        self.varying, self.prepared = varying, self._prepare(varying)
        return True

    def _may_vary(self, number: int, element: Element) -> bool:
        tag = element[0]
        if tag >> 16 == 2:
            return tag in _META_VARYING
        return not (tag in self.fixed or _is_creator(tag) or number == 0 or self.elements[number - 1][2][0] >> 16 == 2)

    def _prepare(self, varying: frozenset[int]) -> Prepared:
        creators = {_creator_of(self.elements[number][2][0]) for number in varying}
        told = creators | self.told_though_fixed
        chosen = [number for number, one in enumerate(self.elements) if number in varying or one[2][0] in told]
        steps, pos = [], 0
        for number in chosen:
            begin, end, (tag, vr, _, _, _) = self.elements[number]
            code = self.header[begin + 4:begin + 6]
            plain = code in SHORT_VRS and VR_NAME[code] == vr and (self.explicit or tag >> 16 == 2)
            steps.append(Step(self.header[pos:begin], tag, code if plain else b"", vr,
                               None if number in varying else self.header[begin:end]))
            pos = end
        own = [self.elements[number][2] for number in chosen if self.elements[number][2][0] >> 16 != 2]
        rewriter = self._rewriter(self.header, Parser(self.header), self.front)
        written = rewriter.dataset(own, self.front.terms)
        rest = Counter(self.body.actions)
        rest.subtract(rewriter.actions)
        return Prepared(tuple(steps), self.header[pos:], len(chosen) - len(own), rest, tuple([tag for tag, _ in written]),
                         self._identities(own, self.header))

    def _identities(self, varying: Dataset, data: bytes | memoryview) -> list[tuple[str, str]]:
        """What varying sequences say of people; plain elements that do are fixed."""
        nested = [one for one in varying if one[4] is not None]
        return list(harvest(nested, data, self.front.terms)) if nested else []


def _is_creator(tag: int) -> bool:
    return bool(tag & 0x10000) and 0x10 <= tag & 0xFFFF <= 0xFF


def _creator_of(tag: int) -> int:
    """The tag of the private creator that a private element needs; 0 for every other."""
    return tag & 0xFFFF0000 | tag >> 8 & 0xFF if tag & 0x10000 and tag & 0xFFFF > 0xFF else 0

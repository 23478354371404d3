"""An earlier file as the form of other patients' files: radiographs, other single images, the first slice of a new series.

As in `earlier`, runs of bytes that stand in the next file unchanged are decided alike. Another patient has a say in more, so whatever
says whose a file is, and whatever was decided by who the patient is, is read and decided anew in each file: names, numbers, dates,
texts that were cleaned, sequences, private elements that stay. What is left in the runs was decided for everybody (treat.Shared);
a patient who is named in it makes the file one that is read from scratch.
"""
from __future__ import annotations

from pipelines.phi_zone.dicom.again import Again, Prepared
from pipelines.phi_zone.dicom.dictionary import SPECIFIC_CHARACTER_SET
from pipelines.phi_zone.dicom.earlier import Earlier
from pipelines.phi_zone.dicom.front import SAYING_WHOSE, SOP_CLASS, Context, Front, front_like
from pipelines.phi_zone.dicom.identity import harvest
from pipelines.phi_zone.dicom.parse import Element
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.pixeldata import DESCRIBING_PIXELS
from pipelines.phi_zone.dicom.plan import Do
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.dicom.treat import Treatment

MOST_TOLD = 160
MOST_MISSES = 8
_FOR_EVERYONE = frozenset((Do.UID, Do.TOKEN, Do.CLASS_UID, Do.EMPTY, Do.DUMMY, Do.TIME, Do.AGE))
"""By key, site and policy alone."""
_READ_AS_TEXT_BYTES = 8
"""A shorter binary value is not searched for names."""


class Layout(Earlier):
    """One file that was read from scratch, of which other patients' files have the form."""

    told_though_fixed: frozenset[int] = frozenset((SOP_CLASS, SPECIFIC_CHARACTER_SET))
    fixed = DESCRIBING_PIXELS | told_though_fixed
    most_varying = MOST_TOLD
    misses = 0
    """Files in a row that it did not fit."""
    holds = b""
    """Letters and digits of everything in the runs, in which a patient could be named."""
    numbers: frozenset[bytes] = frozenset()

    def again(self, data: bytes, context: Context) -> Again | None:
        try:
            found = super().again(data, context)
        except DicomProblem:
            found = None
        self.misses = 0 if found is not None else self.misses + 1
        return found

    def fits(self, context: Context) -> bool:
        return self.misses < MOST_MISSES and self.context.same_but_for_whom(context)

    def _front(self, told: Part10, context: Context, prepared: Prepared) -> Front | None:
        front = front_like(self.front, told, context)
        named = front.patient.matcher.near(self.holds) or not self.numbers.isdisjoint(front.patient.numbers)
        return None if named else front

    def _outlined(self) -> bool:
        if not super()._outlined():
            return False
        treatment = Treatment(True, self.context.plan, self.front.patient)
        written = frozenset(tag for tag, _ in self.body.written)
        told, holds, numbers = set[int](), [], set[bytes]()
        for number, (_, _, element) in enumerate(self.elements):
            if element[0] >> 16 == 2 or element[0] in self.told_though_fixed or self._for_everybody(element, written):
                continue
            tag, vr, start, length, _ = element
            shared = treatment.shared.get((tag, vr, self.header[start:start + length]))
            if tag in SAYING_WHOSE or shared is None or not treatment.names_nobody(shared):
                told.add(number)
            else:
                holds.append(shared.holds)
                numbers.add(shared.number)
        self.holds, self.numbers = b"|".join(holds), frozenset(numbers - {b""})
        self.varying = frozenset(number for number in told if self._may_vary(number, self.elements[number][2]))
        self.told_though_fixed |= {self.elements[number][2][0] for number in told - self.varying}
        if len(self.varying) > self.most_varying:
            self.elements, self.misses = [], MOST_MISSES
            return False
        return True

    def _for_everybody(self, element: Element, written: frozenset[int]) -> bool:
        """Whether nothing about it hangs on who the patient is."""
        tag, _, _, length, items = element
        found = self.context.plan.in_datasets.get(tag)
        if tag in SAYING_WHOSE:
            return False
        if found is None:
            creator = bool(tag & 0x10000) and tag & 0xFFFF <= 0xFF
            return (creator or tag not in written) and (items is None or not any(harvest([element], self.header, self.front.terms)))
        if items is not None:
            return False
        return found.do in _FOR_EVERYONE or (found.do is Do.BINARY and length < _READ_AS_TEXT_BYTES)

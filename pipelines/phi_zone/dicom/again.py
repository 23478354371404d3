"""A file that is read with the help of an earlier one: what is the same for both, and the elements of its own in their places."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.phi_zone.dicom.body import merged
from pipelines.phi_zone.dicom.front import Front
from pipelines.phi_zone.dicom.header import fill, header_of
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.rewrite import Written


@dataclass(frozen=True)
class Step:
    """A run of bytes, and the element that varies behind it."""

    run: bytes
    tag: int
    code: bytes
    """Its VR where it has the short form, else empty: it is then read by the parser."""
    name: str
    fixed: bytes | None = None
    """The whole element where it must be this: a private creator that a varying element needs."""


@dataclass(frozen=True)
class Form:
    """The output with the elements that do not vary joined, and a slot for each that does."""

    more: Mapping[int, bytes]
    pieces: list[bytes]
    slots: dict[int, int]
    """Place in `pieces` by tag."""
    row: dict[str, Any]


@dataclass
class Prepared:
    """Everything that follows from which elements vary."""

    steps: tuple[Step, ...]
    last_run: bytes
    main_from: int
    """The first of the varying elements that is not file meta."""
    actions: Counter[str]
    """Of the elements that do not vary."""
    tags: tuple[int, ...]
    """Of the varying elements that stay."""
    identities: list[tuple[str, str]]
    form: Form | None = None


@dataclass(frozen=True)
class AgainBody:
    earlier: Written
    """Every element of the earlier file that stays."""
    prepared: Prepared
    written: Written
    """The varying elements of this file that stay."""
    actions: Mapping[str, int]

    def finished(self, more: Mapping[int, bytes]) -> tuple[bytes, dict[str, Any]]:
        """As FreshBody, with the elements of this file's own in their places."""
        form = self.prepared.form
        if form is None or form.more is not more:
            whole = merged(self.earlier, more)
            form = self.prepared.form = _form(whole, more, frozenset(self.prepared.tags) - frozenset(more))
        pieces, own = form.pieces.copy(), [one for one in self.written if one[0] in form.slots]
        for tag, element in own:
            pieces[form.slots[tag]] = element
        return b"".join(pieces), fill(dict(form.row), own)


@dataclass(frozen=True)
class Again:
    """A file read with the help of an earlier one. `part` holds the pixel element alone."""

    part: Part10
    front: Front
    body: AgainBody


def _form(whole: Written, more: Mapping[int, bytes], own: frozenset[int]) -> Form:
    pieces: list[bytes] = [b""]
    slots: dict[int, int] = {}
    for tag, element in whole:
        if tag in own:
            slots[tag] = len(pieces)
            pieces += [element, b""]
        else:
            pieces[-1] += element
    return Form(more, pieces, slots, header_of(whole))

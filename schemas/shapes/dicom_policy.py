"""The file that says what of a DICOM instance may leave the PHI zone, and in what form (docs/policies.md).

A keep-list: an element that is not named is removed. What PS3.15 Table E.1-1 would not keep under the options claimed needs a
written reason, or `touchstone policy check` (and every run) refuses the policy.
"""
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eval_harness.base.record import Record
from schemas.ps3_15 import EDITION
from schemas.shapes.site import LocalName

Keyword = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]+$")]
Hex4 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{4}$")]
Hex2 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{2}$")]


class PrivateElement(Record):
    """One private element that may stay: its creator, group, and place in the creator's block."""

    creator: str = Field(min_length=1, max_length=64)
    group: Hex4
    element: Hex2
    vr: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    reason: str = Field(min_length=8)


class Region(Record):
    """A rectangle that is always blanked on images of one kind of device, in pixels; end exclusive."""

    manufacturer: str | None = None
    manufacturer_model_name: str | None = None
    modality: str | None = None
    image_type: str | None = None
    """A value that Image Type must hold, SCREEN SAVE for one."""
    rows: int | None = Field(default=None, ge=1)
    columns: int | None = Field(default=None, ge=1)
    boxes: tuple[tuple[int, int, int, int], ...] = Field(min_length=1)
    """x0, y0, x1, y1."""


class PixelRules(Record):
    clean: bool = True
    """Look for text in the pixels and hide what is not technique."""
    keep_text: tuple[str, ...] = ()
    """Further technique words that may stay in the pixels, besides the built-in list."""
    regions: tuple[Region, ...] = ()
    uncertain: Literal["review", "hide"] = "hide"
    """Text that was found but could not be read: hide it, or hold the file for a person."""


class DicomPolicy(Record):
    """What may leave the PHI zone, and in what form."""

    policy_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    version: int = Field(ge=1)
    title: LocalName
    explanation: LocalName
    """For the steward: what this policy is for and what a user of its output can still do."""
    edition: Literal["2026d"] = EDITION  # type: ignore[assignment]
    """Edition of PS3.15 Table E.1-1 the policy was checked against."""
    options: tuple[str, ...] = Field(min_length=1)
    """CID 7050 codes claimed in (0012,0064)."""
    keep_sets: tuple[str, ...] = ()
    """Sets of schemas/codes/dicom_keep_sets.tsv copied with a check of every value."""
    keep: tuple[Keyword, ...] = ()
    """Further keywords copied with a check of every value."""
    drop: tuple[Keyword, ...] = ()
    """Keywords taken out of the sets again."""
    clean: tuple[Keyword, ...] = ()
    """Texts that go through the text cleaner: the clinical part stays, names and numbers of people go."""
    clean_sets: tuple[str, ...] = ()
    token: tuple[Keyword, ...] = ()
    """Identifiers replaced by a keyed token, so that rows still join."""
    dates: Literal["shift", "year", "remove"] = "shift"
    age_cap_years: int = Field(default=89, ge=1, le=120)
    """An older age is written as this plus one."""
    age_step_years: int = Field(default=1, ge=1, le=20)
    safe_private: bool = False
    """Keep the private elements of PS3.15 Table E.3.10-1."""
    keep_private: tuple[PrivateElement, ...] = ()
    structured_content: Literal["clean", "drop"] = "drop"
    """SR trees: coded, numeric and image items stay by template (Table E.3.4-1), or the instance is refused."""
    graphics: Literal["clean", "drop"] = "drop"
    """Presentation states: graphics stay and their texts are cleaned, or the annotations are removed."""
    refuse_sop_classes: tuple[str, ...] = ()
    """UIDs of SOP classes that never leave (encapsulated documents, for one)."""
    pixels: PixelRules = PixelRules()
    faces: Literal["remove", "refuse", "declare"] = "refuse"
    """Head CT/MR whose surface is in the volume: remove the face, refuse the file, or release it declared as recognisable."""
    reasons: dict[Keyword, str] = Field(default_factory=dict)
    """Why an element stays that the table would not keep."""

"""Which instances can carry text in their pixels, and which rectangles a policy blanks without looking."""
from __future__ import annotations

from pipelines.phi_zone.dicom.charset import decode
from pipelines.phi_zone.dicom.dictionary import TAG_OF
from pipelines.phi_zone.dicom.geometry import Geometry
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.pixels.fill import Box
from schemas.shapes.dicom_policy import DicomPolicy

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_NO_TEXT = frozenset(_STORAGE + tail for tail in ("481.2", "66.4", "66.7", "30"))
"""RT dose, segmentation, label map, parametric map: numbers and tissue."""
_WHOLE_SLIDE, _TISSUE = _STORAGE + "77.1.6", (("VOLUME",), ("THUMBNAIL",))
"""Tiles of a slide are tissue, and a thumbnail is made of them; a picture of the whole glass (OVERVIEW) can show its label."""
_SLICES = frozenset(_STORAGE + tail for tail in ("2", "2.1", "4", "4.1", "128", "130"))
"""CT, MR and PET, plain and enhanced."""
SMALLEST_SIDE = 24


def words_of(part: Part10, keyword: str) -> tuple[str, ...]:
    """The values of a text attribute of the main data set, stripped."""
    wanted = TAG_OF[keyword]
    for tag, _, start, length, items in part.dataset:
        if tag == wanted and items is None and length < 4096:
            return tuple(word.strip(" \0") for word in decode(bytes(part.data[start:start + length]), ()).split("\\"))
        if tag > wanted:
            break
    return ()


def can_carry_text(part: Part10, geometry: Geometry, sop_class: str) -> bool:
    if sop_class == _WHOLE_SLIDE and words_of(part, "ImageType")[2:3] in _TISSUE and words_of(part, "SpecimenLabelInImage") != ("YES",):
        return False
    return sop_class not in _NO_TEXT and min(geometry.rows, geometry.columns) >= SMALLEST_SIDE and geometry.bits_allocated <= 16


def is_primary_slice(part: Part10, sop_class: str) -> bool:
    """A CT, MR or PET slice as the scanner reconstructed it: text is rare, and the same on the whole series."""
    kinds = words_of(part, "ImageType")
    return sop_class in _SLICES and kinds[:2] == ("ORIGINAL", "PRIMARY") and not {"LOCALIZER", "SCREEN SAVE", "DOSE"} & set(kinds[2:])


def fixed_regions(part: Part10, geometry: Geometry, policy: DicomPolicy) -> tuple[Box, ...]:
    """Rectangles the policy blanks on this kind of device, cut to the image."""
    out: list[Box] = []
    for region in policy.pixels.regions:
        told = (("Manufacturer", region.manufacturer), ("ManufacturerModelName", region.manufacturer_model_name),
                ("Modality", region.modality), ("ImageType", region.image_type))
        if any(want is not None and want.casefold() not in " ".join(words_of(part, keyword)).casefold() for keyword, want in told):
            continue
        if (region.rows or geometry.rows) != geometry.rows or (region.columns or geometry.columns) != geometry.columns:
            continue
        out += [(max(0, x0), max(0, y0), min(geometry.columns, x1), min(geometry.rows, y1)) for x0, y0, x1, y1 in region.boxes]
    return tuple(box for box in out if box[2] > box[0] and box[3] > box[1])

"""Objects by SOP class: which never leave, and which are not whole without a certain element.

A file cut exactly between two elements parses to its last byte; only what its class demands (PS3.3) tells that the rest is missing.
"""
from __future__ import annotations

from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, TAG_OF, place, words
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.problem import DicomProblem
from schemas.shapes.dicom_policy import DicomPolicy

_STORAGE = "1.2.840.10008.5.1.4.1.1."
DICOMDIR = "1.2.840.10008.1.3.10"
STRUCTURED_REPORTS = tuple(_STORAGE + tail for tail in ("88.", "79.1", "9.7.5"))
_NEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_STORAGE + "88.", ("ContentSequence",)),
    (_STORAGE + "104.", ("EncapsulatedDocument",)),
    (_STORAGE + "9.", ("WaveformSequence",)),
    (_STORAGE + "481.3", ("ROIContourSequence", "RTROIObservationsSequence")),
    (_STORAGE + "481.5", ("FractionGroupSequence",)),
    (_STORAGE + "481.8", ("IonBeamSequence",)),
    (_STORAGE + "66.4", ("SegmentSequence", "PixelData")),
    (_STORAGE + "66.1", ("RegistrationSequence",)),
    (_STORAGE + "66.5", ("SurfaceSequence",)),
    (_STORAGE + "11.1", ("ReferencedSeriesSequence",)),
    (_STORAGE + "67", ("ReferencedImageRealWorldValueMappingSequence",)),
    (_STORAGE + "91.1", ("AnnotationGroupSequence",)),
)
_IMAGE_NEEDS = (TAG_OF["Rows"], TAG_OF["BitsAllocated"])
_IMAGES = tuple(_STORAGE + tail for tail in words("""
1 1.1 1.1.1 1.2 1.2.1 1.3 1.3.1 2 2.1 2.2 3.1 4 4.1 4.3 4.4 6.1 6.2 7 7.1 7.2 7.3 7.4 12.1 12.1.1 12.2 12.2.1 13.1.1 13.1.3 14.1
14.2 20 77.1.1 77.1.2 77.1.4 77.1.5.1 77.1.6 128 130 481.1 481.2"""))


def check_complete(part: Part10, sop_class: str, policy: DicomPolicy) -> None:
    """Raises DCM-403 for a report the policy does not take, DCM-138 where a needed element is missing."""
    if policy.structured_content == "drop" and sop_class.startswith(STRUCTURED_REPORTS[0]):
        raise DicomProblem("DCM-403", status="rejected")
    present = part.by_tag
    for prefix, keywords in _NEEDS:
        if sop_class == prefix or (prefix.endswith(".") and sop_class.startswith(prefix)):
            for word in keywords:
                if TAG_OF[word] not in present:
                    raise DicomProblem("DCM-138", place(TAG_OF[word]), keyword=word)
    if sop_class in _IMAGES:
        for tag in _IMAGE_NEEDS:
            if tag not in present:
                raise DicomProblem("DCM-138", place(tag), keyword=KEYWORD_OF[tag])


def refuse_label(part: Part10) -> None:
    """Raises DCM-405 for the photograph of a slide's label: a name and a number, nothing else."""
    if (part.raw(TAG_OF["ImageType"]) or b"").upper().split(b"\\")[2:3] == [b"LABEL"]:
        raise DicomProblem("DCM-405", "(0008,0008)", status="rejected")

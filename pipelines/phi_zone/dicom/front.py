"""What one file says before its pixels: what it is, whose it is, and the form of its image. The same for every slice of a series.
"""
from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.phi_zone.dicom.charset import charsets, decode
from pipelines.phi_zone.dicom.dictionary import SPECIFIC_CHARACTER_SET, TAG_OF
from pipelines.phi_zone.dicom.faces import DESCRIBING, may_show_a_face
from pipelines.phi_zone.dicom.geometry import Geometry
from pipelines.phi_zone.dicom.identity import HARVESTED, known_of
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.patient import Patient, TextCleaner
from pipelines.phi_zone.dicom.pixeldata import geometry_of
from pipelines.phi_zone.dicom.plan import Plan
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.dicom.sop import DICOMDIR, check_complete, refuse_label
from pipelines.phi_zone.dicom.uids import known_class, main_uid
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import KnownIdentity
from schemas.shapes.site import Site

SOP_CLASS, SOP, STUDY, SERIES, PATIENT_ID = (TAG_OF[word] for word in (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID"))
_DECIDING = (SOP_CLASS, SOP, STUDY, SERIES, PATIENT_ID, SPECIFIC_CHARACTER_SET)


@dataclass(frozen=True, eq=False)
class Context:
    """What decides beside the file itself."""

    plan: Plan
    key: ProjectKey
    site: Site
    known: KnownIdentity | None
    text: TextCleaner | None

    def same(self, other: Context) -> bool:
        return self.same_but_for_whom(other) and (self.known is other.known or self.known == other.known)

    def same_but_for_whom(self, other: Context) -> bool:
        return (self.plan is other.plan and self.key is other.key and self.text is other.text
                and (self.site is other.site or self.site == other.site))


@dataclass(frozen=True)
class Front:
    """UIDs are the source's own."""

    sop_class: str
    sop: str
    study: str
    series: str
    subject: str
    patient: Patient
    terms: tuple[str, ...]
    """Specific Character Set."""
    geometry: Geometry | None
    face: bool
    """Whether the volume may show one."""
    has_patient_id: bool


def front_of(part: Part10, context: Context) -> Front:
    """Raises DicomProblem for what is refused whole: DCM-120 … DCM-122, DCM-130, DCM-131, DCM-138, DCM-401 … DCM-403, DCM-405."""
    raw, policy = _deciding(part), context.plan.policy
    sop_class = main_uid(raw.get(SOP_CLASS) or part.meta.get(0x00020002), "(0008,0016)")
    if sop_class == DICOMDIR:
        raise DicomProblem("DCM-402", status="rejected")
    if not known_class(sop_class):
        raise DicomProblem("DCM-122", "(0008,0016)")
    if sop_class in policy.refuse_sop_classes:
        raise DicomProblem("DCM-401", "(0008,0016)", status="rejected", sop_class=sop_class)
    sop = main_uid(raw.get(SOP) or part.meta.get(0x00020003), "(0008,0018)")
    study, series = main_uid(raw.get(STUDY), "(0020,000D)"), main_uid(raw.get(SERIES), "(0020,000E)")
    subject = _subject(raw, context.key, context.site)
    patient = _patient(context, subject, known_of(part.dataset, part.data))
    check_complete(part, sop_class, policy)
    refuse_label(part)
    return Front(sop_class, sop, study, series, subject, patient, charsets(raw.get(SPECIFIC_CHARACTER_SET, b"")), geometry_of(part),
                 may_show_a_face(part, sop_class), bool(raw.get(PATIENT_ID, b"").strip(b" \0")))


SAYING_WHOSE = frozenset(_DECIDING) | HARVESTED | DESCRIBING
"""What `front_like` asks."""


def front_like(front: Front, part: Part10, context: Context) -> Front:
    """As front_of, of a file of `front`'s class, character set and image form; `part` holds its SAYING_WHOSE and sequences with such."""
    refuse_label(part)
    raw = _deciding(part)
    subject = _subject(raw, context.key, context.site)
    patient = _patient(context, subject, known_of(part.dataset, part.data))
    return replace(front, sop=main_uid(raw.get(SOP), "(0008,0018)"), study=main_uid(raw.get(STUDY), "(0020,000D)"),
                   series=main_uid(raw.get(SERIES), "(0020,000E)"), subject=subject, patient=patient,
                   face=may_show_a_face(part, front.sop_class), has_patient_id=bool(raw.get(PATIENT_ID, b"").strip(b" \0")))


def subject_of_part(part: Part10, key: ProjectKey, site: Site) -> str:
    """The subject of a parsed file. Raises DicomProblem DCM-120/121 when neither Patient ID nor study UID can tell."""
    return _subject(_deciding(part), key, site)


def _deciding(part: Part10) -> dict[int, bytes]:
    """The few values of the main data set that decide everything else."""
    return {tag: raw for tag in _DECIDING if (raw := part.raw(tag)) is not None}


def _subject(raw: dict[int, bytes], key: ProjectKey, site: Site) -> str:
    patient_id = decode(raw.get(PATIENT_ID, b""), charsets(raw.get(SPECIFIC_CHARACTER_SET, b""))).strip(" \0")
    if patient_id:
        return key.subject(site.site_id, site.patient_id_issuer, patient_id)
    return key.subject(site.site_id, site.patient_id_issuer + "\0study", main_uid(raw.get(STUDY), "(0020,000D)"))


_PATIENTS: dict[str, tuple[Context, KnownIdentity, Patient]] = {}
MOST_PATIENTS = 8


def _patient(context: Context, subject: str, own: KnownIdentity) -> Patient:
    """The patient's working set, kept while instances of one patient follow each other. `own`: what this header says."""
    held = _PATIENTS.get(subject)
    if held is not None and held[1] == own and held[0].same(context):
        return held[2]
    if len(_PATIENTS) >= MOST_PATIENTS:
        _PATIENTS.clear()
    known = own if context.known is None else context.known.merged(own)
    patient = Patient(context.key, context.site.site_id, subject, known, context.text, context.plan.policy.dates == "shift")
    _PATIENTS[subject] = (context, own, patient)
    return patient

"""One Part 10 file in, one de-identified Part 10 file out (PS3.15 Annex E): pure, no clock, no network, no file.

The same bytes, policy, key and known identities always give the same bytes. What cannot be read to its last byte, or cannot be made
safe, leaves nothing but an issue.
"""
from __future__ import annotations

import traceback
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.dicom.charset import charsets, decode
from pipelines.phi_zone.dicom.dictionary import PIXEL_DATA, TAG_OF
from pipelines.phi_zone.dicom.faces import may_show_a_face
from pipelines.phi_zone.dicom.header import header_of
from pipelines.phi_zone.dicom.identity import known_of
from pipelines.phi_zone.dicom.mark import marks, meta_bytes
from pipelines.phi_zone.dicom.part10 import EXPLICIT_LITTLE, NATIVE, Part10, read_part10
from pipelines.phi_zone.dicom.patient import Patient, TextCleaner
from pipelines.phi_zone.dicom.pixeldata import SourcePixels, encapsulated_value, geometry_of, source_pixels
from pipelines.phi_zone.dicom.plan import Plan, compiled
from pipelines.phi_zone.dicom.problem import DicomProblem, note
from pipelines.phi_zone.dicom.rewrite import Rewriter
from pipelines.phi_zone.dicom.seam import PixelCleaner, PixelWork
from pipelines.phi_zone.dicom.sop import DICOMDIR, check_complete
from pipelines.phi_zone.dicom.uids import known_class, main_uid
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import DicomOutcome, KnownIdentity, PixelReport
from schemas.shapes.dicom_policy import DicomPolicy
from schemas.shapes.site import Site

_CLASS, _SOP, _STUDY, _SERIES = (TAG_OF[word] for word in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"))
_PATIENT_ID, _CHARSET = TAG_OF["PatientID"], TAG_OF["SpecificCharacterSet"]
_WANTED = frozenset((_CLASS, _SOP, _STUDY, _SERIES, _PATIENT_ID, _CHARSET, TAG_OF["PixelRepresentation"]))


def deidentify_instance(data: bytes | memoryview, policy: DicomPolicy, key: ProjectKey, site: Site, known: KnownIdentity | None = None,
                        pixels: PixelCleaner | None = None, text: TextCleaner | None = None) -> DicomOutcome:
    """De-identify one instance. `known` adds identities from the patient's other files to what this header says.

    Never raises for bad data: the outcome is quarantined (a person decides) or rejected (the policy takes no such object), with the
    issue and nothing else. Pixels are looked at when the policy says so and a cleaner is given.
    """
    try:
        part = read_part10(data)
        return _released(part, compiled(policy), key, site, known, pixels, text)
    except DicomProblem as problem:
        status: Any = problem.status
        return DicomOutcome(status, (problem.issue(),))
    except Exception as error:  # noqa: BLE001 - codecs and models raise what they like; one file must not stop a night, and it is named
        return DicomOutcome("quarantined", (note("DCM-145", kind=type(error).__name__, place=_line_of(error)),))


def _line_of(error: BaseException) -> str:
    """File and line where an error arose: places only, an exception's text may quote a value."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def identities_of(data: bytes | memoryview) -> KnownIdentity:
    """Who this header says it is about: names in every component group and reading, numbers, addresses, birth date. PHI.

    Empty for a file that cannot be read; `deidentify_instance` says why.
    """
    try:
        part = read_part10(data)
    except DicomProblem:
        return KnownIdentity()
    return known_of(part.dataset, part.data)


def subject_of(data: bytes | memoryview, key: ProjectKey, site: Site) -> str | None:
    """The subject this file belongs to, or None when it cannot be read."""
    try:
        return subject_of_part(read_part10(data), key, site)
    except DicomProblem:
        return None


def main_values(part: Part10, *keywords: str) -> tuple[str, ...]:
    """Short values of the main data set as they stand, empty where absent."""
    raw = {tag: bytes(part.data[start:start + length]) for tag, _, start, length, items in part.dataset if items is None and length < 256}
    return tuple(raw.get(TAG_OF[keyword], b"").decode("latin-1").strip(" \0") for keyword in keywords)


def series_of(data: bytes | memoryview) -> str | None:
    """Series Instance UID of a file, or None when it cannot be read or has none."""
    try:
        return main_values(read_part10(data), "SeriesInstanceUID")[0] or None
    except DicomProblem:
        return None


def subject_of_part(part: Part10, key: ProjectKey, site: Site) -> str:
    """The subject of a parsed file. Raises DicomProblem DCM-120/121 when neither Patient ID nor study UID can tell."""
    return _subject(_raw(part), key, site)


def _raw(part: Part10) -> dict[int, bytes]:
    """The few values of the main data set that decide everything else."""
    return {tag: bytes(part.data[start:start + length]) for tag, _, start, length, items in part.dataset
            if tag in _WANTED and items is None and length < 4096}


def _subject(raw: dict[int, bytes], key: ProjectKey, site: Site) -> str:
    patient_id = decode(raw.get(_PATIENT_ID, b""), charsets(raw.get(_CHARSET, b""))).strip(" \0")
    if patient_id:
        return key.subject(site.site_id, site.patient_id_issuer, patient_id)
    return key.subject(site.site_id, site.patient_id_issuer + "\0study", main_uid(raw.get(_STUDY), "(0020,000D)"))


_PATIENTS: dict[tuple[int, str, str, int, int], tuple[Patient, KnownIdentity, ProjectKey, TextCleaner | None]] = {}


def _patient(key: ProjectKey, site: Site, subject: str, known: KnownIdentity, text: TextCleaner | None, policy: DicomPolicy) -> Patient:
    """The patient's working set, kept while instances of one patient follow each other."""
    place = (id(key), site.site_id, subject, id(text), id(policy))
    held = _PATIENTS.get(place)
    if held is not None and held[1] == known and held[2] is key and held[3] is text:
        return held[0]
    if len(_PATIENTS) >= 8:
        _PATIENTS.clear()
    patient = Patient(key, site.site_id, subject, known, text, policy.dates == "shift")
    _PATIENTS[place] = (patient, known, key, text)
    return patient


def _released(part: Part10, plan: Plan, key: ProjectKey, site: Site, known: KnownIdentity | None, cleaner: PixelCleaner | None,
              text: TextCleaner | None) -> DicomOutcome:
    raw = _raw(part)
    sop_class = main_uid(raw.get(_CLASS) or part.meta.get(0x00020002), "(0008,0016)")
    if sop_class == DICOMDIR:
        raise DicomProblem("DCM-402", status="rejected")
    if not known_class(sop_class):
        raise DicomProblem("DCM-122", "(0008,0016)")
    if sop_class in plan.policy.refuse_sop_classes:
        raise DicomProblem("DCM-401", "(0008,0016)", status="rejected", sop_class=sop_class)
    sop = main_uid(raw.get(_SOP) or part.meta.get(0x00020003), "(0008,0018)")
    study, series = main_uid(raw.get(_STUDY), "(0020,000D)"), main_uid(raw.get(_SERIES), "(0020,000E)")
    subject = _subject(raw, key, site)
    own = known_of(part.dataset, part.data)
    patient = _patient(key, site, subject, own if known is None else known.merged(own), text, plan.policy)
    check_complete(part, sop_class, plan.policy)
    geometry = geometry_of(part)
    source = source_pixels(part, geometry)
    if source is None and geometry is not None:
        raise DicomProblem("DCM-137", "(7FE0,0010)")
    work = _faces(part, source, plan.policy, _look(part, source, plan, patient, cleaner, sop_class), sop_class)
    rewriter = Rewriter(part.data, part.parser, part.explicit, plan, patient, geometry is not None and geometry.signed)
    written = rewriter.dataset(part.dataset, charsets(raw.get(_CHARSET, b"")))
    if rewriter.content_dropped and rewriter.content_by_position:
        raise DicomProblem("DCM-404", "(0040,DB73)")
    written = _with(written, {**marks(plan, work.report is not None, work.features), **work.elements})
    syntax, pixel_value = _pixel_element(part, source, work)
    body = [element for _, element in written]
    new_sop = key.uid(site.site_id, sop)
    content = b"".join((meta_bytes(sop_class, new_sop, syntax), *body, *pixel_value))
    issues = tuple(note(code, where) for code, where in part.notes) + work.issues + _own_issues(raw, source)
    return DicomOutcome(
        "released", issues, subject, content, key.uid(site.site_id, study), key.uid(site.site_id, series), new_sop,
        key.token("sop", site.site_id, sop), _pixel_digest(key, source), header_of(written, syntax), work.report, dict(rewriter.actions))


def _own_issues(raw: dict[int, bytes], source: SourcePixels | None) -> tuple[Issue, ...]:
    found = []
    if not raw.get(_PATIENT_ID, b"").strip(b" \0"):
        found.append(note("DCM-307", "(0010,0020)"))
    if source is not None and source.changed:
        found.append(note("DCM-308", "(7FE0,0010)"))
    return tuple(found)


def _faces(part: Part10, source: SourcePixels | None, policy: DicomPolicy, work: PixelWork, sop_class: str) -> PixelWork:
    """What the policy says of a head whose surface is still in the pixels. Raises DCM-150 where it may not leave."""
    if source is None or work.features == "NO" or not may_show_a_face(part, sop_class):
        return work
    if policy.faces != "declare":
        raise DicomProblem("DCM-150", "(7FE0,0010)")
    return replace(work, features="YES", issues=(*work.issues, note("DCM-152", "(0028,0302)")))


def _look(part: Part10, source: SourcePixels | None, plan: Plan, patient: Patient, cleaner: PixelCleaner | None,
          sop_class: str) -> PixelWork:
    if source is None or cleaner is None or not plan.policy.pixels.clean:
        return PixelWork()
    return cleaner.clean(part, source, plan.policy, patient.matcher, sop_class)


def _with(written: list[tuple[int, bytes]], more: dict[int, bytes]) -> list[tuple[int, bytes]]:
    """Elements added or replaced, in order."""
    if not more:
        return written
    merged = {**dict(written), **more}
    return [one for one in sorted(merged.items()) if one[1]]


def _pixel_element(part: Part10, source: SourcePixels | None, work: PixelWork) -> tuple[str, tuple[bytes | memoryview, ...]]:
    """Transfer syntax of the new file, and the pixel element as its pieces."""
    if source is None:
        return EXPLICIT_LITTLE, ()
    native = work.native if work.native is not None else source.native
    tag = (source.tag >> 16).to_bytes(2, "little") + (source.tag & 0xFFFF).to_bytes(2, "little")
    if native is not None:
        vr = {PIXEL_DATA: b"OW" if source.geometry.bits_allocated > 8 else b"OB"}.get(source.tag, b"OF" if source.tag & 1 == 0 else b"OD")
        if source.geometry.bits_allocated == 1 and source.tag == PIXEL_DATA:
            vr = b"OB"
        return EXPLICIT_LITTLE, (tag + vr + b"\0\0" + (len(native) + (len(native) & 1)).to_bytes(4, "little"), native,
                                 b"\0" * (len(native) & 1))
    return part.transfer_syntax_uid, (tag + b"OB\0\0\xff\xff\xff\xff", encapsulated_value(source.frames))


@lru_cache(maxsize=16)
def _pixel_hash(key: ProjectKey) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key.mac("pixel hash"))


def _pixel_digest(key: ProjectKey, source: SourcePixels | None) -> str | None:
    """Keyed digest of the image bytes alone: the same UID with other pixels is found by it.

    A keyed universal hash (the tag of AES-GCM over the image as associated data, never shown) and the project key's MAC over it:
    several times as fast as SHA-256, and as hard to collide for whoever has not the key.
    """
    if source is None:
        return None
    image = source.native if source.native is not None else b"".join(len(one).to_bytes(8, "big") + one for one in source.frames)
    view, tags = memoryview(image), list[bytes]()
    for at in range(0, max(1, len(view)), _HASHED_AT_ONCE):
        tags.append(_pixel_hash(key).encrypt(len(tags).to_bytes(12, "big"), b"", view[at:at + _HASHED_AT_ONCE]))
    return key.mac("pixel digest", *tags).hex()


_HASHED_AT_ONCE = 1 << 30


__all__ = ["NATIVE", "PixelReport", "deidentify_instance", "identities_of", "subject_of"]

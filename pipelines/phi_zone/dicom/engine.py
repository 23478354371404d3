"""One Part 10 file in, one de-identified Part 10 file out (PS3.15 Annex E): pure, no clock, no network, no file.

The same bytes, policy, key and known identities always give the same bytes. What cannot be read to its last byte, or cannot be made
safe, leaves nothing but an issue.
"""
from __future__ import annotations

import traceback
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pipelines.phi_zone.dicom.body import Body, body_of
from pipelines.phi_zone.dicom.dictionary import PIXEL_DATA, TAG_OF
from pipelines.phi_zone.dicom.front import Context, Front, front_of, subject_of_part
from pipelines.phi_zone.dicom.identity import known_of
from pipelines.phi_zone.dicom.mark import marks, meta_bytes
from pipelines.phi_zone.dicom.memory import SeriesMemory
from pipelines.phi_zone.dicom.part10 import EXPLICIT_LITTLE, NATIVE, Part10, read_part10
from pipelines.phi_zone.dicom.patient import TextCleaner
from pipelines.phi_zone.dicom.pixeldata import RLE, SourcePixels, encapsulated_value, source_pixels
from pipelines.phi_zone.dicom.plan import compiled
from pipelines.phi_zone.dicom.problem import DicomProblem, note
from pipelines.phi_zone.dicom.recode import needs_rle, rle_frames
from pipelines.phi_zone.dicom.seam import PixelCleaner, PixelWork
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import DicomOutcome, KnownIdentity, PixelReport
from schemas.shapes.dicom_policy import DicomPolicy
from schemas.shapes.site import Site

MEMORY = SeriesMemory()


def deidentify_instance(data: bytes | memoryview, policy: DicomPolicy, key: ProjectKey, site: Site, known: KnownIdentity | None = None,
                        pixels: PixelCleaner | None = None, text: TextCleaner | None = None) -> DicomOutcome:
    """De-identify one instance. `known` adds identities from the patient's other files to what this header says.

    Never raises for bad data: the outcome is quarantined (a person decides) or rejected (the policy takes no such object), with the
    issue and nothing else. Pixels are looked at when the policy says so and a cleaner is given.
    """
    try:
        return _released(data, Context(compiled(policy), key, site, known, text), pixels)
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
    return tuple((part.raw(TAG_OF[keyword], 256) or b"").decode("latin-1").strip(" \0") for keyword in keywords)


def series_of(data: bytes | memoryview) -> str | None:
    """Series Instance UID of a file, or None when it cannot be read or has none."""
    try:
        return main_values(read_part10(data), "SeriesInstanceUID")[0] or None
    except DicomProblem:
        return None


def _released(data: bytes | memoryview, context: Context, cleaner: PixelCleaner | None) -> DicomOutcome:
    policy, key, site_id = context.plan.policy, context.key, context.site.site_id
    again = MEMORY.again(data, context)
    part = read_part10(data) if again is None else again.part
    front = front_of(part, context) if again is None else again.front
    source = source_pixels(part, front.geometry)
    if source is None and front.geometry is not None:
        raise DicomProblem("DCM-137", "(7FE0,0010)")
    work = PixelWork()
    if source is not None and cleaner is not None and policy.pixels.clean:
        whole = part if again is None else read_part10(data)
        work = cleaner.clean(whole, source, policy, front.patient.matcher, front.sop_class)
    work = _faces(front, source, policy, work)
    if source is not None and needs_rle(source):
        work = replace(work, elements={})     # it stays what it was
    body: Body
    if again is not None:
        body = again.body
    else:
        body = fresh = body_of(part, front, context.plan)
        MEMORY.keep(data, part, front, fresh, context)
    said = marks(context.plan, work.report is not None, work.features)
    elements, header = body.finished({**said, **work.elements} if work.elements else said)
    syntax, pixel_head, pixel_value = _pixel_element(part, source, work)
    header["transfer_syntax_uid"] = syntax
    new_sop = key.uid(site_id, front.sop)
    issues = [note(code, where) for code, where in part.notes] + list(work.issues)
    if not front.has_patient_id:
        issues.append(note("DCM-307", "(0010,0020)"))
    if source is not None and source.changed:
        issues.append(note("DCM-308", "(7FE0,0010)"))
    return DicomOutcome(
        "released", tuple(issues), front.subject, (meta_bytes(front.sop_class, new_sop, syntax) + elements + pixel_head, *pixel_value),
        key.uid(site_id, front.study), key.uid(site_id, front.series), new_sop, key.token("sop", site_id, front.sop),
        partial(_pixel_digest, key, source), header, work.report, body.actions)


def _faces(front: Front, source: SourcePixels | None, policy: DicomPolicy, work: PixelWork) -> PixelWork:
    """What the policy says of a head whose surface is still in the pixels. Raises DCM-150 where it may not leave."""
    if source is None or work.features == "NO" or not front.face:
        return work
    if policy.faces != "declare":
        raise DicomProblem("DCM-150", "(7FE0,0010)")
    return replace(work, features="YES", issues=(*work.issues, note("DCM-152", "(0028,0302)")))


def _pixel_element(part: Part10, source: SourcePixels | None, work: PixelWork) -> tuple[str, bytes, tuple[bytes | memoryview, ...]]:
    """Transfer syntax of the new file, and the pixel element: what stands before its value, and the value in pieces."""
    if source is None:
        return EXPLICIT_LITTLE, b"", ()
    native = work.native if work.native is not None else source.native
    tag = (source.tag >> 16).to_bytes(2, "little") + (source.tag & 0xFFFF).to_bytes(2, "little")
    if work.native is not None and needs_rle(source):
        return RLE, tag + b"OB\0\0\xff\xff\xff\xff", (encapsulated_value(rle_frames(work.native, source.geometry)),)
    if native is not None:
        vr = {PIXEL_DATA: b"OW" if source.geometry.bits_allocated > 8 else b"OB"}.get(source.tag, b"OF" if source.tag & 1 == 0 else b"OD")
        if source.geometry.bits_allocated == 1 and source.tag == PIXEL_DATA:
            vr = b"OB"
        odd = len(native) & 1
        return EXPLICIT_LITTLE, tag + vr + b"\0\0" + (len(native) + odd).to_bytes(4, "little"), (native, b"\0") if odd else (native,)
    return part.transfer_syntax_uid, tag + b"OB\0\0\xff\xff\xff\xff", (encapsulated_value(source.frames),)


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

"""UIDs: registered ones stay, every other becomes a keyed one, and what could name a file or a person is refused (PS3.5 9)."""
from __future__ import annotations

import re
from functools import lru_cache

from pydicom._uid_dict import UID_dictionary

from pipelines.phi_zone.dicom.patient import Patient
from pipelines.phi_zone.dicom.problem import DicomProblem

_VALID = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_PATH = re.compile(r"[/\\\x00-\x1f:*?\"<>|]|\.\.")
_STANDARD_CLASS = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.(?:1\.1|1\.2|32|34|37|38|39|43|44|45|5|1\.4)(?:\.\d{1,4}){1,4}")
_CLASS_ROOTS = ("1.2.840.10008.", "2.16.840.1.", "1.2.276.0.", "2.16.156.")


@lru_cache(maxsize=4096)
def registered(uid: str) -> bool:
    """Whether PS3.6 Annex A names it, so that it says nothing of a patient."""
    return uid in UID_dictionary


def main_uid(raw: bytes | None, where: str) -> str:
    """Study, series or SOP Instance UID. Raises DCM-120 when it is missing and DCM-121 when it could lead out of a folder."""
    text = "" if raw is None else raw.decode("latin-1").strip(" \0")
    if not text:
        raise DicomProblem("DCM-120", where)
    if _PATH.search(text) or len(text) > 128:
        raise DicomProblem("DCM-121", where)
    return text


def new_uids(raw: bytes, patient: Patient) -> bytes:
    """One or several instance UIDs, each replaced unless registered (a well-known frame of reference, for one)."""
    text = raw.decode("latin-1").strip(" \0")
    if not text:
        return b""
    return "\\".join(_new_uid(part, patient) for part in text.split("\\")).encode()


def _new_uid(part: str, patient: Patient) -> str:
    part = part.strip(" \0")
    return part if not part or registered(part) else patient.uid(part)


def class_uid(raw: bytes, patient: Patient) -> bytes | None:
    """UIDs of classes and registries: registered or of a registry's form; anything else is dropped."""
    parts = [part.strip(" \0") for part in raw.decode("latin-1").split("\\")]
    if all(not part or known_class(part) for part in parts):
        return "\\".join(parts).encode()
    return None


@lru_cache(maxsize=4096)
def known_class(uid: str) -> bool:
    return registered(uid) or _STANDARD_CLASS.fullmatch(uid) is not None or (
        _VALID.fullmatch(uid) is not None and uid.startswith(_CLASS_ROOTS[1:]) and len(uid) <= 28)


def valid(uid: str) -> bool:
    return len(uid) <= 64 and _VALID.fullmatch(uid) is not None

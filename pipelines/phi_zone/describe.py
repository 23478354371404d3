"""What must be known of a unit when it lands: whose it is, what names its patient, and what "the same content" means for it.

Identities go into the sealed column of the landing index and nowhere else; the token in clear is keyed.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.dicom.engine import identities_of, series_of, subject_of
from pipelines.phi_zone.fhir.read import read_resource
from pipelines.phi_zone.fhir.subjects import SITE_TYPES, subject_reference_of
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.run import Run
from schemas.deid import KnownIdentity

FHIR_MEDIA = "application/fhir+json"
PATIENT_MEDIA = f"{FHIR_MEDIA};type=Patient"


@dataclass(frozen=True)
class Described:
    """subject_token: keyed token of the patient this unit belongs to; None = of nobody, or it could not be read."""

    subject_token: str | None = None
    series_token: str | None = None
    """Keyed token of the series an instance belongs to: its slices are looked at together."""
    media_type: str = ""
    secret: dict[str, Any] = field(default_factory=dict)
    compared: bytes = b""
    """Bytes that stand for the content when two deliveries are compared; empty = the delivery's own."""


def describe(run: Run, kind: str, op: str, unit_id: str, data: bytes) -> Described:
    """Look into one delivery. Never raises for bad data: what cannot be read is described as nothing and lands as it is."""
    if op == "delete":
        return Described()
    if kind == "instance":
        return _instance(run, data)
    return _resource(run, data) if kind == "resource" else Described()


def subject_token(key: ProjectKey, site_id: str, subject: str) -> str:
    """Where phi.subject_key keeps what is known of a subject."""
    return key.token("subject", site_id, subject)


def reference_token(key: ProjectKey, site_id: str, reference: str) -> str:
    """Where phi.subject_key says which subject a source's reference (`Patient/id`) means."""
    return key.token("reference", site_id, reference)


def _instance(run: Run, data: bytes) -> Described:
    subject = subject_of(data, run.key, run.site)
    if subject is None:
        return Described()
    secret = {"subject": subject, "known": known_dict(identities_of(data))}
    series = series_of(data)
    return Described(subject_token(run.key, run.site_id, subject), run.key.token("series", run.site_id, series) if series else None,
                     secret=secret)


def _resource(run: Run, data: bytes) -> Described:
    import orjson

    resource = read_resource(data)
    if isinstance(resource, Issue):
        return Described()
    kind = str(resource["resourceType"])
    references = subject_reference_of(resource)
    if kind in SITE_TYPES:   # a Device may be a patient's; that a urn is one nobody says
        references = [one for one in references if one.startswith(("Patient/", "Patient?"))]
    token = reference_token(run.key, run.site_id, references[0]) if references else None
    return Described(token, None, f"{FHIR_MEDIA};type={kind}", {"references": references, "type": kind},
                     orjson.dumps(resource, option=orjson.OPT_SORT_KEYS))


def known_dict(known: KnownIdentity) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(known).items() if value}


def known_from(value: dict[str, Any]) -> KnownIdentity:
    fields: dict[str, Any] = {name: tuple(found) if isinstance(found, list) else found for name, found in value.items()}
    return KnownIdentity(**fields)

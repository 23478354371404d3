"""References: by id, absolute, urn, conditional, contained and logical, all to keyed ids (R4 2.3.0).

A display is never kept: it is where names are written. A logical or conditional reference becomes the keyed token of its
identifier, the same token the target's own identifier gets, so that the two still join.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from pipelines.phi_zone.lists import words_of

_LITERAL = re.compile(r"(?:https?://[^?#\s]+/)?([A-Z][A-Za-z]{2,40})/([^/?#\s]{1,128})(?:/_history/[^/]*)?\Z")
_PLAIN = re.compile(r"[A-Z][A-Za-z]{2,40}/[^/?#\s]{1,128}\Z")
_CONDITIONAL = re.compile(r"(?:https?://[^?#\s]+/)?([A-Z][A-Za-z]{2,40})\?(?:.*&)?identifier=([^&]+)")
_URN = "urn:uuid:"
TOKEN_SYSTEM = "urn:touchstone:identifier"
TARGETS = {
    "subject": "Patient",
    "patient": "Patient",
    "beneficiary": "Patient",
    "individual": "Practitioner",
    "encounter": "Encounter",
    "context": "Encounter",
    "serviceProvider": "Organization",
    "managingOrganization": "Organization",
    "organization": "Organization",
    "custodian": "Organization",
    "provider": "Organization",
    "insurer": "Organization",
    "result": "Observation",
    "hasMember": "Observation",
    "specimen": "Specimen",
    "location": "Location",
    "device": "Device",
    "imagingStudy": "ImagingStudy",
    "medicationReference": "Medication",
    "condition": "Condition",
    "practitioner": "Practitioner",
    "requester": "Practitioner",
    "recorder": "Practitioner",
    "goal": "Goal",
    "careTeam": "CareTeam",
    "coverage": "Coverage",
    "study": "ResearchStudy",
    "endpoint": "Endpoint",
    "claim": "Claim",
    "episodeOfCare": "EpisodeOfCare",
}
"""What a bare urn most likely points to, by element; used only where neither the Bundle nor Reference.type says."""


def is_plain(reference: str) -> bool:
    """Is it just `Type/id`?"""
    return _PLAIN.match(reference) is not None


def id_of_url(full_url: str, kind: object) -> str | None:
    """The id that a Bundle entry's fullUrl gives a resource without one: a `urn:uuid`'s number; of an address, what follows its type.

    An address that does not end in type and id may name anything: two files could give two patients one id by it.
    """
    if full_url.lower().startswith(_URN):
        return full_url.lower().removeprefix(_URN) or None
    found = literal(full_url) if full_url.lower().startswith(("http://", "https://")) else None
    return found[1] if found is not None and found[0] == kind else None


def literal(reference: str) -> tuple[str, str] | None:
    """(type, id) of a relative or absolute literal reference."""
    match = _LITERAL.match(reference)
    return (match[1], match[2]) if match and is_type(match[1]) else None


def is_type(name: str) -> bool:
    """Is it a resource type of FHIR? Anything else in its place might be a name."""
    return name in words_of("fhir_types.txt")


def conditional(reference: str) -> tuple[str, str, str] | None:
    """(type, identifier system, identifier value) of `Type?identifier=system|value`."""
    match = _CONDITIONAL.match(reference)
    if match is None or not is_type(match[1]):
        return None
    system, bar, value = unquote(match[2]).partition("|")
    return (match[1], system, value) if bar else (match[1], "", system)


def tokens_of(reference: Any) -> list[str]:
    """The ways a Reference names its target, in one spelling each: Patient/1, urn:uuid:…, Patient?identifier=s|v."""
    if not isinstance(reference, dict):
        return []
    text = reference.get("reference")
    if isinstance(text, str) and _PLAIN.match(text) and "identifier" not in reference:
        return [text]
    found: list[str] = []
    if isinstance(text, str):
        place, query = literal(text), conditional(text)
        if place is not None:
            found.append(f"{place[0]}/{place[1]}")
        elif query is not None:
            found.append(identifier_token(query[0], query[1], query[2]))
        elif text.startswith(("urn:uuid:", "urn:oid:", "#")):
            found.append(text.lower() if text.startswith("urn:") else text)
    identifier = reference.get("identifier")
    if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        system = identifier.get("system")
        found.append(identifier_token("Patient", system if isinstance(system, str) else "", identifier["value"]))
    return found


def identifier_token(resource_type: str, system: str, value: str) -> str:
    return f"{resource_type}?identifier={system}|{value.strip()}"

"""Whose is a resource: where each type names its patient, and which types may have none."""

from __future__ import annotations

from typing import Any

from pipelines.phi_zone.fhir.references import identifier_token, tokens_of

SITE_TYPES = frozenset(
    [
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "OrganizationAffiliation",
        "Location",
        "HealthcareService",
        "Endpoint",
        "Medication",
        "MedicationKnowledge",
        "Substance",
        "Questionnaire",
        "ResearchStudy",
        "Device",
        "DeviceMetric",
        "Schedule",
        "Slot",
        "BiologicallyDerivedProduct",
        "Provenance",
    ]
)
"""Types that may leave without a patient, as a Provenance whose targets are records. Every other one needs its subject: its dates and
its text depend on it."""
_PLACES = ("subject", "patient", "beneficiary", "individual", "securityContext", "for")
_ACTORS = {
    "Appointment": ("participant", "actor"),
    "AppointmentResponse": ("actor", None),
    "Provenance": ("target", None),
    "Person": ("link", "target"),
    "Communication": ("recipient", None),
    "SupplyRequest": ("deliverTo", None),
    "DeviceMetric": ("source", None),
    "Schedule": ("actor", None),
}


def subject_reference_of(resource: dict[str, Any]) -> list[str]:
    """Reference tokens that name this resource's patient, best first; empty when it names none.

    A `#` token points to a contained Patient; the tokens of its identifiers follow.
    """
    kind = resource.get("resourceType")
    if kind == "Patient":
        found = [f"Patient/{resource['id']}"] if isinstance(resource.get("id"), str) else []
        return found
    found = [
        token
        for place in _PLACES
        if place in resource
        for ref in _many(resource[place])
        for token in tokens_of(ref)
        if _may_be_patient(token, resource)
    ]
    place, inner = _ACTORS.get(str(kind), (None, None))
    if not found and place is not None:
        refs = [ref if inner is None else ref.get(inner) for ref in _many(resource.get(place)) if isinstance(ref, dict)]
        found = [token for ref in refs for token in tokens_of(ref) if _may_be_patient(token, resource)]
    found += [token for held in found if held.startswith("#") for token in _identifiers_of(contained(resource, held[1:]))]
    return list(dict.fromkeys(found))


def _identifiers_of(patient: dict[str, Any] | None) -> list[str]:
    """How a contained Patient, whose id says nothing outside, may be known elsewhere: by its identifiers."""
    found = []
    for identifier in _many((patient or {}).get("identifier")):
        value = identifier.get("value") if isinstance(identifier, dict) else None
        if isinstance(value, str) and value.strip():
            system = identifier.get("system")
            found += [identifier_token("Patient", own, value) for own in (system if isinstance(system, str) else "", "")]
    return found


def plain_pointer_of(resource: dict[str, Any]) -> str | None:
    """The reference of a resource that names its patient once, in the usual place and way; None when one must look closer."""
    named = None
    for place in _PLACES:
        if place in resource:
            if named is not None:
                return None
            named = resource[place]
    if resource["resourceType"] == "Binary" or type(named) is not dict or "identifier" in named:
        return None
    pointer = named.get("reference")
    return pointer if type(pointer) is str else None


def _may_be_patient(token: str, resource: dict[str, Any]) -> bool:
    if token.startswith("#"):
        return contained(resource, token[1:]) is not None and contained(resource, token[1:]).get("resourceType") == "Patient"  # type: ignore[union-attr]
    return token.startswith(("Patient/", "Patient?", "urn:")) or (resource.get("resourceType") == "Binary" and "/" in token)


def contained(resource: dict[str, Any], local_id: str) -> dict[str, Any] | None:
    """The contained resource of that id."""
    return next((c for c in _many(resource.get("contained")) if isinstance(c, dict) and c.get("id") == local_id), None)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]

"""The subject spine: a FHIR Patient's reference keys and MRN, its subject, and everything known that identifies the person.

FHIR id → MRN → subject. The MRN is the site's declared system, else an identifier typed MR, else one labelled 住院号, 病案号,
门诊号 or 病历号, else the Patient id, so that the subject equals the one DICOM's PatientID gives under the same issuer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.phi_zone.fhir.references import identifier_token, tokens_of
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.known_people import dicts, known_of, once, text
from pipelines.phi_zone.text.rules import resident_id_valid
from schemas.deid import KnownIdentity
from schemas.shapes.site import Site

_LABELS = ("住院号", "病案号", "门诊号", "病历号")
_NATIONAL = {"NI": "resident_id", "NNCHN": "resident_id", "PPN": "passport", "PPT": "passport", "SS": "ssn"}
_NATIONAL_LABELS = (
    ("身份证", "resident_id"),
    ("公民身份", "resident_id"),
    ("护照", "passport"),
    ("passport", "passport"),
    ("social security", "ssn"),
    ("通行证", "permit"),
    ("居留证", "permit"),
)
_NATIONAL_SYSTEMS = {"http://hl7.org/fhir/sid/us-ssn": "ssn", "urn:oid:2.16.156.10011.1.3": "resident_id"}


@dataclass(frozen=True)
class PatientIdentity:
    """What one Patient resource says about who it is. PHI."""

    reference_keys: tuple[str, ...]
    """Every way another resource may name it: Patient/id, urn:uuid, Patient?identifier=system|value."""
    mrn: str
    known: KnownIdentity
    national_ids: tuple[tuple[str, str], ...] = ()
    """(kind, value in one spelling) that name a person across hospitals; only ones whose form is right."""
    links: tuple[str, ...] = ()
    """Reference tokens of Patients the source says are the same (Patient.link replaced-by, replaces, refer, seealso)."""

    def subject(self, key: ProjectKey, site: Site) -> str:
        return key.subject(site.site_id, site.patient_id_issuer, self.mrn)

    def national_tokens(self, key: ProjectKey) -> tuple[str, ...]:
        """Keyed tokens for the person index: the same in every hospital of the project."""
        return tuple(key.token("national-id", kind, value) for kind, value in self.national_ids)


def identity_of_patient(resource: dict[str, Any], site: Site, full_url: str | None = None) -> PatientIdentity | None:
    """The identity in a Patient resource; None when it has neither id nor identifier. Members of a wrong shape are passed over."""
    source_id = resource.get("id") if isinstance(resource.get("id"), str) else None
    identifiers = [i for i in dicts(resource.get("identifier")) if isinstance(i.get("value"), str) and i["value"].strip()]
    mrn = _mrn(identifiers, site) or source_id
    if mrn is None:
        return None
    keys = [f"Patient/{source_id}", f"urn:uuid:{source_id.lower()}"] if source_id else []
    keys += [identifier_token("Patient", text(i.get("system")), i["value"]) for i in identifiers]
    keys += [identifier_token("Patient", "", i["value"]) for i in identifiers]
    keys += [full_url.lower() if full_url.startswith("urn:") else full_url] if full_url else []
    links = [t for link in dicts(resource.get("link")) for t in tokens_of(link.get("other")) if t.startswith(("Patient/", "urn:"))]
    return PatientIdentity(tuple(dict.fromkeys(keys)), mrn, known_of(resource, identifiers), _national_ids(identifiers, site), tuple(links))


def _mrn(identifiers: list[dict[str, Any]], site: Site) -> str | None:
    declared = site.identifiers.mrn
    if declared is not None:
        for identifier in identifiers:
            if identifier.get("system") == declared:
                return str(identifier["value"]).strip()
    for identifier in identifiers:
        if "MR" in _type_codes(identifier):
            return str(identifier["value"]).strip()
    for label in _LABELS:
        for identifier in identifiers:
            if label in _type_text(identifier):
                return str(identifier["value"]).strip()
    return None


def _national_ids(identifiers: list[dict[str, Any]], site: Site) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for identifier in identifiers:
        kind = _national_kind(identifier, site)
        value = normal_national_id(kind, str(identifier["value"])) if kind else None
        if kind and value:
            found[(kind, value)] = None
    return tuple(found)


def _national_kind(identifier: dict[str, Any], site: Site) -> str | None:
    system, label = text(identifier.get("system")), _type_text(identifier).lower()
    if system and system == site.identifiers.resident_id:
        return "resident_id"
    if system and system == site.identifiers.passport:
        return "passport"
    if system in _NATIONAL_SYSTEMS:
        return _NATIONAL_SYSTEMS[system]
    by_code = next((_NATIONAL[c] for c in _type_codes(identifier) if c in _NATIONAL), None)
    return by_code or next((kind for told, kind in _NATIONAL_LABELS if told in label), None)


def normal_national_id(kind: str, value: str) -> str | None:
    """One spelling of a national number; None when it cannot be one (wrong check digit, placeholder): it must not join strangers."""
    bare = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", value)).upper()
    if kind == "resident_id":
        if re.fullmatch(r"\d{15}", bare):
            bare = with_check_digit(bare[:6] + "19" + bare[6:])
        plausible = (
            resident_id_valid(bare) and "1880" <= bare[6:10] <= "2100" and "01" <= bare[10:12] <= "12" and "01" <= bare[12:14] <= "31"
        )
        return bare if plausible else None
    if kind == "ssn":
        return bare if re.fullmatch(r"(?!000|666)\d{3}(?!00)\d{2}(?!0000)\d{4}", bare) and len(set(bare)) > 2 else None
    return bare if len(bare) >= 7 and any(c.isdigit() for c in bare) and len(set(bare)) > 2 else None


def with_check_digit(first_17: str) -> str:
    """GB 11643-1999: 17 digits with their check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first_17 + "10X98765432"[sum(int(c) * w for c, w in zip(first_17, weights, strict=True)) % 11]


def _type_codes(identifier: dict[str, Any]) -> set[str]:
    return {text(c.get("code")) for kind in dicts(identifier.get("type")) for c in dicts(kind.get("coding"))}


def _type_text(identifier: dict[str, Any]) -> str:
    return " ".join(
        text(part)
        for kind in dicts(identifier.get("type"))
        for part in (kind.get("text"), *(c.get("display") for c in dicts(kind.get("coding"))))
    )


def added(before: KnownIdentity, after: KnownIdentity) -> KnownIdentity:
    """What `after` knows and `before` did not: a new alias, for which the subject's released text must be scanned again."""

    def new(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for value in b if value not in set(a))

    return KnownIdentity(
        new(before.names, after.names),
        new(before.ids, after.ids),
        new(before.phones, after.phones),
        new(before.addresses, after.addresses),
        new(before.organisations, after.organisations),
        after.birth_date if after.birth_date != before.birth_date else "",
    )


def nothing(known: KnownIdentity) -> bool:
    return known == KnownIdentity()


@dataclass
class SubjectIndex:
    """Reference token → subject, and what is known of each subject, for work without a lake. Holds PHI in memory only."""

    key: ProjectKey
    site: Site
    subjects: dict[str, str] = field(default_factory=dict)
    known: dict[str, KnownIdentity] = field(default_factory=dict)
    urns: dict[str, tuple[str, str]] = field(default_factory=dict)
    staff: KnownIdentity = field(default_factory=KnownIdentity)
    waiting: list[tuple[list[str], KnownIdentity]] = field(default_factory=list)
    linked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """(subject, reference tokens of Patients the source says are the same person)."""

    def add_patient(self, identity: PatientIdentity) -> str:
        subject = identity.subject(self.key, self.site)
        for token in identity.reference_keys:
            self.subjects.setdefault(token, subject)
        self._learn(subject, identity.known)
        if identity.links:
            self.linked.append((subject, identity.links))
        return subject

    def _learn(self, subject: str, known: KnownIdentity) -> None:
        held = self.known.get(subject)
        self.known[subject] = known if held is None else held.merged(known)

    def add_related(self, resource: dict[str, Any]) -> None:
        """A RelatedPerson: known identities of its patient, once that patient has come (`settle`)."""
        self.waiting.append((tokens_of(resource.get("patient")), known_of(resource)))

    def add_staff(self, resources: Iterable[dict[str, Any]]) -> None:
        """Practitioners, organisations and places of the site: searched for in every patient's text."""
        parts = [known_of(resource) for resource in resources]
        self.staff = KnownIdentity(
            once(n for p in (self.staff, *parts) for n in p.names),
            (),
            once(n for p in (self.staff, *parts) for n in p.phones),
            once(n for p in (self.staff, *parts) for n in p.addresses if len(n) >= 8 and not n.isdigit()),
            once(n for p in (self.staff, *parts) for n in p.organisations),
        )

    def settle(self) -> None:
        for tokens, known in self.waiting:
            subject = self.resolve(tokens)
            if subject is not None:
                self._learn(subject, KnownIdentity(known.names, known.ids, known.phones, known.addresses))
        self.waiting.clear()
        for subject, links in self.linked:
            for other in {self.subjects[token] for token in links if token in self.subjects} - {subject}:
                ours, theirs = self.known[subject], self.known[other]
                self._learn(subject, replace(theirs, birth_date=""))
                self._learn(other, replace(ours, birth_date=""))
        self.linked.clear()

    def resolve(self, tokens: Iterable[str]) -> str | None:
        """The subject the first known token stands for."""
        return next((self.subjects[token] for token in tokens if token in self.subjects), None)

    def subject_of(self, token: str) -> str | None:
        return self.subjects.get(token)

    def target_of(self, urn: str) -> tuple[str, str] | None:
        return self.urns.get(urn)

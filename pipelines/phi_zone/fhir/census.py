"""The first pass: who is who. Patients, relatives and staff wherever they stand in the input, before any resource is treated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.references import literal
from pipelines.phi_zone.fhir.sources import CHUNK, Source, sources
from pipelines.phi_zone.fhir.subjects import subject_reference_of
from pipelines.phi_zone.identity import SubjectIndex, identity_of_patient
from pipelines.phi_zone.keys import ProjectKey
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site

_FIRST = re.compile(rb'"resourceType"\s*:\s*"(?:Patient|RelatedPerson|Person|Practitioner|PractitionerRole|Organization|Location)"')
PIECE = 24_000
"""Bytes looked at in one go: in longer ones Python searches for a few letters four times as slowly."""
_STAFF = ("Practitioner", "Organization", "Location")


def census(files: list[Path], site: Site, key: ProjectKey, policy: FhirPolicy) -> SubjectIndex:
    index, staff = SubjectIndex(key, site), []
    binaries: list[tuple[str, list[str]]] = []
    for file in files:
        if not _may_name_people(file):
            continue
        for source in sources(file, policy.parameters.max_line_bytes, policy.parameters.max_depth):
            resource = _early(source, policy)
            if resource is None:
                continue
            kind = resource.get("resourceType")
            if source.full_url and source.full_url.startswith("urn:") and isinstance(resource.get("id"), str):
                index.urns[source.full_url.lower()] = (str(kind), resource["id"])
            if kind == "Patient":
                identity = identity_of_patient(resource, site, source.full_url)
                if identity is not None:
                    index.add_patient(identity)
            elif kind == "RelatedPerson":
                index.add_related(resource)
            elif kind in _STAFF:
                staff.append(
                    {name: resource.get(name) for name in ("resourceType", "name", "alias", "telecom", "address", "contact", "extension")}
                )
            binaries += [(token, subject_reference_of(resource)) for token in _binaries(resource)]
    index.add_staff(staff)
    index.settle()
    for token, owners in binaries:
        subject = index.resolve(owners)
        if subject is not None:
            index.subjects.setdefault(token, subject)
    return index


def _may_name_people(file: Path) -> bool:
    """Is there anything in the file that the first pass needs? Most files of an export hold one type, and it is another one."""
    if not file.name.lower().endswith(".ndjson"):
        return True
    rest = b""
    try:
        with file.open("rb", buffering=0) as stream:
            while piece := stream.read(PIECE):
                data = rest + piece
                if b'"Bundle"' in data or b'"Binary/' in data or _FIRST.search(data) is not None:
                    return True
                rest = data[data.rfind(b"\n") + 1 :]
                if len(rest) > CHUNK:
                    return True
    except OSError:
        return True
    return False


def _early(source: Source, policy: FhirPolicy) -> dict[str, Any] | None:
    """The resource, when the first pass needs it; unreadable ones are answered for in the second."""
    if source.tree is not None:
        return source.tree
    if source.line is None or (source.full_url is None and not _FIRST.search(source.line) and b'"Binary/' not in source.line):
        return None
    try:
        return parse(source.line, policy.parameters.max_line_bytes, policy.parameters.max_depth)
    except Unreadable:
        return None


def _binaries(resource: dict[str, Any]) -> Iterator[str]:
    """Binary tokens this resource's attachments point to: a Binary itself often names no patient."""
    parts = [resource.get("presentedForm"), resource.get("content"), resource.get("payload")]
    for part in (p for group in parts for p in (group if isinstance(group, list) else [group])):
        for holder in (part, part.get("attachment"), part.get("contentAttachment")) if isinstance(part, dict) else ():
            url = holder.get("url") if isinstance(holder, dict) else None
            place = literal(url) if isinstance(url, str) else None
            if place is not None and place[0] == "Binary":
                yield f"Binary/{place[1]}"

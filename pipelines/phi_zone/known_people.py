"""What a Patient, a relative, a member of staff, an organisation or a place is known by: names, numbers, telephones, addresses. PHI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.phi_zone.departments import generic
from schemas.deid import KnownIdentity

_NAMING = re.compile(
    r"name|aiden|alias|spouse|partner|mother|father|parent|guardian|next-?of-?kin|relative|contact|family$|姓名|配偶|监护", re.IGNORECASE
)
"""Words in the url of an extension whose string is somebody's name."""
ORGANISATION = re.compile(
    r"医院|卫生|诊所|中心|院$|公司|局$|大学|学校|hospital|clinic|cent(?:er|re)|medical|health|practice|university|inc\b|llc\b",
    re.IGNORECASE,
)


def known_of(resource: dict[str, Any], identifiers: list[dict[str, Any]] | None = None) -> KnownIdentity:
    """Names, numbers, telephones and addresses in a Patient, RelatedPerson, Practitioner, Person, Organization or Location."""
    identifiers = (
        identifiers if identifiers is not None else [i for i in dicts(resource.get("identifier")) if isinstance(i.get("value"), str)]
    )
    names = list(_names(resource.get("name")))
    phones: list[str] = []
    addresses: list[str] = []
    organisations: list[str] = []
    if resource.get("resourceType") in ("Organization", "Location", "HealthcareService"):
        called = [name for name in (resource.get("name"), *strings(resource.get("alias"))) if isinstance(name, str) and name.strip()]
        organisations += [name for name in called if not generic(name)]
    if resource.get("resourceType") == "Patient":
        shown = list(displays(resource))
        names += [name for name in shown if not ORGANISATION.search(name)]
        organisations += [name for name in shown if ORGANISATION.search(name)]
    for contact in dicts(resource.get("contact")):
        names += _names(contact.get("name"))
        phones += _telecoms(contact.get("telecom"))
        addresses += _addresses(contact.get("address"))
    for extension in _extensions(resource):
        names += [extension["valueString"]] if _of_name(extension) else []
        names += _names(extension.get("valueHumanName"))
        addresses += _addresses(extension.get("valueAddress"))
        phones += _telecoms(extension.get("valueContactPoint"))
    phones += _telecoms(resource.get("telecom"))
    addresses += _addresses(resource.get("address"))
    ids = [i["value"].strip() for i in identifiers] + ([resource["id"]] if isinstance(resource.get("id"), str) else [])
    birth = resource.get("birthDate")
    return KnownIdentity(
        once(names), once(ids), once(phones), once(addresses), once(organisations), birth if isinstance(birth, str) else ""
    )


def displays(resource: dict[str, Any]) -> Iterator[str]:
    """Whom and what a Patient names beside itself: its doctor, its hospital, who gave a number."""
    pointers = [*dicts(resource.get("generalPractitioner")), *dicts(resource.get("managingOrganization"))]
    pointers += [i["assigner"] for i in dicts(resource.get("identifier")) if isinstance(i.get("assigner"), dict)]
    pointers += [c["organization"] for c in dicts(resource.get("contact")) if isinstance(c.get("organization"), dict)]
    for pointer in pointers:
        name = text(pointer.get("display")).strip()
        if len(name) > 1 and not generic(name):
            yield name


def _extensions(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Extensions of a resource and of its names, also nested ones."""
    todo = dicts(resource.get("extension"))
    for name in dicts(resource.get("name")):
        todo += [part for key, value in name.items() if key[:1] in ("_", "e") for part in _shadow_extensions(key, value)]
    while todo:
        extension = todo.pop()
        todo += dicts(extension.get("extension"))
        yield extension


def _shadow_extensions(key: str, value: Any) -> list[dict[str, Any]]:
    if key == "extension":
        return dicts(value)
    return [part for shadow in dicts(value) for part in dicts(shadow.get("extension"))] if key[:1] == "_" else []


def _of_name(extension: dict[str, Any]) -> bool:
    value = extension.get("valueString")
    return isinstance(value, str) and len(value.strip()) > 1 and _NAMING.search(text(extension.get("url"))) is not None


def _names(value: Any) -> Iterator[str]:
    for name in dicts(value):
        family, given = text(name.get("family")), list(strings(name.get("given")))
        if isinstance(name.get("text"), str):
            yield name["text"]
        if family and given:
            chinese = any("\u3400" <= char <= "\u9fff" for char in family)
            yield family + "".join(given) if chinese else " ".join([*given, family])
        elif family or given:
            yield family or " ".join(given)


def _telecoms(value: Any) -> Iterator[str]:
    for point in dicts(value):
        if isinstance(point.get("value"), str) and point["value"].strip():
            yield re.sub(r"^(?:tel|mailto|sms|fax):", "", point["value"].strip())


def _addresses(value: Any) -> Iterator[str]:
    for address in dicts(value):
        if isinstance(address.get("text"), str):
            yield address["text"]
        yield from strings(address.get("line"))
        for part in ("city", "district", "postalCode"):
            if isinstance(address.get(part), str):
                yield address[part]


def dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]


def strings(value: Any) -> list[str]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)]


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))

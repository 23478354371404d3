"""Entries of a Bundle that know each other by fullUrl only: every resource gets an id, every reference to an entry is `Type/id`.

A transaction of POST entries has no ids (R4 2.36.4): on their own its resources would be nameless and point nowhere. A fullUrl that is
an address (`https://…/Patient/p1`) gives an id too; references by address need no help (fhir.references).
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.phi_zone.fhir.references import id_of_url

_URN = "urn:uuid:"


def joined(entries: Sequence[Any]) -> Sequence[Any]:
    """`entries`, changed in place: ids out of fullUrls, and references to such an entry by type and id."""
    named: dict[str, str] = {}
    for entry in entries:
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(url, str) or not isinstance(resource, dict):
            continue
        if "id" not in resource and (key := id_of_url(url, resource.get("resourceType"))):
            resource["id"] = key
        if url.lower().startswith(_URN):
            named[url.lower()] = f"{resource.get('resourceType')}/{resource.get('id')}"
    todo = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if named else []
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            pointer = node.get("reference")
            if isinstance(pointer, str) and pointer.lower() in named:
                node["reference"] = named[pointer.lower()]
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return entries

"""Entries of a Bundle that know each other by fullUrl only: every resource gets an id, every reference to an entry is `Type/id`.

A transaction of POST entries has no ids (R4 2.36.4): on their own its resources would be nameless and point nowhere.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_URN = "urn:uuid:"


def joined(entries: Sequence[Any]) -> Sequence[Any]:
    """`entries`, changed in place: ids out of `urn:uuid` fullUrls, and references to such an entry by type and id."""
    named: dict[str, str] = {}
    for entry in entries:
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(url, str) and url.lower().startswith(_URN) and isinstance(resource, dict):
            key = resource.setdefault("id", url.lower().removeprefix(_URN))
            named[url.lower()] = f"{resource.get('resourceType')}/{key}"
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

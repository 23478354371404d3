"""Structure of de-identified FHIR resources, against the R4B definitions of fhir.resources (there is none for 4.0.1).

Checked: known type, no unknown element, cardinality (required elements and lists), primitive datatypes and their patterns,
value[x] with one type at most. Not checked: invariants, terminology bindings, references' targets, profiles. R4 and R4B
differ only in types that this platform does not take (medication definitions, evidence, subscriptions).
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from schemas.messages import messages

VERSION = "R4B"
MOST_ISSUES = 5
"""Per resource: the first ones are enough to correct it."""


def problems(resource_type: str | None, resource_id: str | None, text: str | None) -> Iterator[dict[str, Any]]:
    """Issues of one resource (canonical JSON). Paths and kinds only, never a value."""
    try:
        body = json.loads(text or "")
    except ValueError:
        body = None
    if not isinstance(body, dict) or body.get("resourceType") != resource_type or body.get("id") != resource_id:
        yield messages().issue("CHK-203", resource_type or "?").to_dict()
        return
    model = _model(str(resource_type))
    if model is None:
        yield messages().issue("CHK-202", str(resource_type), kind=resource_type).to_dict()
        return
    for path, kind in _errors(model, body):
        yield messages().issue("CHK-201", f"{resource_type}.{path}", version=VERSION, path=path, kind=kind).to_dict()


def _model(resource_type: str) -> Any | None:
    from fhir.resources.R4B import get_fhir_model_class
    from fhir.resources.R4B.resource import Resource

    try:
        found = get_fhir_model_class(resource_type)
    except ValueError:
        return None
    return found if issubclass(found, Resource) else None      # a datatype such as HumanName is no resource


def _errors(model: Any, body: dict[str, Any]) -> list[tuple[str, str]]:
    from pydantic import ValidationError

    try:
        model.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[:MOST_ISSUES]
        return [(".".join(str(step) for step in entry["loc"]) or "(resource)", str(entry["type"])) for entry in found]
    return []

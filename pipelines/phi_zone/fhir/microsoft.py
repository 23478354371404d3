"""Import of a Microsoft FHIR anonymiser configuration, with a list of what its deny-list would have let through.

Their rules say what is changed and everything else stays; ours say what stays. So the import gives a keep-list policy that
is never wider than cn-gold, and names every element of an identifying type that no rule of theirs covers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage
from pipelines.phi_zone.fhir.policy import load_fhir_policy
from schemas.messages import messages

IDENTIFYING = frozenset(
    [
        "HumanName",
        "Address",
        "ContactPoint",
        "Identifier",
        "Attachment",
        "Annotation",
        "Narrative",
        "Reference",
        "date",
        "dateTime",
        "instant",
        "string",
        "markdown",
        "base64Binary",
        "uri",
        "url",
        "canonical",
        "id",
        "Period",
        "Extension",
        "Signature",
    ]
)
_BY_TYPE = re.compile(r"nodesByType\('([A-Za-z0-9]+)'\)(?:\.([A-Za-z]+))*\Z")
_BY_NAME = re.compile(r"nodesByName\('([A-Za-z0-9]+)'\)\Z")
_PLAIN = re.compile(r"(?:[A-Z][A-Za-z]+)(?:\.[a-z][A-Za-z0-9]*)*\Z")


@dataclass(frozen=True)
class Imported:
    """What came of one configuration."""

    policy: dict[str, Any]
    """YAML content of our policy: cn-gold without the elements their rules redact."""
    leaks: tuple[str, ...]
    """`Type.element (FHIR type)` that their configuration would have left as they are."""
    not_understood: tuple[str, ...]
    """Rule paths with FHIRPath functions that were not weighed; look at them by hand."""
    notes: tuple[str, ...]


def import_microsoft(path: Path, policy_id: str) -> Imported:
    """Read a configuration file. Raises WrongUsage FHR-020 when it is none."""
    try:
        config = json.loads(re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8-sig"), flags=re.MULTILINE))
        rules = [(str(rule["path"]), str(rule["method"]).lower()) for rule in config["fhirPathRules"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongUsage(messages().issue("FHR-020", path.name, reason=type(error).__name__, right="fhirPathRules")) from error
    types = {m[1]: method for p, method in rules if (m := _BY_TYPE.match(p)) and "." not in p.partition(")")[2]}
    names = {m[1]: method for p, method in rules if (m := _BY_NAME.match(p))}
    paths = {p: method for p, method in rules if _PLAIN.match(p)}
    unclear = tuple(p for p, _ in rules if not (_BY_TYPE.match(p) or _BY_NAME.match(p) or _PLAIN.match(p)))
    gold = load_fhir_policy("cn-gold")
    leaks = tuple(
        sorted(
            f"{place} ({kind})"
            for resource in gold.resources
            for place, kind in elements(resource)
            if kind in IDENTIFYING and _method(place, kind, paths, types, names) in (None, "keep")
        )
    )
    policy = {
        "policy_id": policy_id,
        "version": 1,
        "title": {"zh": f"由 Microsoft 配置导入（{policy_id}）", "en": f"imported from a Microsoft configuration ({policy_id})"},
        "include": "cn-gold",
        "types": {},
        "resources": {name: narrowed for name, shape in gold.resources.items() if (narrowed := _narrowed(name, shape, paths)) != shape},
    }
    parameters = config.get("parameters", {})
    notes = ["dateShiftScope has no patient; dates here move with the subject"] + (
        ["dateShiftKey and cryptoHashKey are not taken over: the project key is used"]
        if parameters.get("dateShiftKey") or parameters.get("cryptoHashKey")
        else []
    )
    return Imported(policy, leaks, unclear, tuple(notes))


def elements(resource: str) -> Iterator[tuple[str, str]]:
    """(path, FHIR type) of every element of an R4 resource, two levels deep into backbone elements. From fhir.resources' R4B models."""
    from fhir.resources.R4B import get_fhir_model_class

    try:
        model = get_fhir_model_class(resource)
    except (KeyError, ImportError, LookupError):
        return
    yield from _fields(model, resource, 0)


def _fields(model: Any, place: str, level: int) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        shown = field.alias or name
        if (
            shown.startswith("_")
            or (shown == "id" and level)
            or name.endswith("__ext")
            or shown in ("resourceType", "resource_type", "fhir_comments", "implicitRules", "modifierExtension")
        ):
            continue
        kind = _type_name(field.annotation)
        if kind.startswith(place.split(".")[0]) and kind != place.split(".")[0] and level < 2:
            inner = _model_named(kind)
            if inner is not None:
                yield from _fields(inner, f"{place}.{shown}", level + 1)
                continue
        yield f"{place}.{shown}", kind


def _type_name(annotation: Any) -> str:
    """The FHIR type in a model's annotation: `Annotated[datetime.date, Date()]` is date, `HumanNameType` is HumanName."""
    text = str(annotation)
    primitive = re.search(r", ([A-Z][A-Za-z0-9]*)\(", text)
    if primitive:
        return primitive[1][0].lower() + primitive[1][1:]
    if re.search(r"\bbool\b", text):
        return "boolean"
    if re.search(r"\b(?:int|float|Decimal)\b", text):
        return "decimal"
    found = re.search(r"\b([A-Za-z0-9]+?)(?:FieldType|Type)\b", text)
    return found[1] if found else "string"


def _model_named(kind: str) -> Any:
    from fhir.resources.R4B import get_fhir_model_class

    try:
        return get_fhir_model_class(kind)
    except (KeyError, ImportError, LookupError):
        return None


def _method(place: str, kind: str, paths: dict[str, str], types: dict[str, str], names: dict[str, str]) -> str | None:
    """The method of the first of their rules that covers `place`: the path or one above it, the type, the name."""
    parts = place.split(".")
    above = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    relative = ["Resource." + ".".join(parts[1:length]) for length in range(len(parts), 1, -1)]
    for candidate in (*above, *relative):
        if candidate in paths:
            return paths[candidate]
    return types.get(kind) or names.get(parts[-1])


def _narrowed(resource: str, shape: dict[str, Any], paths: dict[str, str]) -> dict[str, Any]:
    """`shape` without the elements one of their plain paths redacts."""
    return {element: rule for element, rule in shape.items() if paths.get(f"{resource}.{element}") != "redact"}

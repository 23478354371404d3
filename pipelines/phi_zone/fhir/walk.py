"""The policy compiled to a tree walk: one dictionary look-up per element, no path expressions at run time."""

from __future__ import annotations

from typing import Any

from pipelines.phi_zone.fhir import methods
from pipelines.phi_zone.fhir.attachments import clean_attachment, clean_binary
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.methods import Method
from schemas.shapes.fhir_policy import FhirPolicy, Shape

_SKIPPED = frozenset(("resourceType", "id"))
_PEOPLE = frozenset(("Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Person", "Organization", "Location", "Endpoint"))
"""Contained resources of these types are dropped: they exist to carry names and addresses."""


class Walker:
    """One type's elements and what happens to each."""

    __slots__ = ("fixed", "name", "rules")

    def __init__(self, name: str, fixed: frozenset[str] = frozenset()) -> None:
        self.name, self.fixed = name, fixed
        self.rules: dict[str, Method] = {}

    def __call__(self, node: Any, ctx: Context) -> dict[str, Any] | None:
        if type(node) is not dict:
            raise Malformed
        out: dict[str, Any] = {}
        rules, key = self.rules, ""
        try:
            for key, value in node.items():
                rule = rules.get(key)
                if rule is None:
                    if key not in self.fixed:
                        _unnamed(key, value, self, out, ctx)
                elif type(value) is list:
                    new = [item for part in value if part is not None and (item := rule(part, ctx)) is not None]
                    if new:
                        out[key] = new
                elif (item := rule(value, ctx)) is not None:
                    out[key] = item
        except Malformed as bad:
            bad.path.insert(0, key)
            raise
        return out or None


def _unnamed(key: str, value: Any, walker: Walker, out: dict[str, Any], ctx: Context) -> None:
    """An element the policy does not name: dropped; unless it changes the meaning of what is kept."""
    if key == "modifierExtension":
        if isinstance(value, list) and value:
            raise Malformed("FHR-010")
        return
    if key.startswith("_") and key[1:] in walker.rules and type(value) is dict:
        parts = value.get("extension")
        rule = walker.rules.get("extension")
        kept = [new for part in parts if (new := rule(part, ctx)) is not None] if rule is not None and type(parts) is list else []
        if kept:
            out[key] = {"extension": kept}
        return
    ctx.removed += 1


class CompiledPolicy:
    """A policy ready to walk. Not picklable on purpose: each worker compiles its own (about 10 ms)."""

    def __init__(self, policy: FhirPolicy) -> None:
        self.policy = policy
        self.coding = methods.coding_of(policy)
        self.canonical = methods.canonical_of(policy)
        self.allowed_extensions = frozenset(policy.extensions)
        self.allowed_modifiers = frozenset(policy.modifier_extensions)
        self.methods: dict[str, Method] = {
            "keep": methods.keep,
            "code": methods.code,
            "canonical": self.canonical,
            "dateShift": methods.date_shift,
            "birthDate": methods.birth_date_of(policy),
            "cryptoHash": methods.crypto_hash,
            "uid": methods.uid,
            "identifier": methods.identifier,
            "text": methods.text,
            "term": methods.term,
            "phrase": methods.phrase,
            "quantity": methods.quantity_of(policy),
            "code_system": methods.code_system_of(policy),
            "postal_prefix": methods.postal_prefix,
            "attachment": self._attachment,
            "extension": self._extensions,
        }
        if policy.parameters.dates == "year":
            self.methods["dateShift"] = methods.date_year
        self.types = {name: Walker(name) for name in policy.types}
        for name, shape in policy.types.items():
            self._fill(self.types[name], shape, {})
        self.resources: dict[str, Walker] = {}
        for name, shape in policy.resources.items():
            walker = self.resources[name] = Walker(name, _SKIPPED)
            self._fill(walker, shape, {})
            walker.rules |= {"meta": self.types["Meta"]} if "Meta" in self.types else {}

    def _fill(self, walker: Walker, shape: Shape, anchors: dict[str, Walker]) -> None:
        """Rules of `shape`; keys of plus signs mix a type's elements in; `#name` is the nested shape of that name."""
        inner: dict[str, Walker] = dict(anchors)
        for element, rule in shape.items():
            if isinstance(rule, dict):
                inner[element] = Walker(f"{walker.name}.{element}", frozenset(("id",)))
        for element, rule in shape.items():
            if not element.strip("+"):
                for name, method in self._mixed(str(rule)).items():
                    walker.rules[name] = method
            elif isinstance(rule, dict):
                walker.rules[element] = inner[element]
                self._fill(inner[element], rule, inner)
            else:
                walker.rules[element] = self._method(element, str(rule), inner)
        if self.allowed_extensions:
            walker.rules.setdefault("extension", self._extension)
        walker.rules.setdefault("modifierExtension", self._modifier)

    def _mixed(self, type_name: str) -> dict[str, Method]:
        return {element: self._method(element, str(rule), {}) for element, rule in self.policy.types[type_name].items()}

    def _method(self, element: str, rule: str, anchors: dict[str, Walker]) -> Method:
        if rule.startswith("#"):
            return anchors[rule[1:]]
        if rule == "Coding":
            return self.coding
        if rule in self.types:
            return self.types[rule]
        if rule == "reference":
            return methods.reference_of(element)
        if rule == "binary":
            return self._dropped
        return self.methods[rule]

    # ------------------------------------------------------------ methods that need the policy

    def _dropped(self, _: Any, ctx: Context) -> None:
        """Binary.data is handled with its contentType, in `binary`."""

    def _attachment(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        parameters = self.policy.parameters
        return clean_attachment(value, ctx, parameters.max_attachment_bytes, parameters.notes == "clean")

    def binary(self, resource: dict[str, Any], ctx: Context) -> dict[str, Any]:
        parameters = self.policy.parameters
        if "data" not in resource:
            return {}
        return clean_binary(
            resource["data"], resource.get("contentType", ""), ctx, parameters.max_attachment_bytes, parameters.notes == "clean"
        )

    def _modifier(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict or value.get("url") not in self.allowed_modifiers:
            raise Malformed("FHR-010")
        return self.types["Extension"](value, ctx)

    def _extension(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        """One extension: kept when its url is in the policy."""
        if type(value) is not dict or type(value.get("url")) is not str:
            raise Malformed
        if value["url"] not in self.allowed_extensions:
            ctx.removed += 1
            return None
        return self._inside(value, ctx)

    def _inside(self, value: dict[str, Any], ctx: Context) -> dict[str, Any] | None:
        inner = value.get("extension")
        rest = self.types["Extension"]({name: part for name, part in value.items() if name not in ("extension", "url")}, ctx) or {}
        if isinstance(inner, list):
            kept = [
                new
                for part in inner
                if type(part) is dict
                and type(part.get("url")) is str
                and _simple(part["url"])
                and (new := self._inside(part, ctx)) is not None
            ]
            rest |= {"extension": kept} if kept else {}
        return {"url": value["url"], **rest} if rest else None

    def _extensions(self, value: Any, ctx: Context) -> Any:
        """The `extension` member of a primitive's shadow element: one extension or a list of them."""
        if type(value) is list:
            return [new for part in value if (new := self._extension(part, ctx)) is not None] or None
        return self._extension(value, ctx)

    def contained(self, resource: dict[str, Any], ctx: Context) -> list[dict[str, Any]]:
        """Contained resources under their own types' rules, with new local ids. Sets ctx.contained for the references."""
        parts = resource.get("contained")
        if parts is None:
            return []
        if type(parts) is not list or any(type(part) is not dict for part in parts):
            raise Malformed
        wanted = [
            part
            for part in parts
            if part.get("resourceType") in self.resources and part["resourceType"] not in _PEOPLE and type(part.get("id")) is str
        ]
        ctx.removed += len(parts) - len(wanted)
        ctx.contained = {part["id"]: part["resourceType"] for part in wanted}
        out = []
        for part in wanted:
            body = self.resources[part["resourceType"]]({k: v for k, v in part.items() if k != "contained"}, ctx) or {}
            if part["resourceType"] == "Binary":
                body |= self.binary(part, ctx)
            out.append({"resourceType": part["resourceType"], "id": ctx.names.new_id("#" + part["resourceType"], "#" + part["id"]), **body})
        return out


def _simple(url: str) -> bool:
    """The relative url of a nested extension, like `ombCategory`."""
    return url.isascii() and url.isalnum() and len(url) <= 40 and not any(char.isdigit() for char in url)

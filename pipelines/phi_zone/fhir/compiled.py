"""The policy compiled to a tree walk, and what needs the whole policy: extensions, attachments, contained resources."""

from __future__ import annotations

import re
from typing import Any

from pipelines.phi_zone.fhir import coded, pointers, values
from pipelines.phi_zone.fhir.attachments import clean_attachment, clean_binary, clean_narrative
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.memory import Remembered
from pipelines.phi_zone.fhir.values import Method, each
from pipelines.phi_zone.fhir.walk import Walker
from schemas.shapes.fhir_policy import FhirPolicy, Shape

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SKIPPED = frozenset(("resourceType", "id"))
_PEOPLE = frozenset(("Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Person", "Organization", "Location", "Endpoint"))
"""Contained resources of these types are dropped: they exist to carry names and addresses."""
_WORDED = ("code", "localCode", "term", "phrase", "text", "Coding")
_PERSONAL = ("dateShift", "birthDate", "reference", "attachment", "narrative", "identifier", "uid", "cryptoHash")
"""Methods whose values seldom come again as a whole; a part with one of them directly in it is not worth remembering."""


class CompiledPolicy:
    """A policy ready to walk. Not picklable on purpose: each worker compiles its own (about 10 ms)."""

    def __init__(self, policy: FhirPolicy) -> None:
        self.policy = policy
        self.allowed_extensions = frozenset(policy.extensions)
        self.allowed_modifiers = frozenset(policy.modifier_extensions)
        unit = Remembered(0, coded.unit_of(policy), whole=False)
        self.methods: dict[str, Method] = {
            "keep": values.keep,
            "code": values.code,
            "localCode": values.local_code,
            "canonical": values.canonical_of(policy),
            "dateShift": values.date_year if policy.parameters.dates == "year" else values.date_shift,
            "birthDate": values.birth_date_of(policy),
            "cryptoHash": pointers.crypto_hash,
            "uid": pointers.uid,
            "identifier": pointers.identifier,
            "text": values.text,
            "term": values.term,
            "phrase": values.phrase,
            "quantity": coded.quantity_of(policy, unit),
            "age": coded.quantity_of(policy, unit, otherwise=1.0),
            "code_system": coded.code_system_of(policy),
            "postal_prefix": values.postal_prefix,
            "attachment": self._attachment,
            "narrative": self._narrative,
            "extension": self._extensions,
            "binary": _dropped,
            "Coding": coded.coding_of(policy),
        }
        self.shown = Remembered(0xFFFF, values.phrase)
        """What a reference to a thing shows."""
        self.references: list[Method] = []
        self.walkers: list[Walker] = []
        self.types = {name: self._walker(name) for name in policy.types}
        for name, shape in policy.types.items():
            self._fill(self.types[name], shape, {})
        self.resources: dict[str, Walker] = {}
        for name, shape in policy.resources.items():
            walker = self.resources[name] = self._walker(name, _SKIPPED)
            self._fill(walker, shape, {})
            walker.rules |= {"meta": self.types["Meta"]} if "Meta" in self.types else {}
        self._settle()

    def _walker(self, name: str, fixed: frozenset[str] = frozenset()) -> Walker:
        self.walkers.append(Walker(name, fixed))
        return self.walkers[-1]

    def _fill(self, walker: Walker, shape: Shape, anchors: dict[str, Walker]) -> None:
        """Rules of `shape`; keys of plus signs mix a type's elements in; `#name` is the nested shape of that name."""
        inner: dict[str, Walker] = dict(anchors)
        for element, rule in shape.items():
            if isinstance(rule, dict):
                inner[element] = self._walker(f"{walker.name}.{element}", frozenset(("id",)))
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
            walker.rules.setdefault("extension", self.extension)
        walker.rules.setdefault("modifierExtension", self.modifier)

    def _mixed(self, type_name: str) -> dict[str, Method]:
        return {element: self._method(element, str(rule), {}) for element, rule in self.policy.types[type_name].items()}

    def _method(self, element: str, rule: str, anchors: dict[str, Walker]) -> Method:
        if rule.startswith("#"):
            return anchors[rule[1:]]
        if rule in self.types and rule != "Coding":
            return self.types[rule]
        if rule == "reference":
            self.references.append(pointers.reference_of(element))
            return self.references[-1]
        if rule == "thing":
            self.references.append(pointers.thing_of(element, self.shown))
            return self.references[-1]
        return self.methods[rule]

    def _settle(self) -> None:
        """Put the memory before every rule whose values come again."""
        self.worded = {id(self.methods[name]) for name in _WORDED}
        self.personal = {id(self.methods[name]) for name in _PERSONAL if name != "reference"} | {id(rule) for rule in self.references}
        again = [self.methods[name] for name in _WORDED]
        again += [walker for walker in self.walkers if self._any(walker, self.worded) and not self._any(walker, self.personal)]
        before: dict[int, Method] = {}
        for number, rule in enumerate(again, 1):
            before[id(rule)], before[-id(rule)] = Remembered(number, rule), Remembered(number, each(rule))
        for walker in self.walkers:
            walker.settle(before)

    def _any(self, walker: Walker, wanted: set[int], above: tuple[Walker, ...] = ()) -> bool:
        """Does the shape hold one of these rules, at any depth?"""
        return any(
            id(rule) in wanted or (isinstance(rule, Walker) and rule not in above and self._any(rule, wanted, (*above, walker)))
            for rule in walker.rules.values()
        )

    # ------------------------------------------------------------ methods that need the policy

    def _attachment(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        parameters = self.policy.parameters
        return clean_attachment(value, ctx, parameters.max_attachment_bytes, parameters.notes == "clean", self.methods["dateShift"])

    def _narrative(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        parameters = self.policy.parameters
        return clean_narrative(value, ctx, parameters.max_attachment_bytes, parameters.notes == "clean")

    def binary(self, resource: dict[str, Any], ctx: Context) -> dict[str, Any]:
        parameters = self.policy.parameters
        if "data" not in resource:
            return {}
        return clean_binary(
            resource["data"], resource.get("contentType", ""), ctx, parameters.max_attachment_bytes, parameters.notes == "clean"
        )

    def modifier(self, value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict or type(value.get("url")) is not str or value["url"] not in self.allowed_modifiers:
            raise Malformed("FHR-010")
        return self.types["Extension"](value, ctx)

    def extension(self, value: Any, ctx: Context) -> dict[str, Any] | None:
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
                and _simple(part["url"], ctx)
                and (new := self._inside(part, ctx)) is not None
            ]
            rest |= {"extension": kept} if kept else {}
        return {"url": value["url"], **rest} if rest else None

    def _extensions(self, value: Any, ctx: Context) -> Any:
        """The `extension` member of a primitive's shadow element: one extension or a list of them."""
        if type(value) is list:
            return [new for part in value if (new := self.extension(part, ctx)) is not None] or None
        return self.extension(value, ctx)

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
            if type(part.get("resourceType")) is type(part.get("id")) is str
            and part["resourceType"] in self.resources
            and part["resourceType"] not in _PEOPLE
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


def _dropped(_: Any, ctx: Context) -> None:
    """Binary.data is handled with its contentType, in `CompiledPolicy.binary`."""


def _simple(url: str, ctx: Context) -> bool:
    """The relative url of a nested extension, like `ombCategory`, and no name."""
    if not (url.isascii() and url.isalpha() and len(url) <= 40):
        return False
    if ctx.texts is not None:
        ctx.texts.append(url)
    spaced = _HUMP.sub(" ", url)
    return not any(known is not None and (known.touches(url) or known.touches(spaced)) for known in (ctx.matcher, ctx.text.staff))

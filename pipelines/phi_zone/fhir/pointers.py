"""References, identifiers and UIDs on their way out: everything that points becomes a keyed id that still joins its target."""

from __future__ import annotations

from typing import Any

from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.masked import MASKED
from pipelines.phi_zone.fhir.references import TARGETS, TOKEN_SYSTEM, conditional, identifier_token, is_plain, is_type, literal, tokens_of
from pipelines.phi_zone.fhir.values import Method

SUBJECT_SYSTEM = "urn:touchstone:subject"


def uid(value: Any, ctx: Context) -> str:
    """A DICOM UID under the key the images' UIDs got (PS3.5 B.2)."""
    if type(value) is not str or not value.removeprefix("urn:oid:").replace(".", "").isdigit():
        raise Malformed
    ctx.remapped += 1
    return ctx.names.key.uid(ctx.names.site_id, value.removeprefix("urn:oid:"))


def crypto_hash(value: Any, ctx: Context) -> str:
    if type(value) is not str:
        raise Malformed
    ctx.remapped += 1
    return ctx.names.token("value", value)


def identifier(value: Any, ctx: Context) -> dict[str, Any] | None:
    """An Identifier as its keyed token; a DICOM UID keeps its system and gets the new UID of the images."""
    if type(value) is not dict:
        raise Malformed
    system, content = value.get("system", ""), value.get("value")
    if content is None:
        return None
    if type(content) is not str or type(system) is not str:
        raise Malformed
    bare = content.removeprefix("urn:oid:")
    ctx.remapped += 1
    if system == "urn:dicom:uid" or (content.startswith("urn:oid:") and bare.replace(".", "").isdigit()):
        return {"system": "urn:dicom:uid", "value": "urn:oid:" + ctx.names.key.uid(ctx.names.site_id, bare)}
    return {"system": TOKEN_SYSTEM, "value": ctx.names.token(system, content.strip())}


def reference_of(element: str) -> Method:
    """The method for References in `element`, whose name hints at what a bare urn points to."""
    hinted = TARGETS.get(element)

    def reference(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        pointer = value.get("reference")
        new = _plain(pointer, ctx) if type(pointer) is str and "identifier" not in value else None
        if new is None:
            ctx.personal = True
            new = _new_reference(value, ctx, hinted)
        if new is None:
            ctx.removed += 1
            return MASKED if value else None
        ctx.remapped += 1
        return new

    return reference


def thing_of(element: str, phrase: Method) -> Method:
    """The method for References to a thing and no person, such as a drug or a diagnosis: what it is called stays, as a phrase.

    A hospital that sends no Medication still writes `medicationReference.display`, and nothing else says what was given.
    """
    reference = reference_of(element)

    def thing(value: Any, ctx: Context) -> dict[str, Any] | None:
        new: dict[str, Any] | None = reference(value, ctx)
        display = value.get("display")
        if display is None or (shown := phrase(display, ctx)) is None:
            return new
        return {"display": shown} if new is MASKED else {**(new or {}), "display": shown}

    return thing


def _plain(pointer: str, ctx: Context) -> dict[str, Any] | None:
    """The new reference of a `Type/id`, from memory where it is there; None when it is none, or points to a patient."""
    if pointer in ctx.subject_tokens:
        return ctx.own_reference if pointer == ctx.own_pointer or is_plain(pointer) else None
    new = ctx.names.pointers.get(pointer)
    if new is None and is_plain(pointer):
        kind, _, source_id = pointer.partition("/")
        if kind == "Patient" or not is_type(kind):
            return None
        new = {"reference": f"{kind}/{ctx.names.new_id(kind, source_id)}"}
        ctx.names.keep_pointer(pointer, new)
    return new


def _new_reference(value: dict[str, Any], ctx: Context, hinted: str | None) -> dict[str, Any] | None:
    if ctx.subject is not None and not ctx.subject_tokens.isdisjoint(tokens_of(value)):
        return ctx.own_reference
    target, pointer = value.get("type"), value.get("reference")
    kind = target if isinstance(target, str) and is_type(target) else None
    if isinstance(pointer, str):
        if pointer.startswith("#"):
            return (
                {"reference": "#" + ctx.names.new_id("#" + ctx.contained[pointer[1:]], pointer)} if pointer[1:] in ctx.contained else None
            )
        if (place := literal(pointer)) is not None:
            return _place(place[0], place[1], ctx)
        if pointer.startswith(("urn:uuid:", "urn:oid:")):
            known = ctx.links.target_of(pointer.lower()) if ctx.links is not None else None
            if known is None and (kind or hinted):
                known = (kind or hinted or "", pointer.rpartition(":")[2])
            return _place(known[0], known[1], ctx) if known else None
        if (query := conditional(pointer)) is not None:
            return _logical(query[0], query[1], query[2], ctx)
    inner = value.get("identifier")
    if isinstance(inner, dict) and isinstance(inner.get("value"), str):
        system = inner.get("system")
        return _logical(kind or hinted, system if isinstance(system, str) else "", inner["value"], ctx)
    return None


def _place(kind: str, source_id: str, ctx: Context) -> dict[str, Any]:
    if kind == "Patient":
        subject = ctx.links.subject_of(f"Patient/{source_id}") if ctx.links is not None else None
        return {"reference": f"Patient/{subject or ctx.names.new_id(kind, source_id)}"}
    return {"reference": f"{kind}/{ctx.names.new_id(kind, source_id)}"}


def _logical(kind: str | None, system: str, value: str, ctx: Context) -> dict[str, Any]:
    if kind == "Patient" and ctx.links is not None and (subject := ctx.links.subject_of(identifier_token("Patient", system, value))):
        return {"reference": f"Patient/{subject}"}
    new: dict[str, Any] = {"identifier": {"system": TOKEN_SYSTEM, "value": ctx.names.token(system, value.strip())}}
    return {"type": kind, **new} if kind else new

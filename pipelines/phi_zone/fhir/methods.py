"""What each method of a policy does to one value. Every function gives the new value, or None when nothing of it may stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.phi_zone.fhir import codes, dates
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.references import TARGETS, TOKEN_SYSTEM, conditional, identifier_token, literal, tokens_of
from pipelines.phi_zone.text.known import matcher
from schemas.shapes.fhir_policy import FhirPolicy

Method = Callable[[Any, Context], Any]
PHRASE_LENGTH = 120
SUBJECT_SYSTEM = "urn:touchstone:subject"
_YEARS = frozenset(("a", "year", "years", "yr", "岁", "周岁", "years old"))
_SMALL_ZIPS = frozenset(
    ["036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893"]
)
"""Three-digit areas with 20,000 people or fewer (Census 2000, as the guidance to 164.514(b)(2)(i)(B) lists them)."""


def number(value: Any, ctx: Context) -> Any:
    """A number as canonical JSON writes it. Raises Malformed FHR-012 for an integer without an exact JSON number."""
    if type(value) is float:
        if value.is_integer() and abs(value) < 2**53:
            return int(value)
        if not 1e-6 <= abs(value) < 1e21:
            ctx.exotic = True
        return value
    if type(value) is not int:
        raise Malformed
    if abs(value) > 2**53:
        raise Malformed("FHR-012")
    return value


def keep(value: Any, ctx: Context) -> Any:
    return value if type(value) is bool else number(value, ctx)


def code(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    if codes.is_token(value) and not _identifies(value, ctx):
        return value
    ctx.removed += 1
    ctx.warn("FHR-014", "code")
    return None


def _identifies(value: str, ctx: Context) -> bool:
    return ctx.known is not None and matcher(ctx.known).touches(value)


def date_shift(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    new = dates.moved(value, ctx.shift_days) if ctx.shift_days is not None else None
    if new is None:
        ctx.removed += 1
        if ctx.shift_days is not None:
            ctx.warn("FHR-015", "date")
        return None
    ctx.shifted += 1
    return new


def date_year(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    return dates.year_of(value)


def term(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    cleaned = ctx.text.clean_term(value, ctx.known)
    ctx.cleaned += len(cleaned.spans)
    return cleaned.text or None


def text(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    cleaned = ctx.text.clean(value, ctx.known, None, ctx.shift_days)
    ctx.cleaned += len(cleaned.spans)
    return cleaned.text or None


def phrase(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    if len(value) > PHRASE_LENGTH:
        return text(value, ctx)
    cleaned = ctx.text.clean_phrase(value, ctx.known, ctx.shift_days)
    ctx.cleaned += len(cleaned.spans)
    return cleaned.text or None


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
        new = _new_reference(value, ctx, hinted)
        if new is None:
            ctx.removed += 1
        else:
            ctx.remapped += 1
        return new

    return reference


def _new_reference(value: dict[str, Any], ctx: Context, hinted: str | None) -> dict[str, Any] | None:
    if ctx.subject is not None and not ctx.subject_tokens.isdisjoint(tokens_of(value)):
        return {"reference": f"Patient/{ctx.subject}"}
    target, pointer = value.get("type"), value.get("reference")
    kind = (
        target if isinstance(target, str) and target.isascii() and target.isalpha() and target[:1].isupper() and len(target) < 40 else None
    )
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


def postal_prefix(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    prefix = value[:3]
    return ("000" if prefix in _SMALL_ZIPS else prefix) if prefix.isdigit() and len(prefix) == 3 else None


def quantity_of(policy: FhirPolicy) -> Method:
    cap, systems = policy.parameters.age_cap_years, tuple(policy.public_systems)

    def quantity(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        out: dict[str, Any] = {}
        for name, content in value.items():
            if name == "value":
                out[name] = number(content, ctx)
            elif name in ("unit", "code", "comparator"):
                if type(content) is not str:
                    raise Malformed
                if (
                    len(content) <= 40
                    and (name == "unit" or codes.is_token(content))
                    and (new := ctx.text.clean_term(content, ctx.known).text)
                ):
                    out[name] = new
            elif name == "system":
                if type(content) is str and codes.public(content, systems):
                    out[name] = content
            else:
                ctx.removed += 1
        if out.get("value", 0) > cap and (out.get("code") in _YEARS or str(out.get("unit", "")).lower() in _YEARS):
            out |= {"value": cap + 1, "comparator": ">="}
        return out or None

    return quantity


def birth_date_of(policy: FhirPolicy) -> Method:
    parameters = policy.parameters

    def birth_date(value: Any, ctx: Context) -> str | None:
        if type(value) is not str:
            raise Malformed
        age = dates.age_at(value, parameters.as_of)
        if age is None or age > parameters.age_cap_years or parameters.birth_date == "drop":
            ctx.removed += 1
            return None
        return dates.year_of(value) if parameters.birth_date == "year" else date_shift(value, ctx)

    return birth_date


def coding_of(policy: FhirPolicy) -> Method:
    """A Coding: cached by its content, because the same few thousand codings make up most of a record."""
    prefixes = tuple(policy.public_systems)
    seen: dict[tuple[Any, ...], dict[str, Any] | None] = {}

    def make(system: Any, value: Any, display: Any, version: Any, chosen: Any, ctx: Context) -> dict[str, Any] | None:
        if any(part is not None and type(part) is not str for part in (system, value, display, version)):
            raise Malformed
        out: dict[str, Any] = {}
        is_public = system is not None and codes.public(system, prefixes)
        if system is not None:
            out["system"] = system if is_public else "urn:touchstone:system:" + ctx.names.token("system", system)[:16]
        if value is not None and (codes.code_fits(system, value) if is_public else codes.is_token(value)):
            out["code"] = value
        elif value is not None and not is_public:
            out["code"] = ctx.names.token("code", f"{system}|{value}")
        if version is not None and codes.is_token(version):
            out["version"] = version
        if type(chosen) is bool:
            out["userSelected"] = chosen
        if display is not None and (shown := ctx.text.clean_term(display, None)).text:
            out["display"] = shown.text
        return out if "code" in out or "display" in out else None

    def coding(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        get = value.get
        parts = (get("system"), get("code"), get("display"), get("version"), get("userSelected"))
        try:
            out = seen[parts]
        except KeyError:
            out = make(*parts, ctx)
            if len(seen) < 20_000:
                seen[parts] = out
        except TypeError:
            raise Malformed from None
        return _without_known(out, ctx) if out is not None and ctx.known is not None else out

    return coding


def _without_known(coding: dict[str, Any], ctx: Context) -> dict[str, Any] | None:
    """The coding without this patient's identity in display or code; the very same object when there is none."""
    assert ctx.known is not None
    known = matcher(ctx.known)
    shown, value = coding.get("display"), coding.get("code")
    if shown is not None and known.touches(shown):
        cleaned = ctx.text.clean_term(shown, ctx.known)
        ctx.cleaned += len(cleaned.spans)
        coding = {**coding, "display": cleaned.text}
    if value is not None and value.lower() in known.literals:
        ctx.removed += 1
        coding = {name: part for name, part in coding.items() if name != "code"}
    return coding or None


def canonical_of(policy: FhirPolicy) -> Method:
    prefixes = tuple(prefix for prefix in policy.public_systems if prefix.startswith("http"))

    def canonical_url(value: Any, ctx: Context) -> str | None:
        if type(value) is not str:
            raise Malformed
        if value.startswith(prefixes) and value.isascii() and len(value) <= 200 and "?" not in value:
            return value
        ctx.removed += 1
        return None

    return canonical_url


def code_system_of(policy: FhirPolicy) -> Method:
    prefixes = tuple(policy.public_systems)

    def code_system(value: Any, ctx: Context) -> str:
        if type(value) is not str:
            raise Malformed
        return value if codes.public(value, prefixes) else "urn:touchstone:system:" + ctx.names.token("system", value)[:16]

    return code_system

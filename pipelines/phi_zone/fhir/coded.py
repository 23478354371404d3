"""Codings and quantities on their way out: public systems as they are, and no word or number of a person in them."""

from __future__ import annotations

from typing import Any

from pipelines.phi_zone.fhir import codes
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.values import Method, number
from schemas.shapes.fhir_policy import FhirPolicy

_YEARS = frozenset(("a", "year", "years", "yr", "岁", "周岁", "years old"))
_MISSING = object()


def unit_of(policy: FhirPolicy) -> Method:
    """What stands in a Quantity beside its value."""
    systems = tuple(policy.public_systems)

    def unit(value: dict[str, Any], ctx: Context) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, content in value.items():
            if name in ("unit", "code", "comparator"):
                if type(content) is not str:
                    raise Malformed
                if len(content) <= 40 and (name == "unit" or codes.is_token(content)):
                    if ctx.texts is not None:
                        ctx.texts.append(content)
                    if new := ctx.text.clean_term(content, ctx.known).text:
                        out[name] = new
            elif name == "system":
                if type(content) is str and codes.public(content, systems):
                    out[name] = content
            else:
                ctx.removed += 1
        return out

    return unit


def quantity_of(policy: FhirPolicy, unit: Method) -> Method:
    """A Quantity: `unit` treats everything but its value."""
    cap = policy.parameters.age_cap_years

    def quantity(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        rest = value.copy()
        amount = rest.pop("value", _MISSING)
        beside: dict[str, Any] = unit(rest, ctx)
        if amount is _MISSING:
            return beside or None
        amount = number(amount, ctx)
        if amount > cap and (beside.get("code") in _YEARS or str(beside.get("unit", "")).lower() in _YEARS):
            return {**beside, "value": cap + 1, "comparator": ">="}
        return {**beside, "value": amount}

    return quantity


def coding_of(policy: FhirPolicy) -> Method:
    """A Coding: public systems as they are, local ones and their codes by keyed name where a code could name somebody."""
    prefixes = tuple(policy.public_systems)

    def coding(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        system, code, display, version, chosen = (value.get(name) for name in ("system", "code", "display", "version", "userSelected"))
        if any(part is not None and type(part) is not str for part in (system, code, display, version)) or type(chosen) in (list, dict):
            raise Malformed
        out: dict[str, Any] = {}
        is_public = system is not None and codes.public(system, prefixes)
        if system is not None:
            out["system"] = system if is_public else "urn:touchstone:system:" + ctx.names.token("system", system)[:16]
        if code is not None and (codes.code_fits(str(system), code) if is_public else codes.is_token(code)):
            out["code"] = code
        elif code is not None and not is_public:
            out["code"] = ctx.names.token("code", f"{system}|{code}")
        if version is not None and codes.is_token(version):
            out["version"] = version
        if type(chosen) is bool:
            out["userSelected"] = chosen
        if display is not None and (shown := ctx.text.clean_term(display, None)).text:
            out["display"] = shown.text
        return _without_known(out, ctx) if "code" in out or "display" in out else None

    return coding


def _without_known(coding: dict[str, Any], ctx: Context) -> dict[str, Any] | None:
    """The coding without this patient's identity in display or code; the very same object when there is none."""
    shown, code = coding.get("display"), coding.get("code")
    if ctx.texts is not None:
        ctx.texts += [shown] if shown is not None else []
        ctx.codes += [code.lower()] if code is not None else []
    known = ctx.matcher
    if known is None:
        return coding
    if shown is not None and known.touches(shown):
        cleaned = ctx.text.clean_term(shown, ctx.known)
        ctx.cleaned += len(cleaned.spans)
        coding = {**coding, "display": cleaned.text}
    if code is not None and code.lower() in known.literals:
        ctx.removed += 1
        coding = {name: part for name, part in coding.items() if name != "code"}
    return coding or None


def code_system_of(policy: FhirPolicy) -> Method:
    prefixes = tuple(policy.public_systems)

    def code_system(value: Any, ctx: Context) -> str:
        if type(value) is not str:
            raise Malformed
        return value if codes.public(value, prefixes) else "urn:touchstone:system:" + ctx.names.token("system", value)[:16]

    return code_system

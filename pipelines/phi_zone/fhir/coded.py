"""Codings and quantities on their way out: public systems as they are, and no word or number of a person in them."""

from __future__ import annotations

import re
from typing import Any

from pipelines.phi_zone.fhir import codes
from pipelines.phi_zone.fhir.ages import per_year
from pipelines.phi_zone.fhir.amounts import LEAST, is_of_somebody, number
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.values import Method
from pipelines.phi_zone.wrapped import unwrapped
from schemas.shapes.fhir_policy import FhirPolicy

_MISSING = object()
_SENTENCE = re.compile("[，。；！？]")
_COMPARATOR = re.compile("[<>=~≤≥]{1,2}|ad")
_REMARK = re.compile(r"[A-Za-z]{2}.*\s.*[A-Za-z]{3}|[\u3400-\u9fff]{3}")
"""A unit of several words."""
_WORD = re.compile("[A-Za-z]{3}")
"""So many letters may be a name; fewer are not searched for one."""


def unit_of(policy: FhirPolicy) -> Method:
    """What stands in a Quantity beside its value."""
    public = codes.public_of(tuple(policy.public_systems))

    def unit(value: dict[str, Any], ctx: Context) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, content in value.items():
            if name in ("unit", "code", "comparator"):
                if type(content) is not str:
                    raise Malformed
                content = unwrapped(content)
                if name == "comparator" and _COMPARATOR.fullmatch(content) is None:
                    raise Malformed
                if len(content) <= 40 and (name != "code" or codes.is_token(content)):
                    if ctx.texts is not None:
                        ctx.texts.append(content)
                    told = _REMARK.search(content) is not None
                    clean = ctx.text.clean_phrase(content, ctx.known, None) if told else ctx.text.clean_term(content, ctx.known)
                    if new := clean.text:
                        out[name] = new
            elif name == "system":
                if type(content) is str and public(content):
                    out[name] = content
            else:
                ctx.removed += 1
        return out

    return unit


def quantity_of(policy: FhirPolicy, unit: Method, otherwise: float | None = None) -> Method:
    """A Quantity: `unit` treats everything but its value. otherwise: how many make a year where the unit does not say it."""
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
        if amount > cap and (in_a_year := per_year(beside.get("unit"), beside.get("code")) or otherwise) and amount > cap * in_a_year:
            return {**beside, "value": round((cap + 1) * in_a_year), "comparator": ">="}
        if (amount >= LEAST or amount <= -LEAST) and is_of_somebody(amount, ctx):
            ctx.removed += 1
            return beside or None
        return {**beside, "value": amount}

    return quantity


def coding_of(policy: FhirPolicy) -> Method:
    """A Coding: public systems as they are, local ones and their codes by keyed name where a code could name somebody."""
    public = codes.public_of(tuple(policy.public_systems))

    def coding(value: Any, ctx: Context) -> dict[str, Any] | None:
        if type(value) is not dict:
            raise Malformed
        system, code, display, version, chosen = (value.get(name) for name in ("system", "code", "display", "version", "userSelected"))
        if any(part is not None and type(part) is not str for part in (system, code, display, version)) or type(chosen) in (list, dict):
            raise Malformed
        out: dict[str, Any] = {}
        is_public = system is not None and public(system)
        if system is not None:
            out["system"] = system if is_public else "urn:touchstone:system:" + ctx.names.token("system", system)[:16]
        if code is not None and (codes.code_fits(str(system), code) if is_public else codes.is_token(code)):
            out["code"] = code
        elif code is not None and not is_public:
            out["code"] = ctx.names.token("code", f"{system}|{code}")
        if version is not None and codes.is_token(version):
            out["version"] = version
        for name in _of_staff(out, ctx):
            del out[name]
            ctx.removed += 1
        if type(chosen) is bool:
            out["userSelected"] = chosen
        if display is not None and (shown := _shown(unwrapped(display), ctx)):
            out["display"] = shown
        return _without_known(out, ctx) if "code" in out or "display" in out else None

    return coding


def _shown(display: str, ctx: Context) -> str:
    """A display for everybody: a whole sentence is no term, whatever it stands as, and its dates and forms are looked for too."""
    if _SENTENCE.search(display) is None:
        return ctx.text.clean_term(display, None).text
    cleaned = ctx.text.clean_phrase(display, None, ctx.shift_days)
    ctx.personal |= any(span.type == "DATE" for span in cleaned.spans)
    return cleaned.text


def _of_staff(coding: dict[str, Any], ctx: Context) -> list[str]:
    """Members that hold the name of one of the site's own people."""
    staff = ctx.text.staff
    if staff is None:
        return []
    return [name for name in ("code", "version") if name in coding and _WORD.search(coding[name]) and staff.touches(coding[name])]


def _without_known(coding: dict[str, Any], ctx: Context) -> dict[str, Any] | None:
    """The coding without this patient's identity in display or code; the very same object when there is none."""
    shown, code = coding.get("display"), coding.get("code")
    worded = [part for part in (code, coding.get("version")) if part is not None and _WORD.search(part)]
    if ctx.texts is not None:
        ctx.texts += [shown, *worded] if shown is not None else worded
        ctx.codes += [code.lower()] if code is not None else []
    known = ctx.matcher
    if known is None:
        return coding
    if shown is not None and known.touches(shown):
        cleaned = ctx.text.clean_term(shown, ctx.known)
        ctx.cleaned += len(cleaned.spans)
        coding = {**coding, "display": cleaned.text}
    named = {part for part in worded if known.touches(part)}
    if code is not None and code.lower() in known.literals:
        named.add(code)
    if named:
        ctx.removed += len(named)
        coding = {name: part for name, part in coding.items() if name not in ("code", "version") or part not in named}
    return coding or None


def code_system_of(policy: FhirPolicy) -> Method:
    public = codes.public_of(tuple(policy.public_systems))

    def code_system(value: Any, ctx: Context) -> str:
        if type(value) is not str:
            raise Malformed
        return value if public(value) else "urn:touchstone:system:" + ctx.names.token("system", value)[:16]

    return code_system

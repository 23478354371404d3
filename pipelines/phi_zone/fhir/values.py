"""What a method of a policy does to one primitive value: the new value, or None when nothing of it may stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.phi_zone.fhir import codes, dates
from pipelines.phi_zone.fhir.amounts import LEAST, is_of_somebody, number
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.wrapped import unwrapped
from schemas.deid import CleanText
from schemas.shapes.fhir_policy import FhirPolicy

Method = Callable[[Any, Context], Any]
PHRASE_LENGTH = 120
_DATES = 128
_SMALL_ZIPS = frozenset(
    ["036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893"]
)
"""Three-digit areas with 20,000 people or fewer (Census 2000, as the guidance to 164.514(b)(2)(i)(B) lists them)."""


def each(rule: Method) -> Method:
    """`rule` for every item of a list; nulls, which hold the place of a primitive's extension, are passed over."""

    def every(value: Any, ctx: Context) -> list[Any] | None:
        return [new for part in value if part is not None and (new := rule(part, ctx)) is not None] or None

    return every


def keep(value: Any, ctx: Context) -> Any:
    if type(value) is bool:
        return value
    amount = number(value, ctx)
    if (amount >= LEAST or amount <= -LEAST) and is_of_somebody(amount, ctx):
        ctx.removed += 1
        return None
    return amount


def _plain_code(value: Any, ctx: Context) -> bool:
    """Is it a code that can be no number or word of a person? Raises Malformed where it is no text."""
    if type(value) is not str:
        raise Malformed
    if ctx.texts is not None:
        ctx.texts.append(value)
    return codes.is_token(value) and not (ctx.matcher is not None and ctx.matcher.touches(value))


def code(value: Any, ctx: Context) -> str | None:
    if _plain_code(value, ctx):
        return str(value)
    ctx.removed += 1
    ctx.warn("FHR-014", "code")
    return None


def local_code(value: Any, ctx: Context) -> str | None:
    """A code of the sender's own list, such as a linkId: a keyed token where it could be a number or a word of a person."""
    if _plain_code(value, ctx):
        return str(value)
    ctx.remapped += 1
    return ctx.names.token("local-code", value)


def date_shift(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    new = ctx.dates.get(value)
    if new is None:
        ctx.personal = True
        new = dates.moved(value, ctx.shift_days) if ctx.shift_days is not None else None
        if new is None:
            ctx.removed += 1
            if ctx.shift_days is not None:
                ctx.warn("FHR-015", "date")
            return None
        if len(ctx.dates) >= _DATES:
            ctx.dates.clear()
        ctx.dates[value] = new
    ctx.shifted += 1
    return new


def date_year(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    return dates.year_of(value)


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


def term(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    value = unwrapped(value)
    return _noted(value, ctx.text.clean_term(value, ctx.known), ctx)


def text(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    value = unwrapped(value)
    return _noted(value, ctx.text.clean(value, ctx.known, None, ctx.shift_days), ctx)


def phrase(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    if len(value) > PHRASE_LENGTH:
        return text(value, ctx)
    value = unwrapped(value)
    return _noted(value, ctx.text.clean_phrase(value, ctx.known, ctx.shift_days), ctx)


def _noted(value: str, cleaned: CleanText, ctx: Context) -> str | None:
    """The cleaned text, counted; a date found in it makes it personal."""
    if ctx.texts is not None:
        ctx.texts.append(value)
        ctx.personal |= any(span.type == "DATE" for span in cleaned.spans)
    ctx.cleaned += len(cleaned.spans)
    return cleaned.text or None


def postal_prefix(value: Any, ctx: Context) -> str | None:
    if type(value) is not str:
        raise Malformed
    prefix = value[:3]
    return ("000" if prefix in _SMALL_ZIPS else prefix) if prefix.isdigit() and len(prefix) == 3 else None


def canonical_of(policy: FhirPolicy) -> Method:
    public = codes.public_of(tuple(prefix for prefix in policy.public_systems if prefix.startswith("http")))

    def canonical_url(value: Any, ctx: Context) -> str | None:
        if type(value) is not str:
            raise Malformed
        path = value.partition("://")[2].partition("/")[2]
        if ctx.texts is not None:
            ctx.texts.append(path)
        if public(value) and not (ctx.matcher is not None and ctx.matcher.touches(path)):
            return value
        ctx.removed += 1
        return None

    return canonical_url

"""What FHIR requires and may not leave: in its place stands that it was masked, so that the resource keeps its shape.

R4 2.4.0.5: an element may hold the extension data-absent-reason instead of its content. A report whose author is only a display
would otherwise be no Composition any more, and the structure check would refuse it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from pipelines.phi_zone.lists import lines_of

MASKED: dict[str, Any] = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
}


class Required(NamedTuple):
    """An element that must be there; `shadow`: where its extension stands. A name that ends in * is a choice of types (R4 2.6.2)."""

    name: str
    shadow: str
    many: bool


@cache
def required_of(kind: str) -> tuple[Required, ...]:
    return _all().get(kind, ())


@cache
def _all() -> dict[str, tuple[Required, ...]]:
    found = {}
    for line in lines_of("fhir_required.txt"):
        kind, *elements = line.split()
        found[kind] = tuple(_required(name) for name in elements)
    return found


def _required(name: str) -> Required:
    choice, _, shadow = name.partition("=")
    return Required(choice.removeprefix("_").removesuffix("[]"), shadow or name.removesuffix("[]"), name.endswith("[]"))


def fill(out: dict[str, Any], tree: dict[str, Any], kind: str) -> None:
    """Mask what the source had, FHIR requires and the policy took away."""
    for name, shadow, many in required_of(kind):
        if name.endswith("*"):
            if any(key.startswith(name[:-1]) for key in tree) and not any(key.startswith(name[:-1]) for key in out):
                out[shadow] = MASKED
        elif name not in out and (name in tree or f"_{name}" in tree):
            out[shadow] = [MASKED] if many else MASKED

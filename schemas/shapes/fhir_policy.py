"""The file that says what may stay of a FHIR resource, element by element: a keep-list per resource type.

The shape follows Cumulus' scrub rules (element -> type or method), the method names follow Microsoft's FHIR anonymiser,
so that a steward knows both. An element that is not named is dropped.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken
from schemas.shapes.site import LocalName

METHODS = {
    "keep": "booleans and numbers as they are; refuses strings",
    "code": "a token of a code list: short ASCII without a long run of digits",
    "localCode": "a code of the sender's own list: as `code`, and a keyed token where that would drop it",
    "canonical": "the address of a public definition, kept when its system is public",
    "dateShift": "dates, dateTimes and instants moved by the subject's shift; dropped where there is no subject",
    "birthDate": "as dateShift, or the year only, with the rule for ages over 89 (parameters.birth_date)",
    "cryptoHash": "a keyed token in place of the value",
    "id": "the resource's id, keyed",
    "uid": "a DICOM UID, keyed as in the images",
    "reference": "a Reference, its target's id keyed; display and identifier never kept as they are",
    "thing": "a Reference to a drug, a diagnosis or another thing: as reference, and what it is called stays as a phrase",
    "identifier": "an Identifier as a keyed token, DICOM UIDs as in the images",
    "text": "free text through the text cleaner",
    "phrase": "a short phrase out of a list, as a diagnosis: known identities, forms and labels, no guessing; long ones as text",
    "term": "a coded term's display: known identities and telling forms removed",
    "attachment": "text is cleaned and attached again with a new hash; everything else is dropped",
    "narrative": "a Narrative: the words of its div cleaned, one paragraph a line; dropped where notes are",
    "binary": "Binary.data as an attachment",
    "extension": "extensions whose url the policy names",
    "contained": "contained resources, each under its own type's rules",
    "quantity": "a Quantity; an age over 89 years becomes >= 90",
    "age": "a Quantity that is an age, in years where its unit does not say otherwise",
    "code_system": "Coding.system: public systems as they are, others as a keyed token",
    "postal_prefix": "the first three digits of a US ZIP code, 000 where fewer than 20,000 people live (164.514(b)(2)(i)(B))",
}
Shape = dict[str, Any]
"""Element name -> method, name of a type, or a nested shape."""


class Parameters(Record):
    birth_date: Literal["shift", "year", "drop"] = "shift"
    age_cap_years: int = Field(default=89, ge=1)
    as_of: dt.date = dt.date(2026, 1, 1)
    """Ages are counted at this day: an engine has no clock, so that every run gives the same bytes."""
    dates: Literal["shift", "year"] = "shift"
    max_attachment_bytes: int = Field(default=8_000_000, ge=1)
    max_line_bytes: int = Field(default=64_000_000, ge=1000)
    max_depth: int = Field(default=48, ge=8)
    notes: Literal["clean", "drop"] = "clean"
    """clean: text attachments come back cleaned with a new hash. drop: no attachment leaves."""


class FhirPolicy(Record):
    """What may leave the PHI zone of a resource, and in what form."""

    policy_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    version: int = Field(ge=1)
    title: LocalName
    fhir_version: Literal["R4"] = "R4"
    parameters: Parameters = Parameters()
    public_systems: list[str] = Field(default_factory=list)
    """Prefixes of code systems, profiles and definitions that name no institution."""
    extensions: list[str] = Field(default_factory=list)
    """Extension urls that may stay."""
    modifier_extensions: list[str] = Field(default_factory=list)
    """Modifier extension urls that may stay; a resource with any other is quarantined, because it may mean the opposite."""
    types: dict[str, Shape]
    """Data types: name -> shape."""
    resources: dict[str, Shape]
    """Resource types: name -> shape. A type that is not here is quarantined."""
    include: str | None = None
    """Another policy whose types, resources, systems and extensions are taken first (by name)."""

    @model_validator(mode="after")
    def _known_methods(self) -> FhirPolicy:
        for place, shape in [*self.types.items(), *self.resources.items()]:
            _check(place, shape, self.types)
        return self


def _check(place: str, shape: Shape, types: dict[str, Shape]) -> None:
    for element, rule in shape.items():
        if isinstance(rule, dict):
            _check(f"{place}.{element}", rule, types)
        elif rule not in METHODS and rule not in types and not (isinstance(rule, str) and rule.startswith("#")):
            raise RuleBroken(f"{place}.{element}：{rule!r} 既不是处理方法（{'、'.join(METHODS)}），也不是类型",
                             f"{place}.{element}: {rule!r} is neither a method ({', '.join(METHODS)}) nor a type")

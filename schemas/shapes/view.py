"""The file of a tabular view over FHIR resources (schemas/views/*.yaml), after SQL on FHIR v2 ViewDefinition.

Left out of that specification: unionAll, constant, FHIRPath beyond the subset that `pipelines.deid_zone.fhirpath` names.
"""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken

FOLDER = Path(__file__).parent.parent / "views"
SqlName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ColumnType = Literal["string", "code", "id", "date", "dateTime", "instant", "boolean", "integer", "decimal"]


class Column(Record):
    name: SqlName
    path: str
    """FHIRPath from the resource, or from the element of the nearest forEach."""
    type: ColumnType = "string"
    """date and dateTime stay text: FHIR allows a year alone."""
    collection: bool = False
    """All values as a list; otherwise the first."""


class Select(Record):
    column: list[Column] = Field(default_factory=list)
    for_each: str | None = Field(default=None, alias="forEach")
    """One row per element; resources without one give no row."""
    for_each_or_null: str | None = Field(default=None, alias="forEachOrNull")
    """One row per element; resources without one give a row of nulls."""
    select: list[Select] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one(self) -> Select:
        if self.for_each and self.for_each_or_null:
            raise RuleBroken("select 里 forEach 与 forEachOrNull 只能有一个", "a select has forEach or forEachOrNull, not both")
        return self


class View(Record):
    name: SqlName
    title: str
    resource: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]+$")]
    status: Literal["active", "draft"] = "active"
    select: list[Select] = Field(min_length=1)
    where: list[str] = Field(default_factory=list)
    """FHIRPath that must give a value, or `path = 'value'`."""


def views() -> list[View]:
    """Every view that ships, by name. Raises WrongUsage CFG-001 or CFG-002 naming the place that is wrong."""
    found = [View.from_file(file) for file in sorted(FOLDER.glob("*.yaml"))]
    return sorted(found, key=lambda view: view.name)

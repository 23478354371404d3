"""Tabular views over FHIR resources: definitions are data (schemas/views), compiled to DuckDB SQL.

Every view begins with site_id and subject of its row, so that it joins with the other tables.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.deid_zone.fhirpath import compiled, value
from pipelines.engines.plan import quoted
from schemas.shapes.view import Select, View


@dataclass
class _Parts:
    columns: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)


def view_sql(view: View, source: str) -> str:
    """SELECT of a view over `source`, a table with the columns of deid.fhir_<type>."""
    parts = _Parts([f"r.{quoted('site_id')}", f"r.{quoted('subject')}"])
    for select in view.select:
        _add(parts, select, "r.resource::JSON")
    condition = " AND ".join(_condition(path) for path in view.where)
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT {', '.join(parts.columns)} FROM {source} r {' '.join(parts.joins)}{where}"


def _add(parts: _Parts, select: Select, start: str) -> None:
    path = select.for_each or select.for_each_or_null
    if path:
        name = f"f{len(parts.joins) + 1}"
        kind, condition = ("LEFT JOIN", " ON true") if select.for_each_or_null else ("CROSS JOIN", "")
        parts.joins.append(f"{kind} LATERAL (SELECT unnest({compiled(path, start)}) AS e) {name}{condition}")
        start = f"{name}.e"
    for column in select.column:
        parts.columns.append(f"{value(column.path, start, column.type, column.collection)} AS {quoted(column.name)}")
    for inner in select.select:
        _add(parts, inner, start)


def _condition(path: str) -> str:
    left, equals, right = path.partition(" = ")
    if equals:
        literal = right.strip().strip("'").replace("'", "''")
        return f"{value(left.strip(), 'r.resource::JSON', 'string', False)} = '{literal}'"
    return f"len({compiled(path, 'r.resource::JSON')}) > 0"

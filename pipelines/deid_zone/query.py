"""`touchstone sql`: read-only DuckDB over the de-identified and the ledger tables and the FHIR views.

The connection reaches the files of the de-identified tables and nothing else: no other file, no network, settings locked. PHI
tables are not there at all. One SELECT a call.
"""
from __future__ import annotations

import datetime as dt
import decimal
import math
from dataclasses import dataclass
from typing import Any

from eval_harness.base import WrongUsage
from pipelines.deid_zone.views import view_sql
from pipelines.engines import delta
from pipelines.engines.plan import quoted
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.view import views
from schemas.tables import TABLES, Table, fhir_table


@dataclass(frozen=True)
class Answer:
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[dict[str, Any]]


def tables(home: Home) -> dict[str, Table]:
    """Every table SQL may see: the declared ones outside phi, and each deid.fhir_<type> that exists or has a view."""
    found = {name: table for name, table in TABLES.items() if table.zone != "phi"}
    kinds = {view.resource for view in views()}
    stored = home.tables("deid") / "deid"
    for folder in stored.glob("fhir_*/_delta_log"):
        found.setdefault(f"deid.{folder.parent.name}", fhir_table(folder.parent.name.removeprefix("fhir_")))
    return found | {fhir_table(kind).name: fhir_table(kind) for kind in kinds}


def ask(home: Home, text: str) -> Answer:
    """Run one SELECT. Raises WrongUsage SQL-001 (not one SELECT) or SQL-002 (what DuckDB says about it)."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        _fill(connection, home)
        statements = _parsed(connection, text)
        if len(statements) != 1 or statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            raise WrongUsage(messages().issue("SQL-001", "sql"))
        found = connection.sql(statements[0].query).to_arrow_table()
    except duckdb.Error as error:
        raise WrongUsage(messages().issue("SQL-002", "sql", reason=_short(error))) from None
    finally:
        connection.close()
    names = _distinct(found.schema.names)
    rows = found.rename_columns(names).to_pylist()
    return Answer(tuple(names), tuple(str(kind) for kind in found.schema.types),
                  [{name: plain(value) for name, value in row.items()} for row in rows])


def _fill(connection: Any, home: Home) -> None:
    delta.confine(connection, home.tmp("deid"), home.tables("deid"))
    for schema in ("deid", "ledger", "views", "shapes"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for number, (name, table) in enumerate(sorted(tables(home).items())):
        stored = delta.stored(home.table(table.zone, table.folder))
        connection.register("given", table.schema.empty_table())
        connection.execute(f"CREATE TABLE shapes.empty_{number} AS SELECT * FROM given")   # out of sight of SHOW TABLES
        connection.unregister("given")
        schema, _, bare = name.partition(".")
        for place in (f"{schema}.{quoted(bare)}", quoted(bare)):
            connection.execute(f"CREATE VIEW {place} AS {delta.scan_sql(stored, table, f'shapes.empty_{number}')}")
    for view in views():
        text = view_sql(view, f"deid.{quoted(fhir_table(view.resource).name.partition('.')[2])}")
        for place in (f"views.{quoted(view.name)}", quoted(view.name)):
            connection.execute(f"CREATE VIEW {place} AS {text}")
    connection.execute("SET lock_configuration = true")


def _parsed(connection: Any, text: str) -> list[Any]:
    return list(connection.extract_statements(text))


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def plain(value: Any) -> Any:
    """A value as JSON can carry it: times in ISO 8601, bytes in hexadecimal, numbers that JSON has no word for as text."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value

"""The SQL both engines understand alike (design/engine): anything outside it is refused by name, not translated and hoped for."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

from pipelines.engines.errors import refused

_FORBIDDEN_FUNCTIONS = "a function; allowed are {}".format(
    "count, sum, min, max, avg, coalesce, nullif, row_number, lower, upper, trim, length, concat, substring")
_ALLOWED = (
    "Select", "From", "Join", "Where", "Group", "Having", "Order", "Ordered", "Union", "Subquery", "CTE", "With", "Table",
    "TableAlias", "Column", "Identifier", "Alias", "Star", "Literal", "Boolean", "Null", "Cast", "TryCast", "DataType",
    "And", "Or", "Not", "EQ", "NEQ", "GT", "GTE", "LT", "LTE", "Is", "In", "Between", "Case", "If", "Paren", "Add", "Sub", "Mul",
    "Neg", "Count", "Sum", "Min", "Max", "Avg", "Coalesce", "Nullif", "RowNumber", "Window", "WindowSpec", "Distinct", "Dot",
    "Lower", "Upper", "Trim", "Length", "Concat", "Substring", "Like", "DPipe", "Limit", "Exists")


@lru_cache(maxsize=256)
def linted(text: str, dialect: str) -> str:
    """`text` (DuckDB dialect) checked against the subset and written for `dialect` (duckdb | spark). Raises ENG-007.

    Names are quoted (DuckDB reserves words such as `at`) and where nulls go is written out, so that both engines agree.
    """
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse(text, dialect="duckdb")
    except SqlglotError:
        raise refused("ENG-007", "sql", found="text that does not parse") from None
    if len(parsed) != 1 or parsed[0] is None:
        raise refused("ENG-007", "sql", found="not exactly one statement")
    if type(parsed[0]).__name__ not in ("Select", "Union"):
        raise refused("ENG-007", "sql", found=f"{type(parsed[0]).__name__}, which is no query")
    for node in parsed[0].walk():
        _check(node)
    return str(parsed[0].sql(dialect=dialect, identify=True))


def condition(text: str, dialect: str) -> str:
    """A bare condition (the `where` of Engine.read), checked and written for `dialect`."""
    import sqlglot

    whole = linted(f"SELECT 1 FROM x WHERE {text}", dialect)
    parsed: Any = sqlglot.parse_one(whole, dialect=dialect)
    return str(parsed.args["where"].this.sql(dialect=dialect, identify=True))


def _check(node: Any) -> None:
    kind = type(node).__name__
    if kind in ("Anonymous", "AnonymousAggFunc"):
        raise refused("ENG-007", "sql", found=f"{node.name}: {_FORBIDDEN_FUNCTIONS}")
    if kind not in _ALLOWED:
        raise refused("ENG-007", "sql", found=kind)
    if kind == "Union" and node.args.get("distinct"):
        raise refused("ENG-007", "sql", found="UNION without ALL")
    if kind == "Join" and not (node.args.get("on") or node.args.get("using")):
        raise refused("ENG-007", "sql", found="a join without ON or USING")
    if kind == "Join" and (on := node.args.get("on")) is not None and next(on.find_all(_equality()), None) is None:
        raise refused("ENG-007", "sql", found="a join without an equality")


def _equality() -> Any:
    from sqlglot import exp

    return exp.EQ

"""A small part of FHIRPath as DuckDB SQL over a JSON column.

    path     = step *("." step)
    step     = name | name "[" n "]" | first() | where(name.name = 'text') | ofType(Type) | exists()
             | getResourceKey() | getReferenceKey([Type])

Every step maps a list of JSON values to a list of JSON values, as FHIRPath's collections do; anything else is refused.
"""
from __future__ import annotations

import re

from eval_harness.base import WrongUsage
from schemas.messages import messages

_STEP = re.compile(
    r"(?P<where>where\(\s*(?P<inner>[A-Za-z]+(?:\.[A-Za-z]+)*)\s*=\s*'(?P<value>[^']*)'\s*\))"
    r"|(?P<call>first|exists|getResourceKey|ofType|getReferenceKey)\(\s*(?P<type>[A-Za-z]*)\s*\)"
    r"|(?P<name>[a-z][A-Za-z0-9]*)(?:\[(?P<index>\d+)\])?")
_SQL_TYPES = {"boolean": "BOOLEAN", "integer": "BIGINT", "decimal": "DOUBLE"}


def compiled(path: str, start: str) -> str:
    """SQL that gives the list of JSON values `path` reaches from the JSON expression `start`. Raises WrongUsage SQL-003."""
    sql, at, last_name = f"[{start}]", 0, ""
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None or (step.end() < len(path) and path[step.end()] != "."):
            raise WrongUsage(messages().issue("SQL-003", path, found=path[at:at + 40]))
        follows = path[step.end():]
        at = step.end() + 1
        if step["name"] and follows.startswith(".ofType("):      # value.ofType(Quantity) is the element valueQuantity
            last_name = step["name"]
            continue
        if step["call"] == "ofType":
            kind = step["type"]
            sql, last_name = _member(sql, last_name + kind[:1].upper() + kind[1:]), ""
        elif step["name"]:
            sql = _member(sql, step["name"])
            sql = f"{sql}[{int(step['index']) + 1}:{int(step['index']) + 1}]" if step["index"] else sql
        elif step["where"]:
            sql = f"list_filter({sql}, lambda e: json_extract_string(e, '$.{step['inner']}') = '{step['value']}')"
        else:
            sql = _call(sql, step["call"], step["type"])
    return sql


def _member(sql: str, name: str) -> str:
    one = f"json_extract(e, '$.{name}')"
    return (f"flatten(list_transform({sql}, lambda e: CASE WHEN {one} IS NULL THEN [] "
            f"WHEN json_type({one}) = 'ARRAY' THEN json_extract(e, '$.{name}[*]') ELSE [{one}] END))")


def _call(sql: str, call: str, kind: str) -> str:
    if call == "first":
        return f"{sql}[1:1]"
    if call == "exists":
        return f"[to_json(len({sql}) > 0)]"
    if call == "getResourceKey":
        return _member(sql, "id")
    references = f"list_filter({_member(sql, 'reference')}, lambda e: json_extract_string(e, '$') LIKE '{kind or '%'}/%')"
    return f"list_transform({references}, lambda e: to_json(split_part(json_extract_string(e, '$'), '/', -1)))"


def value(path: str, start: str, kind: str, collection: bool) -> str:
    """SQL of one column: the first value, or all of them as a list."""
    listed = compiled(path, start)
    cast = _SQL_TYPES.get(kind)

    def one(name: str) -> str:
        text = f"json_extract_string({name}, '$')"
        return f"TRY_CAST({text} AS {cast})" if cast else text

    return f"list_transform({listed}, lambda v: {one('v')})" if collection else one(f"({listed})[1]")

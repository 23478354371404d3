"""Great Expectations over rows. The only module that imports it: it takes seconds, so `warm` can start that early.

A suite is data (schemas/suites); each failing row gets an issue. Results never carry the values that failed.
"""
from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import pyarrow as pa

from schemas.messages import messages
from schemas.shapes.suite import Rule, Suite

ROW = "row_number"
_ONE_AT_A_TIME = threading.Lock()


def warm() -> threading.Thread:
    """Begin to load Great Expectations beside work that waits for a network."""
    thread = threading.Thread(target=_library, name="great_expectations", daemon=True)
    thread.start()
    return thread


@cache
def _library() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")      # no call home
    import great_expectations

    return great_expectations


def failures(rows: pa.Table, suite: Suite) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row number, issue) for every row that fails a rule; the issue's severity is the rule's."""
    frame = rows.to_pandas(integer_object_nulls=True).assign(**{ROW: range(rows.num_rows)})
    for rule in suite.rules:
        part = frame if rule.when is None else frame[frame[rule.when.column].isin(rule.when.equals)]
        columns = [tuple(rule.columns)] if "pair" in rule.expectation else [(name,) for name in rule.columns]
        for named in columns if len(part) else []:
            yield from _judged(part[[*named, ROW]], rule, named, suite)


def _judged(part: Any, rule: Rule, named: tuple[str, ...], suite: Suite) -> Iterator[tuple[int, dict[str, Any]]]:
    issue = messages().issue(rule.code, ", ".join(named), column=" / ".join(named), suite=suite.suite)
    found = issue.to_dict() | {"severity": rule.severity}
    for number in _unexpected(part, rule, named):
        yield number, found


def _unexpected(part: Any, rule: Rule, named: tuple[str, ...]) -> list[int]:
    """Row numbers that do not meet the expectation. Raises RuntimeError when the expectation itself could not run."""
    gx = _library()
    camel = "".join(word.capitalize() for word in rule.expectation.split("_"))
    places = {"column_A": named[0], "column_B": named[1]} if len(named) == 2 else {"column": named[0]}
    expectation = getattr(gx.expectations, camel)(**places, **rule.kwargs)
    how = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW], "include_unexpected_rows": False,
           "exclude_unexpected_values": True, "return_unexpected_index_query": False}
    with _ONE_AT_A_TIME:
        result = _batches().get_batch({"dataframe": part}).validate(expectation, result_format=how)
    if result.exception_info and any(info.get("raised_exception") for info in _each(result.exception_info)):
        raise RuntimeError(f"rule {rule.code} over {', '.join(named)} could not be checked")
    if result.success:
        return []
    return sorted({int(number) for found in result.result.get("unexpected_index_list") or [] for number in _numbers(found)})


def _numbers(found: Any) -> list[Any]:
    """Great Expectations gives row numbers one by one or as one list, by expectation."""
    value = found[ROW] if isinstance(found, dict) else found
    return list(value) if isinstance(value, list | tuple) else [value]


def _each(info: Any) -> list[Any]:
    return [info] if "raised_exception" in info else [entry for entry in info.values() if isinstance(entry, dict)]


@cache
def _batches() -> Any:
    gx = _library()
    context = gx.get_context(mode="ephemeral")
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")

"""The file of a check suite (schemas/suites/*.yaml): rules over rows, in the words of Great Expectations."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from eval_harness.base.record import Record

FOLDER = Path(__file__).parent.parent / "suites"
Expectation = Literal[
    "expect_column_values_to_not_be_null", "expect_column_values_to_be_in_set", "expect_column_values_to_be_between",
    "expect_column_values_to_match_regex", "expect_column_pair_values_a_to_be_greater_than_b"]
"""Row expectations only: each failure names rows, which then go to quarantine or carry a remark."""


class When(Record):
    column: str
    equals: list[str | bool | int] = Field(min_length=1)
    """The rule looks at rows whose column has one of these values."""


class Rule(Record):
    code: Annotated[str, Field(pattern=r"^CHK-\d{3}$")]
    """Its words are in schemas/messages/check.toml."""
    severity: Literal["error", "warning"]
    """error: the row goes to quarantine. warning: it is released with a remark."""
    expectation: Expectation
    columns: list[str] = Field(min_length=1)
    """Each column alone; the two columns A and B of a pair expectation."""
    kwargs: dict[str, Any] = Field(default_factory=dict)
    when: When | None = None


class Suite(Record):
    suite: str
    version: str
    rules: list[Rule] = Field(min_length=1)


def suite(name: str) -> Suite:
    """The suite that ships under `name`. Raises WrongUsage CFG-001 or CFG-002 naming the place that is wrong."""
    return Suite.from_file(FOLDER / f"{name}.yaml")

"""A value that an edition does not give is told in the same words wherever the report speaks of it."""
from __future__ import annotations

import copy

import pytest

from eval_harness.report.compose import compose
from eval_harness.report.document import Table, Verdict

WITHHELD = {"absent": "disclosure_small_cell"}


def changed(documents, bound, rule):
    """The vendor edition of a sealed set whose primary value may not be given: a bound of it, or nothing."""
    told = copy.deepcopy(dict(documents["chest-dr", "sealed"]))
    facts = told["facts"]
    line = facts["tests"][0]
    one = next(one for one in facts["estimates"] if one["id"] == line["estimate"])
    one.update(value=dict(WITHHELD), interval=dict(WITHHELD), counts={}, n=0, n_clusters=0)
    facts["disclosure"]["bounds"] = {line["estimate"]: bound} if bound else {}
    line.update(value=None, bound_value=None, verdict="not_met", comparator=rule)
    return told


@pytest.mark.parametrize("rule", [{"kind": "target", "value": 0.8}, {"kind": "none"}], ids=["target", "no-rule"])
@pytest.mark.parametrize(("bound", "en", "zh"), [
    ({"at_most": 0.34}, "≤ 0.34 (exact value withheld)", "≤ 0.34（精确值不公开）"), ({"at_least": 0.9}, "≥ 0.90", "≥ 0.90"),
    (None, "withheld (cells under 10)", "不公开（单元格小于 10）")])
def test_summary_and_tables_say_the_same_of_a_value_that_is_withheld(documents, bound, en, zh, rule):
    for lang, said in (("en", en), ("zh", zh)):
        made = compose(changed(documents, bound, rule), lang)
        verdict = next(block for block in made.blocks if isinstance(block, Verdict))
        tables = [block for block in made.blocks if isinstance(block, Table)]
        cells = [cell for table in tables[:1] for row in table.rows for cell in row]
        assert said in verdict.detail
        assert any(said in cell for cell in cells)
        assert ("0.80" in verdict.detail or "0.8" in verdict.detail) == (rule["kind"] == "target")
        for table in tables:       # and nowhere is another thing said of it
            for row in table.rows:
                if row[0] == cells[0]:
                    assert not bound or "cells under" not in row[1]
                    assert not bound or "单元格小于" not in row[1]

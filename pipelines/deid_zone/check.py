"""check: staged, already de-identified rows → which may be released, which go to quarantine, and why.

In    rows of the deidentify step (columns of deid.instance, or of a FHIR resource) with row_id
Out   VERDICT: one row per input row; outcome ok | quarantined; issues found here (errors and remarks)
Rules schemas/suites/*.yaml, run by Great Expectations; FHIR structure by `structure`; series geometry by `geometry`
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from pipelines.deid_zone import structure, suites
from pipelines.deid_zone.geometry import with_geometry
from pipelines.engines.base import STEP_COLUMNS
from schemas.shapes.suite import suite

VERDICT = pa.schema([pa.field(name, kind) for name, kind in STEP_COLUMNS])
INSTANCE_COLUMNS = ("row_id", "series_instance_uid", "rows", "columns")
warm = suites.warm


def check_instances(rows: pa.Table) -> pa.Table:
    """Verdicts on de-identified DICOM instances. Geometry is judged within the rows given: hand over whole series."""
    if not rows.num_rows:
        return VERDICT.empty_table()
    return _verdicts(rows, suites.failures(with_geometry(rows), suite("instance")))


def check_resources(rows: pa.Table) -> pa.Table:
    """Verdicts on de-identified FHIR resources (columns resource_type, id, subject, resource)."""
    if not rows.num_rows:
        return VERDICT.empty_table()
    found = list(suites.failures(rows.select(["resource_type", "id", "subject", "resource"]), suite("resource")))
    listed = zip(*(rows.column(name).to_pylist() for name in ("resource_type", "id", "resource")), strict=True)
    for number, (resource_type, resource_id, text) in enumerate(listed):
        found += [(number, issue) for issue in structure.problems(resource_type, resource_id, text)]
    return _verdicts(rows, found)


def _verdicts(rows: pa.Table, found: Iterable[tuple[int, dict[str, Any]]]) -> pa.Table:
    issues: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, issue in found:
        issues[number].append(issue)
    outcomes = ["quarantined" if any(issue["severity"] in ("error", "fatal") for issue in issues[number]) else "ok"
                for number in range(rows.num_rows)]
    return pa.Table.from_arrays([rows.column("row_id").cast(pa.binary(16)), pa.array(outcomes, pa.utf8()),
                                 pa.array([issues[number] for number in range(rows.num_rows)], VERDICT.field("issues").type)],
                                schema=VERDICT)

"""tabulate: rows of instances → series and studies. Derived tables: they can be rebuilt from deid.instance at any time.

A series takes an attribute that all its instances share, else null. A series or study whose last instance is gone goes too.
"""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from pipelines.engines.base import Commit, Engine
from pipelines.engines.plan import quoted
from schemas.tables import INSTANCE, SERIES, STUDY, Table

_SHARED = {"modality": "", "series_description": "", "body_part_examined": "", "manufacturer": "", "manufacturer_model_name": "",
           "slice_thickness": "", "rows": "INT", "columns": "INT"}


@dataclass(frozen=True)
class Tabulated:
    series: int
    studies: int
    commits: tuple[Commit, ...]


def tabulate(engine: Engine, site_id: str, run_id: str, commit_id: str) -> Tabulated:
    """Bring deid.series and deid.study of one site up to date with deid.instance. Unchanged rows are not written again.

    run_id names the run in logs only; commit_id must be the same when the same step runs again.
    """
    instances = engine.read(INSTANCE, where=of_site(site_id))
    series = _fit(engine.table(engine.sql(_series_sql(), i=instances)), SERIES)
    studies = _with_modalities(engine.table(engine.sql(_STUDY_SQL, i=instances)), series)
    commits = [*replace_site(engine, SERIES, site_id, series, f"{commit_id}:series"),
               *replace_site(engine, STUDY, site_id, studies, f"{commit_id}:study")]
    return Tabulated(series.num_rows, studies.num_rows, tuple(commits))


def of_site(site_id: str) -> str:
    return "site_id = '" + site_id.replace("'", "''") + "'"


def replace_site(engine: Engine, table: Table, site_id: str, rows: pa.Table, commit_id: str) -> list[Commit]:
    """Make the site's rows of a derived table equal `rows`: delete what is no longer there, upsert the rest."""
    names = list(dict.fromkeys((*table.key, *table.partition_by)))
    stored = engine.read(table, columns=names, where=of_site(site_id))
    same = " AND ".join(f"s.{quoted(name)} = n.{quoted(name)}" for name in names)
    listed = ", ".join(f"s.{quoted(name)}" for name in names)
    gone = engine.table(engine.sql(f"SELECT {listed} FROM s LEFT JOIN n ON {same} WHERE n.{quoted(names[-1])} IS NULL",
                                   s=stored, n=engine.frame(rows.select(names))))
    commits = [engine.delete(table, gone, commit_id=f"{commit_id}:gone")] if gone.num_rows else []
    return [*commits, engine.upsert(table, rows, commit_id=commit_id)]


def _series_sql() -> str:
    shared = ", ".join(f"{_cast(f'CASE WHEN MIN({quoted(n)}) = MAX({quoted(n)}) THEN MIN({quoted(n)}) END', kind)} AS {quoted(n)}"
                       for n, kind in _SHARED.items())
    return f"""SELECT site_id, series_instance_uid, MIN(study_instance_uid) AS study_instance_uid, MIN(subject) AS subject, MIN(m) AS m,
                      CAST(COUNT(*) AS INT) AS instances, CAST(SUM(part.length) AS BIGINT) AS bytes, {shared}
               FROM i GROUP BY site_id, series_instance_uid"""


def _cast(text: str, kind: str) -> str:
    return f"CAST({text} AS {kind})" if kind else text


_STUDY_SQL = """SELECT site_id, study_instance_uid, MIN(subject) AS subject, MIN(study_date) AS study_date,
                       CAST(COUNT(DISTINCT series_instance_uid) AS INT) AS series, CAST(COUNT(*) AS INT) AS instances,
                       CAST(SUM(part.length) AS BIGINT) AS bytes, MIN(study_description) AS study_description,
                       MIN(patient_sex) AS patient_sex, MIN(patient_age) AS patient_age
                FROM i GROUP BY site_id, study_instance_uid"""


def _with_modalities(studies: pa.Table, series: pa.Table) -> pa.Table:
    """Modalities of a study's series, sorted and joined as DICOM joins values: "CT\\SR"."""
    found: dict[str, set[str]] = defaultdict(set)
    for study, modality in zip(series.column("study_instance_uid").to_pylist(), series.column("modality").to_pylist(), strict=True):
        if modality:
            found[study].add(modality)
    joined = ["\\".join(sorted(found[study])) for study in studies.column("study_instance_uid").to_pylist()]
    return _fit(studies.append_column("modalities", pa.array(joined, pa.utf8())), STUDY)


def _fit(rows: pa.Table, table: Table) -> pa.Table:
    return rows.select(table.columns.names).cast(table.columns)

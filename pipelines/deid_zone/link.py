"""link: which records are about which study. Joins in the shared SQL subset; what must be read out of JSON is a table first.

basis says why a link stands, the strongest first: study_uid (the record names the study), imaging_study (it names an
ImagingStudy that is linked), based_on (both answer the same request), accession (same accession token and same subject).
A link never crosses subjects: a record of another subject is not linked, whatever it names.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.deid_zone.tabulate import of_site, replace_site
from pipelines.engines.base import Commit, Engine
from schemas.tables import IMAGING_LINK, INSTANCE, STUDY, fhir_table

LINKED_TYPES = ("ImagingStudy", "DiagnosticReport", "ServiceRequest", "Observation", "Procedure")
_UID_PREFIX = "urn:oid:"
_MENTION = pa.schema([(name, pa.utf8()) for name in ("site_id", "resource_type", "resource_id", "subject", "basis", "value")])
_BASES = ("study_uid", "imaging_study", "based_on", "accession")


@dataclass(frozen=True)
class Linked:
    links: int
    studies_without_report: int
    commits: tuple[Commit, ...]


def link(engine: Engine, site_id: str, run_id: str, commit_id: str) -> Linked:
    """Bring deid.imaging_link of one site up to date. Runs after tabulate; unchanged links are not written again."""
    mentions = engine.frame(_mentions(engine, site_id))
    studies = engine.read(STUDY, columns=["site_id", "study_instance_uid", "subject"], where=of_site(site_id))
    accessions = engine.sql("SELECT site_id, study_instance_uid, MIN(accession_number) AS accession_number FROM i "
                            "WHERE accession_number IS NOT NULL AND accession_number <> '' GROUP BY site_id, study_instance_uid",
                            i=engine.read(INSTANCE, columns=["site_id", "study_instance_uid", "accession_number"], where=of_site(site_id)))
    by_uid = engine.sql(_BY_UID, mention=mentions, study=studies)
    by_image = engine.sql(_BY_IMAGE, mention=mentions, direct=by_uid, study=studies)
    by_request = engine.sql(_BY_REQUEST, mention=mentions, direct=by_uid, study=studies)
    by_accession = engine.sql(_BY_ACCESSION, mention=mentions, study=studies, accession=accessions)
    together = engine.sql(" UNION ALL ".join(f"SELECT * FROM {name}" for name in ("a", "b", "c", "d")),
                          a=by_uid, b=by_image, c=by_request, d=by_accession)
    rows = _strongest(engine.table(together).to_pylist())
    commits = replace_site(engine, IMAGING_LINK, site_id, rows, commit_id)
    reported = {row["study_instance_uid"] for row in rows.to_pylist() if row["resource_type"] == "DiagnosticReport"}
    every = engine.table(studies).column("study_instance_uid").to_pylist()
    return Linked(rows.num_rows, len(set(every) - reported), tuple(commits))


_COLUMNS = "s.site_id, s.study_instance_uid, m.resource_type, m.resource_id, m.subject"
_SAME_SUBJECT = "s.site_id = m.site_id AND s.subject = m.subject"
_BY_UID = f"""SELECT {_COLUMNS}, m.basis FROM mention m JOIN study s ON {_SAME_SUBJECT} AND s.study_instance_uid = m.value
              WHERE m.basis = 'study_uid'"""
_BY_IMAGE = f"""SELECT {_COLUMNS}, m.basis FROM mention m
                JOIN direct d ON d.site_id = m.site_id AND d.resource_id = m.value
                JOIN study s ON {_SAME_SUBJECT} AND s.study_instance_uid = d.study_instance_uid
                WHERE m.basis = 'imaging_study' AND d.resource_type = 'ImagingStudy'"""
_BY_REQUEST = f"""SELECT {_COLUMNS}, m.basis FROM mention m
                  JOIN mention o ON o.site_id = m.site_id AND o.value = m.value
                  JOIN direct d ON d.site_id = o.site_id AND d.resource_id = o.resource_id AND d.resource_type = o.resource_type
                  JOIN study s ON {_SAME_SUBJECT} AND s.study_instance_uid = d.study_instance_uid
                  WHERE m.basis = 'based_on' AND o.basis = 'based_on'"""
_BY_ACCESSION = f"""SELECT {_COLUMNS}, m.basis FROM mention m
                    JOIN accession a ON a.site_id = m.site_id AND a.accession_number = m.value
                    JOIN study s ON {_SAME_SUBJECT} AND s.study_instance_uid = a.study_instance_uid
                    WHERE m.basis = 'accession'"""


def _strongest(found: list[dict[str, Any]]) -> pa.Table:
    """One row per study and record: the strongest basis stands."""
    best: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in sorted(found, key=lambda row: _BASES.index(row["basis"])):
        best.setdefault(tuple(row[name] for name in IMAGING_LINK.key), row)
    return pa.Table.from_pylist([best[key] for key in sorted(best)], schema=IMAGING_LINK.columns)


def _mentions(engine: Engine, site_id: str) -> pa.Table:
    """Everything in the site's resources that can name a study, one row each."""
    rows: list[dict[str, Any]] = []
    for resource_type in LINKED_TYPES:
        frame = engine.read(fhir_table(resource_type), columns=["id", "subject", "resource"], where=of_site(site_id))
        for batch in engine.batches(frame):
            for row in batch.to_pylist():
                head = {"site_id": site_id, "resource_type": resource_type, "resource_id": row["id"], "subject": row["subject"]}
                rows += [head | {"basis": basis, "value": value} for basis, value in _named(resource_type, json.loads(row["resource"]))]
    return pa.Table.from_pylist(rows, schema=_MENTION)


def _named(resource_type: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for identifier in body.get("identifier") or []:
        value = str(identifier.get("value") or "")
        codes = {coding.get("code") for coding in (identifier.get("type") or {}).get("coding") or []}
        if resource_type == "ImagingStudy" and identifier.get("system") == "urn:dicom:uid" and value.startswith(_UID_PREFIX):
            found.add(("study_uid", value.removeprefix(_UID_PREFIX)))
        elif value and ("ACSN" in codes or str(identifier.get("system") or "").endswith("accession")):
            found.add(("accession", value))
    for reference in [*(body.get("imagingStudy") or []), *(body.get("derivedFrom") or []), *(body.get("partOf") or [])]:
        kind, _, target = str(reference.get("reference") or "").partition("/")
        if kind == "ImagingStudy" and target:
            found.add(("imaging_study", target))
    requests = {str(reference.get("reference") or "").partition("/")[2] for reference in body.get("basedOn") or []}
    found |= {("based_on", target) for target in requests if target}
    return found

"""Deidentify, as steps an engine runs: sealed landed units in, staged de-identified rows out (design/engine).

staff: sealed identities of the site's own people, opened by the worker; a step itself carries no secret. A unit that may not
leave is still a row: it comes out with its issues and nothing else of the source.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa

from eval_harness.base import Issue, Terminal, digest
from pipelines.engines.base import MAX_CELL_BYTES, ObjectRef, Step, Worker
from pipelines.phi_zone.describe import known_from
from pipelines.phi_zone.landing import GONE
from pipelines.phi_zone.sealed import Broken
from pipelines.phi_zone.shapes import DEID_INSTANCE, DEID_RESOURCE, LANDED, UNIT_COLUMNS
from pipelines.phi_zone.stamp import stamp
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import DicomOutcome, FhirOutcome, KnownIdentity
from schemas.messages import messages
from schemas.shapes.site import Site

VERSION = "1"
Row = dict[str, Any]
_CARRIED = tuple(name for name, _ in UNIT_COLUMNS)


def deidentify_instances(site: Site, staff: bytes) -> Step:
    """Keep the DICOM attributes the site's policy names; clean texts and pixels; drop everything else.

    In    shapes.LANDED         object: one sealed Part 10 file; known: sealed identities of its patient
    Out   shapes.DEID_INSTANCE  staged: the new file, still inside the PHI zone
    Rule  DICOM PS3.15 Annex E
    """
    params = site.model_dump_json()
    return Step("deidentify-instances", VERSION, digest(json.loads(params)), LANDED, DEID_INSTANCE, partial(_open_instances, params, staff),
                isolate=True, batch_rows=32)


def deidentify_resources(site: Site, staff: bytes) -> Step:
    """Keep the FHIR elements the site's policy names; ids become pseudonyms, dates shift, texts are cleaned.

    In    shapes.LANDED         object: one sealed JSON resource; subject: whose it is (null: of no patient). Kind `file`: what stood
                                where a resource was expected, and is none that can be named
    Out   shapes.DEID_RESOURCE  resource: canonical JSON
    """
    params = site.model_dump_json()
    return Step("deidentify-resources", VERSION, digest(json.loads(params)), LANDED, DEID_RESOURCE, partial(_open_resources, params, staff),
                batch_rows=256)


def _open_instances(params: str, staff: bytes, worker: Worker) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    from pipelines.phi_zone.dicom import deidentify_instance, load_policy
    from pipelines.phi_zone.dicom.batch.series import looks

    site = Site.model_validate_json(params)
    policy, text = load_policy(site.policies.dicom), _cleaner(site, staff, worker)
    made_by = stamp(policy, text.policy)

    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = batch.to_pylist()
        cleaners = looks([(row["row_id"], row["series_token"], partial(_bytes, worker, row)) for row in rows], policy,
                         {row["series_token"]: _known(worker, row) for row in rows})
        return _mapped(batch, DEID_INSTANCE, lambda row: _instance_row(
            worker, row, made_by, deidentify_instance(_bytes(worker, row), policy, worker.key(), site, _known(worker, row),
                                                               cleaners(row["row_id"]), text)))

    return logic


def _open_resources(params: str, staff: bytes, worker: Worker) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    from pipelines.phi_zone.fhir.deidentify import deidentify_resource, load_fhir_policy
    from pipelines.phi_zone.fhir.read import why_no_unit

    site = Site.model_validate_json(params)
    policy, text = load_fhir_policy(site.policies.fhir), _cleaner(site, staff, worker)
    made_by = stamp(policy, text.policy)

    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        return _mapped(batch, DEID_RESOURCE, made)

    def made(row: Row) -> Row:
        data = _bytes(worker, row)
        if row["kind"] == "file":      # a broken line, or an entry without an id
            return _outcome("quarantined", (why_no_unit(data),))
        return _resource_row(row, made_by, deidentify_resource(data, policy, worker.key(), site, row["subject"], _known(worker, row), text))

    return logic


def _cleaner(site: Site, staff: bytes, worker: Worker) -> TextCleaner:
    """The site's text cleaner, which knows the site's own people."""
    from pipelines.phi_zone.text.policy import load_text_policy

    known = known_from(json.loads(worker.key().open("known", staff)))
    return TextCleaner(load_text_policy(site.policies.text), known)


def _mapped(batch: pa.RecordBatch, schema: pa.Schema, make: Callable[[Row], Row]) -> pa.RecordBatch:
    rows = []
    for row in batch.to_pylist():
        out: Row = dict.fromkeys(schema.names) | {name: row[name] for name in _CARRIED} | {"row_id": row["row_id"]}
        try:
            out |= make(row)
        except Broken:
            out |= {"outcome": "quarantined", "issues": [messages().issue("LND-003", "phi/landing").to_dict()]}
        except Terminal as error:
            if error.issue.code != GONE:
                raise
            out |= {"outcome": "quarantined", "issues": [error.issue.to_dict()]}
        rows.append(out)
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def _instance_row(worker: Worker, row: Row, made_by: str, outcome: DicomOutcome) -> Row:
    out = _outcome(outcome.status, outcome.issues)
    if outcome.status != "released":
        return out
    ref = worker.put("staged", outcome.chunks)
    hidden = sum(box.hidden for box in outcome.pixels.boxes) if outcome.pixels else 0
    header = {name: value for name, value in outcome.header.items() if name in DEID_INSTANCE.names}
    return header | out | {
        "subject": outcome.subject, "staged": {"zone": ref.zone, "digest": ref.digest, "offset": ref.offset, "length": ref.length},
        "policy": made_by, "pixel_token": outcome.pixel_sha256, "boxes_hidden": hidden, "actions": json.dumps(dict(outcome.actions)),
        "study_instance_uid": outcome.study_instance_uid, "series_instance_uid": outcome.series_instance_uid,
        "sop_instance_uid": outcome.sop_instance_uid}


def _resource_row(row: Row, made_by: str, outcome: FhirOutcome) -> Row:
    out = _outcome(outcome.status, outcome.issues)
    if outcome.status != "released" or outcome.content is None:
        return out
    if len(outcome.content) > MAX_CELL_BYTES:
        too_large = messages().issue("REL-003", outcome.resource_type or "resource", found=len(outcome.content), right=MAX_CELL_BYTES)
        return _outcome("quarantined", (too_large,))
    return out | {"subject": outcome.subject, "policy": made_by, "resource_type": outcome.resource_type, "id": outcome.resource_id,
                  "actions": json.dumps(dict(outcome.actions)), "resource": outcome.content.decode("utf-8")}


def _outcome(status: str, issues: tuple[Issue, ...]) -> Row:
    return {"outcome": "ok" if status == "released" else status, "issues": [issue.to_dict() for issue in issues]}


def _bytes(worker: Worker, row: Row) -> bytes:
    with worker.read(ObjectRef(**row["object"])) as source:
        return source.read()


def _known(worker: Worker, row: Row) -> KnownIdentity | None:
    if not row["known"]:
        return None
    return known_from(json.loads(worker.key().open("known", row["known"])))

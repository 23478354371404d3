"""Samples drawn from a home's released rows, and what people read of them.

    evidence/deid/<site>/samples/<id>.json    what was drawn: place → SHA-256, how many documents there were, of which receipts
                         readings/<id>.json   what was found in it; the id is the sample's, so one sample is read once
A reading counts only for a sample that was drawn here, whole: nobody chooses what is read.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from eval_harness.base import WrongUsage, canonical, digest
from eval_harness.base.issue import Words
from pipelines import ledger
from pipelines.balance import fhir_tables
from pipelines.engines.base import Engine
from pipelines.phi_zone.proof import LeakBound, Shown, leak_bound
from pipelines.phi_zone.sample import Document, draw_sample, leaking, texts, write_sample
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import EVENT, INSTANCE, SERIES, fhir_table

SERIES_TEXTS = ("series_description", "body_part_examined", "manufacturer", "manufacturer_model_name")
RELEASED = "SELECT DISTINCT receipt_id FROM event WHERE state = 'released'"
OF_SERIES = "SELECT i.unit_token, i.seq, i.m FROM stored AS i JOIN wanted AS w ON i.series_instance_uid = w.id"
OF_ID = "SELECT i.unit_token, i.seq, i.m FROM stored AS i JOIN wanted AS w ON i.id = w.id"
Row = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What people found in one sample."""

    sample_id: str
    at: str
    bound: LeakBound
    documents: int
    """How many documents there were to draw from."""
    receipts: frozenset[str]
    """Receipts whose released rows were drawn from."""
    rules: str
    """`gate.rules_digest` under which the documents came out."""


def shown(read: Reading | None, planted: int = 0, leaked: int = 0) -> Shown:
    """What the gate asks of a reading, or of its absence."""
    if read is None:
        return Shown(planted=planted, leaked=leaked)
    return Shown(planted=planted, leaked=leaked, bound=read.bound, documents=read.documents)


def released_documents(engine: Engine, home: Home, site_id: str) -> Iterator[Document]:
    """Every released text of one hospital: a resource's free text, a series' descriptions."""
    where = ledger.of_site(site_id)
    for table in fhir_tables(home):
        for batch in engine.batches(engine.read(table, columns=["id", "resource"], where=where)):
            for row in batch.to_pylist():
                resource = json.loads(row["resource"])
                yield Document(f"{resource['resourceType']}/{row['id']}", resource["resourceType"], "\n".join(texts(resource)))
    for batch in engine.batches(engine.read(SERIES, columns=["series_instance_uid", *SERIES_TEXTS], where=where)):
        for row in batch.to_pylist():
            yield Document(f"series/{row['series_instance_uid']}", "series", "\n".join(row[name] for name in SERIES_TEXTS if row[name]))


def draw(engine: Engine, home: Home, site_id: str, size: int, seed: str, rules: str, out: Path) -> tuple[list[Document], int]:
    """Write a sample to `out` for a reader, and note here what it is; give it, and how many there were to draw from.

    Raises WrongUsage PRF-004 where nothing was released.
    """
    found = [document for document in released_documents(engine, home, site_id) if document.text.strip()]
    if not found:
        raise WrongUsage(messages().issue("PRF-004", site_id, found=site_id))
    drawn = draw_sample(found, size, seed)
    events = engine.read(EVENT, columns=["receipt_id", "state"], where=ledger.of_site(site_id))
    receipts = sorted(engine.table(engine.sql(RELEASED, event=events)).column("receipt_id").to_pylist())
    noted = {"places": {document.place: document.sha256 for document in drawn}, "documents": len(found), "receipts": receipts,
             "rules": rules}
    folder = home.proofs / site_id / "samples"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / f"{digest(noted['places'])[:24]}.json").write_bytes(canonical(noted) + b"\n")
    write_sample(drawn, out)
    return drawn, len(found)


def read(home: Home, site_id: str, path: Path, confidence: float, at: dt.datetime) -> tuple[Reading, list[str]]:
    """The reading in `path`, written down, and the places in which the reader found an identity.

    Raises WrongUsage PRF-003 for a file that is no sample drawn here, or that is not filled in.
    """
    try:
        places = {str(row["place"]): str(row["sha256"]) for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
        noted = json.loads((home.proofs / site_id / "samples" / f"{digest(places)[:24]}.json").read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = Words("不是为这家医院抽取的样本", "not a sample drawn for this hospital")
        raise WrongUsage(messages().issue("PRF-003", path.name, reason=reason)) from error
    found = leaking(path, noted["places"])
    made = Reading(digest(places)[:24], at.isoformat(), leak_bound(sum(found.values()), len(found), confidence), noted["documents"],
                   frozenset(noted["receipts"]), noted["rules"])
    folder = home.proofs / site_id / "readings"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / f"{made.sample_id}.json").write_text(json.dumps({
        "schema": "touchstone-reading/1", "at": made.at, "documents": made.documents, "receipts": sorted(made.receipts),
        "rules": made.rules, **made.bound.to_dict()}, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    return made, sorted(place for place, leak in found.items() if leak)


def latest(home: Home, site_id: str, *, rules: str | None = None, covers: Collection[str] = ()) -> Reading | None:
    """The newest reading of this hospital that is about these rules, and was drawn from all of these receipts."""
    found = [_reading(file) for file in (home.proofs / site_id / "readings").glob("*.json")]
    fitting = [one for one in found if (rules is None or one.rules == rules) and one.receipts >= set(covers)]
    return max(fitting, key=lambda one: (one.at, one.sample_id), default=None)


def _reading(file: Path) -> Reading:
    row = json.loads(file.read_text(encoding="utf-8"))
    bound = LeakBound(row["leaks"], row["n"], row["confidence"], row["upper"], (row["interval"][0], row["interval"][1]))
    return Reading(file.stem, row["at"], bound, row["documents"], frozenset(row["receipts"]), row["rules"])


def units(engine: Engine, site_id: str, places: list[str]) -> list[Row]:
    """Released rows behind these places: kind, unit_token, seq, m."""
    made: list[Row] = []
    for place in places:
        kind, _, name = place.partition("/")
        table, text = (INSTANCE, OF_SERIES) if kind == "series" else (fhir_table(kind), OF_ID)
        frame = engine.sql(text, stored=engine.read(table, where=ledger.of_site(site_id)), wanted=engine.frame(pa.table({"id": [name]})))
        made += [row | {"site_id": site_id, "kind": "instance" if kind == "series" else "resource"}
                 for row in engine.table(frame).to_pylist()]
    return made

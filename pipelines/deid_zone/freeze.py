"""freeze: a draft with its reference standard → frozen sets, by copy (docs/datasets.md).

`<id>` is sealed; `<id>-practice` holds the practice persons with open reference, `<id>-validation` those of the Ladder. Case bytes
are copied out of the lake, so a set needs nothing but its folder. A draft that was frozen already is not frozen again: its
version is given back.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eval_harness.base import CaseKey, Issue, Truth, WrongUsage, canonical, sha256
from eval_harness.tasks import load_pack
from eval_harness.testset.layout import CaseInput, read_manifest
from eval_harness.testset.seal import write_private
from eval_harness.testset.write import write_set
from governance import registry
from governance.audit import Actor, Audit
from governance.signing import load_signing_key
from governance.store import Store
from pipelines.deid_zone.card import ProofGate, Proven, card_of
from pipelines.deid_zone.caseview import view_step
from pipelines.deid_zone.cohort import socket_of
from pipelines.deid_zone.consensus import Verdict, size_band
from pipelines.deid_zone.draft import FOLDS, Draft, DraftCase, DraftFolder
from pipelines.deid_zone.hidden import CANARY_SOURCE, Shown, shown, told
from pipelines.deid_zone.readings import PLACES, by_case, verdicts
from pipelines.engines import delta
from pipelines.engines.base import Engine
from pipelines.engines.objects import ObjectStore
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import EVENT, INSTANCE

ROWS, KEYS = "rows.parquet", "keys.jsonl"
"""In sealed/<id>/<version>/, without any truth: the instance rows the cases were copied from, and which token is which study.
Withdrawal and comparison read these, so that nobody opens the reference standard for them."""


RECEIPTS = """SELECT DISTINCT i.site_id, e.receipt_id FROM i JOIN w ON i.series_instance_uid = w.uid
              JOIN e ON i.site_id = e.site_id AND i.unit_token = e.unit_token AND i.seq = e.seq WHERE e.state = 'released'"""


@dataclass(frozen=True)
class Frozen:
    set_id: str
    version: str
    visibility: str
    cases: int
    merkle_root: str
    new: bool


@dataclass(frozen=True)
class Outcome:
    sets: tuple[Frozen, ...]
    left_out: tuple[tuple[str, Issue], ...]
    """Case id and why it could not be frozen."""
    remarks: tuple[Issue, ...] = ()
    """What is advised and was not done."""


@dataclass(frozen=True)
class Platform:
    """Who freezes, and where it is written down."""

    home: Home
    store: Store
    audit: Audit
    actor: Actor


def set_id(dataset_id: str, fold: str) -> str:
    return dataset_id if fold == "sealed" else f"{dataset_id}-{fold}"


def freeze(platform: Platform, engine: Engine, dataset_id: str, *, leave_out: bool = False, proof: ProofGate | None = None) -> Outcome:
    """Freeze the draft's cases as the next version.

    leave_out: freeze without the cases that have no reference standard yet. proof: asked before anything is written; None only for a
    lake that flow A did not fill. Raises WrongUsage DST-020 when there are such cases and leave_out is not given, DST-022 when no case
    is left, and PRF-001 or PRF-002 when the human sample of a hospital objects.
    """
    home, folder = platform.home, DraftFolder(platform.home, dataset_id)
    draft, made_from = folder.read(), folder.digest()
    done = _already(home, draft, made_from)
    if done:
        for frozen in done:
            _register(platform, draft, frozen)      # a kill between folder and registry is mended here
        return Outcome(done, ())
    found = verdicts(home, dataset_id)
    waiting = [case_id for case_id, verdict in found.items() if verdict.why]
    if waiting and not leave_out:
        raise WrongUsage(messages().issue("DST-020", dataset_id, cases=len(waiting), name=dataset_id))
    cases = [case for case in draft.cases if not found[case.case_id].why]
    proven = proof(_receipts(engine, cases)) if proof is not None else Proven()
    if proven.objections:
        raise WrongUsage(proven.objections[0])
    version, run_id = _next_version(home, draft), f"freeze-{dataset_id}"
    try:
        views, refused = _views(home, engine, draft, cases, run_id)
        ready = [case for case in cases if case.case_id in views]
        if not ready:
            raise WrongUsage(messages().issue("DST-022", dataset_id, name=dataset_id))
        sets = tuple(_write(platform, folder, draft, version, fold, [c for c in ready if c.fold == fold], views, found, made_from, proven)
                     for fold in FOLDS if any(case.fold == fold for case in ready))
        _drop_views(home, engine, views)
    finally:
        engine.discard(run_id)
    remarks = [messages().issue("PRF-007", dataset_id, sites=", ".join(proven.unread))] if proven.unread else []
    return Outcome(sets, tuple(refused), tuple(remarks))


def _receipts(engine: Engine, cases: list[DraftCase]) -> dict[str, frozenset[str]]:
    """By hospital, the receipts that released the images of these cases."""
    series = engine.frame(pa.table({"uid": pa.array([case.series_instance_uid for case in cases], pa.utf8())}))
    columns = ["site_id", "unit_token", "seq", "series_instance_uid"]
    frame = engine.sql(RECEIPTS, i=engine.read(INSTANCE, columns=columns), w=series,
                       e=engine.read(EVENT, columns=["site_id", "unit_token", "seq", "state", "receipt_id"]))
    pairs = [(row["site_id"], row["receipt_id"]) for row in engine.table(frame).to_pylist()]
    return {site: frozenset(receipt for of, receipt in pairs if of == site) for site in sorted({case.site_id for case in cases})}


def _already(home: Home, draft: Draft, made_from: str) -> tuple[Frozen, ...]:
    """The sets that were frozen from exactly this draft, when none of them is missing."""
    found = []
    for fold in sorted({case.fold for case in draft.cases}):
        for version in versions(home, set_id(draft.dataset_id, fold)):
            manifest = read_manifest(home.frozen / set_id(draft.dataset_id, fold) / version)
            if manifest.provenance.get("draft_sha256") == made_from:
                found.append(Frozen(manifest.set_id, version, manifest.visibility, manifest.cases, manifest.merkle_root, False))
    whole = {frozen.set_id for frozen in found} == {set_id(draft.dataset_id, case.fold) for case in draft.cases}
    return tuple(found) if whole else ()


def versions(home: Home, name: str) -> list[str]:
    folder = home.frozen / name
    found = [path.name for path in folder.iterdir() if path.name.isdigit()] if folder.is_dir() else []
    return sorted(found, key=int)


def _next_version(home: Home, draft: Draft) -> str:
    taken = [int(version) for fold in FOLDS for version in versions(home, set_id(draft.dataset_id, fold))]
    return str(max(taken, default=0) + 1)


def _views(home: Home, engine: Engine, draft: Draft, cases: list[DraftCase], run_id: str
           ) -> tuple[dict[str, CaseInput], list[tuple[str, Issue]]]:
    """Every case's input, made by the engine in child processes; and the cases that cannot become one.

    Raises EngineRefused ENG-009, ENG-010 for a part that is gone or altered: what is frozen once is looked at byte by byte before.
    """
    socket = socket_of(draft.spec.task)
    wanted = pa.table({"series_instance_uid": pa.array([case.series_instance_uid for case in cases], pa.utf8())})
    rows = engine.table(engine.sql(
        "SELECT i.sop_instance_uid, i.series_instance_uid, i.part FROM i JOIN w ON i.series_instance_uid = w.series_instance_uid",
        i=engine.read(INSTANCE, columns=["sop_instance_uid", "series_instance_uid", "part"]), w=engine.frame(wanted)))
    ObjectStore(home.objects, "parts").require(part["digest"] for part in rows.column("part").to_pylist())
    ids = [bytes.fromhex(sha256(uid.encode())[:32]) for uid in rows.column("sop_instance_uid").to_pylist()]
    frame = engine.frame(rows.append_column("row_id", pa.array(ids, pa.binary(16))))
    staged = engine.map_groups(frame, ["series_instance_uid"], view_step(socket), run_id)
    made = {row["series_instance_uid"]: row for row in engine.table(engine.staged(staged)).to_pylist()}
    store, views, refused = ObjectStore(home.objects, "parts"), {}, []
    for case in cases:
        row = made.get(case.series_instance_uid)
        if row is None or row["outcome"] != "ok":
            issue = Issue(**row["issues"][0]) if row else messages().issue("DST-036", "series")
            refused.append((case.case_id, replace(issue, where=case.case_id)))
            continue
        described = json.loads(row["meta"])
        views[case.case_id] = CaseInput(socket.name, store.path(row["view"]["digest"]), described["media_type"], f"{socket.name}.npy",
                                        described["meta"])
    return views, refused


def _write(platform: Platform, folder: DraftFolder, draft: Draft, version: str, fold: str, cases: list[DraftCase],
           views: dict[str, CaseInput], found: dict[str, Verdict], made_from: str, proven: Proven) -> Frozen:
    home, name = platform.home, set_id(draft.dataset_id, fold)
    visibility = "practice" if fold == "practice" else "sealed"
    target, sealed = home.frozen / name / version, home.sealed / name / version
    target.parent.mkdir(parents=True, exist_ok=True)
    sealed.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows_sha256 = _copy_rows(home, cases, sealed)
    tokens = shown(cases, {case.case_id: found[case.case_id].value for case in cases}, draft.spec.hidden, fold)
    keys = [{"token": one.token, "case_id": one.case.case_id, "person": one.case.person, "subject": one.case.subject,
             "site": one.case.site_id, "study": one.case.study_instance_uid, "series": one.case.series_instance_uid,
             "strata": dict(one.case.strata), "role": one.role} for one in tokens]
    write_private(sealed / KEYS, b"".join(canonical(key) + b"\n" for key in sorted(keys, key=lambda key: str(key["token"]))))
    pack = load_pack(draft.spec.task)
    provenance: dict[str, Any] = {
        "draft_sha256": made_from, "table_versions": dict(draft.table_versions), "task_version": pack.spec.version,
        "task_sha256": pack.digest, "rows_sha256": rows_sha256, "frozen_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    if fold == "validation":
        provenance["tier"] = fold
    card = card_of(home, draft, [one.case for one in tokens], found, name, version, proven)
    manifest = write_set(
        target, sealed, set_id=name, version=version, task=draft.spec.task, visibility=visibility,
        cases=_cases(folder, draft, tokens, views, found), card=card | told(fold, draft.spec.hidden, pack.spec.measure.kind, tokens, found),
        provenance=provenance, signing_key=load_signing_key(home.signing_key).private)
    frozen = Frozen(name, version, visibility, manifest.cases, manifest.merkle_root, True)
    _register(platform, draft, frozen)
    return frozen


def _cases(folder: DraftFolder, draft: Draft, tokens: list[Shown], views: dict[str, CaseInput], found: dict[str, Verdict]
           ) -> Iterator[tuple[list[CaseInput], CaseKey, Truth]]:
    import jsonschema_rs

    fits = jsonschema_rs.validator_for(dict(load_pack(draft.spec.task).reference_schema))
    rows = by_case(folder)
    for one in tokens:
        case = one.case
        verdict, strata = found[case.case_id], dict(case.strata)
        if not fits.is_valid(verdict.value):
            raise WrongUsage(messages().issue("DST-023", case.case_id, reason="value"))
        if "lesion_size" in draft.spec.strata:
            strata["lesion_size"] = size_band(verdict.value)
        readers = tuple({"reader": reader, "answer": answer, "marks": [{place: row[place] for place in PLACES}
                         for row in rows[case.case_id] if row["reader"] == reader and PLACES[0] in row]}
                        for reader, answer in sorted(verdict.answers.items()))
        truth = Truth(case.case_id, verdict.value, ignore=verdict.ignore, source=verdict.source, readers=readers)
        yield ([views[case.case_id]],
               CaseKey(one.token, case.case_id, case.person, case.study_instance_uid, case.site_id, strata, one.role),
               Truth(case.case_id, one.value, source=CANARY_SOURCE) if one.role == "canary" else truth)


def _copy_rows(home: Home, cases: list[DraftCase], sealed: Path) -> str:
    """The rows behind the cases, as they are in the lake; gives the file's SHA-256."""
    import pyarrow.compute as pc

    stored = delta.stored(home.table(INSTANCE.zone, INSTANCE.folder))
    source = INSTANCE.schema.empty_table() if stored is None else delta.dataset(stored)
    wanted = pa.array([case.series_instance_uid for case in cases], pa.utf8())
    # filtered after reading: pushed down, pyarrow 26 compares delta-rs' string_view file statistics with utf8 and fails
    batches = [batch.filter(pc.is_in(batch.column("series_instance_uid"), wanted)) for batch in source.to_batches()]
    rows = pa.Table.from_batches(batches, schema=source.schema)
    held = pa.BufferOutputStream()
    pq.write_table(rows.sort_by("sop_instance_uid"), held, compression="zstd")
    data = held.getvalue().to_pybytes()
    write_private(sealed / ROWS, data)
    return sha256(data)


def _register(platform: Platform, draft: Draft, frozen: Frozen) -> None:
    """Write the set into audit log and registry, once."""
    if any(row["version"] == frozen.version for row in registry.datasets(platform.store, frozen.set_id)):
        return
    manifest = canonical(read_manifest(platform.home.frozen / frozen.set_id / frozen.version).to_dict())
    platform.audit.record("dataset.freeze", platform.actor, f"{frozen.set_id}@{frozen.version}", cases=frozen.cases,
                          root=frozen.merkle_root, manifest=sha256(manifest))
    registry.add_dataset(platform.store, dataset_id=frozen.set_id, version=frozen.version, task=draft.spec.task,
                         visibility=frozen.visibility, state="frozen", manifest_sha256=sha256(manifest),
                         facts={"draft": draft.dataset_id, "cases": frozen.cases})


def _drop_views(home: Home, engine: Engine, views: dict[str, CaseInput]) -> None:
    """The sets hold the bytes now; a copy outside would outlive a withdrawal."""
    store = ObjectStore(home.objects, "parts")
    for given in views.values():
        assert isinstance(given.data, Path)
        store.remove(given.data.name.removesuffix(store.suffix))

"""select: a SPEC.yaml and the de-identified tables → the draft of a data set. The same tables give the same draft.

One case a study: its qualifying series with the most images. Persons come from deid.person_link, so that no person stands
on both sides of the split, whichever hospitals know them.
"""
from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

from eval_harness.base import WrongUsage, digest
from eval_harness.tasks import load_pack
from eval_harness.tasks.spec import SocketSpec
from pipelines.deid_zone.draft import Draft, DraftCase
from pipelines.deid_zone.query import ask, tables
from pipelines.engines import delta
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.dataset import Criteria, DatasetSpec

Row = dict[str, Any]
VIEWS = ("volume", "image")
_AGES = (("0-17", 0, 17), ("18-44", 18, 44), ("45-59", 45, 59), ("60-74", 60, 74), ("75+", 75, 999))
_THICKNESS = (("<=1.5 mm", 1.5), ("1.5-3 mm", 3.0), (">3 mm", float("inf")))
_SEXES = {"F": "female", "M": "male", "O": "other"}
CANDIDATE = """
SELECT s.*, t.study_date, t.patient_sex, t.patient_age, t.study_description, COALESCE(p.person, s.subject) AS person,
       CASE WHEN t.patient_age LIKE '___Y' THEN CAST(substring(t.patient_age, 1, 3) AS INT)
            WHEN t.patient_age LIKE '___M' THEN CAST(substring(t.patient_age, 1, 3) AS INT) // 12
            WHEN t.patient_age LIKE '___W' OR t.patient_age LIKE '___D' THEN 0 END AS age_years
FROM deid.series s JOIN deid.study t USING (site_id, study_instance_uid)
LEFT JOIN deid.person_link p ON p.subject = s.subject"""


def build(home: Home, dataset_id: str, spec: DatasetSpec) -> Draft:
    """Choose the cases. Raises WrongUsage DST-002 (none), DST-003 (input cannot be made), DST-004, SQL-002 (bad `where`)."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?", dataset_id) or dataset_id != (spec.dataset_id or dataset_id):
        raise WrongUsage(messages().issue("DST-004", "--out", found=dataset_id[:80]))
    socket = socket_of(spec.task)
    candidates = ask(home, f"SELECT COUNT(*) AS n FROM ({CANDIDATE}) c WHERE {_modalities(spec.select)}").rows[0]["n"]
    chosen = ask(home, _chosen_sql(spec.select, socket)).rows
    kept, left_out = _one_per_study(chosen, spec.select.per_person)
    if not kept:
        raise WrongUsage(messages().issue("DST-002", dataset_id, candidates=candidates))
    folds = _folds({row["person"] for row in kept}, spec)
    cases = [DraftCase(_case_id(dataset_id, row), row["site_id"], row["person"], row["subject"], row["study_instance_uid"],
                       row["series_instance_uid"], folds[row["person"]], strata(row, spec)) for row in kept]
    left_out = {"criteria": candidates - len(chosen)} | left_out
    return Draft(dataset_id, spec, _versions(home), tuple(sorted(cases, key=lambda case: case.case_id)),
                 {reason: count for reason, count in left_out.items() if count})


def socket_of(task: str) -> SocketSpec:
    """The one image input of a task pack. Raises WrongUsage DST-003 when a pack asks for something else."""
    sockets = load_pack(task).spec.sockets
    for socket in sockets:
        if socket.kind not in VIEWS or len(sockets) != 1:
            raise WrongUsage(messages().issue("DST-003", task, socket=socket.name, kind=socket.kind))
    return sockets[0]


def _chosen_sql(select: Criteria, socket: SocketSpec) -> str:
    conditions = [_modalities(select), f"instances >= {select.min_instances}"]
    if socket.kind == "image":
        conditions.append("instances = 1")
    if select.sites:
        conditions.append(f"site_id IN ({', '.join(_text(site) for site in select.sites)})")
    for day, sign in ((select.studied_from, ">="), (select.studied_until, "<=")):
        if day:
            conditions.append(f"study_date {sign} '{day:%Y%m%d}'")
    if select.without_remarks:
        codes = ", ".join(_text(code) for code in select.without_remarks)
        conditions.append("series_instance_uid NOT IN (SELECT i.series_instance_uid FROM deid.instance i JOIN deid.issue n "
                          f"USING (site_id, unit_token, seq) WHERE n.code IN ({codes}))")
    if select.where:
        conditions.append(f"({select.where}\n)")
    return f"SELECT * FROM ({CANDIDATE}) candidate WHERE {' AND '.join(conditions)}"


def _modalities(select: Criteria) -> str:
    return f"modality IN ({', '.join(_text(modality) for modality in select.modalities)})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _one_per_study(rows: list[Row], per_person: int | None) -> tuple[list[Row], dict[str, int]]:
    left_out: Counter[str] = Counter()
    best: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: (-row["instances"], row["series_instance_uid"])):
        if best.setdefault((row["site_id"], row["study_instance_uid"]), row) is not row:
            left_out["another series of the study was chosen"] += 1
    kept, of_person = [], Counter[str]()
    for row in sorted(best.values(), key=lambda row: _order(row["study_instance_uid"])):
        if per_person is not None and of_person[row["person"]] >= per_person:
            left_out["enough cases of the person"] += 1
            continue
        of_person[row["person"]] += 1
        kept.append(row)
    return kept, dict(left_out)


def _order(*parts: object) -> str:
    """A fixed order that has nothing to do with what the parts mean."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()


def _folds(persons: set[str], spec: DatasetSpec) -> dict[str, str]:
    """practice for the first share of persons in seeded order, validation for the next; at least one on each side that is asked for."""
    ordered = sorted(persons, key=lambda person: _order(spec.split.seed, person))
    out, start = dict.fromkeys(ordered, "sealed"), 0
    for fold, share in (("practice", spec.split.practice), ("validation", spec.split.validation)):
        wanted = round(len(ordered) * share)
        if share > 0 and len(ordered) - start > 1:
            wanted = min(max(wanted, 1), len(ordered) - start - 1)
        out |= dict.fromkeys(ordered[start:start + wanted], fold)
        start += wanted
    return out


def strata(row: Row, spec: DatasetSpec) -> dict[str, str]:
    """Values of the strata that are known from headers; lesion_size comes with the reference standard."""
    age, thickness = row["age_years"], row["slice_thickness"]
    found = {
        "site": row["site_id"], "sex": _SEXES.get(row["patient_sex"] or "", "unknown"),
        "manufacturer": row["manufacturer"] or "unknown",
        "age_band": "unknown" if age is None else next(name for name, low, high in _AGES if low <= age <= high),
        "slice_thickness": "unknown" if thickness is None else next(name for name, upto in _THICKNESS if thickness <= upto)}
    return {name: found[name] for name in spec.strata if name in found}


def _case_id(dataset_id: str, row: Row) -> str:
    return "case-" + digest([dataset_id, row["site_id"], row["series_instance_uid"]])[:16]


def _versions(home: Home) -> dict[str, int]:
    """Delta version of every table that exists: the provenance of the choice."""
    found = {}
    for name, table in tables(home).items():
        stored = delta.stored(home.table(table.zone, table.folder))
        if stored is not None and name.startswith("deid."):
            found[name] = int(stored.version())
    return found

"""readings: what readers marked, matched to the cases of a draft; how well they agree; what an adjudicator must settle.

A row names its case by new series or study UID, or by `pixel_sha256`, the SHA-256 of the Pixel Data value of one of the
study's images: a reader who worked on the hospital's own images is matched without anybody seeing a source UID. Rows are
kept by case id; the UIDs that came in the file are not kept.
"""
from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, WrongUsage
from eval_harness.base.issue import Words
from eval_harness.tasks import load_pack
from pipelines.deid_zone.consensus import LABELS, LESION, Verdict, verdict
from pipelines.deid_zone.draft import Draft, DraftCase, DraftFolder
from pipelines.deid_zone.query import ask
from pipelines.engines.base import ObjectRef
from pipelines.engines.objects import ObjectStore
from schemas.home import Home
from schemas.messages import messages

Row = dict[str, Any]
READINGS, DECISIONS = "readings.jsonl", "decisions.jsonl"
PLACES = ("x_mm", "y_mm", "z_mm", "diameter_mm")
NAMES = ("case_id", "series_instance_uid", "study_instance_uid", "pixel_sha256")
MAX_FILE_BYTES = 256 << 20


@dataclass(frozen=True)
class Imported:
    cases: int
    readers: tuple[str, ...]
    rows: int
    unmatched_rows: int
    changed: bool
    issues: tuple[Issue, ...]


def import_readings(home: Home, dataset_id: str, file: Path, *, decisions: bool = False) -> Imported:
    """Take a readers' file into the draft. A reader's rows on a case replace that reader's earlier rows on it.

    decisions: the file holds an adjudicator's answers. Raises WrongUsage DST-011 with the line that is wrong; nothing is
    taken then. Rows of other studies are counted in an issue, DST-010.
    """
    folder = DraftFolder(home, dataset_id)
    draft = folder.read()
    rows = parse(file)
    placed, strangers = _placed(home, draft, rows)
    name = DECISIONS if decisions else READINGS
    kept: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in folder.lines(name):
        kept[(row["case_id"], row["reader"])].append(row)
    fresh: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for case_id, row in placed:
        answer = {"case_id": case_id, "reader": row["reader"], "label": row["label"]}
        fresh[(case_id, row["reader"])].append(answer | {place: row[place] for place in PLACES if row["label"] == LESION})
    if decisions:      # the last adjudicator of a case stands
        kept = defaultdict(list, {key: value for key, value in kept.items() if key[0] not in {case for case, _ in fresh}})
    kept.update(fresh)
    changed = folder.write_lines(name, [row for key in sorted(kept) for row in kept[key]])
    issues = [messages().issue("DST-010", file.name, rows=len(strangers), studies=len({_study(row) for row in strangers}))] \
        if strangers else []
    return Imported(len({case for case, _ in fresh}), tuple(sorted({row["reader"] for _, row in placed})), len(placed), len(strangers),
                    changed, tuple(issues))


def parse(file: Path) -> list[Row]:
    """Rows of a CSV (with a header) or JSON file (a list, or an object with `marks`)."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("larger than 256 MiB")
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".json":
            body = json.loads(text)
            rows = body["marks"] if isinstance(body, dict) else body
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("no list of rows")
    except (OSError, ValueError, KeyError) as error:
        reason = Words("读不出来", "it cannot be read") if isinstance(error, OSError) else \
            Words("不是 UTF-8 的 CSV，也不是含各行的 JSON", "not UTF-8 CSV or JSON with rows")
        raise WrongUsage(messages().issue("DST-011", file.name, reason=reason)) from None
    return [_checked(row, f"{file.name}, row {number}") for number, row in enumerate(rows, 1)]


def _checked(row: Row, where: str) -> Row:
    def wrong(zh: str, en: str) -> WrongUsage:
        return WrongUsage(messages().issue("DST-011", where, reason=Words(zh, en)))

    reader, label = str(row.get("reader") or "").strip(), str(row.get("label") or "").strip()
    if not reader or len(reader) > 64 or not all(c.isalnum() or c in "-_." for c in reader):
        raise wrong("reader 应为字母、数字、- _ . 组成的代号（不写人名）",
                    "reader must be a code of letters, digits, - _ . (no name of a person)")
    if label not in LABELS:
        raise wrong(f"label 应为其中之一：{', '.join(LABELS)}", f"label must be one of {', '.join(LABELS)}")
    out: Row = {"reader": reader, "label": label} | {name: str(row.get(name) or "").strip() for name in NAMES}
    if not any(out[name] for name in NAMES):
        raise wrong(f"要写出其中之一：{', '.join(NAMES)}", f"one of {', '.join(NAMES)} must be given")
    if label == LESION:
        for place in PLACES:
            try:
                out[place] = float(row.get(place) or "nan")
            except (TypeError, ValueError):
                out[place] = math.nan
            if not math.isfinite(out[place]) or (place == "diameter_mm" and out[place] <= 0):
                above = place == "diameter_mm"
                raise wrong(f"{place} 应为{'大于 0 的' if above else ''}数字", f"{place} must be a number" + (" above 0" if above else ""))
    return out


def _study(row: Row) -> str:
    return str(next(row[name] for name in ("study_instance_uid", "series_instance_uid", "pixel_sha256", "case_id") if row[name]))


def _placed(home: Home, draft: Draft, rows: list[Row]) -> tuple[list[tuple[str, Row]], list[Row]]:
    """(case id, row) for rows of the draft's cases, and the others. Pixels are read only when a row needs it."""
    by_name = {name: {getattr(case, name): case.case_id for case in draft.cases} for name in NAMES[:3]}
    pixels: dict[str, str] | None = None
    placed: list[tuple[str, Row]] = []
    strangers: list[Row] = []
    for row in rows:
        case_id = next((by_name[name][row[name]] for name in NAMES[:3] if row[name] in by_name[name]), None)
        if case_id is None and row["pixel_sha256"]:
            pixels = _pixel_index(home, draft.cases) if pixels is None else pixels
            case_id = pixels.get(row["pixel_sha256"].lower())
        if case_id is None:
            strangers.append(row)
        else:
            placed.append((case_id, row))
    return placed, strangers


def _pixel_index(home: Home, cases: tuple[DraftCase, ...]) -> dict[str, str]:
    """SHA-256 of Pixel Data of every image of the cases' studies → case id. A digest that two cases share names neither."""
    case_of = {(case.site_id, case.study_instance_uid): case.case_id for case in cases}
    store, found = ObjectStore(home.objects, "parts"), dict[str, str]()
    shared: set[str] = set()
    for row in ask(home, "SELECT site_id, study_instance_uid, part FROM deid.instance WHERE bits_allocated IS NOT NULL").rows:
        case_id = case_of.get((row["site_id"], row["study_instance_uid"]))
        if case_id is None:
            continue
        sha = _pixel_digest(store, ObjectRef(**row["part"]))
        if sha and found.setdefault(sha, case_id) != case_id:
            shared.add(sha)
    return {sha: case_id for sha, case_id in found.items() if sha not in shared}


def _pixel_digest(store: ObjectStore, ref: ObjectRef) -> str | None:
    import pydicom

    with store.open(ref) as stream:
        data = pydicom.dcmread(stream, specific_tags=["PixelData"]).get("PixelData")
    return hashlib.sha256(data).hexdigest() if data else None


def by_case(folder: DraftFolder, name: str = READINGS) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in folder.lines(name):
        found[row["case_id"]].append(row)
    return found


def verdicts(home: Home, dataset_id: str) -> dict[str, Verdict]:
    """The reference standard of every case of the draft as it stands now, or why it has none yet."""
    folder = DraftFolder(home, dataset_id)
    draft = folder.read()
    kind = load_pack(draft.spec.task).spec.measure.kind
    if kind not in ("binary", "froc.points"):
        raise WrongUsage(messages().issue("DST-021", draft.spec.task, kind=kind))
    read, settled = by_case(folder), by_case(folder, DECISIONS)
    return {case.case_id: verdict(kind, read[case.case_id], settled[case.case_id], draft.spec.reference_standard)
            for case in draft.cases}


def queue(home: Home, dataset_id: str) -> list[Row]:
    """Cases that wait for a person, with the reason and each reader's answer."""
    cases = {case.case_id: case for case in DraftFolder(home, dataset_id).read().cases}
    return [{"case_id": case_id, "site_id": cases[case_id].site_id, "study_instance_uid": cases[case_id].study_instance_uid,
             "series_instance_uid": cases[case_id].series_instance_uid, "why": found.why, "answers": found.answers}
            for case_id, found in sorted(verdicts(home, dataset_id).items()) if found.why]

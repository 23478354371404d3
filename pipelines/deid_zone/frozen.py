"""Frozen sets afterwards: show, compare, hand out, withdraw, and notice what has been learned about persons since."""
from __future__ import annotations

import json
import os
import tarfile
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eval_harness.base import Issue, WrongUsage, canonical
from eval_harness.testset import layout
from eval_harness.testset.seal import SEALED, write_private
from eval_harness.testset.withdraw import withdraw_case
from governance.signing import load_signing_key
from pipelines.deid_zone.freeze import KEYS, ROWS, Outcome, Platform, versions
from pipelines.deid_zone.query import ask
from schemas.home import Home
from schemas.messages import messages

Row = dict[str, Any]


def folder_of(home: Home, name: str) -> Path:
    """Folder of `id` (its newest version) or `id@version`. Raises WrongUsage DST-040."""
    set_name, _, version = name.partition("@")
    known = versions(home, set_name) if set_name.replace("-", "").isalnum() else []
    if not known or (version and version not in known):
        raise WrongUsage(messages().issue("DST-040", name, name=name))
    return home.frozen / set_name / (version or known[-1])


def sealed_of(home: Home, folder: Path) -> Path:
    return home.sealed / folder.parent.name / folder.name


def all_sets(home: Home) -> list[str]:
    return [f"{folder.name}@{version}" for folder in sorted(home.frozen.glob("*")) for version in versions(home, folder.name)]


def last_two(home: Home, name: str) -> tuple[str, str]:
    """The newest version of a set and the one before it. Raises WrongUsage DST-040 when there are no two."""
    known = versions(home, folder_of(home, name).parent.name)
    if len(known) < 2:
        raise WrongUsage(messages().issue("DST-040", name, name=f"{name}@{int(known[-1]) + 1}"))
    return f"{name}@{known[-2]}", f"{name}@{known[-1]}"


def shown(home: Home, name: str) -> Row:
    """Manifest, card and withdrawals of a set: nothing per case."""
    folder = folder_of(home, name)
    manifest = layout.read_manifest(folder)
    gone = sorted(file.stem for file in (folder / layout.WITHDRAWALS).glob("*.json"))
    drift = link_drift(home, folder)
    return {"manifest": manifest.to_dict(), "card": json.loads((folder / layout.CARD).read_bytes()), "withdrawn": gone,
            "issues": [drift.to_dict()] if drift else []}


def keys(home: Home, folder: Path) -> dict[str, Row]:
    """Which token is which study: {token: key} of the cases that were not withdrawn. Holds no truth."""
    present = {case.token for case in layout.read_cases(folder)}
    rows = layout.read_lines(sealed_of(home, folder) / KEYS)
    return {row["token"]: row for row in rows if row["token"] in present}


def compared(home: Home, old: str, new: str) -> Row:
    """What changed between two versions, by study: cases, inputs, strata, tables. The references stay shut."""
    sides, manifests = [], []
    for name in (old, new):
        folder = folder_of(home, name)
        inputs = {case.token: sorted(socket.sha256 for socket in case.inputs if socket.socket != "case")
                  for case in layout.read_cases(folder)}
        sides.append({key["study"]: (inputs[token], key["strata"]) for token, key in keys(home, folder).items()})
        manifests.append(layout.read_manifest(folder))
    before, after = sides
    both = sorted(set(before) & set(after))
    return {"old": manifests[0].scope, "new": manifests[1].scope, "cases_old": len(before), "cases_new": len(after),
            "added": sorted(set(after) - set(before)), "removed": sorted(set(before) - set(after)),
            "input_changed": [study for study in both if before[study][0] != after[study][0]],
            "strata_changed": [study for study in both if before[study][1] != after[study][1]],
            "table_versions": [dict(manifest.provenance.get("table_versions", {})) for manifest in manifests]}


def export(home: Home, name: str, out: Path) -> int:
    """Write the frozen folder as one canonical tar; never the sealed reference. Gives its size in bytes."""
    folder = folder_of(home, name)
    if out.exists():
        raise WrongUsage(messages().issue("DST-041", str(out)))
    half = out.with_name(f".{out.name}.half")
    top = f"{folder.parent.name}@{folder.name}"
    with half.open("wb") as raw, tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            info = tarfile.TarInfo(f"{top}/{file.relative_to(folder).as_posix()}")
            info.size, info.mtime, info.mode = file.stat().st_size, 0, 0o644
            with file.open("rb") as stream:
                tar.addfile(info, stream)
    os.replace(half, out)
    return out.stat().st_size


def withdraw(platform: Platform, *, reason: str, on: str, subject: str | None = None, study: str | None = None) -> list[str]:
    """Erase every case of a subject or study from every frozen set; leaves stay. Gives "set@version token" per case.

    Raises WrongUsage DST-043 when no set holds such a case.
    """
    home, done = platform.home, []
    persons = _persons(home, subject) if subject else set()
    for name in all_sets(home):
        folder = folder_of(home, name)
        sealed = sealed_of(home, folder)
        for token, key in keys(home, folder).items():
            if key["study"] != study and key["subject"] != subject and key["person"] not in persons:
                continue
            platform.audit.record("dataset.withdraw", platform.actor, name, token=token)
            withdraw_case(folder, token, reason=reason, withdrawn_on=on, signing_key=load_signing_key(home.signing_key).private,
                          sealed_dir=sealed if (sealed / SEALED).exists() else None)
            _forget(sealed, token, key["series"])
            done.append(f"{name} {token}")
    if not done:
        raise WrongUsage(messages().issue("DST-043", "withdraw"))
    return done


def _persons(home: Home, subject: str) -> set[str]:
    """The names under which a subject's person may stand in a set: its own, and the person it was linked to."""
    rows = ask(home, "SELECT person FROM deid.person_link WHERE subject = '" + subject.replace("'", "''") + "'").rows
    return {subject, *(row["person"] for row in rows)}


def _forget(sealed: Path, token: str, series: str) -> None:
    """Take a withdrawn case out of the rows and keys kept beside the reference."""
    left = [row for row in layout.read_lines(sealed / KEYS) if row["token"] != token]
    write_private(sealed / KEYS, b"".join(canonical(row) + b"\n" for row in left))
    rows = pq.ParquetFile(sealed / ROWS).read()
    held = pa.BufferOutputStream()
    pq.write_table(rows.filter(pc.not_equal(rows.column("series_instance_uid"), series)), held, compression="zstd")
    write_private(sealed / ROWS, held.getvalue().to_pybytes())


def link_drift(home: Home, folder: Path) -> Issue | None:
    """Persons of a set, and of its practice and validation twins, who are one person by what is known today."""
    now = {row["subject"]: row["person"] for row in ask(home, "SELECT subject, person FROM deid.person_link").rows}
    name = folder.parent.name.removesuffix("-practice").removesuffix("-validation")
    groups: dict[str, set[tuple[str, str]]] = {}
    for twin in (name, f"{name}-practice", f"{name}-validation"):
        place = home.frozen / twin / folder.name
        for key in keys(home, place).values() if place.is_dir() else ():
            groups.setdefault(now.get(key["subject"]) or str(key["person"]), set()).add((key["person"], twin))
    pairs = [(a, b) for group in groups.values() for a, b in combinations(sorted(group), 2) if a[0] != b[0]]
    if not pairs:
        return None
    crossing = sum(a[1] != b[1] for a, b in pairs)
    return messages().issue("DST-042", f"{name}@{folder.name}", persons=len(pairs), crossing=crossing)


def outcome_view(outcome: Outcome) -> Row:
    """What a freeze came to; the first four keys speak of the sealed set, or of the only one."""
    main = next((frozen for frozen in reversed(outcome.sets) if frozen.visibility == "sealed"), outcome.sets[0])
    return {"dataset_id": main.set_id, "version": main.version, "cases": main.cases, "root": main.merkle_root,
            "sets": [asdict(frozen) for frozen in outcome.sets],
            "left_out": [{"case_id": case_id, "issue": issue.to_dict()} for case_id, issue in outcome.left_out],
            "remarks": [issue.to_dict() for issue in outcome.remarks]}

"""V0: bytes, signature, manifest, order, own digests. Every damaged byte has a place."""
from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from eval_harness.base import canonical, digest, dsse, sha256
from eval_harness.report import archive, readme
from eval_harness.report.compose import documents_of, pages
from eval_harness.report.edition import HEADS, INNER, MANIFEST, SCHEMA, STAMP, STATEMENT
from eval_harness.scoring.facts import SCHEMA as FACTS_SCHEMA
from eval_harness.verify.formats import known, known_statement
from eval_harness.verify.result import VerifyReport
from eval_harness.verify.statements import check_statements

ROOT_OF_HEAD = {"predicted": "results_root", "scored": "measurements_root"}


def open_archive(data: bytes, trust: bytes | None, report: VerifyReport) -> dict[str, bytes] | None:
    """Members of a sound archive with a fitting signature; None where it could not be opened (see report.issues)."""
    try:
        members = archive.unpack(data)
    except archive.ArchiveRefused as refused:
        report.refuse("VER-001", refused.place, found=refused.found)
        return None
    report.passed.append("canonical ZIP")
    if STATEMENT not in members or MANIFEST not in members:
        report.refuse("VER-002", "archive", missing=STATEMENT if STATEMENT not in members else MANIFEST)
        return None
    report.edition = "regulator" if INNER in members else "vendor"
    signed = listed = False
    with report.reading(STATEMENT):
        signed = _signature(members, trust, report)
    if signed:
        with report.reading(MANIFEST):
            listed = _manifest(members, report)
    return members if listed else None


def _signature(members: Mapping[str, bytes], trust: bytes | None, report: VerifyReport) -> bool:
    try:
        body, public = dsse.open_envelope(members[STATEMENT])
    except dsse.EnvelopeRefused as refused:
        report.refuse("VER-003", STATEMENT, found=str(refused))
        return False
    report.signer = dsse.key_id(public)
    if trust is not None and public != trust:
        report.refuse("VER-004", STATEMENT, found=dsse.key_id(public), trusted=dsse.key_id(trust))
    report.signer_checked = trust is not None and public == trust
    if trust is None:
        report.refuse("VER-005", STATEMENT, found=dsse.key_id(public))
    subjects = {one["name"]: one["digest"]["sha256"] for one in body["subject"]}
    signed = {name: sha256(members[name]) for name in (MANIFEST, STAMP) if name in members}
    if not known_statement(body["predicateType"], STATEMENT, report):
        return False
    return report.check("signed manifest", subjects == signed, "VER-007", MANIFEST, found=", ".join(sorted(subjects)))


def _manifest(members: Mapping[str, bytes], report: VerifyReport) -> bool:
    manifest = json.loads(members[MANIFEST])
    if not known(manifest["schema"], SCHEMA, MANIFEST, report):
        return False
    listed = {one["name"]: one for one in manifest["members"]}
    if len(listed) != len(manifest["members"]):
        report.refuse("VER-008", MANIFEST, found="listed twice")
    present = set(members) - {MANIFEST, STATEMENT, STAMP}
    for name in sorted(present ^ set(listed)):
        report.refuse("VER-008", name, found="listed, not there" if name in listed else "there, not listed")
    for name in sorted(present & set(listed)):
        if sha256(members[name]) != listed[name]["sha256"] or len(members[name]) != listed[name]["bytes"]:
            report.refuse("VER-009", name)
    return report.check("manifest", canonical(manifest) == members[MANIFEST] and not report_has(report, ("VER-008", "VER-009")),
                        "VER-010", MANIFEST)


def report_has(report: VerifyReport, codes: tuple[str, ...]) -> bool:
    return any(issue.code in codes for issue in report.issues)


def check_documents(members: Mapping[str, bytes], report: VerifyReport) -> dict[str, Any] | None:
    """Digests that the documents give of one another, the audited order, and the pages made again from the facts.

    None where a document cannot be read or is of a version that is not known here (see report.issues).
    """
    documents: dict[str, Any] | None = None
    commitments: dict[str, Any] = {}
    for name, data in sorted(members.items()):
        with report.reading(name):
            if name.endswith(".json") and canonical(json.loads(data)) != data:
                report.refuse("VER-011", name)
    with report.reading("facts.json"):
        documents, commitments = documents_of(members), json.loads(members["commitments.json"])
        if not known(documents["facts"]["schema"], FACTS_SCHEMA, "facts.json", report):
            return None
        report.visibility = documents["facts"]["visibility"]
    if documents is None:
        return None
    with report.reading("commitments.json"):
        _digests(documents, commitments, report)
    with report.reading("facts.json"):
        check_statements(documents, dsse.open_envelope(members[STATEMENT])[0]["predicate"], report)
    with report.reading("audit.json#/heads"):
        _order(documents["audit"].get("heads") or {}, documents["facts"], report)
    with report.reading("report.zh.html"):
        _pages(members, documents, report)
    return documents


def _digests(documents: Mapping[str, Any], commitments: Mapping[str, Any], report: VerifyReport) -> None:
    facts = documents["facts"]
    report.check("plan digest", digest(documents["protocol"]) == facts["protocol"]["digest"], "VER-012", "facts.json#/protocol/digest",
                 what="protocol.json")
    report.check("pack digest", documents["pack"]["digest"] == facts["identity"]["task"]["digest"], "VER-012",
                 "facts.json#/identity/task/digest", what="pack/pack.json")
    fits = all(commitments.get(name) == root for name, root in facts["commitments"].items())
    report.check("commitments", fits and facts["run"]["results_root"] == commitments["results_root"], "VER-012", "facts.json#/commitments",
                 what="commitments.json")
    dataset = facts["identity"]["dataset"]
    report.check("set roots", all(dataset[name] == commitments["set"].get(name) for name in dataset), "VER-012",
                 "facts.json#/identity/dataset", what="commitments.json#/set")


def _order(heads: Mapping[str, Any], facts: Mapping[str, Any], report: VerifyReport) -> None:
    """locked < predicted < unsealed < scored, and the roots that the audit log holds are the roots of this evidence."""
    if facts["visibility"] != "sealed":
        return
    missing = [name for name in HEADS[:3] if not heads.get(name)]
    if missing:
        report.refuse("VER-013", "audit.json#/heads", found=f"no head: {', '.join(missing)}")
        return
    steps = [(name, int(heads[name]["seq"])) for name in HEADS if heads.get(name)]
    wrong = [f"{a[0]} {a[1]} ≥ {b[0]} {b[1]}" for a, b in pairwise(steps) if a[1] >= b[1]]
    report.check("audited order", not wrong, "VER-013", "audit.json#/heads", found="; ".join(wrong))
    for name, root in ROOT_OF_HEAD.items():
        held = heads.get(name, {}).get("root")
        if name == "predicted" or held is not None:
            report.check(f"audited root: {name}", held == facts["commitments"][root], "VER-014",
                         f"audit.json#/heads/{name}/root", what=root)
    plan = heads["locked"].get("root")
    if plan is not None:
        report.check("audited plan", plan == facts["protocol"]["digest"], "VER-014", "audit.json#/heads/locked/root",
                     what="protocol.digest")


def _pages(members: Mapping[str, bytes], documents: Mapping[str, Any], report: VerifyReport) -> None:
    report.signed_only += [name for name in sorted(members) if name.endswith(".pdf")]
    for name, data in {**pages(documents), **readme.members(documents["facts"])}.items():
        report.check(f"{name} made again", members.get(name) == data, "VER-015", name)

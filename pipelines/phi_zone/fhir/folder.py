"""`touchstone deid fhir` without a lake: Patients first wherever they stand, then every resource, in input order.

Out   DIR/released/<Type>.ndjson, DIR/manifest.jsonl, DIR/summary.json: the same bytes for the same input, key and policy
Rule  DOORS, "De-identification without a lake"
Nothing is put in place before everything is written and the residual scan has seen it.
"""

from __future__ import annotations

import gc
import hashlib
import re
import shutil
import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from eval_harness.base import Issue, Terminal, WrongUsage, digest
from pipelines.phi_zone.canary import canaries
from pipelines.phi_zone.fhir.deidentify import deidentify_resource, quarantined
from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.references import literal, tokens_of
from pipelines.phi_zone.fhir.sources import Source, input_files, sources
from pipelines.phi_zone.fhir.subjects import SITE_TYPES, contained, subject_reference_of
from pipelines.phi_zone.identity import SubjectIndex, identity_of_patient
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import FhirOutcome
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site
from schemas.shapes.text_policy import TextPolicy

ENGINE = "touchstone-fhir/1"
SCAN_BYTES = 1 << 19
CANARIES = 5
_FIRST = re.compile(
    rb'"resourceType"\s*:\s*"(?:Patient|RelatedPerson|Person|Practitioner|PractitionerRole|Organization|Location)"|"Binary/'
)
_STAFF = ("Practitioner", "Organization", "Location")


@dataclass
class Report:
    """Counts of one run; nothing of the source."""

    resources: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_type: dict[str, Counter[str]] = field(default_factory=dict)
    by_code: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    residual: int = 0
    canaries: int = 0
    bytes_out: int = 0

    def to_dict(self, policy: FhirPolicy, text_policy: TextPolicy, site: Site, key: ProjectKey) -> dict[str, Any]:
        return {
            "schema": "touchstone-deid-fhir/1",
            "engine": ENGINE,
            "site": site.site_id,
            "key_id": key.key_id,
            "fhir_version": policy.fhir_version,
            "policy": {"policy_id": policy.policy_id, "version": policy.version, "sha256": digest(policy.model_dump(mode="json"))},
            "text_policy": {
                "policy_id": text_policy.policy_id,
                "version": text_policy.version,
                "sha256": digest(text_policy.model_dump(mode="json")),
            },
            "resources": self.resources,
            "status": dict(sorted(self.by_status.items())),
            "codes": dict(sorted(self.by_code.items())),
            "types": {name: dict(sorted(counts.items())) for name, counts in sorted(self.by_type.items())},
            "actions": dict(sorted(self.actions.items())),
            "residual_findings": self.residual,
            "canaries": {"planted": self.canaries, "leaked": 0},
            "bytes": self.bytes_out,
        }


def deidentify_folder(
    inputs: list[Path], out: Path, site: Site, key: ProjectKey, policy: FhirPolicy, text_policy: TextPolicy, tick: Any = None
) -> Report:
    """De-identify everything in `inputs` into `out`. Raises WrongUsage FHR-023 for a folder that holds something else."""
    files = input_files(inputs)
    _refuse_foreign(out)
    work = out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    (work / "released").mkdir(parents=True)
    try:
        index = _index(files, site, key, policy)
        cleaner = TextCleaner(text_policy, index.staff)
        refuse_leaking_canaries(site, key, policy, cleaner)
        with _rare_collection():
            report = _Run(index, cleaner, policy, work).all(files, tick)
        report.canaries = CANARIES
        _put_in_place(work, out, report.to_dict(policy, text_policy, site, key))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Resources are trees without cycles: looking for cycles after every few hundred of them only costs time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def refuse_leaking_canaries(site: Site, key: ProjectKey, policy: FhirPolicy, cleaner: TextCleaner) -> None:
    """Send made-up people through this very engine first. Raises Terminal PRF-006 when a value of one comes out."""
    leaked = 0
    for number, canary in enumerate(canaries(key, CANARIES)):
        scan = Residual.of_known([canary.known()])
        patient, *rest = canary.resources(number)
        identity = identity_of_patient(patient, site)
        assert identity is not None
        subject = identity.subject(key, site)
        outcomes = [deidentify_resource(resource, policy, key, site, subject, identity.known, cleaner) for resource in (patient, *rest)]
        leaked += any(outcome.content is None or scan.scan_bytes(outcome.content, "canary") for outcome in outcomes)
    if leaked:
        raise Terminal(messages().issue("PRF-006", "policy", planted=CANARIES, leaked=leaked))


def _refuse_foreign(out: Path) -> None:
    ours = {"released", "manifest.jsonl", "summary.json", ".work", "proof.json", "deid_report.zh.md", "deid_report.en.md"}
    if out.exists() and (not out.is_dir() or any(entry.name not in ours for entry in out.iterdir())):
        raise WrongUsage(messages().issue("FHR-023", "--out", found=out.name))


def _put_in_place(work: Path, out: Path, summary: dict[str, Any]) -> None:
    shutil.rmtree(out / "released", ignore_errors=True)
    (work / "released").replace(out / "released")
    (work / "manifest.jsonl").replace(out / "manifest.jsonl")
    (out / "summary.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")


# ---------------------------------------------------------------- first pass: who is who


def _index(files: list[Path], site: Site, key: ProjectKey, policy: FhirPolicy) -> SubjectIndex:
    index, staff = SubjectIndex(key, site), []
    binaries: list[tuple[str, list[str]]] = []
    for file in files:
        for source in sources(file, policy.parameters.max_line_bytes, policy.parameters.max_depth):
            resource = _early(source, policy)
            if resource is None:
                continue
            kind = resource.get("resourceType")
            if source.full_url and source.full_url.startswith("urn:") and isinstance(resource.get("id"), str):
                index.urns[source.full_url.lower()] = (str(kind), resource["id"])
            if kind == "Patient":
                identity = identity_of_patient(resource, site, source.full_url)
                if identity is not None:
                    index.add_patient(identity)
            elif kind == "RelatedPerson":
                index.add_related(resource)
            elif kind in _STAFF:
                staff.append(
                    {name: resource.get(name) for name in ("resourceType", "name", "alias", "telecom", "address", "contact", "extension")}
                )
            binaries += [(token, subject_reference_of(resource)) for token in _binaries(resource)]
    index.add_staff(staff)
    index.settle()
    for token, owners in binaries:
        subject = index.resolve(owners)
        if subject is not None:
            index.subjects.setdefault(token, subject)
    return index


def _early(source: Source, policy: FhirPolicy) -> dict[str, Any] | None:
    """The resource, when the first pass needs it; unreadable ones are answered for in the second."""
    if source.tree is not None:
        return source.tree
    if source.line is None or (source.full_url is None and not _FIRST.search(source.line)):
        return None
    try:
        return parse(source.line, policy.parameters.max_line_bytes, policy.parameters.max_depth)
    except Unreadable:
        return None


def _binaries(resource: dict[str, Any]) -> Iterator[str]:
    """Binary tokens this resource's attachments point to: a Binary itself often names no patient."""
    parts = [resource.get("presentedForm"), resource.get("content"), resource.get("payload")]
    for part in (p for group in parts for p in (group if isinstance(group, list) else [group])):
        for holder in (part, part.get("attachment"), part.get("contentAttachment")) if isinstance(part, dict) else ():
            url = holder.get("url") if isinstance(holder, dict) else None
            place = literal(url) if isinstance(url, str) else None
            if place is not None and place[0] == "Binary":
                yield f"Binary/{place[1]}"


# ---------------------------------------------------------------- second pass


class _Run:
    """One pass over the input; holds the open outputs and what has been seen (keyed ids only, on disk)."""

    def __init__(self, index: SubjectIndex, cleaner: TextCleaner, policy: FhirPolicy, work: Path) -> None:
        self.index, self.cleaner, self.policy, self.work = index, cleaner, policy, work
        self.report, self.lines = Report(), Counter[str]()
        self.outputs: dict[str, IO[bytes]] = {}
        self.held: list[tuple[str, FhirOutcome, str]] = []
        self.held_bytes = 0
        self.residual = Residual.of_known([index.staff, *index.known.values()])
        self.seen = sqlite3.connect(work / "seen.db", isolation_level=None)
        self.seen.execute("PRAGMA journal_mode=OFF")
        self.seen.execute("PRAGMA synchronous=OFF")
        self.seen.execute("BEGIN")
        self.seen.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, content BLOB, output TEXT, line INTEGER) WITHOUT ROWID")

    def all(self, files: list[Path], tick: Any) -> Report:
        try:
            with (self.work / "manifest.jsonl").open("wb", buffering=1 << 18) as manifest:
                for file in files:
                    for source in sources(file, self.policy.parameters.max_line_bytes, self.policy.parameters.max_depth):
                        self.held.append((source.sha256, *self._outcome(source)))
                        self.held_bytes += len(self.held[-1][1].content or b"") + 200
                        if self.held_bytes > SCAN_BYTES:
                            self._flush(manifest)
                        if tick is not None:
                            tick()
                self._flush(manifest)
        finally:
            for stream in self.outputs.values():
                stream.close()
            self.seen.close()
            (self.work / "seen.db").unlink(missing_ok=True)
        return self.report

    def _flush(self, manifest: IO[bytes]) -> None:
        """Scan what is held in one piece, then write it: content to its type's file, one manifest line each."""
        for sha256, outcome, key in self._scanned():
            output, line = None, None
            if outcome.status == "released" and outcome.content is not None:
                outcome, output, line = self._write(outcome, key)
            self._count(outcome)
            row = {
                "source_sha256": sha256,
                "resource_type": outcome.resource_type,
                "status": outcome.status,
                "output": output,
                "output_line": line,
                "subject": outcome.subject,
                "issues": [issue.to_dict() for issue in outcome.issues],
            }
            manifest.write(orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n")
        self.held_bytes = 0

    def _scanned(self) -> list[tuple[str, FhirOutcome, str]]:
        """What is held, with everything the residual scan stands against turned into quarantined outcomes."""
        rows, self.held = self.held, []
        starts, place = [], 0
        for _, outcome, _ in rows:
            starts.append(place)
            place += len(outcome.content or b"") + 1
        found: dict[int, list[Issue]] = {}
        for offset, issue in self.residual.findings(b"\n".join(outcome.content or b"" for _, outcome, _ in rows), "released"):
            found.setdefault(bisect_right(starts, offset) - 1, []).append(issue)
        self.report.residual += sum(len(issues) for issues in found.values())
        return [
            (sha, FhirOutcome("quarantined", tuple(found[i][:5]), outcome.resource_type, outcome.subject) if i in found else outcome, key)
            for i, (sha, outcome, key) in enumerate(rows)
        ]

    def _outcome(self, source: Source) -> tuple[FhirOutcome, str]:
        if source.issue is not None:
            return quarantined(source.issue), ""
        parameters = self.policy.parameters
        try:
            tree = source.tree if source.tree is not None else parse(source.line or b"", parameters.max_line_bytes, parameters.max_depth)
        except Unreadable as found:
            return quarantined(found.issue), ""
        tokens = self._tokens(tree, source)
        subject = self.index.resolve(tokens)
        if (
            subject is None
            and tokens
            and tree["resourceType"] in SITE_TYPES
            and any(t.startswith(("Patient/", "Patient?")) for t in tokens)
        ):
            return quarantined(messages().issue("FHR-008", tree["resourceType"]), tree["resourceType"]), ""
        known = self.index.known.get(subject) if subject is not None else None
        outcome = deidentify_resource(
            tree,
            self.policy,
            self.index.key,
            self.index.site,
            subject,
            known,
            self.cleaner,
            self.index,
            [t for t in tokens if self.index.subjects.get(t) == subject],
        )
        return outcome, f"{tree['resourceType']}/{tree.get('id')}"

    def _tokens(self, tree: dict[str, Any], source: Source) -> list[str]:
        if tree["resourceType"] == "Patient":
            identity = identity_of_patient(tree, self.index.site, source.full_url)
            return list(identity.reference_keys[:1]) if identity is not None else []
        tokens = subject_reference_of(tree)
        inner = [contained(tree, t[1:]) for t in tokens if t.startswith("#")]
        for patient in (p for p in inner if p is not None):
            identity = identity_of_patient({k: v for k, v in patient.items() if k != "id"}, self.index.site)
            tokens = [*tokens, *(identity.reference_keys if identity else ())]
        if tree["resourceType"] == "Binary":
            tokens = [*tokens, f"Binary/{tree.get('id')}", *tokens_of(tree.get("securityContext"))]
        return tokens

    def _write(self, outcome: FhirOutcome, source_key: str) -> tuple[FhirOutcome, str | None, int | None]:
        """Append the content to its type's file, unless an earlier resource stands against it."""
        assert outcome.content is not None
        kind = str(outcome.resource_type)
        mark = hashlib.sha256(outcome.content).digest()[:12]
        token = f"{kind}/{outcome.resource_id}"
        if kind == "Patient":   # two source Patients of one subject are two resources
            token = self.index.key.token("fhir-seen", self.index.site.site_id, source_key)
        output = f"released/{kind}.ndjson"
        if self.seen.execute("INSERT OR IGNORE INTO seen VALUES (?,?,?,?)", (token, mark, output, self.lines[kind])).rowcount == 0:
            return self._seen_before(outcome, token, mark)
        stream = self.outputs.get(kind)
        if stream is None:
            stream = self.outputs[kind] = (self.work / output).open("wb", buffering=1 << 17)
        stream.write(outcome.content + b"\n")
        self.report.bytes_out += len(outcome.content) + 1
        self.lines[kind] += 1
        return outcome, output, self.lines[kind] - 1

    def _seen_before(self, outcome: FhirOutcome, token: str, mark: bytes) -> tuple[FhirOutcome, str | None, int | None]:
        content, output, line = self.seen.execute("SELECT content, output, line FROM seen WHERE id = ?", (token,)).fetchone()
        if content == mark:
            issues = (*outcome.issues, messages().issue("FHR-019", str(outcome.resource_type)))
            return FhirOutcome("released", issues, outcome.resource_type, outcome.subject), output, line
        return (
            FhirOutcome("quarantined", (messages().issue("FHR-022", str(outcome.resource_type)),), outcome.resource_type, outcome.subject),
            None,
            None,
        )

    def _count(self, outcome: FhirOutcome) -> None:
        report = self.report
        report.resources += 1
        report.by_status[outcome.status] += 1
        report.by_type.setdefault(outcome.resource_type or "unreadable", Counter())[outcome.status] += 1
        report.by_code.update(issue.code for issue in outcome.issues)
        if outcome.status == "released":
            report.actions.update(outcome.actions)


def issues_of(report: Report) -> list[Issue]:
    """What the command prints besides counts: residual findings need a person."""
    return [messages().issue("PRF-005", "released/", found=report.residual)] if report.residual else []

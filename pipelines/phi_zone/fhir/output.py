"""The second pass: every resource of the input through the engine, the residual scan over all of it, and a line for each."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import IO, Any

from eval_harness.base import Issue
from pipelines.phi_zone.fhir.beside import named_beside
from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.deidentify import Engine, malformed, refused, shown
from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.references import is_plain, tokens_of
from pipelines.phi_zone.fhir.report import Report
from pipelines.phi_zone.fhir.row import Row
from pipelines.phi_zone.fhir.seen import Seen
from pipelines.phi_zone.fhir.sources import Source, sources
from pipelines.phi_zone.fhir.subjects import SITE_TYPES, plain_pointer_of, subject_reference_of
from pipelines.phi_zone.identity import SubjectIndex, identity_of_patient
from pipelines.phi_zone.residual import Residual
from schemas.deid import KnownIdentity
from schemas.messages import messages

SCAN_BYTES = 1 << 19
PERSONS = 512
EMPTY = "FHR-025"


class Output:
    """One pass over the input; holds the open outputs and what has been written (keyed ids only, on disk)."""

    def __init__(self, engine: Engine, index: SubjectIndex, work: Path) -> None:
        self.engine, self.index, self.work = engine, index, work
        self.report, self.lines = Report(), Counter[str]()
        self.outputs: dict[str, IO[bytes]] = {}
        self.residual = Residual.of_known([index.staff, *index.known.values()])
        self.seen = Seen(work / "seen.db")
        self.persons: dict[str, Context] = {}
        self.together: dict[tuple[str | None, KnownIdentity], KnownIdentity] = {}

    def of(self, files: list[Path], tick: Any) -> Report:
        limits = self.engine.policy.parameters
        held: list[Row] = []
        size = 0
        try:
            with (self.work / "manifest.jsonl").open("wb", buffering=1 << 18) as manifest:
                for file in files:
                    for source in sources(file, limits.max_line_bytes, limits.max_depth):
                        row = self._row(source)
                        held.append(row)
                        size += len(row.content) + 200
                        if size > SCAN_BYTES:
                            self._flush(held, manifest)
                            held, size = [], 0
                        if tick is not None:
                            tick()
                self._flush(held, manifest)
        finally:
            for stream in self.outputs.values():
                stream.close()
            self.seen.close()
        return self.report

    # ------------------------------------------------------------ one resource

    def _row(self, source: Source) -> Row:
        if source.issue is not None:
            row = Row(source.sha256, None, None, (source.issue,))
            row.status = "rejected" if source.issue.code == EMPTY else row.status
            return row
        limits = self.engine.policy.parameters
        try:
            tree = source.tree if source.tree is not None else parse(source.line or b"", limits.max_line_bytes, limits.max_depth)
        except Unreadable as found:
            return Row(source.sha256, None, None, (found.issue,))
        kind = tree["resourceType"]
        ctx = self._context(tree, source)
        if isinstance(ctx, Issue):
            return Row(source.sha256, kind, None, (ctx,))
        if (issue := refused(self.engine, tree, kind, ctx.subject)) is not None:
            return Row(source.sha256, shown(kind), None, (issue,))
        row = Row(source.sha256, kind, ctx.subject)
        try:
            row.content, row.new_id, kept = self.engine.content(tree, kind, ctx.begin(kind))
        except Malformed as bad:
            row.issues = (malformed(bad, tree),)
            return row
        row.status, row.source_id = "released", tree["id"]
        row.actions = (kept, ctx.removed, ctx.shifted, ctx.remapped + 1, ctx.cleaned)
        if ctx.issues:
            row.issues = tuple(ctx.issues)
        return row

    def _context(self, tree: dict[str, Any], source: Source) -> Context | Issue:
        """Whose the resource is; the last patients are at hand, because records come patient by patient."""
        pointer = plain_pointer_of(tree) if tree["resourceType"] != "Patient" else None
        beside = named_beside(tree)
        if pointer is not None and beside is None and (held := self.persons.get(pointer)) is not None:
            return held
        tokens = self._tokens(tree, source)
        subject = self.index.resolve(tokens)
        if subject is None and tree["resourceType"] in SITE_TYPES and any(t.startswith(("Patient/", "Patient?")) for t in tokens):
            return messages().issue("FHR-008", tree["resourceType"])
        known = self._known(subject, beside)
        aliases = [t for t in tokens if t.startswith("#") or self.index.subjects.get(t) == subject] or subject_reference_of(tree)
        ctx = self.engine.context(subject, known, aliases, self.index)
        if beside is None and pointer is not None and subject is not None and tokens == [pointer] and is_plain(pointer):
            if len(self.persons) >= PERSONS:
                self.persons.clear()
            self.persons[pointer] = ctx
        return ctx

    def _known(self, subject: str | None, beside: KnownIdentity | None) -> KnownIdentity | None:
        """What is searched for in a resource's text; the same object for the same people, so that it is spelled out once."""
        known = self.index.known.get(subject) if subject is not None else None
        if beside is None:
            return known
        if len(self.together) >= PERSONS:
            self.together.clear()
        return self.together.setdefault((subject, beside), beside if known is None else known.merged(beside))

    def _tokens(self, tree: dict[str, Any], source: Source) -> list[str]:
        if tree["resourceType"] == "Patient":
            identity = identity_of_patient(tree, self.index.site, source.full_url)
            return list(identity.reference_keys[:1]) if identity is not None else []
        tokens = subject_reference_of(tree)
        if tree["resourceType"] == "Binary":
            tokens = [*tokens, f"Binary/{tree.get('id')}", *tokens_of(tree.get("securityContext"))]
        return tokens

    # ------------------------------------------------------------ many at once

    def _flush(self, rows: list[Row], manifest: IO[bytes]) -> None:
        """Scan what is held in one piece, then write it: content to its type's file, one manifest line each."""
        self._scan(rows)
        for row in rows:
            if row.status == "released":
                self._write(row)
            manifest.write(row.manifest())
        self.report.count(rows)

    def _scan(self, rows: list[Row]) -> None:
        """Everything the residual scan stands against is quarantined."""
        starts, place = [], 0
        for row in rows:
            starts.append(place)
            place += len(row.content) + 1
        found: dict[int, list[Issue]] = {}
        for offset, issue in self.residual.findings(b"\n".join([row.content for row in rows]), "released"):
            found.setdefault(bisect_right(starts, offset) - 1, []).append(issue)
        for place, issues in found.items():
            rows[place].quarantine(*issues[:5])
            self.report.residual += len(issues)

    def _write(self, row: Row) -> None:
        """Append the content to its type's file, unless an earlier resource stands against it."""
        kind = str(row.kind)
        mark = hashlib.sha256(row.content).digest()[:12]
        token = f"{kind}/{row.new_id}"
        if kind == "Patient":  # two source Patients of one subject are two resources
            token = self.engine.key.token("fhir-seen", self.index.site.site_id, f"{kind}/{row.source_id}")
        before = self.seen.before(token)
        if before is not None:
            if before.mark == mark:
                row.line, row.actions = before.line, ()
                row.issues = (*row.issues, messages().issue("FHR-019", kind))
            else:
                row.quarantine(messages().issue("FHR-022", kind))
            return
        row.line = self.lines[kind]
        self.seen.add(token, mark, row.line)
        stream = self.outputs.get(kind)
        if stream is None:
            stream = self.outputs[kind] = (self.work / "released" / f"{kind}.ndjson").open("wb", buffering=1 << 17)
        stream.write(row.content)
        stream.write(b"\n")
        self.report.bytes_out += len(row.content) + 1
        self.lines[kind] = row.line + 1

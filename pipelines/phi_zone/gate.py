"""Release as a gate: what a hospital's night must show before anything of it leaves, written down batch by batch.

    evidence/deid/<site>/<receipt>/batch-<id>.json   one decided batch: counts, actions, findings, what stood against it
                                   proof.json         their sum, with the policies and the bound of the latest reading
                                   deid_report.zh.md, deid_report.en.md
A batch's file is written before its ledger events and is named by its commit, so a killed batch, decided again, writes it again; only
those with events are summed. Counts, codes and digests only.
"""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, digest
from pipelines.phi_zone import proof, readings
from pipelines.phi_zone.canary import leaked
from pipelines.phi_zone.dicom import load_policy
from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
from pipelines.phi_zone.proof_report import report
from pipelines.phi_zone.release import Released, refusal, unit_key
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.quarantine import Refusal
from schemas.deid import KnownIdentity
from schemas.home import Home
from schemas.shapes.site import Site
from schemas.shapes.text_policy import Proof as Limits
from schemas.tables import EVENT

Row = dict[str, Any]
FORM = "RES-002"


@dataclass(frozen=True)
class Gate:
    """What one receipt's batches are held against. Canaries go through the engine when the first batch asks."""

    run: Run
    staff: KnownIdentity

    @cached_property
    def _before(self) -> proof.Shown:
        run, text = self.run, load_text_policy(self.run.site.policies.text)
        planted = text.proof.canaries
        fhir = load_fhir_policy(run.site.policies.fhir)
        out = leaked(run.site, run.key, fhir, TextCleaner(text, self.staff), planted) if planted else 0
        read = readings.latest(run.home, run.site_id, rules=rules_digest(run.site))
        return readings.shown(read, planted=planted, leaked=out)

    @cached_property
    def standing(self) -> list[Issue]:
        """What stands against every batch, whatever is in it: a canary that came out, a bound above the limit."""
        return proof.objections(self._before, self._limits)

    @cached_property
    def site(self) -> Residual:
        """The site's own people and places, as the scan of every row searches for them."""
        return Residual.of_known([self.staff], forms=False)

    @cached_property
    def _limits(self) -> Limits:
        return load_text_policy(self.run.site.policies.text).proof

    def hold(self, scanned: list[Row], clean: list[Row], refused: list[Refusal]) -> tuple[list[Row], list[Refusal], list[Issue]]:
        """(rows that may leave, refusals, objections): after a finding, clean rows of its batch or its subject are refused too."""
        counted = Counter("forms" if issue["code"] == FORM else "known"
                          for one in refused for issue in one.issues if issue["code"].startswith("RES-"))
        found = proof.objections(proof.Shown(counted["known"], counted["forms"]), self._limits)
        if not found:
            return clean, refused, []
        hit = {one.key for one in refused if any(issue["code"].startswith("RES-") for issue in one.issues)}
        subjects = {row["subject"] for row in scanned if row["subject"] and unit_key(row) in hit}
        held = {"batch": clean, "subject": [row for row in clean if row["subject"] in subjects], "row": []}[self._limits.residual]
        kept = {unit_key(row) for row in held}
        return [row for row in clean if unit_key(row) not in kept], [*refused, *self.refuse(held, found)], found

    @staticmethod
    def refuse(rows: Iterable[Row], found: list[Issue]) -> list[Refusal]:
        return [refusal(row, "release", [issue.to_dict() for issue in found]) for row in rows]

    def note(self, commit_id: str, out: Released, rejected: list[Row], found: list[Issue]) -> None:
        """Write down what a batch came to."""
        codes = Counter(code for one in out.refused for code in {issue["code"] for issue in one.issues})
        codes.update(code for row in out.released for code in {issue["code"] for issue in row["issues"] or []})
        actions: Counter[str] = Counter()
        for row in out.released:
            actions.update(json.loads(row["actions"] or "{}"))
        issues = [issue["code"] for one in out.refused for issue in one.issues if issue["code"].startswith("RES-")]
        status = {"released": len(out.released), "quarantined": len(out.refused), "rejected": len(rejected)}
        forms = issues.count(FORM)
        noted = {"commit_id": commit_id, "status": status, "codes": dict(codes), "actions": dict(actions),
                 "residual": {"known": len(issues) - forms, "forms": forms}, "refused": [issue.to_dict() for issue in found],
                 "canaries": {"planted": self._before.planted, "leaked": self._before.leaked}}
        _write(folder_of(self.run) / f"batch-{digest(commit_id)[:24]}.json", json.dumps(noted, sort_keys=True, indent=1) + "\n")


def prove(run: Run) -> list[Issue]:
    """Sum this receipt's batches into its proof and report; give what stood against them. Nothing decided: nothing written."""
    noted = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder_of(run).glob("batch-*.json"))]
    committed = _committed(run) if noted else frozenset()
    batches = [batch for batch in noted if batch["commit_id"] in committed]
    if not batches:
        return []
    objected = {issue["code"]: Issue(**issue) for batch in batches for issue in batch["refused"]}
    summary = {"schema": "touchstone-batch-proof/1", "site": run.site_id, "receipt": run.receipt_id, "day": run.day.isoformat(),
               **_policies(run.site), **{name: _sum(batches, name) for name in ("status", "codes", "actions", "residual")},
               "canaries": {name: max(batch["canaries"][name] for batch in batches) for name in ("planted", "leaked")},
               "refused": [objected[code].to_dict() for code in sorted(objected)]}
    write_report(folder_of(run), summary, readings.latest(run.home, run.site_id, covers={run.receipt_id}))
    if objected:
        run.audit.record("release.refused", run.actor, run.receipt_id, codes=" ".join(sorted(objected)))
    return [objected[code] for code in sorted(objected)]


def _committed(run: Run) -> frozenset[str]:
    """Batches whose events were written: one killed before that, and decided in other company afterwards, is not counted twice."""
    events = run.engine.read(EVENT, columns=["commit_id"], where=f"site_id = '{run.site_id}' AND receipt_id = '{run.receipt_id}'")
    ids = run.engine.table(run.engine.sql("SELECT DISTINCT commit_id FROM event", event=events)).column("commit_id").to_pylist()
    return frozenset(commit_id.rpartition(":")[0] for commit_id in ids)


def write_report(folder: Path, summary: Mapping[str, Any], read: readings.Reading | None) -> None:
    """proof.json and both reports of one receipt, with the reading that covers it."""
    bound = read.bound if read else None
    refused = [Issue(**issue) for issue in summary["refused"]]
    whole = dict(summary) | {"bound": bound.to_dict() if bound else None}
    _write(folder / "proof.json", json.dumps(whole, sort_keys=True, indent=1) + "\n")
    for lang in ("zh", "en"):
        _write(folder / f"deid_report.{lang}.md", report(summary, bound, refused, lang))


def rules_digest(site: Site) -> str:
    """What decides how a record comes out. A reading says nothing about records that went through other rules."""
    text = load_text_policy(site.policies.text).model_dump(mode="json", exclude={"proof"})
    return digest([load_policy(site.policies.dicom).model_dump(mode="json"), load_fhir_policy(site.policies.fhir).model_dump(mode="json"),
                   text])


def again(home: Home, site_id: str, read: readings.Reading) -> None:
    """Write the reports of every receipt that a new reading covers once more, now with its bound."""
    for receipt in sorted(read.receipts):
        file = home.proofs / site_id / receipt / "proof.json"
        if file.exists():
            write_report(file.parent, json.loads(file.read_text(encoding="utf-8")), read)


def folder_of(run: Run) -> Path:
    return run.home.proofs / run.site_id / run.receipt_id


def _policies(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = {"dicom_policy": load_policy(site.policies.dicom), "policy": load_fhir_policy(site.policies.fhir),
                             "text_policy": load_text_policy(site.policies.text)}
    return {name: {"policy_id": one.policy_id, "version": one.version, "sha256": digest(one.model_dump(mode="json"))}
            for name, one in found.items()}


def _sum(batches: list[Row], name: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for batch in batches:
        total.update(batch[name])
    return dict(sorted(total.items()))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f".{path.name}.half")
    half.write_text(text, encoding="utf-8")
    half.rename(path)

"""The counts of one run of `touchstone deid fhir`; nothing of the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eval_harness.base import Issue, digest
from pipelines.phi_zone.fhir.row import Row
from pipelines.phi_zone.keys import ProjectKey
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site
from schemas.shapes.text_policy import TextPolicy

ENGINE = "touchstone-fhir/1"
ACTIONS = ("kept", "removed", "shifted", "remapped", "cleaned")


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
    files_passed_over: int = 0
    """Files below the folders named whose names are not those of FHIR JSON: not read, and not copied."""

    def count(self, rows: Iterable[Row]) -> None:
        """Rows that are written and will not change any more."""
        pairs = Counter((row.kind or "unreadable", row.status) for row in rows)
        for (kind, status), count in pairs.items():
            self.by_status[status] += count
            self.by_type.setdefault(kind, Counter())[status] += count
            self.resources += count
        self.by_code.update(issue.code for row in rows for issue in row.issues)
        done = [row.actions for row in rows if row.status == "released" and row.actions]
        for name, counts in zip(ACTIONS, zip(*done, strict=True), strict=False):
            self.actions[name] += sum(counts)

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
            "files_passed_over": self.files_passed_over,
        }


def issues_of(report: Report) -> list[Issue]:
    """What the command prints besides counts: residual findings need a person, files of other names a look."""
    found = [messages().issue("PRF-005", "released/", found=report.residual)] if report.residual else []
    return found + ([messages().issue("FHR-026", "IN", found=report.files_passed_over)] if report.files_passed_over else [])

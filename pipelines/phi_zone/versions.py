"""Shipped policies beside the record of what each of their versions says: content that changes under one version is told.

A row, a proof and a report name the policy that made them by version; two contents under one would name nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import governance
from eval_harness.base import Issue
from eval_harness.base.yaml_file import read_yaml
from pipelines.phi_zone.stamp import Policy, content_digest
from schemas.messages import messages

RECORD = Path(governance.__file__).parent / "policies" / "versions.yaml"


def recorded() -> dict[str, dict[int, str]]:
    """`kind/name` of each shipped policy → digest by version."""
    found: dict[str, dict[int, str]] = read_yaml(RECORD)
    return found


def unversioned(name: str, policy: Policy, record: Mapping[str, Mapping[int, str]]) -> list[Issue]:
    """POL-015 where a policy says something else than its version is recorded with. name: `fhir/cn-gold`; one that is not in the
    record is a hospital's own."""
    digest = content_digest(policy)
    if name not in record or record[name].get(policy.version) == digest:
        return []
    right = policy.version if policy.version not in record[name] else max(record[name]) + 1
    return [messages().issue("POL-015", f"{name}.yaml, version", found=policy.version, right=right, name=name, digest=digest,
                             record=f"governance/policies/{RECORD.name}")]

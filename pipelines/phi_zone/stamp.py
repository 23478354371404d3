"""What a released row says of the policies that made it: `cn-gold/2:9f2c4e01ab37d655`, name and version of its DICOM or FHIR policy and
a digest of every rule that acted on it.

The digest covers what decides how a row comes out: that policy and the text policy, without names, versions, words for people and
the limits of the proof. What a policy leaves to its default is not in it, so a new option of the platform makes no row look old.
"""
from __future__ import annotations

from typing import Any

from eval_harness.base import digest
from pipelines.phi_zone.dicom import load_policy
from pipelines.phi_zone.fhir.policy import load_fhir_policy
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.shapes.dicom_policy import DicomPolicy
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site
from schemas.shapes.text_policy import TextPolicy

NAMES = {"policy_id", "version", "title"}
WORDS = {"explanation", "reasons"}
KINDS = ("instance", "resource")
Policy = DicomPolicy | FhirPolicy | TextPolicy


def content_digest(policy: Policy) -> str:
    """Digest of everything a policy says but its name, version and title."""
    return digest(_said(policy, NAMES))


def stamp(policy: DicomPolicy | FhirPolicy, text: TextPolicy) -> str:
    """What the column `policy` of a row made under these two says."""
    rules = digest([_said(policy, NAMES | WORDS), _said(text, NAMES | {"proof"})])
    return f"{policy.policy_id}/{policy.version}:{rules[:16]}"


def stamps_of(site: Site) -> dict[str, str]:
    """Kind of unit → stamp of what is released of it today. Raises WrongUsage for a policy that is missing or wrong."""
    text = load_text_policy(site.policies.text)
    return {"instance": stamp(load_policy(site.policies.dicom), text), "resource": stamp(load_fhir_policy(site.policies.fhir), text)}


def same_rules(one: str | None, other: str) -> bool:
    """Whether two stamps name the same rules. A row of before there were stamps names none."""
    return one is not None and ":" in one and one.rpartition(":")[2] == other.rpartition(":")[2]


def _said(policy: Policy, without: set[str]) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude=without, exclude_defaults=True)

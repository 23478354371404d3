"""One FHIR resource in, one FhirOutcome out: the pure function behind flow A's step and `touchstone deid fhir`.

Rule  HL7 FHIR R4 (4.0.1); GB/T 37964-2019; HIPAA 164.514(b)(2) for the policy of that name
A resource that cannot be read, has an unknown modifier extension or a wrong shape is quarantined with its place and code.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson

from eval_harness.base import Issue, canonical
from pipelines.phi_zone.fhir.context import Context, Links, Malformed, Pseudonyms
from pipelines.phi_zone.fhir.methods import SUBJECT_SYSTEM
from pipelines.phi_zone.fhir.policy import load_fhir_policy
from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.subjects import SITE_TYPES, subject_reference_of
from pipelines.phi_zone.fhir.walk import CompiledPolicy
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import FhirOutcome, KnownIdentity
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site

__all__ = ["deidentify_resource", "load_fhir_policy", "quarantined"]


def deidentify_resource(
    resource: dict[str, Any] | bytes,
    policy: FhirPolicy,
    key: ProjectKey,
    site: Site,
    subject: str | None,
    known: KnownIdentity | None,
    text: TextCleaner,
    links: Links | None = None,
    aliases: Iterable[str] = (),
) -> FhirOutcome:
    """`resource` without what identifies a person.

    subject: pseudonym of its patient, None for a resource of the site itself (its dates are dropped). known: what is known
    of the patient, for text. links: resolves other patients and a Bundle's urns; None = by keyed id alone. aliases: the
    reference tokens of the same patient, when the caller has them; none = those the resource itself names. Content is
    canonical JSON (RFC 8785), the same for the same input and key.
    """
    compiled = _compiled(policy)
    try:
        tree = parse(resource, policy.parameters.max_line_bytes, policy.parameters.max_depth) if isinstance(resource, bytes) else resource
        kind = tree.get("resourceType")
        if not isinstance(kind, str) or kind not in compiled.resources:
            return quarantined(messages().issue("FHR-007", "resource", right=len(compiled.resources)), _shown(kind))
        if subject is None and kind not in SITE_TYPES:
            return quarantined(messages().issue("FHR-009" if not subject_reference_of(tree) else "FHR-008", kind), kind)
        return _walked(tree, kind, compiled, _pseudonyms(key, site.site_id), subject, known, text, links, aliases)
    except Unreadable as found:
        return quarantined(found.issue)
    except Malformed as bad:
        kind = _shown(tree.get("resourceType"))
        return quarantined(messages().issue(bad.code, ".".join([kind or "resource", *bad.path])), kind, subject)
    except RecursionError:
        return quarantined(messages().issue("FHR-003", "resource", right=policy.parameters.max_depth))


def _walked(
    tree: dict[str, Any],
    kind: str,
    compiled: CompiledPolicy,
    names: Pseudonyms,
    subject: str | None,
    known: KnownIdentity | None,
    text: TextCleaner,
    links: Links | None,
    aliases: Iterable[str],
) -> FhirOutcome:
    source_id = tree.get("id")
    if not isinstance(source_id, str) or not source_id:
        raise Malformed("FHR-016")
    shift = names.key.shift_days(subject) if subject is not None else None
    ctx = Context(
        names, text, known, subject, shift, frozenset(aliases or subject_reference_of(tree)) if subject else frozenset(), links, kind
    )
    inside = compiled.contained(tree, ctx) if "contained" in tree else []
    body = compiled.resources[kind](tree, ctx) or {}
    body.pop("contained", None)
    new_id = subject if kind == "Patient" and subject else names.new_id(kind, source_id)
    out = {"resourceType": kind, "id": new_id, **body}
    if kind == "Patient":
        out["identifier"] = [{"system": SUBJECT_SYSTEM, "value": subject}]
    elif kind == "Binary":
        out |= compiled.binary(tree, ctx)
    if inside:
        out["contained"] = inside
    actions = {"kept": len(body), "removed": ctx.removed, "shifted": ctx.shifted, "remapped": ctx.remapped + 1, "cleaned": ctx.cleaned}
    content = canonical(out) if ctx.exotic else orjson.dumps(out, option=orjson.OPT_SORT_KEYS)
    return FhirOutcome("released", tuple(ctx.issues), kind, subject, content, new_id, actions)


def quarantined(issue: Issue, resource_type: str | None = None, subject: str | None = None) -> FhirOutcome:
    """An outcome that carries an issue and nothing of the source but its type."""
    return FhirOutcome("quarantined", (issue,), resource_type, subject)


def _shown(kind: Any) -> str | None:
    """A resource type that FHIR could have: anything else might be a value."""
    return kind if isinstance(kind, str) and kind.isascii() and kind.isalpha() and kind[:1].isupper() and len(kind) <= 40 else None


_POLICIES: dict[int, tuple[FhirPolicy, CompiledPolicy]] = {}


def _compiled(policy: FhirPolicy) -> CompiledPolicy:
    held = _POLICIES.get(id(policy))
    if held is None or held[0] is not policy:
        held = _POLICIES[id(policy)] = (policy, CompiledPolicy(policy))
    return held[1]


@lru_cache(maxsize=64)
def _pseudonyms(key: ProjectKey, site_id: str) -> Pseudonyms:
    return Pseudonyms(key, site_id)

"""One FHIR resource in, one FhirOutcome out: the pure function behind flow A's step and `touchstone deid fhir`.

Rule  HL7 FHIR R4 (4.0.1); GB/T 37964-2019; HIPAA 164.514(b)(2) for the policy of that name
A resource that cannot be read, has an unknown modifier extension or a wrong shape is quarantined with its place and code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from eval_harness.base import Issue, canonical
from pipelines.phi_zone.fhir.ages import capped
from pipelines.phi_zone.fhir.asked import tagged
from pipelines.phi_zone.fhir.beside import named_beside
from pipelines.phi_zone.fhir.compiled import CompiledPolicy
from pipelines.phi_zone.fhir.context import Context, Links, Malformed, Pseudonyms
from pipelines.phi_zone.fhir.masked import fill
from pipelines.phi_zone.fhir.memory import Memory
from pipelines.phi_zone.fhir.pointers import SUBJECT_SYSTEM
from pipelines.phi_zone.fhir.policy import load_fhir_policy
from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.subjects import SITE_TYPES, subject_reference_of
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.lists import words_of
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import FhirOutcome, KnownIdentity
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site

__all__ = ["Engine", "deidentify_resource", "load_fhir_policy", "malformed", "refused", "shown"]
ENGINES = 8


class Engine:
    """One policy under one key, for one site and its text cleaner, with what it remembers of parts met before."""

    def __init__(self, policy: FhirPolicy, key: ProjectKey, site: Site, text: TextCleaner) -> None:
        self.policy, self.key, self.site, self.text = policy, key, site, text
        self.compiled, self.names, self.memory = CompiledPolicy(policy), Pseudonyms(key, site.site_id), Memory()

    def context(self, subject: str | None, known: KnownIdentity | None, tokens: Iterable[str], links: Links | None) -> Context:
        """One patient's resources (None: the site's own) on their way out."""
        return Context(self.names, self.text, known, subject, frozenset(tokens) if subject else frozenset(), links, self.memory)

    def content(self, tree: dict[str, Any], kind: str, ctx: Context) -> tuple[bytes, str, int]:
        """(canonical JSON, new id, elements kept) of a resource of a type in the policy. Raises Malformed.

        Leaves in ctx what was done and the issues of the resource.
        """
        source_id = tree.get("id")
        if type(source_id) is not str or not source_id:
            raise Malformed("FHR-016")
        new_id = ctx.subject if kind == "Patient" and ctx.subject else self.names.new_id(kind, source_id)
        tree = tagged(capped(tree, kind, self.policy.parameters.age_cap_years), kind)
        out, kept = self._new(tree, kind, new_id, ctx)
        if not ctx.exotic:
            return orjson.dumps(out, option=orjson.OPT_SORT_KEYS), new_id, kept
        memory, ctx.memory = ctx.memory, None
        try:
            return canonical(self._new(tree, kind, new_id, ctx.begin(kind))[0]), new_id, kept
        finally:
            ctx.memory = memory

    def _new(self, tree: dict[str, Any], kind: str, new_id: str, ctx: Context) -> tuple[dict[str, Any], int]:
        compiled = self.compiled
        inside = compiled.contained(tree, ctx) if "contained" in tree else None
        out = compiled.resources[kind](tree, ctx) or {}
        if "contained" in out:
            del out["contained"]
        kept = len(out)
        out["resourceType"], out["id"] = kind, new_id
        if kind == "Patient":
            out["identifier"] = [{"system": SUBJECT_SYSTEM, "value": ctx.subject}]
        elif kind == "Binary":
            out |= compiled.binary(tree, ctx)
        fill(out, tree, kind)
        if inside:
            out["contained"] = inside
        return out, kept


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
    engine, limits = _engine(policy, key, site, text), policy.parameters
    try:
        tree = parse(resource, limits.max_line_bytes, limits.max_depth) if isinstance(resource, bytes) else resource
    except Unreadable as found:
        return FhirOutcome("quarantined", (found.issue,))
    kind = tree.get("resourceType")
    if (issue := refused(engine, tree, kind, subject)) is not None:
        return FhirOutcome("quarantined", (issue,), shown(kind))
    if (beside := named_beside(tree)) is not None:
        known = beside if known is None else known.merged(beside)
    ctx = engine.context(subject, known, tuple(aliases) or subject_reference_of(tree), links).begin(str(kind))
    try:
        content, new_id, kept = engine.content(tree, str(kind), ctx)
    except Malformed as bad:
        return FhirOutcome("quarantined", (malformed(bad, tree),), shown(kind), subject)
    except RecursionError:
        return FhirOutcome("quarantined", (messages().issue("FHR-003", "resource", right=limits.max_depth),))
    actions = {"kept": kept, "removed": ctx.removed, "shifted": ctx.shifted, "remapped": ctx.remapped + 1, "cleaned": ctx.cleaned}
    return FhirOutcome("released", tuple(ctx.issues), str(kind), subject, content, new_id, actions)


def refused(engine: Engine, tree: dict[str, Any], kind: Any, subject: str | None) -> Issue | None:
    """Why a resource of this type and subject may not be treated at all."""
    if not isinstance(kind, str) or kind not in engine.compiled.resources:
        return messages().issue("FHR-007", "resource", right=len(engine.compiled.resources))
    if subject is None and kind not in SITE_TYPES:
        return messages().issue("FHR-009" if not subject_reference_of(tree) else "FHR-008", kind)
    return None


def malformed(bad: Malformed, tree: dict[str, Any]) -> Issue:
    return messages().issue(bad.code, ".".join([shown(tree.get("resourceType")) or "resource", *bad.path]))


def shown(kind: Any) -> str | None:
    """A resource type that FHIR has: anything else might be a value."""
    return kind if isinstance(kind, str) and kind in words_of("fhir_types.txt") else None


_ENGINES: list[Engine] = []


def _engine(policy: FhirPolicy, key: ProjectKey, site: Site, text: TextCleaner) -> Engine:
    """The engine of these four; the last few are kept, because a worker comes with the same ones again and again."""
    for engine in _ENGINES:
        if engine.policy is policy and engine.key is key and engine.site.site_id == site.site_id and engine.text is text:
            return engine
    _ENGINES.append(Engine(policy, key, site, text))
    del _ENGINES[:-ENGINES]
    return _ENGINES[-1]

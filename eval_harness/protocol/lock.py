"""A locked plan: the protocol, and one DSSE envelope a signature over its digest (vendor and platform).

    plan.json             a protocol alone: a draft
    plan.locked.json      {"schema", "protocol", "signatures": [envelope, ...]}, canonical JSON
Signing again with another role adds an envelope; the protocol itself can no longer change.
"""
from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from eval_harness.base import Terminal, WrongUsage, canonical, digest, dsse, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.reasons import why
from eval_harness.base.yaml_file import read_yaml
from eval_harness.protocol.plan import Plan

SCHEMA = "touchstone.locked-plan/1"
PREDICATE = "https://touchstone.example/predicates/protocol-lock/v1"
ROLES = ("vendor", "platform")


@dataclass(frozen=True)
class HeldPlan:
    """A plan as read from a file. signers: {"role", "key_id"} of each signature that checks."""

    protocol: dict[str, Any]
    signers: tuple[Mapping[str, str], ...] = ()

    @property
    def locked(self) -> bool:
        return {one["role"] for one in self.signers} >= set(ROLES)


def read_plan(path: Path) -> HeldPlan:
    """The plan in `path`, draft (YAML or JSON) or locked. Raises WrongUsage PLN-001 for an entry that is wrong, Terminal
    PLN-010 where a signature does not fit."""
    try:
        data = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WrongUsage(eval_messages().issue("PLN-002", path.name, reason=why(error))) from error
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        return HeldPlan(Plan.from_data(data, path.name, "PLN-001").to_dict())
    protocol = Plan.from_data(data.get("protocol"), path.name, "PLN-001").to_dict()
    try:
        envelopes = [base64.b64decode(one, validate=True) for one in data["signatures"]]
    except (KeyError, TypeError, ValueError) as error:
        reason = Words("签名缺失或不是 base64", "signatures are missing or no base64")
        raise Terminal(eval_messages().issue("PLN-010", path.name, reason=reason)) from error
    return HeldPlan(protocol, tuple(_checked(one, protocol, path.name) for one in envelopes))


def lock(path: Path, key: bytes, role: str, out: Path) -> HeldPlan:
    """Sign the plan in `path` as `role` and write the locked plan to `out`. The same role twice changes nothing.

    Raises WrongUsage PLN-011 for an unknown role, Terminal PLN-012 for a sealed set without a submission digest.
    """
    if role not in ROLES:
        raise WrongUsage(eval_messages().issue("PLN-011", role, known=", ".join(ROLES)))
    held = read_plan(path)
    if held.protocol["dataset"]["visibility"] == "sealed" and not held.protocol["submission"]:
        raise Terminal(eval_messages().issue("PLN-012", f"{path.name}, submission"))
    envelopes = list(json.loads(path.read_bytes())["signatures"]) if held.signers else []
    if role not in {one["role"] for one in held.signers}:
        body = dsse.statement(PREDICATE, {"protocol.json": digest(held.protocol)}, {"role": role, "signature_algorithm": "ed25519"})
        envelopes.append(base64.b64encode(dsse.sign(body, key)).decode())
    out.write_bytes(canonical({"schema": SCHEMA, "protocol": held.protocol, "signatures": envelopes}))
    return read_plan(out)


def _checked(envelope: bytes, protocol: Mapping[str, Any], where: str) -> dict[str, str]:
    try:
        body, public = dsse.open_envelope(envelope)
    except dsse.EnvelopeRefused as refused:
        raise Terminal(eval_messages().issue("PLN-010", where, reason=str(refused))) from refused
    if body["predicateType"] != PREDICATE or body["subject"][0]["digest"]["sha256"] != digest(dict(protocol)):
        raise Terminal(eval_messages().issue("PLN-010", where, reason="another plan was signed"))
    return {"role": body["predicate"]["role"], "key_id": dsse.key_id(public)}

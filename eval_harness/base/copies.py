"""Copies of cases that a plan declares: altered ones (robustness) and identical ones (repeatability), run beside the originals.

Which cases are copied, and the copies' tokens, follow from the plan and the tokens of the set alone: the runner, the scorer
and a verifier find the same ones, and none of them needs to see truth for it. A copy takes key and truth from its original.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eval_harness.base.canonical import digest
from eval_harness.base.rows import CaseKey, Truth

REPEAT, TOKEN_LENGTH = "repeat/1", 32


@dataclass(frozen=True)
class Copy:
    """One copy: its own token, the original's, and how it is made."""

    token: str
    original: str
    variant: str
    op: str
    params: Mapping[str, Any]

    @property
    def seed(self) -> int:
        return int(self.token[:16], 16)


def copy_token(plan: str, variant: str, token: str) -> str:
    """Token of the copy `variant` of case `token`, under the plan with digest `plan`; also what cases are chosen by."""
    return hashlib.sha256(f"case copy\0{plan}\0{variant}\0{token}".encode()).hexdigest()


def copies_among(protocol: Mapping[str, Any], tokens: Iterable[str]) -> set[str]:
    """Which of `tokens` are copies of others among them, by the variants of `protocol`."""
    plan, known = digest(dict(protocol)), set(tokens)
    return {copy_token(plan, one["name"], token)[:TOKEN_LENGTH] for one in protocol.get("variants") or () for token in known} & known


def declared_copies(protocol: Mapping[str, Any], tokens: Iterable[str]) -> list[Copy]:
    """Copies that `protocol` declares of a set with `tokens` (withdrawn cases included), by variant, then by token."""
    plan, known = digest(dict(protocol)), sorted(set(tokens))
    out = []
    for one in protocol.get("variants") or ():
        named = sorted((copy_token(plan, one["name"], token), token) for token in known)
        out += [Copy(name[:TOKEN_LENGTH], token, str(one["name"]), str(one["op"]), dict(one.get("params") or {}))
                for name, token in named[:int(one["cases"])]]
    return out


def copied_rows(copies: Sequence[Copy], keys: Mapping[str, CaseKey],
                truths: Mapping[str, Truth]) -> tuple[list[CaseKey], dict[str, Truth]]:
    """Key and truth of each copy whose original is (still) there. keys, truths: by token."""
    made, told = [], {}
    for copy in copies:
        key = keys.get(copy.original)
        if key is None:
            continue
        truth = truths[copy.original]
        salt = hashlib.sha256(f"copy salt\0{copy.token}\0{truth.salt}".encode()).hexdigest()
        told[copy.token] = replace(truth, salt=salt)
        if copy.op == REPEAT:
            made.append(replace(key, token=copy.token, role="repeat"))     # of a canary too: it must not count as two
        else:
            made.append(replace(key, token=copy.token, strata={**key.strata, "variant": copy.variant}))
    return made, told

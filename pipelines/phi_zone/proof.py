"""The gate: what must be shown before anything is released, and an exact bound on the leak rate that a person's reading shows.

Clopper and Pearson 1934. The bound a policy limits is the one-sided upper one at the policy's confidence: with k leaking
documents among n read, a true rate above it would have shown k or fewer with probability below 1 - confidence.
Flow  GB/T 42460-2023 asks for a qualitative and then a measured assessment; the report follows that order.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from eval_harness.base import Issue, Terminal
from eval_harness.stats.distributions import beta_ppf
from eval_harness.stats.proportions import clopper_pearson
from schemas.messages import messages
from schemas.shapes.text_policy import Proof as Limits


@dataclass(frozen=True)
class LeakBound:
    """k leaking documents of n read."""

    leaks: int
    n: int
    confidence: float
    upper: float
    """One-sided upper bound."""
    interval: tuple[float, float]
    """Two-sided interval at the same confidence."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"interval": list(self.interval)}


def leak_bound(leaks: int, n: int, confidence: float = 0.95) -> LeakBound:
    """Exact bounds. Raises ValueError unless 0 <= leaks <= n and n > 0."""
    if not 0 <= leaks <= n or n <= 0:
        raise ValueError("leaks must lie between 0 and n, and n must be positive")
    upper = 1.0 if leaks == n else beta_ppf(confidence, leaks + 1, n - leaks)
    return LeakBound(leaks, n, confidence, upper, clopper_pearson(leaks, n, confidence))


def enough(limits: Limits) -> int:
    """The smallest sample that can meet the policy's limit: with no leak in it the upper bound, 1 - (1 - confidence)^(1/n), is within."""
    if limits.max_leak_bound >= 1:
        return 1
    n = max(1, math.floor(math.log(1 - limits.confidence) / math.log1p(-limits.max_leak_bound)) - 1)
    while leak_bound(0, n, limits.confidence).upper > limits.max_leak_bound:
        n += 1
    return n


@dataclass(frozen=True)
class Reach:
    """What a sample can show at best, before anybody reads it."""

    n: int
    documents: int | None
    """How many there were to draw from, where that is known: who reads them all has nothing left to bound."""
    best: float
    limit: float
    confidence: float
    enough: int

    @property
    def meets(self) -> bool:
        return self.best <= self.limit

    def to_dict(self) -> dict[str, Any]:
        return {"best_upper": self.best, "limit": self.limit, "confidence": self.confidence, "enough": self.enough, "can_meet": self.meets}

    @property
    def issue(self) -> Issue:
        """PRF-011 where the sample can meet the limit, PRF-010 where it cannot, with the size that could."""
        whole = self.documents is not None and self.documents < self.enough
        size = self.documents if whole and self.documents is not None else self.enough
        return messages().issue("PRF-011" if self.meets else "PRF-010", "proof", n=self.n, best=f"{self.best:.2%}",
                                limit=f"{self.limit:.2%}", confidence=f"{self.confidence:.0%}", enough=size)


def reach(n: int, documents: int | None, limits: Limits) -> Reach:
    """Of a sample of n documents, without a leak. Raises ValueError unless n > 0."""
    best = 0.0 if n == documents else leak_bound(0, n, limits.confidence).upper
    return Reach(n, documents, best, limits.max_leak_bound, limits.confidence, enough(limits))


@dataclass(frozen=True)
class Shown:
    """What a release has to show for itself."""

    known: int = 0
    """Findings of the residual scan that are known identities."""
    forms: int = 0
    """Findings that are identifying forms only."""
    planted: int = 0
    leaked: int = 0
    """Canaries that went in, and those of which something came out."""
    bound: LeakBound | None = None
    """From a person's reading; None: nobody has read a sample."""
    documents: int | None = None
    """How many documents there were to read, where that is known."""


def objections(shown: Shown, limits: Limits, *, reading_due: bool = False) -> list[Issue]:
    """What stands against a release; empty: it may leave. Release and freeze ask nothing else.

    reading_due: a sample could have been read by now (a freeze; not a release, which must come before it can be read).
    """
    found = []
    if shown.known + shown.forms:
        found.append(messages().issue("PRF-005", "released/", found=shown.known + shown.forms))
    if shown.leaked:
        found.append(messages().issue("PRF-006", "policy", planted=shown.planted, leaked=shown.leaked))
    bound = shown.bound
    right = min(limits.sample, limits.sample if shown.documents is None else shown.documents)
    if limits.required and reading_due and (bound is None or bound.n < right):
        found.append(messages().issue("PRF-002", "proof", n=0 if bound is None else bound.n, right=right))
    if bound is not None and _doubt(bound, shown.documents) > limits.max_leak_bound:
        able = reach(bound.n, shown.documents, limits)
        found.append(messages().issue("PRF-001", "proof", bound=f"{_doubt(bound, shown.documents):.2%}",
                                      limit=f"{limits.max_leak_bound:.2%}", leaks=bound.leaks, n=bound.n,
                                      confidence=f"{bound.confidence:.0%}", best=f"{able.best:.2%}",
                                      enough=able.enough))
    return found


def _doubt(bound: LeakBound, documents: int | None) -> float:
    """The share that must keep within the limit. Where every document was read there is nothing left to bound."""
    return bound.leaks / bound.n if bound.n == documents else bound.upper


def refuse_if(found: list[Issue]) -> None:
    """Raises Terminal with the first objection."""
    if found:
        raise Terminal(found[0])

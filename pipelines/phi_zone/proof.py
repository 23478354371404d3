"""The gate: what must be shown before anything is released, and an exact bound on the leak rate that a person's reading shows.

Clopper and Pearson 1934. The bound a policy limits is the one-sided upper one at the policy's confidence: with k leaking
documents among n read, a true rate above it would have shown k or fewer with probability below 1 - confidence.
Flow  GB/T 42460-2023 asks for a qualitative and then a measured assessment; the report follows that order.
"""

from __future__ import annotations

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
        found.append(messages().issue("PRF-001", "proof", bound=f"{_doubt(bound, shown.documents):.4f}", limit=limits.max_leak_bound,
                                      leaks=bound.leaks, n=bound.n, confidence=bound.confidence))
    return found


def _doubt(bound: LeakBound, documents: int | None) -> float:
    """The share that must keep within the limit. Where every document was read there is nothing left to bound."""
    return bound.leaks / bound.n if bound.n == documents else bound.upper


def refuse_if(found: list[Issue]) -> None:
    """Raises Terminal with the first objection."""
    if found:
        raise Terminal(found[0])

"""Rules of asking, from policies/access/budgets.yaml: how many tries, per what, in how many days."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

POLICY = Path(__file__).parent / "policies" / "access" / "budgets.yaml"


@dataclass(frozen=True)
class Rule:
    """At most `tries` in any `days` (None: for good), counted over one device version, family or entity, or the whole set."""

    per: str
    tries: int
    days: int | None = None


@cache
def rules(tier: str) -> tuple[Rule, ...]:
    """The rules of a tier; none for practice sets."""
    held = yaml.safe_load(POLICY.read_text(encoding="utf-8")).get(tier) or {}
    return tuple(Rule(per, int(one["tries"]), one.get("days")) for per, one in held.items())


def limit(tier: str, per: str) -> int | None:
    return next((rule.tries for rule in rules(tier) if rule.per == per), None)

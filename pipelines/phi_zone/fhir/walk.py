"""One type's elements and what happens to each: one dictionary look-up per element, no path expressions at run time."""

from __future__ import annotations

from typing import Any

from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.values import Method, each


class Walker:
    """A shape of the policy, walked. `rules` say what happens to one value of an element; `settle` makes them ready."""

    __slots__ = ("fixed", "many", "name", "one", "rules")

    def __init__(self, name: str, fixed: frozenset[str] = frozenset()) -> None:
        self.name, self.fixed = name, fixed
        self.rules: dict[str, Method] = {}
        self.one: dict[str, Method] = {}
        self.many: dict[str, Method] = {}

    def __call__(self, node: Any, ctx: Context) -> dict[str, Any] | None:
        if type(node) is not dict:
            raise Malformed
        out: dict[str, Any] = {}
        one, many, key = self.one, self.many, ""
        try:
            for key, value in node.items():
                rule = many.get(key) if type(value) is list else one.get(key)
                if rule is not None:
                    if (new := rule(value, ctx)) is not None:
                        out[key] = new
                elif key not in self.fixed:
                    self._unnamed(key, value, out, ctx)
        except Malformed as bad:
            bad.path.insert(0, key)
            raise
        return out or None

    def _unnamed(self, key: str, value: Any, out: dict[str, Any], ctx: Context) -> None:
        """An element the policy does not name: dropped; unless it changes the meaning of what is kept."""
        if key == "modifierExtension":
            if isinstance(value, list) and value:
                raise Malformed("FHR-010")
            return
        if key.startswith("_") and key[1:] in self.rules and type(value) is dict:
            parts = value.get("extension")
            rule = self.rules.get("extension")
            kept = [new for part in parts if (new := rule(part, ctx)) is not None] if rule is not None and type(parts) is list else []
            if kept:
                out[key] = {"extension": kept}
            return
        ctx.removed += 1

    def settle(self, before: dict[int, Method]) -> None:
        """`before`: by the identity of a rule, what stands in its place for single values."""
        for element, rule in self.rules.items():
            self.one[element] = before.get(id(rule), rule)
            self.many[element] = before.get(-id(rule)) or each(rule)

"""The report's sentences in one language, and the small phrases made of numbers."""
from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base.issue import Words as InBoth
from eval_harness.report.numbers import bounds, is_absent, percent, real, shown

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
SPOKEN_LEVELS = ("unknown", "female", "male", "tertiary", "secondary", "community", "low-dose", "standard")


@cache
def _texts() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))


def causes(counted: Mapping[str, int]) -> InBoth:
    """Causes of failure with their numbers of cases, in both languages, for a message; the most frequent first."""
    order = sorted(counted.items(), key=lambda pair: -pair[1])
    return InBoth(*(", ".join(f"{Words(lang).cause(cause)} ({count})" for cause, count in order) for lang in LANGUAGES))


class Words:
    """`w("summary.heading")`, `w("verdict.line_target", value=...)`; raises KeyError for a text that does not exist."""

    def __init__(self, lang: str, pack: Mapping[str, Any] | None = None) -> None:
        self.lang, self.place, self.pack = lang, LANGUAGES.index(lang), pack or {}
        self.titles: dict[str, str] = {one["id"]: one["title"][lang] for one in self.pack.get("estimates", [])}
        self.dimensions: dict[str, str] = {one["name"]: one["title"][lang] for one in self.pack.get("strata", [])}

    def __call__(self, key: str, **values: object) -> str:
        section, _, name = key.partition(".")
        return _texts()[section][name][self.place].format_map(values)

    def has(self, key: str) -> bool:
        section, _, name = key.partition(".")
        return name in _texts().get(section, {})

    def maybe(self, section: str, token: str) -> str:
        """The words of a token where there are any, else the token itself (machine tokens are never translated)."""
        return self(f"{section}.{token}") if self.has(f"{section}.{token}") else token

    def cause(self, token: str) -> str:
        """Why a case failed. What stands behind a colon is a number, or the cause of what could not be loaded; else it stays out."""
        head, _, rest = token.partition(":")
        if self.has(f"cause.{token}") or not self.has(f"cause.{head}"):
            return self.maybe("cause", token)
        return self(f"cause.{head}", rest=self.cause(rest) if rest else "–")

    def title(self, estimate_id: str) -> str:
        return self.titles.get(estimate_id, estimate_id)

    def dimension(self, name: str) -> str:
        return self.dimensions.get(name) or self.maybe("strata", name)

    def level(self, name: str) -> str:
        return self.maybe("strata", name) if name in SPOKEN_LEVELS else name

    def unit(self, name: str) -> str:
        return self.maybe("units", name)

    def why(self, part: Mapping[str, Any], cell: int = 10) -> str:
        code = str(part["absent"])
        return self(f"absent.{code}", cell=cell) if self.has(f"absent.{code}") else self("absent.other", code=code)

    def value(self, one: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> str:
        """An estimate's value, its published bound, or why there is none."""
        if not is_absent(one["value"]):
            unit = "" if one["unit"] == "1" else " " + self.maybe("per", one["unit"])
            return real(one["value"]) + unit
        rules = (facts or {}).get("disclosure") or {}
        bound = rules.get("bounds", {}).get(one["id"]) if one.get("stratum") == "all" else None
        if bound:
            key = "absent.disclosure_bound_low" if "at_least" in bound else "absent.disclosure_bound_high"
            return self(key, bound=shown(next(iter(bound.values())), 2))
        return self.why(one["value"], rules.get("policy", {}).get("min_cell", 10))

    def interval(self, part: Mapping[str, Any], cell: int = 10) -> str:
        return self.why(part, cell) if is_absent(part) else bounds(part)

    def spoken(self, part: Mapping[str, Any]) -> str:
        """An interval within a sentence: 95 % CI 0.81 – 0.92."""
        if is_absent(part):
            return self.why(part)
        words = {"zh": "置信区间", "en": "CI"}[self.lang]
        return f"{percent(part['level'])} {words} {bounds(part)}"

    def method(self, part: Mapping[str, Any]) -> str:
        return "–" if is_absent(part) else self.maybe("method", str(part["method"]))

    def counts(self, counts: Mapping[str, int]) -> str:
        shown_counts = [(name, count) for name, count in counts.items() if name not in ("k", "n") or len(counts) == 2]
        order = list(_texts()["counts"])
        shown_counts.sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else 99)
        mark = "，" if self.lang == "zh" else ", "
        return mark.join(f"{self.maybe('counts', name)} {shown(count)}" for name, count in shown_counts) or "–"

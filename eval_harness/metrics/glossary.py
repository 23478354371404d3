"""The convention behind a metric's name, in two languages, for reports and docs.

    python -m eval_harness.metrics.glossary docs     # rewrites the tables of docs/metrics.md and docs/metrics.zh.md
"""
from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from pathlib import Path

from eval_harness.metrics.registry import metric, names

START, END = "<!-- metrics -->", "<!-- /metrics -->"
HEAD = {"en": ("name", "rows", "better", "unit", "interval", "convention"), "zh": ("名称", "行类型", "优向", "单位", "区间", "约定")}
BETTER = {"en": {"higher": "higher", "lower": "lower", "none": "-"}, "zh": {"higher": "高", "lower": "低", "none": "-"}}


@cache
def _lines() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "glossary.toml").read_text(encoding="utf-8"))


def convention(name: str, lang: str) -> str:
    """One sentence: how the metric of this name is computed. Empty for a task pack's own metric without one."""
    return _lines().get(name, {}).get(lang, "")


def table(lang: str) -> str:
    """Every shipped metric as a Markdown table. `*`: may not be a primary end point."""
    rows = ["| " + " | ".join(HEAD[lang]) + " |", "|" + "---|" * len(HEAD[lang])]
    for name in names():
        spec = metric(name)
        star = "" if spec.primary else " *"
        cells = (f"`{name}`{star}", spec.kind, BETTER[lang][spec.better], spec.unit, spec.interval, convention(name, lang))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def page_with_table(text: str, lang: str) -> str:
    """`text` with what stands between the two marks replaced by the table."""
    return re.sub(f"{START}.*{END}", lambda _: f"{START}\n{table(lang)}\n{END}", text, flags=re.S)


if __name__ == "__main__":
    for lang_, file in (("en", "metrics.md"), ("zh", "metrics.zh.md")):
        path = Path(sys.argv[1]) / file
        path.write_text(page_with_table(path.read_text(encoding="utf-8"), lang_), encoding="utf-8")

"""The degenerate-input policy as data: codes an absence may carry, and the table rendered into docs/.

    python -m eval_harness.stats.degenerate docs     # writes docs/degenerate-input.md and docs/degenerate-input.zh.md
"""
from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eval_harness.base.estimate import Absent


@dataclass(frozen=True)
class Rule:
    metrics: str
    value: str
    interval: str
    en: str
    zh: str
    why_en: str
    why_zh: str
    libraries: str


@cache
def policy() -> dict[str, Rule]:
    """Every written case by its code."""
    lines = tomllib.loads((Path(__file__).parent / "degenerate.toml").read_text(encoding="utf-8"))
    return {code: Rule(**fields) for code, fields in lines.items()}


def absent(code: str) -> Absent:
    """An absence whose reason stands in the table. Raises KeyError for a reason that does not."""
    policy()[code]
    return Absent(code)


_TEXT = {
    "en": ("Degenerate input", "What is reported when an input leaves a metric nothing to measure, why, and what each reference "
           "library does with the same input. `code` is the token an absent value or interval carries in facts.json.",
           ("code", "case", "metrics", "value", "interval", "why", "reference libraries")),
    "zh": ("退化输入", "当输入使指标无可度量时报告什么、为什么，以及各参考库对同一输入的处理。"
           "`code` 是 facts.json 中缺失值或缺失区间所带的标记。",
           ("code", "情形", "指标", "数值", "区间", "理由", "参考库")),
}


def page(lang: str) -> str:
    """The table as one Markdown page."""
    title, intro, head = _TEXT[lang]
    lines = [f"# {title}", "", intro, "", "<!-- written by python -m eval_harness.stats.degenerate docs -->", "",
             "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for code, rule in policy().items():
        words = (rule.zh, rule.why_zh) if lang == "zh" else (rule.en, rule.why_en)
        lines.append(f"| `{code}` | {words[0]} | {rule.metrics} | {rule.value} | {rule.interval} | {words[1]} | {rule.libraries} |")
    return "\n".join(lines) + "\n"


def write_pages(folder: Path) -> None:
    for lang, name in (("en", "degenerate-input.md"), ("zh", "degenerate-input.zh.md")):
        (folder / name).write_text(page(lang), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))

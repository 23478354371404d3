"""Sentences that several commands say about a run."""
from __future__ import annotations

from typing import Any

from eval_harness.base import eval_messages


def run_words(run: Any, lang: str) -> str:
    """One line about a finished run, and a warning where nothing isolated it."""
    counts = ", ".join(f"{status} {count}" for status, count in sorted(run.counts.items()) if status != "cases")
    state = run.record["state"] + (f" ({run.record['cause']})" if run.record["cause"] else "")
    line = eval_messages().text("CMD-011", lang, cases=run.counts.get("cases", 0), counts=counts, state=state,
                                sandbox=run.sandbox.get("backend", "?"))
    if run.rerun.get("differing"):
        line += "\n" + eval_messages().issue("RUN-011", "re-run", cases=run.rerun["cases"]).text(lang)
    if run.sandbox.get("backend") == "none" and run.record["runner"] != "predictions/1":
        line += "\n" + eval_messages().text("CMD-013", lang)
    return line

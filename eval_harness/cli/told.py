"""Sentences that several commands say about a run."""
from __future__ import annotations

from collections import Counter
from typing import Any

from eval_harness.base import Issue, eval_messages

SAID_HEAD, SAID_TAIL = 140, 260
"""How much of a log a message quotes: an engine says what is wrong at once, a program at the end."""


def run_words(run: Any, lang: str) -> str:
    """One line about a finished run, why cases failed, and a warning where nothing isolated it."""
    counts = ", ".join(f"{status} {count}" for status, count in sorted(run.counts.items()) if status != "cases")
    state = run.record["state"] + (f" ({run.record['cause']})" if run.record["cause"] else "")
    line = eval_messages().text("CMD-011", lang, cases=run.counts.get("cases", 0), counts=counts, state=state,
                                sandbox=run.sandbox.get("backend", "?"))
    for issue in run_issues(run):
        line += "\n" + issue.text(lang)
    if run.sandbox.get("backend") == "none" and run.record["runner"] != "predictions/1":
        line += "\n" + eval_messages().text("CMD-013", lang)
    return line


def run_issues(run: Any) -> list[Issue]:
    """What a person has to look at: a re-run test that failed; cases without a valid answer, with what the first of them said."""
    from eval_harness.report.words import causes
    from eval_harness.runs.store import LOGS
    from eval_harness.submission.names import printable

    found = [eval_messages().issue("RUN-011", "re-run", cases=run.rerun["cases"])] if run.rerun.get("differing") else []
    if run.counts.get("ok", 0) == run.counts.get("cases"):
        return found
    failed = [one for one in run.results if one.status != "ok"]
    told = causes(Counter(one.cause or one.status for one in failed))
    logs = (run.path / LOGS / f"{one.token}.txt" for one in failed)
    first = next((log for log in logs if log.is_file()), None)
    if first is None:
        return [*found, eval_messages().issue("CMD-015", run.path.name, failed=len(failed), causes=told)]
    said = " ".join(first.read_text(encoding="utf-8", errors="replace").partition("\n")[2].split()) or "–"
    if len(said) > SAID_HEAD + SAID_TAIL:
        said = f"{said[:SAID_HEAD]} … {said[-SAID_TAIL:]}"
    return [*found, eval_messages().issue("CMD-014", run.path.name, failed=len(failed), causes=told, log=f"{LOGS}/{first.name}",
                                          said=printable(said, len(said)))]

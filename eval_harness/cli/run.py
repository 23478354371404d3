"""`touchstone-eval run MODEL`: predict a set in the sandbox, one stored result a case; run again = continue."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def run(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Submission folder, or its ZIP.")],
    data: Annotated[Path, typer.Option("--data", help="The frozen set.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run.")],
    plan: Annotated[Path | None, typer.Option("--plan", help="The plan; without it the task's default (practice sets only).")] = None,
    task: Annotated[str | None, typer.Option("--task", help="Task pack name or folder, where it is not the set's.")] = None,
    dispatch: Annotated[str, typer.Option("--dispatch", help="local or ray.")] = "local",
    address: Annotated[str | None, typer.Option("--address", help="Ray cluster; without it one on this machine.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Cases at a time.")] = 1,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="bwrap, floor, podman or none; the strictest without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Predict every case. Exit code 1 when a case failed or the run was stopped."""
    from eval_harness.base.console import language, print_json, say
    from eval_harness.cli.told import run_words
    from eval_harness.runs import run_submission
    from eval_harness.runs.protocol import protocol_for
    from eval_harness.submission import read_submission
    from eval_harness.tasks import load_pack
    from eval_harness.tasks.variants import cases_to_run
    from eval_harness.testset import read_set

    held = read_set(data)
    given = read_submission(model, out.parent / ".submissions")
    pack = load_pack(task or held.manifest.task)
    protocol = protocol_for(plan, pack, held, given)
    with cases_to_run(held, pack, protocol, out.with_name(f".{out.name}.cases")) as cases_held:
        done = run_submission(given, cases_held, protocol, out, pack=pack, dispatch=dispatch, address=address, workers=workers,
                              sandbox=sandbox)
    if as_json:
        print_json(summary(done, out))
    else:
        say(run_words(done, language(lang)))
    return 0 if done.record["state"] == "complete" and done.counts.get("ok") == done.counts.get("cases") else 1


def summary(done: Any, out: Path) -> dict[str, Any]:
    """The run as one JSON object for scripts."""
    from eval_harness.cli.told import run_issues

    told = {"run": str(out), **dict(done.record), "counts": dict(done.counts), "sandbox": {
        name: done.sandbox.get(name) for name in ("backend", "tight", "reason")}, "issues": [issue.to_dict() for issue in run_issues(done)]}
    return {**told, "rerun": dict(done.rerun)} if done.rerun else told

"""`touchstone-eval score RUN --data SET --out DIR`: measurements, estimates and facts from stored results only."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def score(
    data: Annotated[Path, typer.Option("--data", help="Folder of the test set.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    run: Annotated[Path | None, typer.Argument(metavar="RUN", help="Folder that `run` wrote.")] = None,
    predictions: Annotated[Path | None, typer.Option("--predictions", help="JSON Lines {token, output}; practice sets only.")] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help="The plan of the run; default: the task's own (practice sets).")] = None,
    reference: Annotated[Path | None, typer.Option("--reference", help="Sealed reference standard (folder or file).")] = None,
    reference_key: Annotated[Path | None, typer.Option("--reference-key", help="Its key; default: reference.key beside it.")] = None,
    heads: Annotated[Path | None, typer.Option("--heads", help="Audit heads (JSON) of a sealed set's run.")] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="Another score of the same set, for paired differences.")] = None,
    task: Annotated[Path | None, typer.Option("--task", help="Folder of a task pack that does not ship.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Score a run, or a predictions file on a practice set. Same stored results, same bytes. Exit 1 when no case has a valid answer."""
    import json

    from eval_harness.base import WrongUsage, eval_messages
    from eval_harness.base.console import language, print_json, say
    from eval_harness.scoring.gather import score_predictions, score_run
    from eval_harness.scoring.spoken import facts_lines, failures
    from eval_harness.verify.command import read_key

    if (run is None) == (predictions is None):
        raise WrongUsage(eval_messages().issue("SCO-011", "score"))
    if predictions is not None:
        made = score_predictions(predictions, data, plan, out, pack_dir=task)
    else:
        assert run is not None
        named = (baseline, baseline.name) if baseline else None
        made = score_run(run, data, reference, plan, out, reference_key=read_key(reference_key), baseline=named, pack_dir=task,
                         heads=json.loads(heads.read_bytes()) if heads else None)
    facts = made.facts
    warned = failures(facts["accounting"], out.name)
    if as_json:
        print_json({"out": str(out), "run_id": facts["run"]["run_id"], "verdict": facts["verdict"], "accounting": facts["accounting"],
                    "estimates": {one["id"]: {part: one[part] for part in ("value", "interval", "n")} for one in facts["estimates"]},
                    "comparison": facts["comparison"], "issues": [issue.to_dict() for issue in warned]})
    else:
        for line in facts_lines(facts, made.json("pack.json"), language(lang)):
            typer.echo(line)
    for issue in warned:
        say(issue.text(language(lang)))
    return 0 if facts["accounting"]["answered"] else 1

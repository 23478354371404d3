"""`touchstone-eval rehearse MODEL --task T`: the official run on a practice set made from the pack; same code, same limits."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def rehearse(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Submission folder, or its ZIP.")],
    task: Annotated[str, typer.Option("--task", help="Task pack: name or folder.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the rehearsal.")] = Path("rehearsal"),
    cases: Annotated[int, typer.Option("--cases", min=1, help="Size of the practice set.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the practice set.")] = 20261126,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Cases at a time.")] = 1,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="bwrap, floor, podman or none; the strictest without.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write the PDF as well as the page.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Practice set, run, score, report (UNOFFICIAL). Run again = continue. Exit code 1 when a case failed."""
    from eval_harness.base import eval_messages
    from eval_harness.base.console import language, print_json, say
    from eval_harness.cli.run import summary
    from eval_harness.cli.told import run_words
    from eval_harness.report import write_edition
    from eval_harness.report.keys import signing_key
    from eval_harness.runs import run_submission
    from eval_harness.runs.protocol import protocol_for
    from eval_harness.scoring.gather import score_run
    from eval_harness.submission import read_submission, require_sound
    from eval_harness.tasks import load_pack
    from eval_harness.tasks.practice import write_practice_set
    from eval_harness.tasks.variants import cases_to_run
    from eval_harness.testset import read_set

    pack, given = load_pack(task), read_submission(model, out / ".submissions")
    require_sound(given, pack)
    out.mkdir(parents=True, exist_ok=True)
    data = out / f"practice-{cases}-{seed}"
    if not data.exists():
        write_practice_set(pack, data, n=cases, seed=seed)
    held = read_set(data)
    protocol = protocol_for(None, pack, held, given)
    run_dir = out / f"run-{given.digest[:12]}-{cases}-{seed}"
    with cases_to_run(held, pack, protocol, run_dir.with_name(f".{run_dir.name}.cases")) as cases_held:
        done = run_submission(given, cases_held, protocol, run_dir, pack=pack, workers=workers, sandbox=sandbox)
    scored = score_run(run_dir, data, None, protocol, out / "score", pack_dir=pack.folder, context={"official": False})
    report = write_edition(scored, "vendor", out / "V.zip", signing_key(scored.path, None), pdf=pdf)
    if as_json:
        print_json({"task": pack.id, "report": str(report), "score": str(scored.path), "official": False,
                    "unisolated": done.sandbox.get("backend") == "none", **summary(done, run_dir)})
    else:
        tongue = language(lang)
        say(run_words(done, tongue))
        say(eval_messages().text("CMD-012", tongue, out=out, report=report))
    return 0 if done.record["state"] == "complete" and done.counts.get("ok") == done.counts.get("cases") else 1

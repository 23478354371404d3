"""`touchstone-eval kit --task T --out DIR`: a starter kit that works before anything in it is changed."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def kit(
    task: Annotated[str, typer.Option("--task", help="Task pack: name or folder.")],
    out: Annotated[Path, typer.Option("--out", help="An empty or new folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Write the contract, three cases, a model that works and what it answers. Says so when the answers are not the golden ones."""
    from eval_harness.base import WrongUsage, eval_messages
    from eval_harness.base.console import language, print_json, say
    from eval_harness.tasks import load_pack
    from eval_harness.tasks.kit import golden_differences, write_kit

    if out.exists() and any(out.iterdir()):
        raise WrongUsage(eval_messages().issue("CMD-002", out.name))
    pack = load_pack(task)
    made = write_kit(pack, out)
    differs = golden_differences(pack, made)
    if differs:
        say(eval_messages().issue("TSK-006", pack.id, what=", ".join(differs)).text(language(lang)))
    if as_json:
        print_json({"kit": str(out), "task": pack.id, **made, "golden": not differs})
    else:
        say(eval_messages().text("CMD-010", language(lang), out=out, model=out / "submission", task=task, rehearsal=out / "rehearsal"))

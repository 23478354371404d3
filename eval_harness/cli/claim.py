"""`touchstone-eval claim FILE`: a number without n, unit, interval, set and version is refused by name."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def claim(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Claims (YAML); see docs/plan-and-claim.md.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Judge every claim of a file; print those that may be printed as they have to be. Exit 1 when one is refused."""
    from eval_harness.base import eval_messages
    from eval_harness.base.console import language, print_json
    from eval_harness.protocol.claim import judge, read_claims

    spoken = language(lang)
    found = [judge(row, f"claims[{place}]") for place, row in enumerate(read_claims(file))]
    if as_json:
        print_json({"ok": all(one.ok for one in found), "claims": [
            {"id": one.id, "ok": one.ok, "spoken": one.spoken, "issues": [issue.to_dict() for issue in one.issues]} for one in found]})
    else:
        for one in found:
            typer.echo(one.spoken[spoken] if one.ok else eval_messages().text("CLM-021", spoken, id=one.id))
            for issue in one.issues:
                typer.echo("  " + issue.text(spoken).replace("\n", "\n  "))
    if not all(one.ok for one in found):
        raise typer.Exit(1)

"""`touchstone-eval claim FILE`: a number without n, unit, interval, set and version is refused by name."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def claim(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Claims (YAML); see docs/plan-and-claim.md.")] = None,
    restate: Annotated[Path | None, typer.Option("--restate", help="Score folder: write what it found as a claim.")] = None,
    estimate: Annotated[str, typer.Option("--estimate", help="With --restate: which estimate.")] = "",
    quantity: Annotated[str | None, typer.Option("--quantity", help="With --restate: its name in the claim.")] = None,
    stamps: Annotated[Path | None, typer.Option("--stamps", help="With --restate: CSV of the site's exam_end, result_available.")] = None,
    within_min: Annotated[float, typer.Option("--within-min", help="With --stamps: the limit in minutes.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Judge every claim of a file, or restate a finished evaluation; print what may be printed. Exit 1 when one is refused."""
    from eval_harness.base import WrongUsage, eval_messages
    from eval_harness.base.console import language, print_json
    from eval_harness.protocol.claim import judge, read_claims

    spoken = language(lang)
    if (file is None) == (restate is None):
        raise WrongUsage(eval_messages().issue("CLM-016", "claim"))
    rows = read_claims(file) if file is not None else [_restated(restate, estimate, quantity, stamps, within_min)]  # type: ignore[arg-type]
    found = [judge(row, f"claims[{place}]") for place, row in enumerate(rows)]
    if as_json:
        made = {"claim": rows[0]} if restate is not None else {}
        print_json({"ok": all(one.ok for one in found), **made, "claims": [
            {"id": one.id, "ok": one.ok, "spoken": one.spoken, "issues": [issue.to_dict() for issue in one.issues]} for one in found]})
    else:
        for one in found:
            typer.echo(one.spoken[spoken] if one.ok else eval_messages().text("CLM-021", spoken, id=one.id))
            for issue in one.issues:
                typer.echo("  " + issue.text(spoken).replace("\n", "\n  "))
    if not all(one.ok for one in found):
        raise typer.Exit(1)


def _restated(folder: Path, estimate: str, quantity: str | None, stamps: Path | None, within_min: float) -> dict[str, Any]:
    from eval_harness.protocol.claim import restated
    from eval_harness.protocol.clock import read_stamps, restated_clock
    from eval_harness.report.keys import opened

    facts = opened(folder).facts
    if stamps is None:
        return restated(facts, estimate, quantity or estimate)
    ident, sources = facts["identity"], {"exam_end": "exam_end", "result_available": "result_available"}
    return restated_clock(read_stamps(stamps), within_min, {name: f"{stamps.name}: {column}" for name, column in sources.items()},
                          {"id": ident["dataset"]["set_id"], "version": ident["dataset"]["version"]},
                          {"name": ident["device"]["name"], "version": ident["device"]["version"]})

"""`touchstone-eval conformance CASE_DIR...`: published reference cases through the installed metric code."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def conformance(
    case_dirs: Annotated[list[Path], typer.Argument(metavar="CASE_DIR...", help="Folders with inputs and expected.json.")],
    task: Annotated[str | None, typer.Option("--task", help="Task of the cases; overrides what they say.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Run reference cases through the metric code and compare with their expected values. Exit 1 when one differs."""
    from eval_harness.base import TouchstoneError
    from eval_harness.base.console import language, print_json, say, tracked
    from eval_harness.conformance.casefiles import refuse
    from eval_harness.conformance.runner import case_folders, refused, run_case

    folders = case_folders(case_dirs)
    if not folders:
        raise refuse("CNF-001", " ".join(str(path) for path in case_dirs))
    found: dict[str, dict[str, Any]] = {}
    for folder in tracked(folders, "conformance", len(folders), "cases") if as_json else folders:
        name = folder.resolve().name
        try:
            found[name] = run_case(folder, task)
        except TouchstoneError as error:
            if len(folders) == 1:
                raise
            found[name] = refused(error, task)          # the other cases are still worth their answer
            say(error.issue.text(language(lang)))
            continue
        if not as_json:
            _say_case(name, found[name], language(lang))
    if as_json:
        print_json({"cases": found})
    if any(case["verdict"] == "DIFFERS" for case in found.values()):
        say("DIFFERS")
        raise typer.Exit(1)


def _say_case(name: str, result: dict[str, Any], lang: str) -> None:
    from eval_harness.base import eval_messages

    catalogue = eval_messages()
    typer.echo(catalogue.text("CNF-020", lang, case=name, task=result["task"], verdict=result["verdict"],
                              private=len(result["private"]), absent=len(result["absent"])))
    for entry in result["differs"]:
        typer.echo(catalogue.text("CNF-021", lang, path=entry["path"], expected=entry["expected"], got=entry["got"]))
    if result["verdict"] == "COMPUTED":
        import json

        typer.echo(json.dumps(result["values"], ensure_ascii=False, indent=2, sort_keys=True))

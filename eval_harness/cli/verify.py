"""`touchstone-eval verify FILE`: check an evidence file and re-compute its numbers."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def verify(
    file: Annotated[Path | None, typer.Argument(metavar="V.zip|R.zip", help="Vendor or regulator edition.")] = None,
    trust: Annotated[Path | None, typer.Option("--trust", help="The platform's public key (64 hexadecimal characters).")] = None,
    opening: Annotated[Path | None, typer.Option("--opening", help="The other edition: shows that both belong together.")] = None,
    blobs: Annotated[Path | None, typer.Option("--blobs", help="blobs.tar with masks by digest.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The regulator's private key, which opens the sealed tables.")] = None,
    task: Annotated[Path | None, typer.Option("--task", help="Folder of a task pack that brings its own measure function.")] = None,
    new_key: Annotated[Path | None, typer.Option("--new-key", help="Make the regulator's key pair instead: FILE and FILE.pub.")] = None,
    into: Annotated[Path | None, typer.Option("--extract", help="Folder for the opened members, the full report among them.")] = None,
    which: Annotated[bool, typer.Option("--version", help="Which version this is, and which formats it reads.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """Per number MATCH, DIFFERS or COMMITTED. Exit 1 when something differs, is damaged, or the signer was not checked."""
    from eval_harness.base.console import language
    from eval_harness.verify.command import about, run
    from eval_harness.verify.command import new_key as make_key

    if which:
        raise typer.Exit(about(as_json, language(lang)))
    if new_key is not None:
        raise typer.Exit(make_key(new_key, language(lang)))
    raise typer.Exit(run(file, trust, opening, blobs, key, task, as_json, language(lang), into))

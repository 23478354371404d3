"""`touchstone-eval set DIR`: verify a frozen test set with nothing but its folder."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def verify(
    folder: Annotated[Path, typer.Argument(metavar="SET", help="The frozen set.")],
    trust: Annotated[Path | None, typer.Option("--trust", help="Raw or hexadecimal Ed25519 public key that must have signed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Check every byte. Exit code 1 when something differs or the signer was not checked."""
    from eval_harness.base.console import language, print_json, say
    from eval_harness.testset import verify_set

    report = verify_set(folder, _key(trust) if trust else None)
    if as_json:
        print_json(report.to_dict())
    else:
        for issue in report.issues:
            say(issue.text(language(lang)))
        typer.echo(f"{report.scope}: {report.count('INTACT')} INTACT, {report.count('WITHDRAWN')} WITHDRAWN, "
                   f"{report.count('DIFFERS')} DIFFERS, {report.count('MISSING')} MISSING")
    return 0 if report.ok and report.signer_checked else 1


def _key(path: Path) -> bytes:
    data = path.read_bytes()
    return data if len(data) == 32 else bytes.fromhex(data.decode("ascii").strip())

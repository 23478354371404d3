"""`touchstone key new FILE`: the project's secret, made once and kept by the hospital alliance."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="项目密钥 · project keys")


@app.callback()
def _group() -> None:
    """项目密钥 · project keys."""


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="密钥文件（0600）· key file (0600)")],
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象 · one JSON object")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """新建密钥文件，绝不覆盖 · Make a key file; one that exists is never overwritten."""
    from eval_harness.base.console import language, print_json
    from pipelines.phi_zone.keys import new_key_file

    key_id = new_key_file(file)
    if as_json:
        print_json({"key_id": key_id, "file": str(file)})
    elif language(lang) == "zh":
        typer.echo(f"密钥 {key_id} 已写入 {file}。请离线备份：丢失后假名无法重现，泄露后必须换新项目。")
    else:
        typer.echo(f"Key {key_id} is in {file}. Back it up offline: lost, no pseudonym can be made again; leaked, it takes a new project.")

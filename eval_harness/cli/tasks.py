"""`touchstone-eval tasks`: what can be evaluated, and what each task asks for."""
from __future__ import annotations

from typing import Annotated, Any

import typer

LABELS = {"zh": ("          ", "输入      ", "主要终点  ", "限额      ", "摘要      "),
          "en": ("         ", "in       ", "primary  ", "limits   ", "digest   ")}
"""Each of one width on the screen, where a Chinese character takes two places."""


def tasks(
    name: Annotated[str | None, typer.Argument(metavar="[TASK]", help="One task (name or folder) in full.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> None:
    """List the task packs, or show one."""
    from eval_harness.base.console import language, print_json
    from eval_harness.tasks import list_packs, load_pack

    packs = [load_pack(name)] if name else [load_pack(held) for held in list_packs()]
    if as_json:
        print_json({"tasks": {pack.id: {**pack.spec.model_dump(mode="json"), "digest": pack.digest} for pack in packs}})
        return
    tongue = language(lang)
    for pack in packs:
        spec = pack.spec
        typer.echo(f"{pack.id:<22} v{spec.version}  {getattr(spec.title, tongue)}")
        if name:
            sockets = ", ".join(f"{socket.name} ({socket.kind}, {getattr(socket.values, tongue)})" for socket in spec.sockets)
            for label, text in zip(LABELS[tongue], (getattr(spec.summary, tongue), sockets, spec.primary, _limits(spec.limits, tongue),
                                                    pack.digest), strict=True):
                typer.echo(f"  {label}{text}")


def _limits(limits: Any, lang: str) -> str:
    size = f"{limits.memory_bytes // 2**20} MiB"
    return f"CPU {limits.timeout_s:g} 秒，内存 {size}" if lang == "zh" else f"{limits.timeout_s:g} s CPU, {size}"

"""`touchstone-eval sandbox`: what this machine isolates, each attempt and its denial, and which sets it may open."""
from __future__ import annotations

from typing import Annotated

import typer


def sandbox(
    name: Annotated[str | None, typer.Argument(metavar="[BACKEND]", help="bwrap, floor, podman or none; all without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Probe the isolation available here. Exit code 1 when no backend may open a sealed set."""
    from eval_harness.base.console import language, print_json
    from eval_harness.sandbox.choose import BACKENDS, backend, mode_of, proved

    zh = language(lang) == "zh"
    backends = [backend(name)] if name else list(BACKENDS)
    reports = [(held, proved(held.name, mode), mode) for held in backends for mode in sorted({mode_of(kind) for kind in held.kinds})]
    tight = sorted({kind for held, report, mode in reports if report.tight for kind in held.kinds if mode_of(kind) == mode})
    if as_json:
        print_json({"probes": [report.to_dict() for _, report, _ in reports], "sealed_kinds": [k for k in tight if k in ("onnx", "oci")]})
        return 0 if tight else 1
    for held, report, mode in reports:
        kinds = ", ".join(sorted(kind for kind in held.kinds if mode_of(kind) == mode))
        if report.tight:
            verdict = "全部被拒绝，可以打开封存集" if zh else "all denied: may open sealed sets"
        elif report.available and not report.lines:
            verdict = "不隔离（UNISOLATED），只用于演练集" if zh else "UNISOLATED: practice sets only"
        elif report.available:
            verdict = "有未拒绝的项，不能打开封存集" if zh else "something was not denied: no sealed sets"
        else:
            verdict = f"{'不可用' if zh else 'not available'}: {report.reason}"
        typer.echo(f"{held.name} [{kinds}]  {verdict}")
        for line in report.lines:
            typer.echo(f"  {'denied ' if line.denied else 'ALLOWED'}  {line.attempt:<26} {line.how}")
    return 0 if tight else 1

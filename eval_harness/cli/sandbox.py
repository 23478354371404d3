"""`touchstone-eval sandbox`: what this machine isolates, each attempt and its denial, and which sets it may open."""
from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eval_harness.sandbox.probe import Line, ProbeReport

WIDTH = 42
Tried = tuple["ProbeReport", list[str]]
"""A probe, and the kinds of submission that it speaks of."""


def sandbox(
    name: Annotated[str | None, typer.Argument(metavar="[BACKEND]", help="bwrap, floor, podman or none; all without.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en.")] = None,
) -> int:
    """Probe the isolation available here. Exit code 1 when no backend may open a sealed set."""
    from eval_harness.base.console import language, print_json
    from eval_harness.sandbox.choose import BACKENDS, backend, mode_of, proved
    from eval_harness.submission.manifest import SEALED_KINDS

    backends = [backend(name)] if name else list(BACKENDS)
    tried: list[Tried] = [(proved(held.name, mode), sorted(kind for kind in held.kinds if mode_of(kind) == mode))
                          for held in backends for mode in sorted({mode_of(kind) for kind in held.kinds})]
    sealed = {kind: [report.backend for report, kinds in tried if report.tight and kind in kinds] for kind in SEALED_KINDS}
    kept = sorted(kind for kind, found in sealed.items() if found)
    if as_json:
        print_json({"probes": [report.to_dict() for report, _ in tried], "sealed_kinds": kept})
        return 0 if kept else 1
    spoken = language(lang)
    shown: dict[str, list[str]] = {}   # a backend that was not tried has one paragraph, whatever it runs
    for report, kinds in tried:
        if not report.lines:
            shown.setdefault(report.backend, []).extend(kinds)
    for report, kinds in tried:
        told = kinds if report.lines else sorted(shown.pop(report.backend, []))
        if told:
            _show(report, told, bool(set(kinds) & set(SEALED_KINDS)), spoken)
    _conclude(sealed, spoken)
    return 0 if kept else 1


def _show(report: ProbeReport, kinds: list[str], sealable: bool, lang: str) -> None:
    from eval_harness.base.denials import attempt_words, way_words
    from eval_harness.base.phrases import in_chinese

    zh, denied = lang == "zh", sum(line.denied for line in report.lines)
    if report.tight and sealable:
        verdict = f"{denied} 项全部被拒绝：可以打开封存集" if zh else f"all {denied} denied: may open sealed sets"
    elif report.tight:
        verdict = f"{denied} 项全部被拒绝；这类提交只用于演练集" if zh else f"all {denied} denied; this kind is for practice sets only"
    elif report.available and not report.lines:
        verdict = ("UNISOLATED（不隔离）：没有墙，限额只从外面计数；只用于演练集，报告会注明" if zh
                   else "UNISOLATED: no walls, limits are counted from outside only; practice sets, and the report says so")
    elif report.available:
        verdict = (f"{len(report.lines) - denied} 项没有被拒绝：不能打开封存集" if zh
                   else f"{len(report.lines) - denied} not denied: no sealed sets")
    else:
        verdict = f"不可用：{in_chinese(report.reason)}" if zh else f"not available: {report.reason}"
    typer.echo(f"{report.backend} · {', '.join(kinds)}\n  {verdict}")
    for line in report.lines:
        mark = _mark(line)[not zh]
        typer.echo(f"    {mark}  {_padded(attempt_words(line.attempt, lang))}  {way_words(line.how, lang)}")
    typer.echo("")


def _mark(line: Line) -> tuple[str, str]:
    """The first word of a line in both languages: what was tried from inside, or seen from outside."""
    from eval_harness.base.denials import NOT_TRIED

    if line.attempt.startswith("outside:"):
        return ("确认", "holds  ") if line.denied else ("不符", "BROKEN ")
    if line.how == NOT_TRIED:
        return "未试", "UNTRIED"
    return ("拒绝", "denied ") if line.denied else ("放行", "ALLOWED")


def _conclude(sealed: dict[str, list[str]], lang: str) -> None:
    told = "; ".join(f"{kind}: {', '.join(found)}" for kind, found in sealed.items() if found)
    if lang == "zh":
        typer.echo(f"可以打开封存集的：{told}" if told else "以上都不能打开封存集。")
    else:
        typer.echo(f"May open sealed sets: {told}" if told else "None of these may open a sealed set.")


def _padded(text: str) -> str:
    """To one width on the screen, where a Chinese character takes two places."""
    return text + " " * max(0, WIDTH - sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in text))

"""`touchstone-eval plan new|check|lock`: the protocol before the run."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The locked protocol: what is tested, against what, on which set.")
JsonFlag = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
LangFlag = Annotated[str | None, typer.Option("--lang", help="zh or en.")]


@app.command("new")
def new(
    out: Annotated[Path, typer.Option("--out", help="Draft to write (YAML).")],
    data: Annotated[Path, typer.Option("--data", help="Folder of the test set.")],
    task: Annotated[str | None, typer.Option("--task", help="Task pack by name or folder; else the set's own.")] = None,
    submission: Annotated[Path | None, typer.Option("--submission", help="Submission folder: its digest, device and thresholds.")] = None,
    practice: Annotated[Path | None, typer.Option("--practice", help="Score of a practice run: thresholds by the task's rule.")] = None,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """Write the task's default protocol for one set, ready to be edited."""
    import yaml

    from eval_harness.base import WrongUsage, eval_messages
    from eval_harness.base.console import print_json, say
    from eval_harness.protocol.plan import default_plan
    from eval_harness.scoring.packs import pack_json
    from eval_harness.tasks import load_pack
    from eval_harness.testset import read_set

    if out.exists():
        raise WrongUsage(eval_messages().issue("PLN-013", out.name))
    held = read_set(data)
    raw, digest = None, None
    if submission is not None:
        from eval_harness.submission import read_submission

        read = read_submission(submission)
        raw, digest = dict(read.raw), read.digest
    pack = pack_json(load_pack(task or held.manifest.task))
    plan = default_plan(pack, held.manifest.to_dict(), raw, digest, variants=True)
    if practice is not None:
        from eval_harness.protocol.points import practice_points
        from eval_harness.report.keys import opened

        plan["operating_points"] = practice_points(opened(practice), pack["operating_points"])
    out.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), encoding="utf-8")
    print_json({"plan": str(out), "protocol": plan}) if as_json else say(str(out))


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="Draft or locked plan.")],
    task: Annotated[str | None, typer.Option("--task", help="Task pack by name or folder; else the plan's own.")] = None,
    fill: Annotated[bool, typer.Option("--fill", help="Write the computed sample sizes into the draft.")] = False,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """Contradictions, missing reasons, sample size computed again. Exit 1 when something needs a person."""
    import yaml

    from eval_harness.base.console import language, print_json, say
    from eval_harness.protocol.check import problems
    from eval_harness.protocol.lock import HeldPlan, read_plan
    from eval_harness.protocol.sample_size import filled
    from eval_harness.scoring.packs import pack_json
    from eval_harness.tasks import PackRefused, load_pack

    held = read_plan(file)
    if fill and not held.signers:
        held = HeldPlan(filled(held.protocol))
        file.write_text(yaml.safe_dump(held.protocol, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        pack = pack_json(load_pack(task or held.protocol["task"]["id"]))
    except PackRefused as refused:
        if task is not None:
            raise
        say(refused.issue.text(language(lang)))
        pack = None
    found = problems(held.protocol, pack)
    if as_json:
        print_json({"ok": not found, "locked": held.locked, "signers": [dict(one) for one in held.signers],
                    "issues": [issue.to_dict() for issue in found]})
    else:
        for issue in found:
            typer.echo(issue.text(language(lang)))
        typer.echo(_state(file, held.signers, held.locked, language(lang)))
    if found:
        raise typer.Exit(1)


@app.command("lock")
def lock(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="Draft, or a plan that the other role has signed.")],
    key: Annotated[Path, typer.Option("--key", help="Ed25519 private key.")],
    role: Annotated[str, typer.Option("--as", help="vendor or platform.")] = "vendor",
    out: Annotated[Path | None, typer.Option("--out", help="Locked plan; default: PLAN with .locked.json.")] = None,
    task: Annotated[str | None, typer.Option("--task", help="Task pack by name or folder; else the plan's own, where it ships.")] = None,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """Sign the protocol; it is locked once vendor and platform have signed. Errors of `check` stop it."""
    from eval_harness.base import Terminal, digest
    from eval_harness.base.console import language, print_json
    from eval_harness.protocol.check import problems
    from eval_harness.protocol.lock import lock as sign
    from eval_harness.protocol.lock import read_plan
    from eval_harness.report.keys import signing_key

    target = out or file.with_name(file.name.split(".")[0] + ".locked.json")
    from eval_harness.scoring.packs import pack_json
    from eval_harness.tasks import list_packs, load_pack

    protocol = read_plan(file).protocol
    named = task or (protocol["task"]["id"] if protocol["task"]["id"] in list_packs() else None)
    for issue in problems(protocol, pack_json(load_pack(named)) if named else None):
        if issue.severity != "warning":
            raise Terminal(issue)
    held = sign(file, signing_key(file.parent, key), role, target)
    if as_json:
        print_json({"plan": str(target), "digest": digest(held.protocol), "locked": held.locked,
                    "signers": [dict(one) for one in held.signers]})
    else:
        typer.echo(_state(target, held.signers, held.locked, language(lang)))


def _state(file: Path, signers: object, locked: bool, lang: str) -> str:
    from eval_harness.base import eval_messages

    words = {"zh": ("未锁定", "已锁定"), "en": ("not locked", "locked")}[lang][locked]
    names = ", ".join(f"{one['role']} {one['key_id']}" for one in signers) or "–"  # type: ignore[attr-defined]
    return eval_messages().text("PLN-040", lang, file=file.name, state=words, signers=names)

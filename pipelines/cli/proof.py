"""`touchstone proof`: draw a sample of what was de-identified, record what a person read, print the bound and the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, help="去标识化证明 · proof that nothing leaked")
Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="deid fhir 的输出文件夹或 deid text 的输出文件 · output of deid fhir or deid text")
]
PolicyFlag = Annotated[str, typer.Option("--policy", help="文本策略 · text policy")]
JsonFlag = Annotated[bool, typer.Option("--json")]
LangFlag = Annotated[str | None, typer.Option("--lang", help="zh | en")]


@app.command()
def sample(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="样本文件 · sample file to fill in")],
    size: Annotated[int | None, typer.Option("--size", help="份数，缺省按策略 · documents; default: the policy's")] = None,
    seed: Annotated[str, typer.Option("--seed")] = "1",
    policy: PolicyFlag = "cn-gold",
    as_json: JsonFlag = False,
    lang: LangFlag = None,
) -> None:
    """分层抽样供人阅读 · Draw a stratified sample for a person to read."""
    from eval_harness.base.console import language, print_json
    from pipelines.phi_zone.proof import documents, draw_sample, write_sample
    from pipelines.phi_zone.text.policy import load_text_policy

    drawn = draw_sample(documents(folder), size or load_text_policy(policy).proof.sample, seed)
    write_sample(drawn, out)
    strata: dict[str, int] = {}
    for document in drawn:
        strata[document.stratum] = strata.get(document.stratum, 0) + 1
    if as_json:
        print_json({"documents": len(drawn), "strata": strata})
    else:
        zh = language(lang) == "zh"
        typer.echo(
            f"{len(drawn)} 份。逐份把 leak 填为 true 或 false，再运行 touchstone proof record。"
            if zh
            else f"{len(drawn)} documents. Fill in leak as true or false for each, then: touchstone proof record."
        )


@app.command()
def record(
    folder: Folder,
    reading: Annotated[Path, typer.Option("--reading", help="填好的样本 · the filled-in sample")],
    policy: PolicyFlag = "cn-gold",
    as_json: JsonFlag = False,
    lang: LangFlag = None,
) -> None:
    """记录阅读结果，给出泄漏率上界 · Record a reading and print the bound. Exit 1 when the release is refused."""
    import json

    from eval_harness.base.console import language, print_json
    from pipelines.phi_zone.proof import objections, read_reading, released_digest
    from pipelines.phi_zone.proof_report import report
    from pipelines.phi_zone.text.policy import load_text_policy

    limits = load_text_policy(policy).proof
    bound = read_reading(reading, folder, limits.confidence)
    summary_file = folder / "summary.json"
    summary = json.loads(summary_file.read_text(encoding="utf-8")) if summary_file.is_file() else {}
    found = objections(summary.get("residual_findings", 0), bound, limits)
    if folder.is_dir():
        proof = {
            "schema": "touchstone-proof/1",
            "released_sha256": released_digest(folder),
            **bound.to_dict(),
            "refused": [issue.code for issue in found],
        }
        (folder / "proof.json").write_text(json.dumps(proof, sort_keys=True, indent=2) + "\n", encoding="utf-8")
        for tongue in ("zh", "en"):
            (folder / f"deid_report.{tongue}.md").write_text(report(summary, bound, found, tongue), encoding="utf-8")
    if as_json:
        print_json({**bound.to_dict(), "limit": limits.max_leak_bound, "refused": [issue.to_dict() for issue in found]})
    else:
        typer.echo(report(summary, bound, found, language(lang)))
    if found:
        raise typer.Exit(1)

"""`touchstone deid fhir`: records on a hospital's own machine, without a lake."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer


def deid_fhir(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="IN...", help="NDJSON 文件、JSON Bundle 或文件夹 · NDJSON files, JSON Bundles, or folders of them"),
    ],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")],
    site: Annotated[str, typer.Option("--site", help="医院编号或 YAML 文件 · site id or YAML file")],
    key_file: Annotated[Path, typer.Option("--key-file", help="密钥文件 · key file (touchstone key new)")],
    policy: Annotated[str | None, typer.Option("--policy", help="策略名或文件 · policy name or file; default: the site's")] = None,
    text_policy: Annotated[
        str | None, typer.Option("--text-policy", help="文本策略名或文件 · text policy name or file; default: the site's")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="最后输出一个 JSON 对象 · one JSON object as the last thing")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """去标识化 FHIR 病历 · De-identify FHIR records. Patients are read first, wherever they stand in IN."""
    from eval_harness.base.console import Progress, language, print_json, say
    from pipelines.cli.deid_common import read_site
    from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
    from pipelines.phi_zone.fhir.folder import deidentify_folder, issues_of
    from pipelines.phi_zone.keys import load_key_file
    from pipelines.phi_zone.text.policy import load_text_policy

    tongue, started = language(lang), time.monotonic()
    where = read_site(site)
    fhir_rules = load_fhir_policy(policy or where.policies.fhir)
    text_rules = load_text_policy(
        text_policy or (policy if policy and not policy.endswith((".yaml", ".yml", ".json")) else where.policies.text)
    )
    key = load_key_file(key_file)
    with Progress("deid fhir", unit="resources") as progress:
        report = deidentify_folder(inputs, out, where, key, fhir_rules, text_rules, progress.advance)
    summary = report.to_dict(fhir_rules, text_rules, where, key)
    for issue in issues_of(report):
        say(issue.text(tongue))
    if as_json:
        print_json({**summary, "seconds": round(time.monotonic() - started, 3)})
    else:
        words = ("条资源", "放行", "隔离") if tongue == "zh" else ("resources", "released", "quarantined")
        typer.echo(
            f"{report.resources} {words[0]}: {report.by_status['released']} {words[1]}, {report.by_status['quarantined']} {words[2]}"
            + "".join(f"\n  {code}: {count}" for code, count in sorted(report.by_code.items()))
        )
    if report.by_status["quarantined"] or report.by_status["rejected"] or report.residual:
        raise typer.Exit(1)

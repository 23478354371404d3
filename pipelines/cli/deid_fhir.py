"""`touchstone deid fhir`: records on a hospital's own machine, without a lake."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import LangFlag
from pipelines.cli.deid_flags import KeyFileFlag, OutFlag, PolicyFlag, SiteFlag, SummaryFlag, TextPolicyFlag


def deid_fhir(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="IN...", help="NDJSON 文件、JSON Bundle 或文件夹 · NDJSON files, JSON Bundles, or folders of them"),
    ],
    out: OutFlag,
    site: SiteFlag,
    key_file: KeyFileFlag,
    policy: PolicyFlag = None,
    text_policy: TextPolicyFlag = None,
    as_json: SummaryFlag = False,
    lang: LangFlag = None,
) -> None:
    """去标识化 FHIR 病历。患者先读，不论在 IN 的何处 · De-identify FHIR records. Patients are read first, wherever they stand in IN."""
    gc.set_threshold(50_000, 20, 50)  # modules and tables are made now and stay: a search for garbage among them finds nothing
    from eval_harness.base.console import Progress, language, print_json, say
    from pipelines.cli.deid_common import chosen, read_site
    from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
    from pipelines.phi_zone.fhir.folder import deidentify_folder, issues_of
    from pipelines.phi_zone.keys import load_key_file
    from pipelines.phi_zone.named_policies import named_at
    from pipelines.phi_zone.text.policy import load_text_policy

    tongue, started = language(lang), time.monotonic()
    where = read_site(site)
    rules, at = chosen("--policy", policy, site, "fhir", where.policies.fhir)
    with named_at(at):
        fhir_rules = load_fhir_policy(rules)
    also = policy if policy and not policy.endswith((".yaml", ".yml", ".json")) else None   # one name for both
    rules, at = chosen("--text-policy" if text_policy else "--policy", text_policy or also, site, "text", where.policies.text)
    with named_at(at):
        text_rules = load_text_policy(rules)
    key = load_key_file(key_file)
    with Progress("deid fhir", unit="resources") as progress:
        report = deidentify_folder(inputs, out, where, key, fhir_rules, text_rules, progress.advance)
    summary = report.to_dict(fhir_rules, text_rules, where, key)
    for issue in issues_of(report):
        say(issue.text(tongue))
    if as_json:
        print_json({**summary, "seconds": round(time.monotonic() - started, 3)})
    else:
        words = ("条资源", "放行", "隔离", "为空") if tongue == "zh" else ("resources", "released", "quarantined", "empty")
        typer.echo(
            f"{report.resources} {words[0]}: {report.by_status['released']} {words[1]}, {report.by_status['quarantined']} {words[2]}"
            + (f", {report.by_status['rejected']} {words[3]}" if report.by_status["rejected"] else "")
            + "".join(f"\n  {code}: {count}" for code, count in sorted(report.by_code.items()))
        )
    if report.by_status["quarantined"] or report.residual:
        raise typer.Exit(1)

"""`touchstone deid dicom`: images on a hospital's own machine, without a lake."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.common import LangFlag
from pipelines.cli.deid_flags import KeyFileFlag, OutFlag, PolicyFlag, SiteFlag, SummaryFlag, TextPolicyFlag


def deid_dicom(
    inputs: Annotated[list[Path], typer.Argument(metavar="IN...", help="DICOM 文件或文件夹 · DICOM files or folders of them")],
    out: OutFlag,
    site: SiteFlag,
    key_file: KeyFileFlag,
    policy: PolicyFlag = None,
    text_policy: TextPolicyFlag = None,
    pixels: Annotated[str, typer.Option("--pixels", help="clean | off")] = "clean",
    source_map: Annotated[
        Path | None, typer.Option("--source-map", help="路径与摘要对照表，放在 DIR 之外 · path ↔ digest, outside DIR")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="进程数 · processes")] = 1,
    as_json: SummaryFlag = False,
    lang: LangFlag = None,
) -> None:
    """去标识化 DICOM 文件。IN 不改变；只有 DIR/released/ 可以离开医院 · De-identify DICOM files. Nothing in IN is changed; only
    DIR/released/ may leave the hospital.
    """
    from eval_harness.base import WrongUsage
    from eval_harness.base.console import Progress, language, print_json
    from pipelines.cli.deid_common import chosen, read_site
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.dicom.batch import BatchJob, run_batch
    from pipelines.phi_zone.named_policies import named_at
    from pipelines.phi_zone.text.policy import load_text_policy
    from schemas.messages import messages

    if pixels not in ("clean", "off"):
        raise WrongUsage(messages().issue("DCM-173", "--pixels", found=pixels))
    where = read_site(site)
    rules, at = chosen("--policy", policy, site, "dicom", where.policies.dicom)
    with named_at(at):
        load_policy(rules)
    text_rules, at = chosen("--text-policy", text_policy, site, "text", where.policies.text)
    with named_at(at):
        load_text_policy(text_rules)
    job = BatchJob(inputs, out, where, key_file, rules, text_rules, pixels == "clean", source_map, jobs)
    with Progress("deid dicom", unit="files") as progress:
        summary = run_batch(job, progress.advance)
    if as_json:
        print_json(summary)
    else:
        from pipelines.phi_zone.dicom.batch.report import page

        typer.echo(page(summary, language(lang)))
    if summary["status"]["quarantined"] or summary["status"]["rejected"]:
        raise typer.Exit(1)

"""`touchstone deid dicom`: images on a hospital's own machine, without a lake."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def deid_dicom(
    inputs: Annotated[list[Path], typer.Argument(metavar="IN...", help="DICOM 文件或文件夹 · DICOM files or folders of them")],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")],
    site: Annotated[str, typer.Option("--site", help="医院编号或 YAML 文件 · site id or YAML file")],
    key_file: Annotated[Path, typer.Option("--key-file", help="密钥文件 · key file (touchstone key new)")],
    policy: Annotated[str | None, typer.Option("--policy", help="策略名或文件 · policy name or file; default: the site's")] = None,
    text_policy: Annotated[str | None, typer.Option("--text-policy", help="文本策略名或文件 · text policy; default: the site's")] = None,
    pixels: Annotated[str, typer.Option("--pixels", help="clean | off")] = "clean",
    source_map: Annotated[Path | None, typer.Option("--source-map", help="路径与摘要对照表 · path ↔ digest, outside DIR")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=256, help="进程数 · processes")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="最后输出一个 JSON 对象 · one JSON object as the last thing")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """去标识化 DICOM 文件 · De-identify DICOM files. Nothing in IN is changed; only DIR/released/ may leave the hospital."""
    from eval_harness.base import WrongUsage
    from eval_harness.base.console import Progress, language, print_json
    from pipelines.cli.deid_common import read_site
    from pipelines.phi_zone.dicom.batch import BatchJob, run_batch
    from schemas.messages import messages

    if pixels not in ("clean", "off"):
        raise WrongUsage(messages().issue("DCM-173", "--pixels", found=pixels))
    where = read_site(site)
    job = BatchJob(inputs, out, where, key_file, policy or where.policies.dicom, text_policy or where.policies.text, pixels == "clean",
                   source_map, jobs)
    with Progress("deid dicom", unit="files") as progress:
        summary = run_batch(job, progress.advance)
    if as_json:
        print_json(summary)
    else:
        from pipelines.phi_zone.dicom.batch.report import page

        typer.echo(page(summary, language(lang)))
    if summary["status"]["quarantined"] or summary["status"]["rejected"]:
        raise typer.Exit(1)

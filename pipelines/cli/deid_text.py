"""`touchstone deid text`: JSON lines in, JSON lines out, same order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def deid_text(
    site: Annotated[str | None, typer.Option("--site", help="医院编号或 YAML 文件 · site id or YAML file")] = None,
    key_file: Annotated[Path | None, typer.Option("--key-file", help="密钥文件 · key file")] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="文本策略，默认按医院文件 · text policy name or file; default: the site's")
    ] = None,
    inputs: Annotated[Path | None, typer.Option("--in", help="JSON 行文件，缺省为标准输入 · JSON lines; default: standard input")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件，缺省为标准输出 · output file; default: standard output")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """去标识化文本，每行一个 {"id", "text", "lang"?, "patient_id"?, "known"?} · De-identify text, one such object a line.

    给出 --site 与 --key-file 时，写有 patient_id 的行其日期随该患者平移；否则写作 [DATE] · With --site and --key-file the dates of a line
    that names its patient_id move with that patient; else they become [DATE].
    """
    from eval_harness.base.console import language, say
    from pipelines.cli.deid_common import chosen, read_site
    from pipelines.phi_zone.keys import load_key_file
    from pipelines.phi_zone.named_policies import named_at
    from pipelines.phi_zone.text.cleaner import TextCleaner
    from pipelines.phi_zone.text.lines import LineCleaner, arrived
    from pipelines.phi_zone.text.policy import load_text_policy

    where = read_site(site) if site else None
    key = load_key_file(key_file) if key_file else None
    name, at = chosen("--policy", policy, site, "text", where.policies.text if where else "cn-gold")
    with named_at(at):
        rules = load_text_policy(name)
    lines = LineCleaner(TextCleaner(rules), where, key)
    source = inputs.open("rb") if inputs else sys.stdin.buffer
    target = out.open("wb") if out else sys.stdout.buffer
    try:
        for some in arrived(source):
            target.writelines(answer + b"\n" for answer in lines.clean_many(some))
            if not out:
                target.flush()
    finally:
        if inputs:
            source.close()
        if out:
            target.close()
    for issue in lines.notes():
        say(issue.text(language(lang)))
    if lines.broken:
        raise typer.Exit(1)

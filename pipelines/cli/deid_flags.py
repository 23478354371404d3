"""The options that `deid dicom` and `deid fhir` share. Nothing slow is imported here: a help page needs them too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OutFlag = Annotated[Path, typer.Option("--out", help="输出文件夹 · output folder")]
SiteFlag = Annotated[str, typer.Option("--site", help="医院编号或 YAML 文件 · site id or YAML file")]
KeyFileFlag = Annotated[Path, typer.Option("--key-file", help="密钥文件（touchstone key new） · key file (touchstone key new)")]
PolicyFlag = Annotated[
    str | None, typer.Option("--policy", help="策略名或文件，默认按医院文件 · policy name or file; default: the site's")
]
TextPolicyFlag = Annotated[
    str | None, typer.Option("--text-policy", help="文本策略，默认按医院文件 · text policy name or file; default: the site's")
]
SummaryFlag = Annotated[bool, typer.Option("--json", help="最后输出一个 JSON 对象 · one JSON object as the last thing")]

"""`touchstone review serve`: a page on this machine alone, where a person decides on text in pixels that nobody could read."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from governance.audit import Audit
    from schemas.shapes.dicom_policy import DicomPolicy

app = typer.Typer(no_args_is_help=True, add_completion=False, help="像素文字人工复核 · review of text in pixels")


@app.callback()
def _group() -> None:
    """像素文字人工复核 · review of text in pixels."""


@app.command("serve")
def serve(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="deid dicom 的输出文件夹 · the output folder of deid dicom")],
    source_map: Annotated[Path, typer.Option("--source-map", help="路径与摘要对照表 · path ↔ digest of the same run")],
    policy: Annotated[
        str | None, typer.Option("--policy", help="策略名或文件，默认用该次运行的 · policy name or file; default: the run's")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="0：任意空闲端口 · any free port")] = 0,
    home: Annotated[
        str | None, typer.Option("--home", help="审计日志的主目录，默认 DIR/.work · home of the audit log; default: DIR/.work")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh | en")] = None,
) -> None:
    """在本机打开复核页面；之后再运行一次 deid dicom 才会用上决定 · Serve the review page on 127.0.0.1. Then run deid dicom
    again: it uses the decisions.
    """
    from eval_harness.base.console import language, say
    from governance.access import acting, require
    from pipelines.phi_zone.pixels.review import ReviewDesk
    from pipelines.phi_zone.pixels.review_server import make_server

    audit, who, tongue = _audit(out, home), acting(), language(lang)
    desk = ReviewDesk(out, source_map, _policy(out, policy), audit, who)
    require(audit, who, "review.decide", "review")
    server = make_server(desk, tongue, port)
    say(f"http://127.0.0.1:{server.server_address[1]}/{server.token}/")
    say(f"{'审计日志' if tongue == 'zh' else 'audit log'}: {audit.path}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("再运行一次 deid dicom，决定才会生效。" if tongue == "zh" else "Run deid dicom again: it uses the decisions.")
    finally:
        server.server_close()


def _audit(out: Path, home: str | None) -> Audit:
    """The log of a home that was named or is there; without a lake, one beside the batch."""
    from governance.audit import Audit
    from pipelines.settings import open_home, settings

    config = settings(home)
    if home is not None or config.home.marker.exists():
        return Audit(open_home(config, create=False).audit)
    return Audit(out / ".work" / "audit")


def _policy(out: Path, named: str | None) -> DicomPolicy:
    """The policy of the run. Raises WrongUsage DCM-174 when there was no run here, DCM-175 when another policy is named."""
    import json

    from eval_harness.base import WrongUsage
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.dicom.plan import policy_digest
    from schemas.messages import messages

    summary = out / "summary.json"
    if not summary.is_file():
        raise WrongUsage(messages().issue("DCM-174", str(out)))
    run = json.loads(summary.read_text(encoding="utf-8"))["policy"]
    policy = load_policy(named or run["policy_id"])
    if policy_digest(policy) != run["digest"]:
        raise WrongUsage(messages().issue("DCM-175", "--policy", found=policy.policy_id, right=f"{run['policy_id']} v{run['version']}"))
    return policy

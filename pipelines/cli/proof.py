"""`touchstone proof`: draw a sample of what was de-identified, record what a person read, print the bound and the report.

Of a folder that `touchstone deid` wrote (DIR), or of what a hospital's nights released into a home (--site).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval_harness.base import Issue, WrongUsage
from pipelines.cli.common import Door, HomeFlag, enter
from schemas.messages import messages

if TYPE_CHECKING:
    from pipelines.phi_zone.proof import LeakBound, Reach
    from schemas.shapes.text_policy import Proof as Limits

app = typer.Typer(add_completion=False, no_args_is_help=True, help="去标识化证明 · proof that nothing leaked")
Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="deid fhir 的输出文件夹或 deid text 的输出文件 · output of deid fhir or deid text")
]
SiteFlag = Annotated[str | None, typer.Option("--site", help="主目录中的医院 · a hospital of the home")]
PolicyFlag = Annotated[str, typer.Option("--policy", help="文本策略，用于 DIR · text policy, for DIR")]
JsonFlag = Annotated[bool, typer.Option("--json")]
LangFlag = Annotated[str | None, typer.Option("--lang", help="zh | en")]


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", help="样本文件 · sample file to fill in")],
    folder: Folder = None,
    site: SiteFlag = None,
    size: Annotated[int | None, typer.Option("--size", min=1, help="份数，缺省按策略 · documents; default: the policy's")] = None,
    seed: Annotated[str, typer.Option("--seed")] = "1",
    policy: PolicyFlag = "cn-gold",
    home: HomeFlag = None,
    as_json: JsonFlag = False,
    lang: LangFlag = None,
) -> None:
    """分层抽样供人阅读 · Draw a stratified sample for a person to read."""
    from eval_harness.base.console import language, print_json

    _one_of(folder, site)
    if site is not None:
        from pipelines import steward

        door = _allowed(home, lang, site)
        strata, able = steward.draw_sample(door.settings, site, out, size, seed, actor=door.actor)
    else:
        strata, able = _of_folder(folder or Path(), out, size, seed, policy)
    if as_json:
        print_json({"documents": sum(strata.values()), "strata": strata, **able.to_dict(), "issue": able.issue.to_dict()})
    else:
        zh = language(lang) == "zh"
        typer.echo(
            f"{sum(strata.values())} 份。逐份把 leak 填为 true 或 false，再运行 touchstone proof record。"
            if zh
            else f"{sum(strata.values())} documents. Fill in leak as true or false for each, then: touchstone proof record."
        )
        typer.echo(able.issue.text(language(lang)))


@app.command()
def record(
    reading: Annotated[Path, typer.Option("--reading", help="填好的样本 · the filled-in sample")],
    folder: Folder = None,
    site: SiteFlag = None,
    policy: PolicyFlag = "cn-gold",
    home: HomeFlag = None,
    as_json: JsonFlag = False,
    lang: LangFlag = None,
) -> None:
    """记录阅读结果，给出泄漏率上界 · Record a reading and print the bound. Exit 1 when the release is refused."""
    from eval_harness.base.console import language, print_json
    from pipelines.phi_zone.proof_report import bound_line

    _one_of(folder, site)
    taken_back = 0
    if site is not None:
        from pipelines import steward

        door = _allowed(home, lang, site)
        bound, found, taken_back = steward.record_reading(door.settings, site, reading, actor=door.actor)
        text = bound_line(bound, found, language(lang))
    else:
        bound, found, text = _record_folder(folder or Path(), reading, policy, language(lang))
    if as_json:
        print_json({**bound.to_dict(), "taken_back": taken_back, "refused": [issue.to_dict() for issue in found]})
    else:
        typer.echo(text)
    if found:
        raise typer.Exit(1)


def _one_of(folder: Path | None, site: str | None) -> None:
    if (folder is None) == (site is None):
        raise WrongUsage(messages().issue("PRF-009", "DIR | --site"))


def _allowed(home: str | None, lang: str | None, site: str) -> Door:
    from governance.access import require
    from governance.audit import Audit

    door = enter(home, lang)
    require(Audit(door.settings.home.audit), door.actor, "proof.record", site)
    return door


def _of_folder(folder: Path, out: Path, size: int | None, seed: str, policy: str) -> tuple[dict[str, int], Reach]:
    from collections import Counter

    from pipelines.phi_zone.proof import reach
    from pipelines.phi_zone.sample import documents, draw_sample, write_sample

    limits = _limits(policy)
    drawn = draw_sample(documents(folder), size or limits.sample, seed)
    if not drawn:
        raise WrongUsage(messages().issue("PRF-004", "DIR", found=folder.name))
    write_sample(drawn, out)
    return dict(Counter(document.stratum for document in drawn)), reach(len(drawn), None, limits)


def _limits(policy: str) -> Limits:
    from pipelines.phi_zone.named_policies import named_at
    from pipelines.phi_zone.text.policy import load_text_policy

    with named_at("--policy"):
        return load_text_policy(policy).proof


def _record_folder(folder: Path, reading: Path, policy: str, lang: str) -> tuple[LeakBound, list[Issue], str]:
    """Write proof.json and the report of both languages beside released/."""
    import json

    from pipelines.phi_zone.proof import Shown, objections
    from pipelines.phi_zone.proof_report import report
    from pipelines.phi_zone.sample import read_reading, released_digest

    limits = _limits(policy)
    bound = read_reading(reading, folder, limits.confidence)
    summary_file = folder / "summary.json"
    summary = json.loads(summary_file.read_text(encoding="utf-8")) if summary_file.is_file() else {}
    forms = summary.get("codes", {}).get("RES-002", 0)
    known = max(0, summary.get("residual_findings", 0) - forms)
    found = objections(Shown(known, forms, bound=bound), limits, reading_due=True)
    if folder.is_dir():
        proof = {"schema": "touchstone-proof/1", "released_sha256": released_digest(folder), **bound.to_dict(),
                 "refused": [issue.code for issue in found]}
        (folder / "proof.json").write_text(json.dumps(proof, sort_keys=True, indent=2) + "\n", encoding="utf-8")
        for tongue in ("zh", "en"):
            (folder / f"deid_report.{tongue}.md").write_text(report(summary, bound, found, tongue), encoding="utf-8")
    return bound, found, report(summary, bound, found, lang)

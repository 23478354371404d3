"""`touchstone policy check|explain|export|import`: what may leave, judged, explained, and carried to and from other tools."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from eval_harness.base import Issue

app = typer.Typer(no_args_is_help=True, add_completion=False, help="去标识化策略 · de-identification policies")
JsonFlag = Annotated[bool, typer.Option("--json", help="最后输出一个 JSON 对象 · one JSON object as the last thing")]
LangFlag = Annotated[str | None, typer.Option("--lang", help="zh | en")]


@app.command("check")
def check(
    policies: Annotated[list[str] | None, typer.Argument(metavar="[NAME|FILE]...", help="默认：全部 · default: all")] = None,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """检查策略能否使用 · Whether policies may be used; says for each mistake where it is and what would be right."""
    from eval_harness.base import TouchstoneError
    from eval_harness.base.console import language, print_json, say

    tongue, results = language(lang), {}
    for name in policies or _all_policies():
        try:
            issues = _problems(name)
        except TouchstoneError as error:
            issues = [error.issue]
        results[name] = [issue.to_dict() for issue in issues]
        for issue in issues:
            say(issue.text(tongue))
        if not as_json:
            typer.echo(f"{name}{'：' if tongue == 'zh' else ': '}{_verdict(len(issues), tongue)}")
    if as_json:
        print_json({"policies": results})
    if any(results.values()):
        raise typer.Exit(1)


def _verdict(mistakes: int, tongue: str) -> str:
    if not mistakes:
        return "可以使用" if tongue == "zh" else "may be used"
    return f"不能使用（{mistakes} 处）" if tongue == "zh" else f"may not be used ({mistakes} to correct)"


def _all_policies() -> list[str]:
    """Every policy that ships, of images, records and texts."""
    from pipelines.phi_zone.dicom.policy import FOLDER

    return [f"{kind}/{path.stem}" for kind in ("dicom", "fhir", "text") for path in sorted((FOLDER.parent / kind).glob("*.yaml"))]


def _problems(name: str) -> list[Issue]:
    """What keeps a policy from being used; of a shipped one also whether its version is the one recorded for what it says."""
    from pipelines.phi_zone.dicom.policy import FOLDER

    shipped = [FOLDER / f"{name}.yaml", FOLDER.parent / f"{name}.yaml"]
    path = next((one for one in shipped if one.is_file()), Path(name))
    policy, found = _judged(path, name)
    if policy is None or found or path not in shipped:
        return found
    from pipelines.phi_zone.versions import recorded, unversioned

    return unversioned(f"{path.parent.name}/{path.stem}", policy, recorded())


def _judged(path: Path, name: str) -> tuple[Any, list[Issue]]:
    """A policy by what kind it is (FHIR and text policies are judged by their own rooms), and what is wrong with it."""
    import yaml

    from pipelines.phi_zone.dicom.policy import check_policy, load_policy
    from pipelines.phi_zone.dicom.policy_shape import read_policy

    if not path.is_file():
        return load_policy(name), []      # says which there are
    try:
        keys = set(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, UnicodeDecodeError):
        keys = set()
    if keys & {"resources", "types", "fhir_version", "fhirVersion"}:
        from pipelines.phi_zone.fhir.policy import load_fhir_policy

        return load_fhir_policy(path), []
    if keys & {"actions", "proof", "tagger", "keep_words", "remove_words", "recognizers"}:
        from pipelines.phi_zone.text.policy import load_text_policy

        return load_text_policy(path), []
    policy = read_policy(path)
    return policy, check_policy(policy, path.name)


@app.command("explain")
def explain(
    policy: Annotated[str, typer.Argument(metavar="NAME|FILE")],
    keyword: Annotated[str | None, typer.Argument(metavar="[KEYWORD]", help="只看一个元素 · one element only")] = None,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """说明策略对每个元素做什么 · What a policy does with each element, beside what PS3.15 demands."""
    from dataclasses import asdict

    from eval_harness.base import WrongUsage
    from eval_harness.base.console import language, print_json
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.dicom.conformance import WORDS, page, statement
    from pipelines.phi_zone.dicom.dictionary import TAG_OF
    from pipelines.phi_zone.dicom.policy import no_keyword

    if keyword is not None and keyword not in TAG_OF:
        raise WrongUsage(no_keyword("KEYWORD", keyword))
    loaded, tongue = load_policy(policy), language(lang)
    rows = [row for row in statement(loaded) if keyword is None or row.keyword == keyword]
    if as_json:
        print_json({"policy_id": loaded.policy_id, "version": loaded.version, "elements": [asdict(row) for row in rows]})
    elif keyword is None:
        typer.echo(page(loaded, tongue))
    else:
        zh = tongue == "zh"
        for row in rows:
            told = [f"{row.tag} {row.keyword}{'：' if zh else ': '}{WORDS[row.ours][0 if zh else 1]}"]
            if row.table:
                told.append(f"PS3.15 {'表' if zh else 'Table'} E.1-1 {row.table}{f' ({row.options})' if row.options else ''}")
            typer.echo(" · ".join([*told, *([row.reason] if row.reason else [])]))
        if not rows:
            typer.echo(f"{keyword}{'：' if zh else ': '}{WORDS['X'][0 if zh else 1]}")


@app.command("export")
def export(
    policy: Annotated[str, typer.Argument(metavar="NAME|FILE")],
    out: Annotated[Path | None, typer.Option("--out", help="默认：标准输出 · default: standard output")] = None,
    form: Annotated[str, typer.Option("--format", help="deid | conformance")] = "deid",
    lang: LangFlag = None,
) -> None:
    """导出为 deid 配方或符合性声明 · To a deid recipe that a hospital can run itself, or to a conformance statement."""
    from eval_harness.base import WrongUsage
    from eval_harness.base.console import language
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.dicom.conformance import page
    from pipelines.phi_zone.recipes import export_recipe
    from schemas.messages import messages

    if form not in ("deid", "conformance"):
        raise WrongUsage(messages().issue("POL-008", "--format", reason=form))
    loaded = load_policy(policy)
    _write(export_recipe(loaded) if form == "deid" else page(loaded, language(lang)), out)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="deid 配方或 CTP 像素脚本 · deid recipe or CTP pixel script")],
    out: Annotated[Path | None, typer.Option("--out", help="策略草稿 · draft policy; default: standard output")] = None,
    as_json: JsonFlag = False, lang: LangFlag = None,
) -> None:
    """导入 deid 配方、graylist 与 CTP 矩形 · From deid recipes, graylists and CTP rectangles: a draft to complete."""
    from eval_harness.base.console import language, print_json, say
    from pipelines.phi_zone.recipes import import_any

    found = import_any(file)
    for issue in found.issues:
        say(issue.text(language(lang)))
    draft = found.to_yaml("".join(letter if letter.isalnum() else "-" for letter in file.stem.lower()).strip("-") or "imported")
    if as_json:
        _write(draft, out) if out is not None else None
        told: dict[str, Any] = {"keep": found.keep, "shift": found.shift, "new_uid": found.new_uid,
                                "left_out": [one.to_dict() for one in found.issues],
                                "regions": [region.model_dump(mode="json", exclude_none=True) for region in found.regions]}
        print_json(told)
    else:
        _write(draft, out)
    if found.issues:
        raise typer.Exit(1)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")

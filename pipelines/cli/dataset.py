"""`touchstone dataset`: choose cases, freeze them into a test set, and everything one asks of a frozen set afterwards."""
from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval_harness.base.console import language, print_json, say
from pipelines.cli.common import EngineFlag, HomeFlag, JsonFlag, LangFlag
from pipelines.cli.words import SETS_ZH, told

if TYPE_CHECKING:
    from pipelines.deid_zone.freeze import Platform
    from pipelines.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True,
                  help="测试集 / test sets: build, freeze, show, diff, verify, export, withdraw")
Id = Annotated[str, typer.Argument(metavar="ID", help="数据集编号，可带 @版本 / data set id, or id@version")]


@contextlib.contextmanager
def platform(config: Settings, action: str, object: str) -> Iterator[Platform]:
    """Home, store and audit log for one action, once the access policy lets it pass."""
    from governance.access import acting, require
    from governance.audit import Audit
    from governance.store import open_store
    from pipelines.deid_zone.freeze import Platform
    from pipelines.settings import open_home

    home = open_home(config, create=False)
    with contextlib.closing(open_store(config.store_url)) as store:
        opened = Platform(home, store, Audit(home.audit), acting())
        require(opened.audit, opened.actor, action, object)
        yield opened


@app.command()
def build(spec: Annotated[Path, typer.Argument(metavar="SPEC.yaml")],
          out: Annotated[str, typer.Option("--out", metavar="ID", help="数据集编号 / id of the data set")],
          home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """按 SPEC.yaml 选出病例 / choose the cases of SPEC.yaml."""
    from pipelines.deid_zone import cohort
    from pipelines.deid_zone.draft import FOLDS, DraftFolder
    from pipelines.settings import settings
    from schemas.shapes.dataset import DatasetSpec

    wanted = DatasetSpec.from_file(spec)
    with platform(settings(home), "dataset.build", out) as held:
        draft = cohort.build(held.home, out, wanted)
        changed = DraftFolder(held.home, out).write(draft)
        if changed:
            held.audit.record("dataset.build", held.actor, out, cases=len(draft.cases))
    folds = {fold: sum(case.fold == fold for case in draft.cases) for fold in FOLDS[::-1]}
    view = {"dataset_id": out, "cases": len(draft.cases), "persons": len({case.person for case in draft.cases}), "folds": folds,
            "left_out": draft.left_out, "changed": changed}
    if as_json:
        print_json(view)
    else:
        zh = language(lang) == "zh"
        say(f"{out}: {len(draft.cases)} {'例' if zh else 'cases'}, {view['persons']} {'人' if zh else 'persons'}; "
            + ", ".join(f"{SETS_ZH[fold] if zh else fold} {count}" for fold, count in folds.items()))
        for reason, count in draft.left_out.items():
            say(f"  {'未选' if zh else 'left out'}: {told(reason, 'zh' if zh else 'en')}: {count}")
        say(("下一步：touchstone readings import " if zh else "next: touchstone readings import ") + f"{out} FILE")
    return 0


@app.command()
def freeze(dataset_id: Id,
           leave_out: Annotated[bool, typer.Option("--leave-out", help="不等没有参考标准的病例 / without undecided cases")] = False,
           home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """冻结为带签名的测试集 / freeze into signed test sets. Exit 1 when a case could not be frozen."""
    from pipelines.deid_zone.freeze import freeze as run
    from pipelines.deid_zone.frozen import outcome_view
    from pipelines.engines import open_engine
    from pipelines.settings import settings
    from pipelines.steward import proven

    config = settings(home, engine)
    with platform(config, "dataset.freeze", dataset_id) as held, contextlib.closing(open_engine(config)) as opened:
        outcome = run(held, opened, dataset_id, leave_out=leave_out, proof=partial(proven, held.home, held.store))
    if as_json:
        print_json(outcome_view(outcome))
    else:
        zh = language(lang) == "zh"
        for frozen in outcome.sets:
            say(f"{frozen.set_id}@{frozen.version}  {SETS_ZH[frozen.visibility] if zh else frozen.visibility}  "
                f"{frozen.cases} {'例' if zh else 'cases'}  {'默克尔根' if zh else 'Merkle root'} {frozen.merkle_root}")
        for case_id, issue in outcome.left_out:
            say(f"{case_id}: {issue.text(language(lang))}")
        for issue in outcome.remarks:
            say(issue.text(language(lang)))
    return 1 if outcome.left_out else 0


@app.command()
def show(name: Annotated[str | None, typer.Argument(metavar="[ID]")] = None, home: HomeFlag = None, as_json: JsonFlag = False,
         lang: LangFlag = None) -> int:
    """草稿或冻结集的概况 / a draft or a frozen set; without ID all of them. Exit 1 when something needs a person."""
    from pipelines.deid_zone import frozen
    from pipelines.deid_zone.draft import FOLDS, DraftFolder, drafts
    from pipelines.deid_zone.freeze import set_id
    from pipelines.deid_zone.readings import verdicts
    from pipelines.settings import open_home, settings

    place = open_home(settings(home), create=False)
    if name is None:
        view: dict[str, object] = {"drafts": drafts(place), "frozen": frozen.all_sets(place)}
    elif name in drafts(place) and "@" not in name:
        draft = DraftFolder(place, name).read()
        found = verdicts(place, name)
        view = {"dataset_id": name, "spec": draft.spec.model_dump(mode="json"), "cases": len(draft.cases),
                "undecided": sum(bool(verdict.why) for verdict in found.values()), "left_out": draft.left_out,
                "frozen": [found for found in frozen.all_sets(place) if found.rpartition("@")[0] in {set_id(name, fold) for fold in FOLDS}]}
    else:
        view = frozen.shown(place, name) | {"use": _use(settings(home), name)}
    _print(view, as_json)
    return 1 if view.get("undecided") or view.get("issues") else 0


def _use(config: Settings, name: str) -> dict[str, object]:
    """The living half of a set's card: how often it was asked, what is left, and the bound that holds for so many queries."""
    from governance.desk import open_desk
    from governance.view import uses_view

    with open_desk(config) as desk:
        view = uses_view(desk, name)
    return {key: view[key] for key in ("tier", "queries", "ladder", "evaluations", "entities", "least", "most", "whole")}


@app.command()
def diff(old: Annotated[str, typer.Argument(metavar="ID|ID@V")],
         new: Annotated[str | None, typer.Argument(metavar="[ID@V]", help="不写 = 最近两个版本 / nothing = the last two versions")] = None,
         home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """两个版本之间的差异，不打开参考标准 / what changed between two versions; the references stay shut."""
    from pipelines.deid_zone.frozen import compared, last_two
    from pipelines.settings import open_home, settings

    place = open_home(settings(home), create=False)
    _print(compared(place, *((old, new) if new else last_two(place, old))), as_json)
    return 0


@app.command()
def verify(name: Annotated[str, typer.Argument(metavar="ID|FOLDER")],
           trust: Annotated[Path | None, typer.Option("--trust", help="公钥文件 / public key file")] = None,
           home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """核对冻结集的每个字节，只需要文件夹 / check every byte; needs the folder only. Exit 1 when something differs."""
    from eval_harness.testset.verify import verify_set
    from governance.signing import load_public_key
    from pipelines.deid_zone.frozen import folder_of
    from pipelines.settings import settings

    folder = Path(name)
    place = settings(home).home
    if not folder.is_dir():
        folder = folder_of(place, name)
        trust = trust or place.signing_key.with_suffix(".pub")
    report = verify_set(folder, load_public_key(trust) if trust else None)
    if as_json:
        print_json(report.to_dict())
    else:
        say(f"{report.scope}: {'OK' if report.ok else 'DIFFERS'}  INTACT {report.count('INTACT')}  WITHDRAWN {report.count('WITHDRAWN')}")
        for issue in report.issues:
            say(issue.text(language(lang)))
    return 0 if report.ok and report.signer_checked else 1


@app.command()
def export(name: Id, out: Annotated[Path, typer.Option("--out", metavar="FILE.tar")], home: HomeFlag = None, as_json: JsonFlag = False,
           lang: LangFlag = None) -> int:
    """把冻结集写成一个 tar，不含封存的参考标准 / write the set as one tar, without the sealed reference."""
    from pipelines.deid_zone.frozen import export as run
    from pipelines.settings import settings

    with platform(settings(home), "dataset.freeze", name) as held:
        held.audit.record("dataset.export", held.actor, name)
        size = run(held.home, name, out)
    _print({"file": str(out), "bytes": size}, as_json)
    return 0


@app.command()
def withdraw(reason: Annotated[str, typer.Option("--reason", help="为什么 / why")],
             subject: Annotated[str | None, typer.Option("--subject", help="主体假名 / pseudonym")] = None,
             study: Annotated[str | None, typer.Option("--study", help="新 Study UID / new study UID")] = None,
             home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """从所有冻结集中撤回一个主体或检查 / take a subject or study out of every frozen set: bytes go, leaves stay."""
    from pipelines.deid_zone.frozen import withdraw as run
    from pipelines.settings import settings

    with platform(settings(home), "dataset.withdraw", "datasets") as held:
        done = run(held, reason=reason, on=dt.datetime.now(dt.UTC).date().isoformat(), subject=subject, study=study)
    _print({"withdrawn": done}, as_json)
    return 0


def _print(view: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(view)
        return
    import yaml

    print(yaml.safe_dump(view, allow_unicode=True, sort_keys=False, width=130).rstrip())

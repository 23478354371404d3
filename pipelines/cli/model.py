"""`touchstone model`: the platform's side of an evaluation: take a model in, run it on a frozen set, sign, publish."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eval_harness.base.console import language, print_json, say
from pipelines.cli.common import HomeFlag, JsonFlag, LangFlag
from pipelines.cli.words import SETS_ZH, listed, table

if TYPE_CHECKING:
    from eval_harness.report.words import Words

app = typer.Typer(add_completion=False, no_args_is_help=True, help="模型 / models: submit, evaluate, list, status, report, uses, publish")
Evaluation = Annotated[str, typer.Argument(metavar="EVALUATION", help="编号 / id, e-...")]


@app.command()
def submit(
    parcel: Annotated[Path, typer.Argument(metavar="FILE", help="提交的文件夹或 ZIP / submission folder or ZIP")],
    task: Annotated[str, typer.Option("--task", help="任务 / task pack")],
    vendor: Annotated[str, typer.Option("--vendor", help="法人 / legal entity")],
    name: Annotated[str, typer.Option("--name", help="产品 / device family")],
    version: Annotated[str, typer.Option("--version", help="版本 / device version")],
    home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None,
) -> int:
    """接收并检查一份提交，不运行 / take a submission in and inspect it; nothing of it runs. Exit 1 when it was sent back."""
    from governance import evaluations
    from governance.desk import open_desk
    from governance.view import submission_view
    from pipelines.settings import settings

    with open_desk(settings(home)) as desk:
        row = evaluations.submit(desk, parcel, task, vendor, name, version)
        view = submission_view(row)
    if as_json:
        print_json(view)
    else:
        say(f"{view['submission_id']}  {view['state']}")
        for issue in evaluations.issues_of(row):
            say(issue.text(language(lang)))
    return 0 if view["state"] != "draft" else 1


@app.command()
def evaluate(
    submission: Annotated[str, typer.Argument(metavar="SUBMISSION", help="编号 / id, s-...")],
    dataset: Annotated[str, typer.Option("--dataset", help="测试集 / frozen set, id or id@version")],
    plan: Annotated[Path | None, typer.Option("--plan", help="企业已签名的方案 / plan the vendor has signed")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="与哪次评测配对比较 / earlier evaluation on the same set")] = None,
    dispatch: Annotated[str, typer.Option("--dispatch", help="local | ray")] = "local",
    address: Annotated[str | None, typer.Option("--address", help="Ray 集群 / Ray cluster")] = None,
    regulator_key: Annotated[Path | None, typer.Option("--regulator-key", help="审评方公钥 / regulator's X25519 public key")] = None,
    home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None,
) -> int:
    """批准、运行、解封、评分、签名 / approve, predict, unseal, score, report, sign. Exit 1 when the model failed on some case."""
    from governance import evaluations
    from governance.view import evaluation_view

    with _desk(home) as desk:
        row = evaluations.evaluate(desk, submission, dataset, plan=plan, compare=compare, dispatch=dispatch, address=address,
                                   regulator_key=regulator_key)
        view = evaluation_view(desk, row)
    _show(view, as_json, language(lang))
    return 0 if not view.get("n_imputed") else 1


@app.command("list")
def list_(home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """所有提交与评测 / every submission and evaluation."""
    from governance import registry
    from governance.view import evaluation_view, submission_view

    with _desk(home) as desk:
        rows = [evaluation_view(desk, row) for row in registry.evaluations(desk.store)]
        parcels = [submission_view(row) for row in registry.submissions(desk.store)]
    if as_json:
        print_json({"submissions": parcels, "evaluations": rows})
        return 0
    print(table(parcels, ["submission_id", "vendor", "name", "version", "task", "state"], language(lang)) + "\n")
    print(table(rows, ["evaluation_id", "submission_id", "dataset", "state", "end_state"], language(lang)))
    return 0


@app.command()
def status(item: Annotated[str, typer.Argument(metavar="ID", help="s-... | e-...")],
           home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """一份提交或一次评测的现状 / how a submission or an evaluation stands, with every issue."""
    from governance import evaluations, registry
    from governance.view import evaluation_view, submission_view

    with _desk(home) as desk:
        if item.startswith("s-"):
            row = registry.submission(desk.store, item)
            view, issues = submission_view(row), evaluations.issues_of(row)
        else:
            view, issues = evaluation_view(desk, registry.evaluation(desk.store, item)), []
    if as_json or item.startswith("e-"):
        _show(view, as_json, language(lang))
        return 0
    print(listed(view, ["submission_id", "vendor", "name", "version", "task", "kind", "state", "submitted_at", "digest"], language(lang)))
    for issue in issues:
        say(issue.text(language(lang)))
    return 0


@app.command()
def log(evaluation: Evaluation, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """每个病例的状态与原因 / end state of every case with its cause; the model's own output only for practice sets."""
    from collections import Counter

    from eval_harness.report.words import Words
    from eval_harness.runs import read_run
    from governance import registry
    from governance.view import vendor_log

    with _desk(home) as desk:
        row = registry.evaluation(desk.store, evaluation)
        run = read_run(desk.run_folder(evaluation))
        sealed = registry.dataset(desk.store, f"{row['dataset_id']}@{row['dataset_version']}")["visibility"] == "sealed"
        printed = vendor_log(desk.run_folder(evaluation), sealed)
    counts = Counter((result.status, result.cause or "") for result in run.results)
    rows = [{"status": state, "cause": cause, "cases": number} for (state, cause), number in sorted(counts.items())]
    if as_json:
        print_json({"evaluation_id": evaluation, "end_state": row["end_state"], "cases": rows, "sealed": sealed, "output": printed})
        return 0
    words = Words(language(lang))
    print(table([row | {"state": row["status"], "cause": words.maybe("cause", str(row["cause"]))} for row in rows],
                ["state", "cases", "cause"], language(lang)))
    if sealed:
        say("封存测试集：不显示模型自己的输出" if language(lang) == "zh" else "sealed set: the model's own output is withheld")
    if printed:
        print("\n" + printed)
    return 0


@app.command()
def report(evaluation: Evaluation, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """报告文件在哪里 / where the report's files are, and how to check them."""
    from governance import registry
    from governance.view import evaluation_view

    with _desk(home) as desk:
        view = evaluation_view(desk, registry.evaluation(desk.store, evaluation))
        public = desk.home.signing_key.with_suffix(".pub")
    _show(view, as_json, language(lang))
    if not as_json:
        say(f"touchstone-eval verify V.zip --trust {public}")
    return 0 if view["files"] else 1


@app.command()
def uses(dataset: Annotated[str, typer.Argument(metavar="DATASET", help="测试集 / frozen set, id or id@version")],
         cases: Annotated[bool, typer.Option("--cases", help="逐例列出 / one line a case")] = False,
         home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """使用记录：哪例被评过几次、为谁 / use ledger: which case was scored how often, for whom. Exit 1 when rows are missing."""
    from governance.access import require
    from governance.view import uses_view

    with _desk(home) as desk:
        view = uses_view(desk, dataset)
        require(desk.audit, desk.actor, "dataset.read", view["dataset"])
    if as_json:
        print_json(view)
        return 0 if view["whole"] else 1
    zh, asked = language(lang) == "zh", view["queries"]
    left = "" if asked["left"] is None else f", {'剩余' if zh else 'left'} {asked['left']}"
    times = f"{view['least']}" if view["least"] == view["most"] else f"{view['least']}-{view['most']}"
    say(f"{view['dataset']} ({SETS_ZH[view['tier']] if zh else view['tier']}): {'查询' if zh else 'queries'} {asked['used']}{left}; "
        f"{'病例' if zh else 'cases'} {view['cases']}, {'每例评过' if zh else 'each scored'} {times}")
    if view["ladder"]:
        bound = view["ladder"]["bound"]
        say(f"{'Ladder 经验界限' if zh else 'empirical Ladder bound'} ({view['ladder']['queries']} {'次查询' if zh else 'queries'}): "
            f"{'-' if bound is None else f'+{bound:g}'}")
    print(table(view["by_entity"], ["entity", "name", "evaluations"], language(lang)))
    if cases:
        print(table([row | {"entities": len(row["entities"])} for row in view["per_case"]],
                    ["token", "scored", "entities", "first", "last"], language(lang)))
    if not view["whole"]:
        say("使用记录与审计日志不符" if zh else "the ledger does not hold what the audit log says was entered")
    return 0 if view["whole"] else 1


@app.command()
def publish(evaluation: Evaluation, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """公布结论 / make the verdict visible to others than vendor and regulator."""
    from governance import evaluations
    from governance.view import evaluation_view

    with _desk(home) as desk:
        view = evaluation_view(desk, evaluations.publish(desk, evaluation))
    _show(view, as_json, language(lang))
    return 0


def _desk(home: str | None) -> Any:
    """The desk of a home that is there: a look from the wrong folder makes none. Only a first submission does."""
    from governance.desk import open_desk
    from pipelines.settings import settings

    return open_desk(settings(home), create=False)


def _show(view: dict[str, Any], as_json: bool, lang: str) -> None:
    if as_json:
        print_json(view)
        return
    from eval_harness.report.words import Words
    from eval_harness.scoring.packs import pack_json
    from eval_harness.tasks import load_pack

    words = Words(lang, pack_json(load_pack(view["task"])))
    told = {name: _spoken(view[name], words) for name in ("primary", "comparison") if view.get(name)}
    if view.get("released"):
        one = view["released"]
        value = words.why(one["value"]) if isinstance(one["value"], dict) else f"{one['value']:g}"
        told["ladder"] = f"{words.title(one['id'])} {value}"
    if view.get("verdict"):
        told["verdict"] = words(f"verdict.{view['verdict']}")
    keys = ["evaluation_id", "vendor", "name", "version", "task", "dataset", "state", "end_state", "cause", "started_at", "charged", *told]
    started = view["started_at"] and view["started_at"][:19] + "Z"
    print(listed(view | told | {"started_at": started}, keys, lang))
    for path in view["files"]:
        print(f"  {path}")


def _spoken(estimate: dict[str, Any], words: Words) -> str:
    """An estimate on one line: title, value, interval, n."""
    value = words.why(estimate["value"]) if isinstance(estimate["value"], dict) else f"{estimate['value']:.4f}"
    number = f"; n {estimate['n']}" if "n" in estimate else ""
    return f"{words.title(estimate['id'])} {value} ({words.spoken(estimate['interval'])}{number})"

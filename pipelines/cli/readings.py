"""`touchstone readings`: what readers marked, how well they agree, and what an adjudicator must settle."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval_harness.base.console import language, print_json, say
from pipelines.cli.common import HomeFlag, JsonFlag, LangFlag
from pipelines.cli.dataset import Id, platform
from pipelines.cli.words import table, told

app = typer.Typer(add_completion=False, no_args_is_help=True, help="阅片结果 / readings: import, agreement, adjudicate")


@app.command("import")
def import_(dataset_id: Id, file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV | JSON")], home: HomeFlag = None,
            as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """导入阅片结果 / take readings in. Exit 1 when rows belong to no case."""
    return _import(dataset_id, file, home, as_json, lang, decisions=False)


@app.command()
def agreement(dataset_id: Id, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """阅片者一致性 / how well the readers agree."""
    from pipelines.deid_zone.agreement import agreement as measured
    from pipelines.settings import open_home, settings

    found = measured(open_home(settings(home), create=False), dataset_id)
    if as_json:
        print_json(found)
        return 0
    spoken = language(lang)
    say(f"{dataset_id}: {found['complete']} / {found['cases']} {'例读完' if spoken == 'zh' else 'cases read by all'}")
    rows = [{"statistic": name} | number for name, number in (
        ("Fleiss kappa", found["case_level"]["fleiss_kappa"]), ("Krippendorff alpha", found["case_level"]["krippendorff_alpha"]),
        *((f"Cohen kappa {pair}", number) for pair, number in found["case_level"]["cohen_kappa"].items()),
        *((f"{'病灶' if spoken == 'zh' else 'lesions'} {pair}", number)
          for pair, number in ((found["lesion_level"] or {}).get("positive_agreement") or {}).items()))]
    shown = [row | {name: f"{row[name]:.3f}" for name in ("value", "lower", "upper") if isinstance(row.get(name), float)}
             | {"absent": told(row.get("absent", ""), spoken)} for row in rows]
    reasons = ["absent"] if any(row["absent"] for row in shown) else []
    print(table(shown, ["statistic", "value", "lower", "upper", "n", *reasons], spoken))
    return 0


@app.command()
def adjudicate(dataset_id: Id,
               source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="裁决结果 / an adjudicator's answers")] = None,
               home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """待裁决的病例；--from 导入裁决 / cases that wait for an adjudicator; --from takes answers in. Exit 1 while some wait."""
    from pipelines.deid_zone.readings import queue
    from pipelines.settings import open_home, settings

    if source is not None:
        return _import(dataset_id, source, home, as_json, lang, decisions=True)
    waiting = queue(open_home(settings(home), create=False), dataset_id)
    if as_json:
        print_json({"dataset_id": dataset_id, "cases": waiting})
    else:
        spoken = language(lang)
        shown = [row | {"answers": ", ".join(f"{reader}: {answer}" for reader, answer in sorted(row["answers"].items())),
                        "why": told(row["why"], spoken)} for row in waiting]
        print(table(shown, ["case_id", "site_id", "series_instance_uid", "why", "answers"], spoken))
    return 1 if waiting else 0


def _import(dataset_id: str, file: Path, home: str | None, as_json: bool, lang: str | None, *, decisions: bool) -> int:
    from pipelines.deid_zone.readings import import_readings
    from pipelines.settings import settings

    with platform(settings(home), "readings.import", dataset_id) as held:
        done = import_readings(held.home, dataset_id, file, decisions=decisions)
        if done.changed:
            held.audit.record("readings.import", held.actor, dataset_id, rows=done.rows, cases=done.cases, decisions=decisions)
    if as_json:
        print_json({"dataset_id": dataset_id, "cases": done.cases, "readers": list(done.readers), "rows": done.rows,
                    "unmatched_rows": done.unmatched_rows, "changed": done.changed, "issues": [issue.to_dict() for issue in done.issues]})
    else:
        readers = ", ".join(done.readers) or "-"
        say(f"{dataset_id}：{done.rows} 行，{done.cases} 例，阅片者 {readers}" if language(lang) == "zh" else
            f"{dataset_id}: {done.rows} rows, {done.cases} cases, readers {readers}")
        for issue in done.issues:
            say(issue.text(language(lang)))
    return 1 if done.unmatched_rows else 0

"""The `touchstone` command: a table of nouns, each loaded only when it is typed, so that `--help` stays quick."""
from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

from eval_harness.base import WrongUsage
from eval_harness.base.console import language, run_app
from eval_harness.base.helped import without_language
from eval_harness.base.typed import invoke
from schemas.messages import messages

NOUNS: dict[str, tuple[str, str, str]] = {
    "site": ("pipelines.cli.site:app", "登记医院：add、list、test、show、pause、retire",
        "hospitals: add, list, test, show, pause, retire"),
    "ingest": ("pipelines.cli.ingest:ingest", "拉取并处理一家或多家医院的记录",
        "pull and process the records of hospitals"),
    "status": ("pipelines.cli.status:status", "每家医院：最近一次成功、积压、在途",
        "per hospital: last good pull, backlog, in flight"),
    "ledger": ("pipelines.cli.ledger:ledger", "应到与已到：按医院、日、类别核对",
        "expected against arrived, per hospital, day and kind"),
    "quarantine": ("pipelines.cli.quarantine:app", "等待处理的单元：list、show、retry、reject",
        "what waits for a person: list, show, retry, reject"),
    "deid dicom": ("pipelines.cli.deid_dicom:deid_dicom", "去标识化 DICOM 文件（不需要数据湖）",
        "de-identify DICOM files, without a lake"),
    "deid fhir": ("pipelines.cli.deid_fhir:deid_fhir", "去标识化 FHIR 资源（不需要数据湖）",
        "de-identify FHIR resources, without a lake"),
    "deid text": ("pipelines.cli.deid_text:deid_text", "去标识化文本（JSON 行）",
        "de-identify text, as JSON lines"),
    "policy": ("pipelines.cli.policy:app", "去标识化策略：check、explain、export、import",
        "de-identification policies: check, explain, export, import"),
    "key": ("pipelines.cli.key:app", "项目密钥：new",
        "project keys: new"),
    "proof": ("pipelines.cli.proof:app", "去标识化证明",
        "proof of what was de-identified"),
    "review": ("pipelines.cli.review:app", "人工复核",
        "review by people"),
    "dataset": ("pipelines.cli.dataset:app", "测试集：build、freeze、show、diff、verify、export",
        "test sets: build, freeze, show, diff, verify, export"),
    "readings": ("pipelines.cli.readings:app", "阅片结果：import、agreement、adjudicate",
        "readings: import, agreement, adjudicate"),
    "model": ("pipelines.cli.model:app", "模型：submit、evaluate、list、status、log、report",
        "models: submit, evaluate, list, status, log, report"),
    "sql": ("pipelines.cli.sql:sql", "对去标识化表的只读查询",
        "read-only queries over the de-identified tables"),
    "compact": ("pipelines.cli.compact:compact", "合并表中的小文件（每夜）",
        "merge the tables' small files (nightly)"),
    "doctor": ("pipelines.cli.doctor:doctor", "装了什么、缺什么、该输入什么",
        "what is installed, reachable, missing, and what to type"),
}
"""Noun → (module:object, one line zh, one line en). A noun of two words is a command of a group."""
GLOBAL_WITH_VALUE = ("--home", "--lang", "--engine")


def run() -> None:
    """Entry point of the console script."""
    run_app(_dispatch, log=_log_file())


def _dispatch(standalone_mode: bool = False) -> None:
    words = globals_last(sys.argv[1:])
    if not words or words[0] in ("--help", "-h", "help") or without_language(words) in (["deid"], ["deid", "--help"]):
        sys.stdout.write(overview(language(_value(words, "--lang")), "deid " if words[:1] == ["deid"] else ""))
        return
    if words[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(version("touchstone") + "\n")
        return
    noun, rest = _noun(words)
    code = invoke(NOUNS[noun][0], f"touchstone {noun}", rest, language(_value(rest, "--lang")))
    if isinstance(code, int) and code:
        sys.exit(code)


def _noun(words: list[str]) -> tuple[str, list[str]]:
    """Which noun was typed, and the rest. Raises WrongUsage CLI-001 with the nearest right one."""
    for length in (2, 1):
        if " ".join(words[:length]) in NOUNS:
            return " ".join(words[:length]), words[length:]
    typed = " ".join(words[:2]) if words[0] == "deid" else words[0]
    near = difflib.get_close_matches(typed, NOUNS, 1, 0.4)
    raise WrongUsage(messages().issue("CLI-001", typed, right=near[0] if near else ", ".join(NOUNS)))


def globals_last(words: list[str]) -> list[str]:
    """`touchstone --home H ingest a` means `touchstone ingest a --home H`."""
    moved: list[str] = []
    rest = list(words)
    while rest and (rest[0] == "--json" or rest[0].partition("=")[0] in GLOBAL_WITH_VALUE):
        take = 2 if rest[0] in GLOBAL_WITH_VALUE else 1
        moved += rest[:take]
        rest = rest[take:]
    return rest + moved


def overview(lang: str, prefix: str = "") -> str:
    """The help page: every noun with one line."""
    zh = lang == "zh"
    head = ("Touchstone 试金石：从医院的记录到对 AI 模型的签名结论\n\n用法：touchstone 命令 [选项]\n" if zh else
            "Touchstone: from a hospital's record to a signed verdict on an AI model\n\nUsage: touchstone COMMAND [OPTIONS]\n")
    shown = {noun: row for noun, row in NOUNS.items() if noun.startswith(prefix)}
    lines = [f"  {noun:<12} {row[1] if zh else row[2]}" for noun, row in shown.items()]
    tail = ("\n每个命令都有：--home 目录、--json、--lang zh|en、--help。"
            "退出码：0 完成 · 1 需要人处理 · 2 用法错误 · 3 环境故障\n" if zh else
            "\nEvery command has: --home DIR, --json, --lang zh|en, --help. "
            "Exit codes: 0 done, 1 needs a person, 2 wrong usage, 3 the environment failed\n")
    return head + "\n" + "\n".join(lines) + "\n" + tail


def _value(words: list[str], flag: str) -> str | None:
    return next((words[i + 1] for i, word in enumerate(words[:-1]) if word == flag), None)


def _log_file() -> Path | None:
    """Where unexpected errors are noted: the home's logs, when there is a home."""
    root = Path(_value(sys.argv, "--home") or os.environ.get("TOUCHSTONE_HOME") or "touchstone-home")
    try:
        return root / "logs" / "errors.log" if (root / "home.json").exists() else None
    except OSError:      # somebody else's home
        return None

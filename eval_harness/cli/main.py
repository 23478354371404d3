"""The `touchstone-eval` command: a table of names, each loaded only when it is typed, so that `--help` stays quick."""
from __future__ import annotations

import difflib
import sys

from eval_harness.base.console import language, run_app
from eval_harness.base.typed import invoke

COMMANDS: dict[str, tuple[str, str, str]] = {
    "tasks": ("eval_harness.cli.tasks:tasks", "列出任务包", "list the task packs"),
    "kit": ("eval_harness.cli.kit:kit", "写出起步包：说明、样例、可运行的参考模型",
            "write a starter kit: contract, cases, a model that works"),
    "rehearse": ("eval_harness.cli.rehearse:rehearse", "在演练集上走完正式流程（报告标为“非正式”）",
                 "the official run on a practice set; the report is marked UNOFFICIAL"),
    "plan": ("eval_harness.cli.plan:app", "方案：new、check、lock", "the protocol: new, check, lock"),
    "claim": ("eval_harness.cli.claim:claim", "检查一个声称的数字是否说全", "check that a claimed number says all it must"),
    "run": ("eval_harness.cli.run:run", "在沙箱里对整个测试集作预测", "predict a whole set in the sandbox"),
    "score": ("eval_harness.cli.score:score", "由存下的结果计算测量与估计", "measurements and estimates from stored results"),
    "report": ("eval_harness.cli.report:report", "写出证据包（企业版或监管版）", "write the evidence pack, vendor or regulator edition"),
    "verify": ("eval_harness.cli.verify:verify", "离线复算证据包里的每个数字", "re-compute every number of an evidence pack, offline"),
    "conformance": ("eval_harness.cli.conformance:conformance", "用公开的参考用例检验指标代码",
                    "run published reference cases through the metric code"),
    "sandbox": ("eval_harness.cli.sandbox:sandbox", "逐项检验本机的隔离能力", "probe the isolation available here, line by line"),
    "set": ("eval_harness.cli.sets:verify", "核对一个冻结的测试集", "verify a frozen test set"),
}
"""Name → (module:object, one line zh, one line en)."""


def run() -> None:
    """Entry point of the console script."""
    run_app(_dispatch)


def _dispatch(standalone_mode: bool = False) -> None:
    words = _globals_last(sys.argv[1:])
    if not words or words[0] in ("--help", "-h", "help"):
        sys.stdout.write(overview(language(_value(words, "--lang"))))
        return
    if words[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(version("touchstone-eval") + "\n")
        return
    if words[0] not in COMMANDS:
        from eval_harness.base import WrongUsage, eval_messages

        near = difflib.get_close_matches(words[0], COMMANDS, 1, 0.4)
        raise WrongUsage(eval_messages().issue("CMD-001", words[0], right=near[0] if near else ", ".join(COMMANDS)))
    from eval_harness.cli.help_zh import HELP_ZH

    code = invoke(COMMANDS[words[0]][0], f"touchstone-eval {words[0]}", words[1:], language(_value(words, "--lang")), HELP_ZH)
    if isinstance(code, int) and code:
        sys.exit(code)


def overview(lang: str) -> str:
    """The help page: every command with one line."""
    zh = lang == "zh"
    head = ("touchstone-eval：演练、运行、评分、核验医学 AI 模型（Touchstone 试金石）\n\n用法：touchstone-eval 命令 [选项]\n" if zh else
            "touchstone-eval: rehearse, run, score and verify medical AI models (Touchstone)\n\nUsage: touchstone-eval COMMAND [OPTIONS]\n")
    lines = [f"  {name:<12} {row[1] if zh else row[2]}" for name, row in COMMANDS.items()]
    tail = ("\n先试这一条：touchstone-eval kit --task chest-dr --out kit\n每个命令都有：--json、--lang zh|en、--help。"
            "退出码：0 完成 · 1 需要人处理 · 2 用法错误 · 3 环境故障\n" if zh else
            "\nTry first: touchstone-eval kit --task chest-dr --out kit\nEvery command has: --json, --lang zh|en, --help. "
            "Exit codes: 0 done, 1 needs a person, 2 wrong usage, 3 the environment failed\n")
    return head + "\n" + "\n".join(lines) + "\n" + tail


def _globals_last(words: list[str]) -> list[str]:
    """`touchstone-eval --lang zh tasks` means `touchstone-eval tasks --lang zh`."""
    moved: list[str] = []
    rest = list(words)
    while rest and (rest[0] == "--json" or rest[0].partition("=")[0] == "--lang"):
        take = 2 if rest[0] == "--lang" else 1
        moved, rest = moved + rest[:take], rest[take:]
    return rest + moved


def _value(words: list[str], flag: str) -> str | None:
    for place, word in enumerate(words):
        if word == flag and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(flag + "="):
            return word.partition("=")[2]
    return None


if __name__ == "__main__":
    run()

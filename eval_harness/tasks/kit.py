"""A starter kit: everything a vendor needs to hand in a working submission within ten minutes."""
from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval_harness.base import canonical, digest
from eval_harness.tasks.pack import OUTPUT, REFERENCE, SPEC, Pack
from eval_harness.tasks.practice import write_practice_set

CASES, SEED = 3, 7


def write_kit(pack: Pack, out: Path) -> dict[str, Any]:
    """Fill `out` and give the digests of what is in it (compare golden.json).

        KIT/README.md README.zh.md task.yaml *.schema.json
            cases/            three cases of a practice set, with their reference standard
            submission/       a model that works, as ready ONNX bytes
            expected/<token>.json   what it answers, from the official runner
            served/           a program that is started once and asked over a Unix socket; replies the first of these answers
    """
    from eval_harness.runs import run_submission
    from eval_harness.submission import read_submission
    from eval_harness.tasks.starter import write_served_submission

    out.mkdir(parents=True, exist_ok=True)
    for name in (SPEC, OUTPUT, REFERENCE):
        shutil.copyfile(pack.folder / name, out / name)
    manifest = write_practice_set(pack, out / "cases", n=CASES, seed=SEED)
    pack.reference_model(out / "submission")
    run = run_submission(read_submission(out / "submission"), out / "cases", {}, out / ".run", pack=pack, progress=False)
    answers, example = {}, None
    (out / "expected").mkdir()
    for result in run.results:
        answer = result.output if result.output is not None else json.loads(run.blob(result.blobs["output.json"]))
        example = answer if example is None else example
        (out / "expected" / f"{result.token}.json").write_bytes(canonical({"status": result.status, "output": answer}))
        answers[result.token] = digest([result.status, answer])
    shutil.rmtree(out / ".run")
    if not pack.spec.output_files:
        write_served_submission(out / "served", example, task=pack.id, task_version=pack.spec.version)
    for lang, name in (("en", "README.md"), ("zh", "README.zh.md")):
        (out / name).write_text(contract(pack, lang), encoding="utf-8")
    return {"inputs_root": manifest.inputs_root, "answers": answers}


def contract(pack: Pack, lang: str) -> str:
    """The kit's README: what comes in, what must come out, what is allowed, what to type."""
    spec, zh = pack.spec, lang == "zh"
    heads = ("输入", "输出", "限额", "失败如何计", "三步") if zh else\
        ("Input", "Output", "Limits", "What a failed case counts as", "Three steps")
    sockets = [f"- `{socket.name}`: {socket.kind}, {socket.dtype or socket.media_type}; {getattr(socket.values, lang)}"
               for socket in spec.sockets]
    where = ("`/input/case.json` 列出每个输入的文件、形状、spacing_mm 和 origin_mm；同一文件夹里是 .npy 文件。" if zh else
             "`/input/case.json` lists each input's file, shape, spacing_mm and origin_mm; the .npy files lie beside it.")
    answer = ("`/output/output.json`，符合 `output.schema.json`；数值按任务声明的小数位取整。" if zh else
              "`/output/output.json`, valid under `output.schema.json`; numbers are rounded to the task's decimals.")
    answer += ("\n\n答案在别处算好时（kind `predictions`，只用于演练集）：`predictions.jsonl` 每行一个 `{\"token\", \"output\"}`，"
               "每个病例一行，每个键一次；重复的按行号拒绝（SUB-063、SUB-064）。" if zh else
               "\n\nAnswers made elsewhere (kind `predictions`, practice sets only): `predictions.jsonl` with one "
               "`{\"token\", \"output\"}` a line, one line a case, every key once; what stands twice is refused (SUB-063, SUB-064).")
    told = pack.messages.get("output", {}).get(lang)
    answer += ("" if told is None else f"\n\n{told}{'。' if zh else '.'}")
    limits = spec.limits
    allowed = [f"- 每例 {limits.timeout_s:g} 秒 CPU 时间；实际时间到其 {limits.wall_factor:g} 倍为止" if zh else
               f"- {limits.timeout_s:g} s of CPU time a case; wall time is cut at {limits.wall_factor:g} times that",
               f"- {'内存' if zh else 'memory'} {limits.memory_bytes // 2**20} MiB", f"- output.json {limits.output_bytes // 1024} KiB",
               "- " + ("没有网络，输入只读" if zh else "no network, inputs read-only")]
    steps = [f"touchstone-eval rehearse submission --task {pack.id} --out rehearsal",
             "# 把 submission/model.onnx 和 manifest.json 换成自己的" if zh else
             "# put your own model.onnx and manifest.json into submission/",
             "touchstone-eval verify rehearsal/V.zip --trust rehearsal/score/signing.pub", "",
             "# served/：常驻程序的起点（Open Inference Protocol），改 bundle/serve.py 里的 predict" if zh else
             "# served/: a start for a served program (Open Inference Protocol); change predict in bundle/serve.py",
             f"touchstone-eval rehearse served --task {pack.id} --out rehearsal-served"]
    rules = [f"- {name}: {pack.messages.get(f'failure_{name}', {}).get(lang, text)}" for name, text in spec.failure_rules.items()]
    return "\n".join([
        f"# {getattr(spec.title, lang)}", "", getattr(spec.summary, lang), "",
        f"## {heads[0]}", "", *sockets, "", where, "", f"## {heads[1]}", "", answer, "", f"## {heads[2]}", "", *allowed, "",
        f"## {heads[3]}", "", *rules, "", "## manifest.json", "", *_manifest(pack, zh), "", f"## {heads[4]}", "", "```", *steps, "```", ""])


def _manifest(pack: Pack, zh: bool) -> list[str]:
    """What a vendor changes in the manifest, with the names and steps that may stand there."""
    from eval_harness.inference import post, pre

    def listed(steps: Mapping[str, Any]) -> str:
        return " · ".join(f"`{name}`" + (f" ({', '.join([*spec.required, *(f'{one}?' for one in spec.optional)])})"
                                         if spec.required or spec.optional else "") for name, spec in steps.items())

    points = ", ".join(f"`{one.name}`" for one in pack.spec.operating_points) or "–"
    return ["- `files`：除清单外的每个文件，`sha256`（64 位小写，`sha256sum model.onnx`）与 `bytes`（`wc -c < model.onnx`）" if zh else
            "- `files`: everything but the manifest, with `sha256` (64 lower-case characters, `sha256sum model.onnx`) and `bytes` "
            "(`wc -c < model.onnx`)",
            f"- `operating_points`：任务的工作点 {points} 及其阈值" if zh else
            f"- `operating_points`: thresholds of the task's points, {points}",
            f"- `pre`：{listed(pre.STEPS)}" if zh else f"- `pre`: {listed(pre.STEPS)}",
            f"- `post`：{listed(post.STEPS)}" if zh else f"- `post`: {listed(post.STEPS)}"]


def golden_differences(pack: Pack, made: Mapping[str, Any]) -> list[str]:
    """Which of the kit's digests are not those of golden.json; empty where all agree or the pack has none."""
    return [name for name, value in pack.golden.items() if made.get(name) != value]

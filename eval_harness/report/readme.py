"""00-README in both languages: what the file is, how to open it, how to verify it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT = {
    "zh": """这是一份人工智能医疗器械测评证据包。
先打开 report.zh.html（浏览器，无需联网）或 report.zh.pdf；前两页是摘要。
产品：{device} {version}    测试集：{set}    判定：{verdict}

文件
  report.*.html, report.*.pdf   报告（中文、英文，数字相同）
  facts.json                    报告中的每一个数字
  protocol.json                 运行前写明的方案
  commitments.json              输入、参考标准、输出、测量的默克尔根
  audit.json, env.json, sandbox.json, speed.json, card.json, submission.json, pack/   审计、环境、隔离、速度、数据集、提交物、任务包
  manifest.json, statement.dsse.json   每个文件的 SHA-256；Ed25519 签名

核验（程序须来自可信渠道，不要取自本文件）
  touchstone-eval verify 本文件.zip --trust 公钥文件
  每个数字得到 MATCH（重算一致）、DIFFERS（不一致）或 COMMITTED（本版不公开，已由根承诺）。
""",
    "en": """This is the evidence of one evaluation of an AI medical device.
Open report.en.html (a browser, no network needed) or report.en.pdf first; the first two pages are the summary.
Device: {device} {version}    Test set: {set}    Verdict: {verdict}

Files
  report.*.html, report.*.pdf   the report (Chinese and English, the same numbers)
  facts.json                    every number of the report
  protocol.json                 the plan, written before the run
  commitments.json              Merkle roots of inputs, reference standard, outputs and measurements
  audit.json, env.json, sandbox.json, speed.json, card.json, submission.json, pack/   what their names say
  manifest.json, statement.dsse.json   SHA-256 of every file; Ed25519 signature

To verify (take the program from a trusted channel, never from this file)
  touchstone-eval verify THIS.zip --trust PUBLIC_KEY_FILE
  Each number is MATCH (re-computed, equal), DIFFERS, or COMMITTED (not disclosed here, committed to by a root).
""",
}


def members(facts: Mapping[str, Any]) -> dict[str, bytes]:
    ident = facts["identity"]
    values = {"device": ident["device"].get("name", "-"), "version": ident["device"].get("version", ""),
              "set": f"{ident['dataset']['set_id']}@{ident['dataset']['version']}", "verdict": facts["verdict"]}
    return {f"00-README.{lang}.txt": text.format_map(values).encode() for lang, text in TEXT.items()}

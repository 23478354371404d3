# ruff: noqa: E501 - sentences stand whole
"""The de-identification report of one batch, in Chinese and English from the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.proof import LeakBound
from schemas.messages import messages

_WORDS = {
    "zh": {
        "title": "去标识化报告",
        "FHIR": "病历（FHIR）",
        "DICOM": "影像（DICOM）",
        "text": "文本",
        "batch": "批次",
        "policy": "策略",
        "method": "方法",
        "counts": "单元去向",
        "codes": "说明（一个单元可有多条）",
        "actions": "按处理方式统计的元素",
        "residual": "放行扫描",
        "canaries": "自检身份",
        "bound": "抽样阅读",
        "verdict": "结论",
        "yes": "可以放行",
        "no": "不予放行",
        "released": "放行",
        "quarantined": "隔离",
        "rejected": "拒绝",
        "kept": "保留",
        "removed": "删除",
        "shifted": "日期平移",
        "remapped": "换为假名",
        "replaced": "替换",
        "emptied": "清空",
        "cleaned": "文本清洗",
        "method_text": "按 GB/T 37964-2019 与 GB/T 42460-2023 的流程：先定性（逐元素保留名单，未列出即删除），后定量（扫描与抽样）。去标识化后的信息仍属个人信息。",
        "no_reading": "没有人工抽样阅读的记录",
        "bound_text": "{n} 份中 {k} 份泄漏；单侧 {c:.0%} 上界 {u:.4%}（Clopper-Pearson）；双侧区间 {lo:.4%} 至 {hi:.4%}",
        "residual_text": "发现 {n} 处，其中已知身份 {k} 处",
        "canary_text": "投放 {n} 个，漏出 {m} 个",
    },
    "en": {
        "title": "De-identification report",
        "FHIR": "records (FHIR)",
        "DICOM": "images (DICOM)",
        "batch": "Batch",
        "policy": "Policy",
        "method": "Method",
        "counts": "What became of the units",
        "codes": "Reasons (a unit can have several)",
        "actions": "Elements by action",
        "residual": "Residual scan",
        "canaries": "Canaries",
        "bound": "Sample read by a person",
        "verdict": "Verdict",
        "yes": "may be released",
        "no": "refused",
        "released": "released",
        "quarantined": "quarantined",
        "rejected": "rejected",
        "kept": "kept",
        "removed": "removed",
        "shifted": "dates moved",
        "remapped": "pseudonymised",
        "replaced": "replaced",
        "emptied": "emptied",
        "cleaned": "text spans cleaned",
        "method_text": "After GB/T 37964-2019 and GB/T 42460-2023: first qualitative (a keep-list per element; what is not named is dropped), then measured (scan and sample). De-identified data are still personal information.",
        "no_reading": "no human sample recorded",
        "bound_text": "{k} of {n} leak; one-sided {c:.0%} upper bound {u:.4%} (Clopper-Pearson); two-sided interval {lo:.4%} to {hi:.4%}",
        "residual_text": "{n} findings, {k} of them of known identities",
        "canary_text": "{n} planted, {m} came out",
    },
}

_POLICIES = {"dicom_policy": "DICOM", "policy": "FHIR", "text_policy": "text"}
_STATUS = ("released", "quarantined", "rejected")


def report(summary: Mapping[str, Any], bound: LeakBound | None, objections: list[Issue], lang: str) -> str:
    """Markdown of one language; both languages carry the same figures."""
    w = _WORDS["zh" if lang == "zh" else "en"]
    policies = [(label, summary[name]) for name, label in _POLICIES.items() if name in summary]
    residual = summary.get("residual") or {"known": summary.get("codes", {}).get("RES-001", 0)}
    findings = sum(residual.values()) if "residual" in summary else summary.get("residual_findings", 0)
    lines = [
        f"# {w['title']}",
        *(("", f"## {w['batch']}", f"- {summary['site']}, {summary['receipt']}, {summary['day']}") if "receipt" in summary else ()),
        *(("", f"## {w['policy']}") if policies else ()),
        *(f"- {w.get(label, label)}: {p['policy_id']} v{p['version']} (SHA-256 {p['sha256']})" for label, p in policies),
        "",
        f"## {w['method']}",
        w["method_text"],
        *(("", f"## {w['counts']}") if summary.get("status") else ()),
        *(f"- {w[name]}: {summary['status'][name]}" for name in _STATUS if name in summary.get("status", {})),
        *(("", f"## {w['codes']}") if summary.get("codes") else ()),
        *(f"- {code} × {count}: {messages().outline(code, lang)}" for code, count in sorted(summary.get("codes", {}).items())),
        *(("", f"## {w['actions']}") if summary.get("actions") else ()),
        *(f"- {w.get(name, name)}: {count}" for name, count in summary.get("actions", {}).items()),
        "",
        f"## {w['residual']}",
        w["residual_text"].format(n=findings, k=residual["known"]),
    ]
    if "canaries" in summary:
        lines += ["", f"## {w['canaries']}", w["canary_text"].format(n=summary["canaries"]["planted"], m=summary["canaries"]["leaked"])]
    read = w["no_reading"] if bound is None else _said(bound, lang)
    lines += ["", f"## {w['bound']}", read, "", f"## {w['verdict']}", w["no"] if objections else w["yes"]]
    lines += [f"- {issue.code}: {issue.message_zh if lang == 'zh' else issue.message_en}" for issue in objections]
    return "\n".join(lines) + "\n"


def bound_line(bound: LeakBound, objections: list[Issue], lang: str) -> str:
    """What a person who recorded a reading is told at once."""
    w = _WORDS["zh" if lang == "zh" else "en"]
    return "\n".join([_said(bound, lang), w["no"] if objections else w["yes"], *(issue.text(lang) for issue in objections)])


def _said(bound: LeakBound, lang: str) -> str:
    text = _WORDS["zh" if lang == "zh" else "en"]["bound_text"]
    return text.format(n=bound.n, k=bound.leaks, c=bound.confidence, u=bound.upper, lo=bound.interval[0], hi=bound.interval[1])

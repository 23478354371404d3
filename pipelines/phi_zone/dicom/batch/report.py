"""What a batch did, in numbers: summary.json, and the same as a page in Chinese and in English.

Three steps are counted apart: desensitise 脱敏 (a value left in a weaker form), pseudonymise 脱密 (a value left as a keyed stand-in)
and remove 去隐私化 (a value or a piece of picture did not leave at all).
"""
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.phi_zone.dicom.mark import ENGINE_VERSION
from pipelines.phi_zone.dicom.plan import policy_digest
from schemas import ps3_15
from schemas.messages import messages
from schemas.shapes.dicom_policy import DicomPolicy

STEPS = {"desensitised": ("cleaned", "shifted", "emptied"), "pseudonymised": ("remapped", "replaced"), "removed": ("removed",)}


@dataclass
class Tally:
    status: Counter[str] = field(default_factory=lambda: Counter({"released": 0, "quarantined": 0, "rejected": 0}))
    codes: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    boxes_hidden: int = 0
    boxes_kept: int = 0
    frames: int = 0
    frames_scanned: int = 0
    bytes: int = 0
    subjects: int = 0

    def add(self, line: dict[str, Any], actions: Counter[str], size: int) -> None:
        self.status[line["status"]] += 1
        self.codes.update(issue["code"] for issue in line["issues"])
        self.actions.update(actions)
        self.bytes += size
        if line["pixels"]:
            self.frames += line["pixels"]["frames"]
            self.frames_scanned += line["pixels"]["frames_scanned"]
            for box in line["pixels"]["boxes"]:
                self.boxes_hidden += box["hidden"]
                self.boxes_kept += not box["hidden"]

    def summary(self, policy: DicomPolicy, pixels: bool, seconds: float) -> dict[str, Any]:
        from pipelines.phi_zone.pixels.ocr import model_digest

        looked = pixels and policy.pixels.clean
        return {
            "files": sum(self.status.values()), "status": dict(self.status), "codes": dict(sorted(self.codes.items())),
            "subjects": self.subjects, "elements": dict(sorted(self.actions.items())),
            "steps": {step: sum(self.actions[word] for word in words) + (self.boxes_hidden if step == "removed" else 0)
                      for step, words in STEPS.items()},
            "pixels": {"looked": looked, "frames": self.frames, "frames_scanned": self.frames_scanned, "boxes_hidden": self.boxes_hidden,
                       "boxes_kept": self.boxes_kept, "model_sha256": model_digest() if looked else None},
            "policy": {"policy_id": policy.policy_id, "version": policy.version, "digest": policy_digest(policy)},
            "ps3_15_edition": policy.edition,
            "options": [{"code": code, "meaning": ps3_15.OPTIONS[code]} for code in policy.options if code != "113101" or looked],
            "engine_version": ENGINE_VERSION, "seconds": seconds, "bytes": self.bytes,
        }


def write_reports(out: Path, summary: dict[str, Any]) -> None:
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for lang in ("zh", "en"):
        (out / f"report.{lang}.md").write_text(page(summary, lang), encoding="utf-8")


_WORDS = {
    "title": ("DICOM 去标识化报告", "DICOM de-identification report"),
    "policy": ("策略", "Policy"),
    "edition": ("PS3.15 版本", "PS3.15 edition"),
    "files": ("文件", "Files"),
    "released": ("放行", "released"),
    "quarantined": ("隔离", "quarantined"),
    "rejected": ("不接收", "rejected"),
    "subjects": ("对象（患者）", "Subjects"),
    "steps": ("三个步骤", "Three steps"),
    "desensitised": ("脱敏（弱化后保留）", "desensitised (left in a weaker form)"),
    "pseudonymised": ("脱密（换成带密钥的代号）", "pseudonymised (left as a keyed stand-in)"),
    "removed": ("去隐私化（不放行）", "removed (did not leave)"),
    "elements": ("元素，按处理方式", "Elements by action"),
    "pixels": ("像素", "Pixels"),
    "frames": ("帧", "frames"),
    "scanned": ("已检查", "looked at"),
    "hidden": ("遮盖", "hidden"),
    "kept": ("保留的技术文字", "technique texts kept"),
    "reasons": ("原因", "By reason"),
    "options": ("声明的选项", "Options claimed"),
    "kept_element": ("保留", "kept"),
    "shifted": ("平移日期", "dates shifted"),
    "remapped": ("换 UID", "UIDs replaced"),
    "replaced": ("换成代号或占位", "replaced"),
    "cleaned": ("清洗文字", "texts cleaned"),
    "emptied": ("清空", "emptied"),
    "removed_element": ("删除", "removed"),
}


def page(summary: dict[str, Any], lang: str) -> str:
    """One Markdown page; the numbers are those of the summary."""
    def word(name: str) -> str:
        return _WORDS[name][0 if lang == "zh" else 1]

    policy, pixels = summary["policy"], summary["pixels"]
    lines = [f"# {word('title')}", "", f"{word('policy')}: {policy['policy_id']} v{policy['version']} ({policy['digest'][:12]}) · "
             f"{word('edition')}: {summary['ps3_15_edition']}", "",
             f"{word('files')}: {summary['files']} · " + " · ".join(f"{word(name)} {count}" for name, count in summary["status"].items())
             + f" · {word('subjects')}: {summary['subjects']}", "", f"## {word('steps')}", ""]
    lines += [f"- {word(step)}: {count}" for step, count in summary["steps"].items()]
    lines += ["", f"## {word('elements')}", ""]
    lines += [f"- {word({'kept': 'kept_element', 'removed': 'removed_element'}.get(name, name))}: {count}"
              for name, count in summary["elements"].items()]
    lines += ["", f"## {word('pixels')}", "", f"{word('frames')} {pixels['frames']} · {word('scanned')} {pixels['frames_scanned']} · "
              f"{word('hidden')} {pixels['boxes_hidden']} · {word('kept')} {pixels['boxes_kept']}", "", f"## {word('reasons')}", ""]
    lines += [f"- {code} × {count}: {messages().outline(code, lang)}" for code, count in summary["codes"].items()]
    lines += ["", f"## {word('options')}", ""] + [f"- {option['code']} {option['meaning']}" for option in summary["options"]]
    return "\n".join(lines) + "\n"

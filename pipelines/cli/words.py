"""What the commands call their columns and lines, in both languages; machine tokens inside the cells stay as scripts know them."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

NAMES: dict[str, tuple[str, str]] = {
    "absent": ("没有数值的原因", "why there is none"),
    "answers": ("各自答案", "answers"),
    "at": ("时间", "at"),
    "backlog": ("积压", "backlog"),
    "basis": ("依据", "basis"),
    "case_id": ("病例", "case"),
    "cases": ("病例数", "cases"),
    "cause": ("原因", "cause"),
    "charged": ("计入次数", "charged"),
    "code": ("规则", "rule"),
    "comparison": ("配对差值", "paired difference"),
    "counts": ("数量", "counts"),
    "dataset": ("测试集", "set"),
    "day": ("日", "day"),
    "detail": ("详情", "detail"),
    "difference": ("差异", "difference"),
    "digest": ("摘要", "digest"),
    "end_state": ("结束状态", "end state"),
    "entities": ("法人数", "entities"),
    "entity": ("法人编号", "entity"),
    "eta": ("预计", "ETA"),
    "evaluation_id": ("评测", "evaluation"),
    "evaluations": ("评测次数", "evaluations"),
    "expected": ("应到", "expected"),
    "files_after": ("现文件数", "files after"),
    "files_before": ("原文件数", "files before"),
    "first": ("首次", "first"),
    "freshness": ("距今", "age"),
    "in_flight": ("在途", "in flight"),
    "issue": ("问题", "issue"),
    "kind": ("类别", "kind"),
    "ladder": ("Ladder 公开值（验证集只公开这一个数）", "released by the Ladder (a validation set gives no other)"),
    "last": ("最近", "last"),
    "last_good_pull": ("最近成功", "last good pull"),
    "located": ("原件位置", "source"),
    "lower": ("95 % 下限", "lower 95 %"),
    "message": ("说明", "what"),
    "n": ("n", "n"),
    "name": ("名称", "name"),
    "number": ("编号", "N"),
    "other_policy": ("策略已变", "other policy"),
    "partitions": ("重写的分区", "partitions rewritten"),
    "primary": ("主要终点", "primary"),
    "quarantined": ("隔离", "quarantined"),
    "reachable": ("可达", "reachable"),
    "reason": ("处理原因", "reason"),
    "receipt_id": ("批次", "receipt"),
    "rejected": ("拒绝", "rejected"),
    "released": ("发布", "released"),
    "removed": ("清除", "removed"),
    "running": ("进行中", "running"),
    "scored": ("评分次数", "scored"),
    "seq": ("序号", "seq"),
    "series_instance_uid": ("序列", "series"),
    "settled": ("已结算", "settled"),
    "site_id": ("医院", "site"),
    "source": ("来源", "source"),
    "started_at": ("开始", "started"),
    "state": ("状态", "state"),
    "statistic": ("统计量", "statistic"),
    "step": ("步骤", "step"),
    "submission_id": ("提交", "submission"),
    "submitted_at": ("提交时间", "submitted"),
    "table": ("表", "table"),
    "task": ("任务", "task"),
    "tier": ("级别", "tier"),
    "token": ("病例代号", "case token"),
    "type_this": ("输入", "type"),
    "unit_token": ("单元代号", "unit token"),
    "unlisted": ("未列出", "unlisted"),
    "upper": ("95 % 上限", "upper 95 %"),
    "value": ("值", "value"),
    "vendor": ("企业", "vendor"),
    "verdict": ("结论", "verdict"),
    "version": ("版本", "version"),
    "what": ("项目", "what"),
    "why": ("原因", "why"),
    "window": ("时段", "window"),
}
"""Key of a row → (Chinese, English)."""
TIERS_ZH = {"tertiary": "三级", "secondary": "二级", "community": "社区"}
SETS_ZH = {"sealed": "封存", "validation": "验证", "practice": "练习"}
UNITS_ZH = {"d": "天", "h": "小时", "min": "分钟", "s": "秒"}
NOT_TOLD = {"zh": ("-", "是", "否"), "en": ("-", "yes", "no")}


def named(key: str, lang: str) -> str:
    """What a key of a row is called. Raises KeyError for one without words: a heading that only a program knows is a defect."""
    return NAMES[key][0 if lang == "zh" else 1]


def table(rows: Iterable[Mapping[str, object]], keys: Sequence[str], lang: str) -> str:
    """Rows as aligned text under headings of one language; counts stand to the right."""
    held = list(rows)
    counted = [all(type(row.get(key)) in (int, type(None)) for row in held) and any(row.get(key) is not None for row in held)
               for key in keys]
    return aligned([[named(key, lang) for key in keys], *[[cell(row.get(key), lang) for key in keys] for row in held]], counted)


def listed(row: Mapping[str, object], keys: Sequence[str], lang: str) -> str:
    """One row as lines, a name and its value each."""
    return aligned([[named(key, lang), cell(row.get(key), lang)] for key in keys])


def aligned(lines: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """Cells under each other, to the right where `right` says so; wide (Chinese) characters count two."""
    widths = [max(width(line[i]) for line in lines) for i in range(len(lines[0]))]
    to_right = [*right, *[False] * (len(widths) - len(right))]

    def put(text: str, i: int) -> str:
        gap = " " * (widths[i] - width(text))
        return gap + text if to_right[i] else text + gap

    return "\n".join("  ".join(put(text, i) for i, text in enumerate(line)).rstrip() for line in lines)


def cell(value: object, lang: str) -> str:
    nothing, yes, no = NOT_TOLD["zh" if lang == "zh" else "en"]
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {cell(one, lang)}" for name, one in value.items()) or nothing
    return nothing if value is None or value == "" else yes if value is True else no if value is False else str(value)


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def age(seconds: int | None, lang: str) -> str | None:
    """A span in the largest unit of which there are two."""
    if seconds is None:
        return None
    unit, size = next(((unit, size) for unit, size in (("d", 86400), ("h", 3600), ("min", 60)) if seconds >= 2 * size), ("s", 1))
    return f"{seconds // size} {UNITS_ZH[unit] if lang == 'zh' else unit}"


SENTENCES_ZH = (
    (r"readings (\d+) of (\d+)", r"已读 \1，需要 \2"), (r"readers marked different lesions", "阅片者标记的病灶不同"),
    (r"readers differ", "阅片者意见不同"), (r"no majority", "没有多数意见"),
    (r"no case was read by enough readers", "没有病例由足够的阅片者读过"), (r"every answer is the same", "所有答案相同"),
    (r"criteria", "不符合条件"), (r"another series of the study was chosen", "已选同一检查的另一序列"),
    (r"enough cases of the person", "该人的病例已够"),
)
"""Stored reasons (English, as scripts read them) → how they are said in Chinese."""


def told(reason: str, lang: str) -> str:
    """A stored reason in the language asked for."""
    if lang == "zh":
        for pattern, words in SENTENCES_ZH:
            if re.fullmatch(pattern, reason):
                return re.sub(pattern, words, reason)
    return reason

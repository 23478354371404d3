"""A policy against Table E.1-1, element by element: the page a steward reads, and the conformance statement others ask for."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, TAG_OF, place
from pipelines.phi_zone.dicom.plan import Do, compiled
from schemas import ps3_15
from schemas.shapes.dicom_policy import DicomPolicy

_CODE = {Do.NUMBER: "K", Do.SMALL: "K", Do.CODE: "K", Do.SIDE: "K", Do.BINARY: "K", Do.TEXT: "K", Do.CLASS_UID: "K", Do.CLEAN: "C",
         Do.MEANING: "C", Do.CONTENT: "C", Do.DATE: "C", Do.DATETIME: "C", Do.TIME: "K", Do.UID: "U", Do.AGE: "C", Do.SEQUENCE: "K",
         Do.EMPTY: "Z", Do.DUMMY: "D", Do.TOKEN: "D", Do.SUBJECT: "D", Do.CODED: "K", Do.LINK: "K", Do.PROFILE: "C"}
WORDS = {
    "K": ("保留，逐值检查", "kept, every value checked"), "C": ("清洗、平移或封顶后保留", "kept cleaned, shifted or capped"),
    "U": ("换成带密钥的 UID", "replaced by a keyed UID"), "D": ("换成代号或占位", "replaced by a stand-in"), "Z": ("清空", "emptied"),
    "X": ("删除", "removed"),
}


@dataclass(frozen=True)
class Row:
    """One attribute: what the table demands and what the policy does."""

    tag: str
    keyword: str
    table: str
    options: str
    ours: str
    """K, C, U, D, Z or X as in PS3.15."""
    reason: str


def statement(policy: DicomPolicy) -> list[Row]:
    """Every attribute of Table E.1-1 and everything further that the policy keeps, by tag."""
    plan, table = compiled(policy), ps3_15.attributes()
    rows: dict[str, Row] = {}
    for keyword, row in table.items():
        tag = TAG_OF.get(keyword)
        found = plan.rules.get(tag) if tag is not None else None
        ours = _CODE[found.do] if found is not None else "X"
        where = place(tag) if tag is not None else row.tag
        rows[where] = Row(where, keyword, row.action, " ".join(f"{code}:{action}" for code, action in sorted(row.options.items())), ours,
                          policy.reasons.get(keyword, ""))
    for tag, found in plan.rules.items():
        where = place(tag)
        if where not in rows:
            rows[where] = Row(where, KEYWORD_OF[tag], "", "", _CODE[found.do], policy.reasons.get(KEYWORD_OF[tag], ""))
    return [rows[where] for where in sorted(rows)]


def page(policy: DicomPolicy, lang: str) -> str:
    """The conformance statement as Markdown."""
    rows = statement(policy)
    counts = Counter(row.ours for row in rows)
    zh = lang == "zh"
    title = f"DICOM 去标识化符合性声明：{policy.title.zh}" if zh else f"DICOM de-identification conformance statement: {policy.title.en}"
    lines = [f"# {title}", "", policy.explanation.zh if zh else policy.explanation.en, "",
             f"{'策略' if zh else 'Policy'} `{policy.policy_id}` v{policy.version}, {compiled(policy).digest[:16]} · "
             f"PS3.15 {policy.edition}, Table E.1-1 ({len(ps3_15.attributes())} {'行' if zh else 'rows'})", "",
             "## " + ("声明的选项（CID 7050）" if zh else "Options claimed (CID 7050)"), ""]
    lines += [f"- {code} {ps3_15.OPTIONS[code]}" for code in policy.options]
    lines += ["", "## " + ("处理方式" if zh else "Treatment"), ""]
    lines += [f"- {code} {WORDS[code][0 if zh else 1]}: {counts[code]}" for code in "KCUDZX"]
    lines.append(f"- {'未列出的元素一律删除' if zh else 'every element not listed is removed'}")
    lines += ["", "## " + ("此外" if zh else "Beside the elements"), "", *_further(policy, zh)]
    if policy.reasons:
        lines += ["", "## " + ("与表不同之处及理由" if zh else "Where it differs from the table, and why"), ""]
        lines += [f"- {keyword}: {reason}" for keyword, reason in sorted(policy.reasons.items())]
    heads = ("Tag", "Keyword", *(("表", "选项", "本策略") if zh else ("Table", "Options", "Here")))
    lines += ["", "## " + ("逐项" if zh else "By attribute"), "", f"| {' | '.join(heads)} |", "|---|---|---|---|---|"]
    lines += [f"| {row.tag} | {row.keyword} | {row.table} | {row.options or '-'} | {row.ours} |" for row in rows if row.table]
    further = [row for row in rows if not row.table]
    told = f"表外另保留 {len(further)} 个元素，逐值检查：" if zh else (
        f"A further {len(further)} elements outside the table are kept, every value checked: ")
    lines += ["", f"{told}`touchstone policy explain {policy.policy_id} --json`"]
    private = compiled(policy).private
    if private:
        lines += ["", "## " + ("保留的私有元素" if zh else "Private elements kept"), ""]
        lines += [f"- {creator} ({group:04X},xx{element:02X}) {vr}" for (creator, group), held in sorted(private.items())
                  for element, vr in sorted(held.items())]
    return "\n".join(lines) + "\n"


_DATES = {"shift": ("整天平移，同一患者一致，间隔不变", "moved by whole days, the same for all of a patient, intervals kept"),
          "year": ("只留年份（1 月 1 日）", "the year alone, as 1 January"), "remove": ("删除", "removed")}
_FACES = {"remove": ("去除前部体表；不能去除的拒绝", "front surface removed; refused where it cannot be"),
          "refuse": ("拒绝放行", "refused"),
          "declare": ("放行，并在 (0028,0302) 声明可辨认", "released, declared recognisable in (0028,0302)")}


def _further(policy: DicomPolicy, zh: bool) -> list[str]:
    """What no row of the table says: encoding, dates, ages, pixels, faces, reports, classes refused."""
    def line(names: tuple[str, str], words: tuple[str, str]) -> str:
        return f"- {names[0]}：{words[0]}" if zh else f"- {names[1]}: {words[1]}"

    pixels = (("凡可能有文字的帧都检测，非技术文字用背景填充",
               "every frame that can carry text is read; what is not technique is filled with its background")
              if policy.pixels.clean else ("不检查", "not looked at"))
    doubtful = (("等待人工判断（DCM-141）", "waits for a person (DCM-141)") if policy.pixels.uncertain == "review" else ("遮盖", "hidden"))
    kept = {"clean": ("按模板清洗后保留", "kept, cleaned by template"), "drop": ("不保留", "not kept")}
    refused = "、".join(policy.refuse_sop_classes) if zh else ", ".join(policy.refuse_sop_classes)
    return [
        line(("输出", "Output"), (
            "显式 VR 小端（像素未改动的压缩图像保留原编码），ISO_IR 192，文件元信息与前导重建",
            "Explicit VR Little Endian (a compressed image whose pixels did not change keeps its codec), ISO_IR 192, "
            "fresh file meta, zero preamble")),
        line(("日期", "Dates"), _DATES[policy.dates]),
        line(("年龄", "Ages"), (
            f"{policy.age_cap_years} 岁以上写作 {policy.age_cap_years + 1:03d}Y，以 {policy.age_step_years} 岁为一档",
            f"above {policy.age_cap_years} written {policy.age_cap_years + 1:03d}Y, in steps of {policy.age_step_years}")),
        line(("像素文字", "Text in pixels"), pixels), line(("读不准的文字", "Text that cannot be read"), doubtful),
        line(("头部 CT/MR 的面部", "Faces in head CT/MR"), _FACES[policy.faces]),
        line(("结构化内容", "Structured content"), kept[policy.structured_content]),
        line(("图形标注", "Graphics"), kept[policy.graphics]),
        line(("不接收的 SOP 类", "SOP classes refused"), (refused or "无", refused or "none")),
    ]

"""What radiologists and ward doctors write: clinical sentences with patients, families, doctors, phones and addresses in them.

Every identifying value used here belongs to the person, the relative, the doctors or the hospital given as arguments, so the
answer key needs no second bookkeeping.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from simulator.people import Chart, Doctor, Person
from simulator.words import HOSPITALS


@dataclass(frozen=True)
class Finding:
    """What the image holds, in words both languages can say."""

    kind: str  # ct | dr | us | ecg | other
    positive: bool
    side: str = "右肺"
    size_mm: float = 0.0


def names_of(person: Person) -> list[str]:
    """Every spelling of a person's name that any record here holds."""
    family, given = person.latin_family, person.latin_given
    spellings = [person.name, person.latin, f"{family} {given}", f"{family}^{given}", f"{family.upper()}, {given.upper()}"]
    return spellings + ([f"Mr {family}", f"Ms {family}"] if person.language == "en" else [f"{person.family}^{person.given}"])


def radiology_report(chart: Chart, finding: Finding, when: dt.datetime, accession: str, author: Doctor, reviewer: Doctor) -> str:
    """The report text of one study; Chinese, or English for English-speaking patients."""
    return (_english if chart.person.language == "en" else _chinese)(chart, finding, when, accession, author, reviewer)


def _chinese(chart: Chart, finding: Finding, when: dt.datetime, accession: str, author: Doctor, reviewer: Doctor) -> str:
    person, hospital = chart.person, HOSPITALS[chart.site_id]
    age = when.year - person.birth_date.year - ((when.month, when.day) < (person.birth_date.month, person.birth_date.day))
    sex = "男" if person.sex == "male" else "女"
    return "\n".join(
        [
            f"{hospital['zh']}影像诊断报告",
            f"姓名：{person.name}  性别：{sex}  年龄：{age}岁  住院号：{chart.mrn}  检查号：{accession}",
            f"检查日期：{when:%Y年}{when.month}月{when.day}日  身份证号：{person.resident_id}",
            f"临床信息：患者{person.name}因“{_complaint(finding)}”就诊，现住{person.address}，联系电话{person.phone}。",
            f"检查所见：{_seen_zh(finding)}",
            f"诊断意见：{_concluded_zh(finding)}",
            f"备注：危急值已于{when:%Y-%m-%d}电话告知家属（{person.relative.relation_zh}）{person.relative.name}，电话{person.relative.phone}。",
            f"报告医师：{author.name}  审核医师：{reviewer.name}  科室电话：{hospital['phone']}",
        ]
    )


def _english(chart: Chart, finding: Finding, when: dt.datetime, accession: str, author: Doctor, reviewer: Doctor) -> str:
    person, hospital = chart.person, HOSPITALS[chart.site_id]
    return "\n".join(
        [
            f"{hospital['en']} - Imaging report",
            f"Patient: {person.name}   MRN: {chart.mrn}   Accession: {accession}   DOB: {person.birth_date:%Y-%m-%d}",
            f"Exam date: {when:%Y-%m-%d}",
            f"History: {'Mr' if person.sex == 'male' else 'Ms'} {person.latin_family}, living at {person.address}, phone {person.phone}.",
            f"Findings: {_seen_en(finding)}",
            f"Impression: {_concluded_en(finding)}",
            f"Discussed with the {person.relative.relation_en}, {person.relative.name}, on {person.relative.phone}.",
            f"Reported by: Dr {author.latin}   Verified by: Dr {reviewer.latin}",
        ]
    )


def admission_note(chart: Chart, when: dt.datetime, doctor: Doctor) -> str:
    """A ward note that speaks of the patient and the family, with dates in three spellings."""
    person, hospital = chart.person, HOSPITALS[chart.site_id]
    before = when - dt.timedelta(days=5)
    if person.language == "en":
        return (
            f"{person.name} was seen on {when:%d/%m/%Y} at {hospital['en']}. Symptoms began on {before:%B %d, %Y}. "
            f"The {person.relative.relation_en} {person.relative.name} ({person.relative.phone}) gave the history. "
            f"ID {person.resident_id}. Dr {doctor.latin}."
        )
    return (
        f"患者{person.name}（拼音：{person.latin_family} {person.latin_given}），{person.birth_date:%Y年%m月%d日}出生，"
        f"于{before:%Y.%m.%d}起咳嗽、咳痰，{when:%Y-%m-%d %H:%M}收入{hospital['zh']}，住院号：{chart.mrn}。"
        f"其{person.relative.relation_zh}{person.relative.name}陪同入院，联系电话：{person.relative.phone}。"
        f"患者身份证号码{person.resident_id}，家庭住址：{person.address}。体温38.5℃，白细胞12.4×10^9/L，建议3天后复查胸片。主管医师：{doctor.name}。"
    )


def _complaint(finding: Finding) -> str:
    return {"ct": "体检发现肺部阴影", "dr": "咳嗽伴发热3天", "us": "上腹部不适1周", "ecg": "心悸2天"}.get(finding.kind, "复诊")


def _seen_zh(finding: Finding) -> str:
    if finding.kind == "ct":
        return (
            f"双肺纹理清晰，{finding.side}见类圆形结节影，大者直径约{finding.size_mm:.0f} mm，边界清楚。纵隔未见肿大淋巴结。"
            if finding.positive
            else "双肺纹理清晰，未见明确结节影。纵隔居中，心影不大。"
        )
    if finding.kind == "dr":
        return (
            f"{finding.side}见片状密度增高影，边界模糊。心影不大，双膈光整。"
            if finding.positive
            else "双肺野清晰，未见实变影。心影不大，双膈光整。"
        )
    return {"us": "肝脏大小形态正常，实质回声均匀。胆囊壁不厚，其内未见异常回声。", "ecg": "窦性心律，心率75次/分。"}.get(
        finding.kind, "详见附件。"
    )


def _concluded_zh(finding: Finding) -> str:
    if finding.kind == "ct":
        return f"{finding.side}结节，建议3个月后复查CT。" if finding.positive else "胸部CT平扫未见明显异常。"
    if finding.kind == "dr":
        return f"{finding.side}感染性病变，考虑肺炎。" if finding.positive else "胸部正位片未见明显异常。"
    return {"us": "肝胆超声未见明显异常。", "ecg": "正常心电图。"}.get(finding.kind, "病情平稳。")


def _seen_en(finding: Finding) -> str:
    if finding.kind == "ct":
        return f"Solid nodule of about {finding.size_mm:.0f} mm." if finding.positive else "No pulmonary nodule. Heart size normal."
    if finding.kind == "dr":
        return "Patchy air-space opacity with ill-defined margins." if finding.positive else "Lungs are clear. No consolidation."
    return {"us": "Liver of normal size and echotexture. Gallbladder unremarkable.", "ecg": "Sinus rhythm, 75 per minute."}.get(
        finding.kind, "See attachment."
    )


def _concluded_en(finding: Finding) -> str:
    if finding.kind == "ct":
        return "Pulmonary nodule; follow-up CT in 3 months." if finding.positive else "No acute abnormality."
    if finding.kind == "dr":
        return "Findings in keeping with pneumonia." if finding.positive else "No acute cardiopulmonary abnormality."
    return {"us": "Normal upper abdominal ultrasound.", "ecg": "Normal ECG."}.get(finding.kind, "Stable.")

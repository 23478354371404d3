# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Codes that no word tells: long numbers, numbers joined by hyphens, slashes and spaces, letters and figures, of shapes no measurement has.

The last resort for numbers: what another rule or a form of dates finds at the same place counts before these.
"""
from __future__ import annotations

import re

from pipelines.phi_zone.text.rules import Rule, dated, figures, rule

_UNIT = r"\s?(?:copies|IU|U(?![A-Za-z])|cells|CFU|cfu|RLU|[mµu]?[gLl](?![A-Za-z])|mm|cm|个|拷贝|元|人次|例|万|亿|per|units?)"
_BEFORE, _BEHIND = r"(?<![\dA-Za-z.,:/\-+*^_×%=<>#@准许])", rf"(?![\dA-Za-z%_*>^@]|[.,:×]\d|[\-/~:][A-Za-z\d]|{_UNIT})"
_OF_A_SYSTEM = r"(?<!SNOMED\s)(?<!CT\s)(?<!PMID\s)(?<!PMID:)(?<!PMID:\s)(?<!LOINC\s)(?<!NDC\s)(?<!NDC:\s)(?<!CPT\s)(?<!REF\s)(?<!REF:\s)(?<!Ref\s)(?<!GTIN\s)(?<!型号)(?<!准字)(?<!批准文号)"
"""Numbers of terms, papers, products and models identify nobody."""
_STAMP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-4])?(?:[0-5]\d){0,2}\Z")
_DAY = re.compile(r"(?:0?[1-9]|[12]\d|3[01])([\-/])(?:0?[1-9]|[12]\d|3[01])\1(?:19|20)?\d\d\Z|(?:19|20)\d\d([\-/])(?:0?[1-9]|1[0-2])(?:\2(?:0?[1-9]|[12]\d|3[01]))?\Z|(?:19|20)\d\d[\-/](?:19|20)\d\d\Z")
_PARTS = re.compile(r"[\-/\s]")
_MEASURED = re.compile(r"[A-Z]{1,5}(?:\d{1,4}[\-/]\d{1,3}|\d{3,4}[\-/]\d{4})\Z|[A-Z]+\d+0{3}\Z")
"""BP120/80, HR80-100, PLT150000."""
_NO_CODE = re.compile(r"(?:ISO|GB|YY|EN|IEC|ASTM|DIN|NCT|ISRCTN|PMC|CAS|RS|COVID|SARS|AZD|BMS|GSK|MK|JNJ|PF|LY|ABT|TAK|BAY|RO|RG|INCB|AMG|SHR|HLX|IBI|BGB|MEDI|REGN|SAR|ONO|DS|BI|BIBF|BIBW|ABBV|GDC|MLN|SB|VX|ZD|XL|PLX|TAS|CC|E|HLA|IL|CD|CYP|FDG|PSMA|ICD|CPT|UN|EC|GM|NM|NP|NC)[\-/]?\d|\d{1,3}(?:F|C|N|O|M|GA|LU|TC|MTC|I|Y|RB|ZR|CU)-")
"""Standards, trials, genes, medicines under trial, isotopes."""


def _long(value: str) -> bool:
    """No date and time run together, and no round number."""
    return _STAMP.match(value) is None and not value.endswith("0000")


def _joined(value: str) -> bool:
    """Seven figures in parts that are no date, no range, no times of day and no row of readings."""
    parts = _PARTS.split(value)
    if figures(value) < 7 or _DAY.match(value):
        return False
    zero = any(len(part) > 1 and part[0] == "0" for part in parts)
    numbers = [int(part) for part in parts]
    if len(parts) == 2:
        first, second = numbers
        if all(len(part) == 4 and int(part) <= 2400 and int(part[2:]) < 60 for part in parts):
            return False   # 0800-1600
        if "/" in value:
            return len(parts[1]) > 4 or len(parts[0]) > 5 or zero
        return zero or first >= second or (second >= 20 * first and len(parts[1]) > 4)
    return zero or numbers != sorted(numbers) or max(map(len, parts)) > 4


def _spaced(value: str) -> bool:
    """Three parts and more, one of four figures and more; no row of volumes or times."""
    parts = value.split()
    return figures(value) >= 9 and max(map(len, parts)) > 3 and not all(500 <= int(part) <= 2500 for part in parts)


def _coded(value: str) -> bool:
    return _MEASURED.match(value) is None and _NO_CODE.match(value) is None and not (value[0].isdigit() and dated(value))


CODE_RULES: tuple[Rule, ...] = (
    rule("codes.long", "OTHER", rf"{_BEFORE}{_OF_A_SYSTEM}(?P<v>\d{{8,24}}){_BEHIND}", _long, "digit long", 0, "run"),
    rule("codes.joined", "OTHER", rf"{_BEFORE}{_OF_A_SYSTEM}(?=\d(?:[\-/]?\d){{6}})(?P<v>\d{{1,8}}(?:-\d{{1,8}}){{1,4}}|\d{{2,8}}/\d{{4,8}}(?:/\d{{1,4}})?){_BEHIND}", _joined, "digit long", 0, "run"),
    rule("codes.spaced", "OTHER", rf"{_BEFORE}{_OF_A_SYSTEM}(?=\d(?:\s?\d){{8}})(?P<v>\d{{2,5}}(?:\s\d{{2,5}}){{2,5}}(?:\s\d)?){_BEHIND}", _spaced, "digit long", 0, "run"),
    rule("codes.lettered", "OTHER", rf"(?<![A-Za-z\d.@_/\-#+*])(?<!准字)(?!QQ|IMEI|ID[A-Z\d])(?P<v>[A-Z]{{1,4}}\d{{7,16}}[A-Z]{{0,3}}|[A-Z]{{1,5}}[\-/]\d{{5,14}}(?:[\-/][A-Z\d]{{1,8}}){{0,2}}|[A-Z]{{1,5}}\d{{0,4}}[\-/]\d{{1,4}}[\-/]\d{{4,10}}(?:[\-/][A-Z\d]{{1,6}})?|[A-Z]{{1,4}}\d{{1,4}}-\d{{4,10}}(?:-[A-Z\d]{{1,4}})?|[A-Z]{{1,5}}/\d{{2,8}}/\d{{3,10}}){_BEHIND}", _coded, "digit capital", 0),
    rule("codes.mixed", "OTHER", rf"(?<![A-Za-z\d.@_/\-#+*])(?P<v>\d{{2}}[A-Z]{{1,2}}\d{{5,10}}[A-Z]?|\d{{2,6}}-[A-Z]{{1,3}}-\d{{4,8}}|[A-Z]\d{{2}}[A-Z]\d{{4,8}}|[A-Z]{{5}}\d{{6}}[A-Z\d]{{5}}){_BEHIND}", _coded, "digit capital", 0),
    rule("codes.trial", "MRN", r"(?:筛选号|随机号|受试者(?:编号|号)?|入组号|药物编号)\s?[:是为]?\s?(?P<v>[A-Z]{1,5}\d{0,3}-?\d{3,6}(?:-\d{1,4})?)(?![A-Za-z\d])", None, "digit capital trial_cn", 0),
    rule("codes.token", "OTHER", rf"(?<![A-Za-z\d.@_/\-#+*])(?P<v>(?=[\d\-]*[a-f])[0-9a-f]{{4}}(?:-[0-9a-f]{{4}}){{2,7}}|[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}){_BEHIND}", None, "digit token", 0),
)

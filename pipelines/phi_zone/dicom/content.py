"""Content items of structured reports and acquisition context, kept by coded template (PS3.15 E.3.4, Table E.3.4-1).

Measurements, codes and references stay; a text goes through the cleaner; names become a dummy; what the table removes under the
options claimed goes with everything below it.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.phi_zone.dicom import values
from pipelines.phi_zone.dicom.charset import charsets, decode
from pipelines.phi_zone.dicom.dictionary import SPECIFIC_CHARACTER_SET, TAG_OF
from pipelines.phi_zone.dicom.mark import text_element
from pipelines.phi_zone.dicom.parse import Dataset
from pipelines.phi_zone.dicom.plan import DUMMY_TEXT, Do, Rule, rule
from pipelines.phi_zone.dicom.rewrite import sequence_value
from schemas import ps3_15

if TYPE_CHECKING:
    from pipelines.phi_zone.dicom.rewrite import Rewriter

_VALUE_TYPE, _TEXT_VALUE, _CONCEPT_NAME = TAG_OF["ValueType"], TAG_OF["TextValue"], TAG_OF["ConceptNameCodeSequence"]
_CODE_VALUE, _SCHEME, _BY_POSITION = TAG_OF["CodeValue"], TAG_OF["CodingSchemeDesignator"], TAG_OF["ReferencedContentItemIdentifier"]
_PERSON_NAME = TAG_OF["PersonName"]
_MEASURED, _NUMERIC, _UNITS = TAG_OF["MeasuredValueSequence"], TAG_OF["NumericValue"], TAG_OF["MeasurementUnitsCodeSequence"]
_PRECISE = (TAG_OF["FloatingPointValue"], TAG_OF["RationalNumeratorValue"], TAG_OF["RationalDenominatorValue"])
_AGES = frozenset((("DCM", "121033"), ("LN", "30525-0"), ("LN", "21612-7"), ("SCT", "397669002"), ("SCT", "424144002"),
                   ("SCT", "445518008")))
"""Concepts whose number is the age of a person."""
_UNIT_OF = {"a": "Y", "mo": "M", "wk": "W", "d": "D"}
_TEXT_RULE = rule(_TEXT_VALUE, Do.CLEAN, "UT", DUMMY_TEXT.encode())
_NAME_RULE: Rule = rule(_PERSON_NAME, Do.DUMMY, "PN")


def content_items(rewriter: Rewriter, items: list[Dataset], terms: tuple[str, ...], depth: int) -> list[bytes]:
    """The bodies of the items that stay."""
    bodies = []
    for item in items:
        body = _content_item(rewriter, item, terms, depth)
        if body is None:
            rewriter.content_dropped = True
            rewriter.actions["removed"] += 1
        else:
            bodies.append(body)
    return bodies


def _content_item(rewriter: Rewriter, item: Dataset, terms: tuple[str, ...], depth: int) -> bytes | None:
    by_tag = {element[0]: element for element in item}
    value_type = _word(rewriter, item, _VALUE_TYPE)
    concept = _concept(rewriter, by_tag)
    action = _action(rewriter, concept, value_type)
    if action == "X":
        return None
    if _BY_POSITION in by_tag:
        rewriter.content_by_position = True
    written = dict(rewriter.dataset(item, terms, depth + 1))
    own_charset = by_tag.get(SPECIFIC_CHARACTER_SET)
    if own_charset is not None:
        terms = charsets(bytes(rewriter.data[own_charset[2]:own_charset[2] + own_charset[3]]))
    text = by_tag.get(_TEXT_VALUE)
    if text is not None and text[4] is None:
        raw = bytes(rewriter.data[text[2]:text[2] + text[3]])
        value = DUMMY_TEXT.encode() if action == "D" else rewriter.treatment.cleaned(_TEXT_RULE, raw, terms)
        written[_TEXT_VALUE] = rewriter.element(_TEXT_RULE, "UT", value or DUMMY_TEXT.encode())
        rewriter.actions["cleaned"] += 1
    if concept in _AGES:
        for number in _numbers(rewriter, item, by_tag):
            if _too_old(rewriter, number):
                return _capped(rewriter, written, _NUMERIC not in by_tag)
    return b"".join(body for _, body in sorted(written.items()))


def _numbers(rewriter: Rewriter, item: Dataset, by_tag: dict[int, Any]) -> list[Dataset]:
    """The data sets that hold the value of a measurement: its Measured Value items, or an annotation of a waveform itself."""
    return [item] if _NUMERIC in by_tag else (rewriter.items_of(by_tag[_MEASURED], 0) or []) if _MEASURED in by_tag else []


def _too_old(rewriter: Rewriter, number: Dataset) -> bool:
    units = next((rewriter.items_of(one, 0) for one in number if one[0] == _UNITS), None)
    unit = _UNIT_OF.get(_word(rewriter, units[0], _CODE_VALUE) if units else "a", "Y")
    found, _, _ = _word(rewriter, number, _NUMERIC).partition(".")
    if not found.isdigit():
        return bool(found)
    cap = rewriter.plan.policy.age_cap_years
    return values.years(int(found), unit) >= cap + 1


def _capped(rewriter: Rewriter, written: dict[int, bytes], nested: bool) -> bytes:
    """The item with the first age above the cap in its place, in years."""
    age = str(rewriter.plan.policy.age_cap_years + 1).encode()
    value = rewriter.element(rule(_NUMERIC, Do.NUMBER, "DS"), "DS", age)
    unit = b"".join(text_element(TAG_OF[word], vr, text) for word, vr, text in (
        ("CodeValue", "SH", "a"), ("CodingSchemeDesignator", "SH", "UCUM"), ("CodeMeaning", "LO", "year")))
    units = rule(_UNITS, Do.SEQUENCE, "SQ").prefix + sequence_value([unit])
    if nested:
        written = written | {_MEASURED: rule(_MEASURED, Do.SEQUENCE, "SQ").prefix + sequence_value([units + value])}
    else:
        written = {tag: body for tag, body in written.items() if tag not in _PRECISE} | {_UNITS: units, _NUMERIC: value}
    rewriter.actions["replaced"] += 1
    return b"".join(body for _, body in sorted(written.items()))


def _action(rewriter: Rewriter, concept: tuple[str, str], value_type: str) -> str:
    """X drop, D dummy, C clean, or K keep, under the options the policy claims."""
    row = ps3_15.concepts().get((*concept, value_type))
    if row is None:
        return "C" if value_type == "TEXT" else "K"
    for option in rewriter.plan.options:
        if option in row.options:
            return row.options[option]
    return "X" if row.action == "X" else "D" if value_type in ("TEXT", "PNAME") else "K"


def _concept(rewriter: Rewriter, by_tag: dict[int, tuple[int, str, int, int, object]]) -> tuple[str, str]:
    element = by_tag.get(_CONCEPT_NAME)
    items = rewriter.items_of(element, 0) if element is not None else None
    if not items:
        return "", ""
    return _word(rewriter, items[0], _SCHEME), _word(rewriter, items[0], _CODE_VALUE)


def _word(rewriter: Rewriter, item: Dataset, wanted: int) -> str:
    for tag, _, start, length, items in item:
        if tag == wanted and items is None:
            return decode(bytes(rewriter.data[start:start + length]), ()).strip(" \0")
    return ""

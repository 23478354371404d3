"""Answers whose question asks for an identity: a form's name, an Observation coded as telephone number, a Task's contact.

What the value cannot tell its question does, so the answer becomes the tag that text gets (`[PHONE]`), whatever its type. A birth
date in an answer goes too: Patient.birthDate says what may be said of it, and of somebody over 89 nothing may.
"""

from __future__ import annotations

import re
from typing import Any

from pipelines.phi_zone.fhir.ages import each
from pipelines.phi_zone.fhir.questions import asks_for, gives_away

_WORDS = ("valueString", "valueMarkdown", "valueUri", "valueUrl")
_NUMBERS = ("valueInteger", "valueDecimal", "valuePositiveInt", "valueUnsignedInt")
_DATES = ("valueDate", "valueDateTime", "valueInstant", "valuePeriod")
_ANSWERS = frozenset((*_WORDS, *_NUMBERS, *_DATES, "valueCoding", "valueCodeableConcept", "valueQuantity"))
_LEAST = 1000
"""A bare number below it is no number of a person but a count or a score."""
_LINK_CODE = re.compile(r"(?:.*/)?(\d{4,6}-\d)\Z")
_OF_PEOPLE = {
    "valueHumanName": "NAME",
    "valueSignature": "NAME",
    "valueAddress": "ADDR",
    "valueContactPoint": "PHONE",
    "valueContactDetail": "PHONE",
    "valueIdentifier": "OTHER",
}
"""Answers whose type says that they are somebody's."""
_UNITLESS = (None, "", "1")
Part = dict[str, Any]


def tagged(tree: Part, kind: str) -> Part:
    """The resource with a tag in place of every answer that gives an identity away; the same object when there is none."""
    if kind == "QuestionnaireResponse":
        return _items(tree)
    if kind == "Observation":
        tree = _coded(tree)
        return each(tree, "component", _coded) if "component" in tree else tree
    return each(each(tree, "input", _typed), "output", _typed) if kind == "Task" else tree


def _items(tree: Part) -> Part:
    def item(part: Part) -> Part:
        asked = _of_item(part)
        return _items(each(part, "answer", lambda answer: _items(_told(answer, asked) if asked else answer)))

    return each(tree, "item", item) if "item" in tree else tree


def _of_item(part: Part) -> str | None:
    """What an item of a form asks for: its text, or the LOINC code or word that its linkId is."""
    link = part.get("linkId")
    coded = _LINK_CODE.match(link) if type(link) is str else None
    return asks_for(part.get("text")) or (asks_for(coded[1]) if coded else asks_for(link) if "text" not in part else None)


def _coded(part: Part) -> Part:
    quantity = part.get("valueQuantity")
    if (type(quantity) is dict and quantity.get("unit") not in _UNITLESS) or _ANSWERS.isdisjoint(part):
        return part   # a measurement: nearly every Observation ends here
    return _told(part, asked) if (asked := _of_concept(part.get("code"))) else part


def _typed(part: Part) -> Part:
    for name, kind in _OF_PEOPLE.items():
        if name in part:
            return _instead(part, kind)   # a Task's input must have a value
    return _told(part, asked) if (asked := _of_concept(part.get("type"))) else part


def _of_concept(concept: Any) -> str | None:
    if type(concept) is not dict:
        return None
    codings = concept.get("coding")
    for coding in codings if type(codings) is list else ():
        if type(coding) is dict and (found := asks_for(coding.get("code")) or asks_for(coding.get("display"))):
            return found
    return asks_for(concept.get("text"))


def _told(part: Part, asked: str) -> Part:
    """The part with `[NAME]` or the like for its answer, when that says anything of a person."""
    if not any(_gives_away(name, part[name], asked) for name in _ANSWERS if name in part):
        return part
    return _instead(part, asked)


def _instead(part: Part, asked: str) -> Part:
    rest = {name: value for name, value in part.items() if not name.startswith(("value", "_value"))}
    return rest | {"valueString": f"[{asked}]"}


def _gives_away(name: str, value: Any, asked: str) -> bool:
    if name in _DATES:
        return asked == "DATE"
    if name in _NUMBERS:
        return _numbers(value)
    if name == "valueQuantity":
        return type(value) is dict and _numbers(value.get("value"))
    return any(gives_away(text, asked) for text in _texts(value))


def _numbers(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) >= _LEAST


def _texts(value: Any) -> list[str]:
    if type(value) is str:
        return [value]
    if type(value) is not dict:
        return []
    codings = value.get("coding")
    shown = [value.get("text"), value.get("display")]
    shown += [coding.get("display") for coding in codings if type(coding) is dict] if type(codings) is list else []
    return [text for text in shown if type(text) is str]

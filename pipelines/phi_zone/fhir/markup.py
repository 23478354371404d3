"""Tables and XML before their tags go: what a cell or an element is called stays beside what it holds, as its reader sees it.

Without its tags `<td>患者</td><td>东郭倚楼</td>` is two words, and nothing tells that the second is a name. Of a C-CDA document
only the narrative stays (C-CDA R2.1, 3.1): its header and its entries are for machines, and name everybody without a label.
"""

from __future__ import annotations

import re

from pipelines.phi_zone.fhir.questions import asks_for
from pipelines.phi_zone.wrapped import page_text

_ROLES = frozenset(("患者", "病人", "产妇", "patient", "physician", "doctor", "provider", "nurse", "surgeon", "author", "clinician"))
"""Words that tell in a table whose name stands beside them."""
_OF_THINGS = frozenset(("name", "names"))
"""Here it is rather a drug's or a test's."""
_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?(?:</table\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ROW = re.compile(r"<tr\b(?:(?!<tr\b).)*", re.DOTALL | re.IGNORECASE)
_CELL = re.compile(r"(<(t[dh])\b[^<>]*>)((?:(?!<t[dh]\b).)*?)(?=</?t[dhr]\b|\Z)", re.DOTALL | re.IGNORECASE)
_TERM = re.compile(r"<dt\b[^<>]*>([^<>]{1,80})</dt\s*>\s*(?=<dd\b)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_CLINICAL_DOCUMENT = re.compile(r"<(?:\w+:)?ClinicalDocument\b")
_BODY = re.compile(r"<(?:\w+:)?(?:structuredBody|nonXMLBody)\b")
_FOR_MACHINES = re.compile(r"<(/?)(?:\w+:)?(?:entry|author|informant|subject)(?=[\s>])[^<>]*(?<!/)>")
_LEAF = re.compile(r"<(?:[\w\-]+:)?([\w\-.]{1,60})(?:\s[^<>]*)?>([^<>]+)</(?:[\w\-]+:)?\1\s*>")
_FOREIGN_TAG = re.compile(r"</?[^\x00-\x7f][^<>]*>")


def read_markup(markup: str, content_type: str) -> str:
    """The words of an HTML page or an XML document, questions beside their answers."""
    if _PAGE.search(markup) is None and (_XML.match(markup) is not None or "xml" in content_type.lower()):
        markup = _foreign(markup)
    if "<t" in markup or "<T" in markup:
        markup = _TABLE.sub(_table, markup)
    if "<dt" in markup or "<DT" in markup:
        markup = _TERM.sub(lambda match: match[0].replace(match[1], _with_colon(match[1])), markup)
    return page_text(markup)


def _foreign(xml: str) -> str:
    """A document of some other standard: C-CDA's narrative; else every element, with its name where that asks for an identity."""
    if _CLINICAL_DOCUMENT.search(xml) is not None:
        body = _BODY.search(xml)
        return _for_readers(xml[body.start() :] if body is not None else xml)
    return _FOREIGN_TAG.sub("\n", _LEAF.sub(lambda match: f"\n{match[1]}: {match[2].strip()}\n" if _asks(match[1]) else match[0], xml))


def _for_readers(xml: str) -> str:
    """Without the elements that are for machines; one that is never closed ends with the document."""
    kept, place, depth = [], 0, 0
    for tag in _FOR_MACHINES.finditer(xml):
        if depth == 0:
            kept.append(xml[place : tag.start()])
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    return "".join([*kept, xml[place:]] if depth == 0 else kept)


def _table(match: re.Match[str]) -> str:
    heads: list[str] = []
    return _ROW.sub(lambda row: _row(row[0], heads), match[0])


def _row(row: str, heads: list[str]) -> str:
    """A row with its questions before its answers: from the row of headings above, or from the cell to the left."""
    cells = list(_CELL.finditer(row))
    words = [" ".join(_TAG.sub("", cell[3]).split()) for cell in cells]
    if len(cells) > 1 and all(cell[2].lower() == "th" for cell in cells):
        heads[:] = words
        return row
    asked = [_asks(word) for word in words]
    new, place = [], 0
    for number, cell in enumerate(cells):
        content = cell[3]
        if number < len(heads) and words[number] and _asks(heads[number]):
            content = f"\n{heads[number]}: {content}\n"
        elif asked[number] and number + 1 < len(cells) and not asked[number + 1]:
            content = "\n" + _with_colon(content)
        elif number and asked[number - 1]:
            content += "\n"
        new += [row[place : cell.start(3)], content]
        place = cell.end(3)
    return "".join([*new, row[place:]])


def _asks(word: str) -> bool:
    bare = word.lower().rstrip(":： ")
    return bare in _ROLES or (bare not in _OF_THINGS and asks_for(word) is not None)


def _with_colon(question: str) -> str:
    return question if _TAG.sub("", question).rstrip().endswith((":", "：", "?", "？")) else f"{question.rstrip()}:"

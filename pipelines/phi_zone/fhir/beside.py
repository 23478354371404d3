"""Whom a resource names beside its patient: performers, authors, contained people. Their names are searched for in its own text.

A hospital that sends no Practitioner still writes `performer.display`; whoever signed a report is named again in its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pipelines.phi_zone.departments import generic
from pipelines.phi_zone.fhir.displayed import latin_name
from pipelines.phi_zone.known_people import ORGANISATION, known_of
from pipelines.phi_zone.text import words
from schemas.deid import KnownIdentity

_POINTING = frozenset(
    (
        "performer",
        "resultsInterpreter",
        "interpreter",
        "referrer",
        "author",
        "authenticator",
        "custodian",
        "asserter",
        "recorder",
        "requester",
        "sender",
        "recipient",
        "source",
        "informationSource",
        "operator",
        "receiver",
        "member",
        "participant",
        "note",
        "contained",
        "attester",
        "assessor",
        "enterer",
        "owner",
        "expressedBy",
        "orderer",
        "prescriber",
        "contributor",
        "supplier",
        "careManager",
        "agent",
        "series",
        "collection",
        "activity",
        "hospitalization",
        "serviceProvider",
    )
)
_WITHIN = (
    *("actor", "who", "party", "individual", "member", "onBehalfOf", "authorReference", "performer", "collector", "detail"),
    *("origin", "destination"),
)
_DEEP = 3
_DEEPER = frozenset(_WITHIN)
_PEOPLE = frozenset(("Patient", "RelatedPerson", "Practitioner", "Person", "Organization", "Location"))
_TITLE = re.compile(
    r"^(?:(?:副?主任|主治|住院|主管|责任|值班|进修|规培|实习)?(?:医师|医生|技师|护师|护士长?|药师|检验师)[:：\s]*)|"
    r"(?:副?主任|主治|住院|主管)?(?:医师|医生|大夫|教授|主任|护士长?|技师|护师|药师|老师|先生|女士)$|[（(].*[)）]$"
)
_ZH = re.compile("[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,12}[·•][\u3400-\u9fff·•]{2,16}")
_CJK = re.compile("[\u3400-\u9fff]")
_PIECES = re.compile(r"[()（）\[\]|]|\s[-–—@]\s|\sat\s")
"""Between a name and the house or the department behind it."""
_APART = re.compile(r"[\s,，、/;；:：|]+")
_MOST, _LONGEST = 20, 80


def named_beside(resource: dict[str, Any]) -> KnownIdentity | None:
    """Names and organisations a resource carries; None when it names nobody. They are gone from what is released."""
    relative = resource.get("name") if resource.get("resourceType") == "FamilyMemberHistory" else None
    if relative is None and _POINTING.isdisjoint(resource) and not (_more(resource.get("subject")) or _more(resource.get("patient"))):
        return None
    keys = [key for key in resource if key in _POINTING or key in ("subject", "patient")]
    shown = tuple(dict.fromkeys(_shown(resource, sorted(keys))))[:_MOST]
    found = _of_shown(shown) if shown else KnownIdentity()
    if type(relative) is str:
        found = found.merged(_of_shown((relative,)))
    for inner in _dicts(resource.get("contained")):
        if type(inner.get("resourceType")) is str and inner["resourceType"] in _PEOPLE:
            person = known_of(inner)
            found = found.merged(KnownIdentity(person.names, (), person.phones, (), person.organisations))
    return found if found != KnownIdentity() else None


def _more(pointer: Any) -> bool:
    """Does it say more than where it points to?"""
    return type(pointer) is dict and len(pointer) > 1


def _shown(resource: dict[str, Any], keys: list[str]) -> Iterator[str]:
    for key in keys:
        for part in _dicts(resource[key]):
            for pointer in _pointers(part, _DEEP):
                for text in (pointer.get("display"), pointer.get("authorString")):
                    if type(text) is str and 1 < len(text) <= _LONGEST:
                        yield text.strip()


def _pointers(part: dict[str, Any], levels: int) -> Iterator[dict[str, Any]]:
    """A part and whatever it points to people with, a few levels down."""
    yield part
    if levels and not _DEEPER.isdisjoint(part):
        for name in _WITHIN:
            if name in part:
                for inner in _dicts(part[name]):
                    yield from _pointers(inner, levels - 1)


@lru_cache(maxsize=1 << 10)
def _of_shown(shown: tuple[str, ...]) -> KnownIdentity:
    names, organisations = [], []
    for text in (piece.strip() for one in shown for piece in _PIECES.split(one)):
        if len(text) < 2 or generic(text):
            continue
        if ORGANISATION.search(text):
            organisations.append(text)
        elif _CJK.search(text) is not None:
            names += [bare for piece in _APART.split(text) if (bare := _chinese_name(piece)) is not None]
        elif (name := latin_name(text)) is not None:
            family = name.rpartition(" ")[2]
            names += [name, *(part for part in family.split("-") if "-" in family and len(part) > 4)]
    return KnownIdentity(tuple(dict.fromkeys(names)), organisations=tuple(dict.fromkeys(organisations)))


def _chinese_name(piece: str) -> str | None:
    bare = _TITLE.sub("", _TITLE.sub("", piece)).strip()
    return bare if _is_chinese_name(bare) and not generic(bare) else None


def _is_chinese_name(text: str) -> bool:
    named = _ZH.fullmatch(text) is not None and (text[0] in words.surname_letters_cn() or "·" in text or "•" in text)
    return named and text not in words.pairs_cn() and not words.clinical_cn().whole(text)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in (value if type(value) is list else (value,)) if type(part) is dict]

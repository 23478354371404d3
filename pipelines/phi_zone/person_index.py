"""The master patient index: subjects of all hospitals grouped into persons by keyed national-ID tokens.

Union-find over (token, subject) pairs; single writer. Published per subject: person, the difference in days between its
shift and its person's anchor, and a revision that rises when a subject joins another person. No real date, no number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

SUBJECTS_PER_TOKEN = 12
"""A number shared by more subjects than this is a placeholder (the hospital's own, 'unknown'), and joins nobody."""


@dataclass(frozen=True)
class PersonLink:
    """One row of deid.person_link."""

    subject: str
    person: str
    day_offset: int
    """shift of this subject minus shift of the person's anchor: released date - day_offset lies on the anchor's time line."""
    revision: int


@dataclass(frozen=True)
class Grouping:
    links: tuple[PersonLink, ...]
    """Every subject named in the tokens or in `previous`, sorted."""
    changed: tuple[str, ...]
    """Subjects whose person differs from `previous`: a frozen set that holds one gets an issue, never a new key."""
    ignored_tokens: tuple[str, ...]
    """Tokens shared by too many subjects."""


def person_groups(
    tokens: Iterable[tuple[str, str]],
    previous: Iterable[PersonLink] = (),
    *,
    shift_of: Callable[[str], int],
    name_of: Callable[[str], str] | None = None,
) -> Grouping:
    """Group subjects that share a token, keeping what `previous` said.

    tokens: (keyed token, subject), the ones touched now together with all rows of those tokens. shift_of: days a subject's
    dates move by (ProjectKey.shift_days). name_of: person id from the anchor subject; default: the anchor with 'p' for 's'.
    Two persons that turn out to be one keep the id of the one with the smaller anchor; the other's subjects get revision + 1.
    """
    before = {link.subject: link for link in previous}
    by_token: dict[str, set[str]] = {}
    for token, subject in tokens:
        by_token.setdefault(token, set()).add(subject)
    ignored = tuple(sorted(token for token, subjects in by_token.items() if len(subjects) > SUBJECTS_PER_TOKEN))
    parent = {subject: subject for subject in {*before, *(s for subjects in by_token.values() for s in subjects)}}
    for token, subjects in sorted(by_token.items()):
        if token not in ignored:
            _join(parent, sorted(subjects))
    persons: dict[str, list[str]] = {}
    for link in before.values():
        persons.setdefault(link.person, []).append(link.subject)
    for members in persons.values():
        _join(parent, sorted(members))
    groups: dict[str, list[str]] = {}
    for subject in parent:
        groups.setdefault(_root(parent, subject), []).append(subject)
    links = [link for members in groups.values() for link in _links(sorted(members), before, shift_of, name_of or _named)]
    changed = sorted(link.subject for link in links if link.subject in before and before[link.subject].person != link.person)
    return Grouping(tuple(sorted(links, key=lambda link: link.subject)), tuple(changed), ignored)


def _links(
    members: list[str], before: Mapping[str, PersonLink], shift_of: Callable[[str], int], name_of: Callable[[str], str]
) -> list[PersonLink]:
    anchors = sorted((before[s].person, s) for s in members if s in before and before[s].day_offset == 0 and before[s].person == name_of(s))
    anchor = min((s for _, s in anchors), default=members[0])
    person, zero = name_of(anchor), shift_of(anchor)
    return [PersonLink(subject, person, shift_of(subject) - zero, _revision(before.get(subject), person)) for subject in members]


def _revision(held: PersonLink | None, person: str) -> int:
    return 1 if held is None else held.revision + (held.person != person)


def _named(anchor: str) -> str:
    return "p" + anchor[1:] if anchor.startswith("s") else "p" + anchor


def _join(parent: dict[str, str], subjects: list[str]) -> None:
    for other in subjects[1:]:
        a, b = _root(parent, subjects[0]), _root(parent, other)
        if a != b:
            parent[max(a, b)] = min(a, b)


def _root(parent: dict[str, str], subject: str) -> str:
    while parent[subject] != subject:
        parent[subject] = parent[parent[subject]]
        subject = parent[subject]
    return subject

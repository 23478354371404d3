"""What one patient's instances share while they are rewritten: subject, shift, known identities, and values already cleaned."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from pipelines.phi_zone.dicom.codes import clinical, examination
from pipelines.phi_zone.dicom.identity import Matcher, body_part, matcher, telling
from pipelines.phi_zone.dicom.spellings import long_digits, significant
from pipelines.phi_zone.dicom.telling import glued_days, has_cjk, without_telling_words
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import CleanText, KnownIdentity, Span

MAX_REMEMBERED = 4_000
EDGES = " ,;:-/|^(["
"""What is left hanging at the ends of a short text from which a name was cut."""

_TWO_WORDS = re.compile(r"[A-Za-z]{2}[ ,]+[A-Za-z]{2}")


class TextCleaner(Protocol):
    """Supplied by pipelines.phi_zone.text. Keeps the clinical part of a text and takes out who it is about."""

    def clean(self, text: str, known: KnownIdentity | None, lang: str | None, shift_days: int | None) -> CleanText: ...

    def clean_term(self, text: str, known: KnownIdentity | None) -> CleanText:
        """A coded term's display: known identities and telling forms only, no guessing."""
        ...


class Patient:
    """One subject of one site, with the key's answers for it."""

    def __init__(self, key: ProjectKey, site_id: str, subject: str, known: KnownIdentity, text: TextCleaner | None,
                 dates_shift: bool = True) -> None:
        self.key, self.site_id, self.subject, self.known, self.text = key, site_id, subject, known, text
        self.shift_days = key.shift_days(subject)
        self.text_shift = self.shift_days if dates_shift else None
        """Days that dates inside texts move by; None: they become [DATE]."""
        self.matcher: Matcher = matcher(known)
        self.known_in_text = replace(known, names=tuple(name for name in known.names if telling(name)))
        forms = (significant(form.encode()) for number in (*known.ids, *known.phones) for form in (number, long_digits(number)))
        self.numbers = frozenset(form for form in forms if len(form) >= 6)
        """As `significant` gives them."""
        self._remembered: dict[tuple[object, ...], bytes | None] = {}
        self._written: dict[tuple[tuple[str, ...], bool, str], dict[tuple[int, str, bytes], tuple[bytes, str]]] = {}

    def names_in_pinyin(self, text: str) -> bool:
        """Whether the cleaner sees a Chinese name in Latin letters ("ZHOU NINGYU") in a device text or a code.

        Its other guesses are for prose.
        """
        if self.text is None or _TWO_WORDS.search(text) is None or clinical(text):
            return False
        return any(span.rule == "form.name_pinyin" for span in self.text.clean(text, None, "en", None).spans)

    def uid(self, uid: str) -> str:
        return self.key.uid(self.site_id, uid)

    def written_before(self, terms: tuple[str, ...], little: bool, plan: str) -> dict[tuple[int, str, bytes], tuple[bytes, str]]:
        """(tag, VR, source value) → (element written, action) of this patient under one character set and plan."""
        held = self._written.setdefault((terms, little, plan), {})
        if len(held) >= MAX_REMEMBERED:
            held.clear()
        return held

    def remembered(self, place: tuple[object, ...], make: Callable[[], bytes | None]) -> bytes | None:
        """`make()` once per place: slices of one series repeat nearly every text."""
        try:
            return self._remembered[place]
        except KeyError:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            value = self._remembered[place] = make()
            return value


def cleaned(patient: Patient, text: str, short: bool) -> str:
    """A text without who it is about. In a short one the places are cut out, in a long one they leave a tag such as [NAME].

    What only the cleaner's statistical tagger suspects stays when it is made of clinical and technical words: it was trained on prose,
    and a descriptor is not prose. So does a code in a short text that has nothing but its shape: it numbers a protocol or a
    series; the patient's own numbers are known.
    """
    if patient.text is None:
        return ""
    done = patient.text.clean(text, patient.known_in_text, "zh" if has_cjk(text) else "en", patient.text_shift)
    spans = [_narrowed(span, text) for span in done.spans if not _only_a_term(text[span.start:span.end], span.rule, short)]
    known = [Span(_with_other_half(start, text), end, "NAME", "known") for start, end in patient.matcher.places(text)]
    days = [Span(start, end, "DATE", "glued") for start, end in glued_days(text)
            if not any(one.start < end and start < one.end for one in spans)]
    spans = _together(spans, known + days)
    if short or spans != list(done.spans):
        out, at = [], 0
        for span in spans:
            out += [text[at:span.start], " " if short else f"[{span.type}]"]
            at = span.end
        result = "".join((*out, text[at:]))
    else:
        result = done.text
    result = without_telling_words(result)
    if not short:
        return result.strip()     # once: its dates have moved
    result = re.sub(r"\s{2,}", " ", result).replace("\\", " ").strip(EDGES)
    return cleaned(patient, result, short) if known and result != text else result     # what stood around a name reads differently


def _with_other_half(start: int, text: str) -> int:
    """Where a known name begins with the first half of a double surname. Near miss: "Thorax-"."""
    before = _HYPHENED.search(text, 0, start)
    return start if before is None or clinical(before[0]) else before.start()


def _together(spans: list[Span], known: list[Span]) -> list[Span]:
    """The cleaner's stretches and the known ones, joined where they meet, so that no half of a name is left."""
    if not known:
        return spans
    out: list[Span] = []
    for span in sorted((*spans, *known), key=lambda one: (one.start, -one.end)):
        if out and span.start < out[-1].end:
            out[-1] = replace(out[-1], end=max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


_TITLE = re.compile(r"(?<![A-Za-z])(?:Dr|Mrs?|Ms|Prof)\.?\s+$", re.IGNORECASE)
_HYPHENED = re.compile(r"(?<![\w-])[A-Z][a-z'’]{2,}-$")
_GIVEN_TOO = re.compile(r" [A-Z][A-Za-z'-]+")
_NO_NAME = re.compile(r"\b(?:first|second|third|fourth|fifth|within|from|toward|towards|between|inner|outer|left|right)\b", re.IGNORECASE)


def _narrowed(span: Span, text: str) -> Span:
    """What the tagger suspects, without the clinical Latin words around it: of "MG 双侧 CC MLO" only 双侧. A name with a caret takes
    its further given names along ("FAMILY^GIVEN MIDDLE chest"), one with a title the title."""
    while span.rule == "form.name_caret" and (given := _GIVEN_TOO.match(text, span.end)) and not clinical(given[0]):
        span = replace(span, end=given.end())
    if span.rule.startswith("title.") and (title := _TITLE.search(text, 0, span.start)):     # else "MR. KNEE" is left, and read as a name
        span = replace(span, start=title.start())
    part = text[span.start:span.end]
    chinese = [at for at, letter in enumerate(part) if has_cjk(letter)]
    if not span.rule.startswith("tagger") or not chinese or not any(letter.isascii() for letter in part):
        return span
    if not clinical("".join(letter if letter.isascii() else " " for letter in part)):
        return span
    return replace(span, start=span.start + chinese[0], end=span.start + chinese[-1] + 1)


def _only_a_term(text: str, rule: str, short: bool) -> bool:
    """Looked like a name only: clinical words ("Within Fourth Quarter"), and "MR BRAIN", which is no gentleman; a code in a short text."""
    if rule.startswith("codes."):
        return short
    if rule == "form.name_caret":
        return examination(text)
    if rule.startswith(("tagger", "document")) or (rule.startswith("form.name") and _NO_NAME.search(text)):
        return clinical(text)
    return (rule.startswith("form.name") and text.startswith("MR ") and body_part(text))

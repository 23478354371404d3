"""What one patient's instances share while they are rewritten: subject, shift, known identities, and values already cleaned."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from pipelines.phi_zone.dicom.identity import Matcher, body_part, matcher, telling
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import CleanText, KnownIdentity

MAX_REMEMBERED = 4_000


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
        self.numbers = frozenset(number.strip().encode() for number in (*known.ids, *known.phones) if len(number.strip()) >= 6)
        self._remembered: dict[tuple[object, ...], bytes | None] = {}
        self._written: dict[tuple[tuple[str, ...], bool, str], dict[tuple[int, str, bytes], tuple[bytes, str]]] = {}

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


_OWN_NUMBER = re.compile(
    r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"                  # mobile
    r"|(?<!\d)[1-9]\d{5}\s?(?:18|19|20)\d{2}\s?[01]\d[0-3]\d\s?\d{3}[\dXx](?![0-9A-Za-z])")   # resident ID
_PERSONAL = re.compile(
    _OWN_NUMBER.pattern + r"|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)|[\w.+-]+@[\w-]+\.\w"            # SSN, e-mail
    r"|(?<![\d.])\d{9,}(?![\d.])|(?:\d+\.){5,}\d+"                  # other long numbers, UIDs in text
    r"|\b(?:MRN|SSN|DOB|NAME|PATIENT ?ID)\s*[:#=]|\b(?:(?-i:Dr|Mrs?|Ms|Prof)\s|(?:Dr|Mrs?|Ms|Prof)\.\s)\s*[A-Z]"
    r"|[A-Za-z]\^[A-Za-z]|https?://|\\\\\w|[A-Za-z]:\\\w", re.IGNORECASE)
_TELLING_WORDS = re.compile(rf"\S*(?:{_PERSONAL.pattern})\S*", re.IGNORECASE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")


def personal_number(text: str) -> bool:
    """A mobile number or a resident ID."""
    return _OWN_NUMBER.search(text) is not None


def technical(text: str) -> bool:
    """Whether a short text of a device or a protocol shows nothing personal, so that it may stay as it is."""
    return _PERSONAL.search(text) is None and _CJK.search(text) is None and _NO_TEXT.search(text) is None


def cleaned(patient: Patient, text: str, short: bool) -> str:
    """A text without who it is about. In a short one the places are cut out, in a long one they leave a tag such as [NAME].

    What only the cleaner's statistical tagger suspects stays when it is made of clinical and technical words: it was trained on prose,
    and a descriptor is not prose.
    """
    if patient.text is None:
        return ""
    done = patient.text.clean(text, patient.known_in_text, "zh" if _CJK.search(text) else "en", patient.text_shift)
    spans = [span for span in done.spans if not _only_a_term(text[span.start:span.end], span.rule)]
    if short or len(spans) < len(done.spans):
        out, at = [], 0
        for span in spans:
            out += [text[at:span.start], " " if short else f"[{span.type}]"]
            at = span.end
        result = "".join((*out, text[at:]))
    else:
        result = done.text
    result = _TELLING_WORDS.sub(" ", result)
    return re.sub(r"\s{2,}", " ", result).replace("\\", " ").strip(" ,;:-/|^([") if short else result.strip()


def _only_a_term(text: str, rule: str) -> bool:
    """What only looked like a name: clinical words for the tagger, and "MR BRAIN", which is no gentleman."""
    return (rule.startswith("tagger") and _clinical(text)) or (rule.startswith("form.name") and text.startswith("MR ") and body_part(text))


def _clinical(text: str) -> bool:
    from pipelines.phi_zone.dicom.codes import clinical_words

    words = re.findall(r"[^\W\d_]+", text)
    return all(len(word) < 2 or word.lower() in clinical_words() for word in words) and text.isascii()

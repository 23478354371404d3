"""What one patient's instances share while they are rewritten: subject, shift, known identities, and values already cleaned."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from pipelines.phi_zone.dicom.identity import Matcher, matcher
from pipelines.phi_zone.keys import ProjectKey
from schemas.deid import CleanText, KnownIdentity

MAX_REMEMBERED = 20_000


class TextCleaner(Protocol):
    """Supplied by pipelines.phi_zone.text. Keeps the clinical part of a text and takes out who it is about."""

    def clean(self, text: str, known: KnownIdentity | None, lang: str | None, shift_days: int | None) -> CleanText: ...

    def clean_term(self, text: str, known: KnownIdentity | None) -> CleanText:
        """A coded term's display: known identities and telling forms only, no guessing."""
        ...


class Patient:
    """One subject of one site, with the key's answers for it."""

    def __init__(self, key: ProjectKey, site_id: str, subject: str, known: KnownIdentity, text: TextCleaner | None) -> None:
        self.key, self.site_id, self.subject, self.known, self.text = key, site_id, subject, known, text
        self.shift_days = key.shift_days(subject)
        self.matcher: Matcher = matcher(known)
        self.numbers = frozenset(number.strip().encode() for number in (*known.ids, *known.phones) if len(number.strip()) >= 6)
        self._remembered: dict[tuple[object, ...], bytes | None] = {}

    def uid(self, uid: str) -> str:
        return self.key.uid(self.site_id, uid)

    def remembered(self, place: tuple[object, ...], make: Callable[[], bytes | None]) -> bytes | None:
        """`make()` once per place: slices of one series repeat nearly every text."""
        try:
            return self._remembered[place]
        except KeyError:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            value = self._remembered[place] = make()
            return value


_PERSONAL = re.compile(
    r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"                  # mobile
    r"|(?<!\d)[1-9]\d{5}\s?(?:18|19|20)\d{2}\s?[01]\d[0-3]\d\s?\d{3}[\dXx](?![0-9A-Za-z])"   # resident ID
    r"|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)|[\w.+-]+@[\w-]+\.\w"            # SSN, e-mail
    r"|(?<![\d.])\d{9,}(?![\d.])|(?:\d+\.){6,}\d+"                  # other long numbers, UIDs in text
    r"|\b(?:MRN|SSN|DOB|NAME|PATIENT ?ID)\s*[:#=]|\b(?:Dr|Mrs?|Ms|Prof)\.?\s+[A-Z]"
    r"|[A-Za-z]\^[A-Za-z]|https?://|\\\\\w|[A-Za-z]:\\\w", re.IGNORECASE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")


def technical(text: str) -> bool:
    """Whether a short text of a device or a protocol shows nothing personal, so that it may stay as it is."""
    return _PERSONAL.search(text) is None and _CJK.search(text) is None and _NO_TEXT.search(text) is None


def language_of(text: str) -> str:
    return "zh" if _CJK.search(text) else "en"

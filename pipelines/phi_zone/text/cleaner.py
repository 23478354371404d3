"""The text cleaner: known identities, then forms and labels, then our tagger; eponyms, drugs and anatomy are left alone.

`TextCleaner.clean` is a pure function of its arguments and the policy; it needs no key (the shift comes in as days).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.document import again, given_names
from pipelines.phi_zone.text.fold import Folded, fold
from pipelines.phi_zone.text.forms import Guarded, by_form, inside, numbers
from pipelines.phi_zone.text.gates import Sight
from pipelines.phi_zone.text.known import KnownMatcher, matcher
from pipelines.phi_zone.text.segments import CJK, Recent, segments
from pipelines.phi_zone.text.spans import DIVISION, KNOWN, ORG, STAFF, TAGGED, WEAK_NAME, Candidate, replaced, resolve
from schemas.deid import CleanText, KnownIdentity, Span
from schemas.shapes.text_policy import TextPolicy

Tagger = Callable[[str], Iterable[tuple[int, int, str, str]]]
"""Folded text → (start, end, type, rule) of what a statistical model finds."""
Found = tuple[Candidate, ...]
PIECES, PIECE_LENGTH = 20_000, 240
"""How many pieces of text are remembered, and how long one may be."""


class TextCleaner:
    """Cleans texts under one policy for one site. Holds the site's staff identities, so it lives in the PHI zone only."""

    def __init__(self, policy: TextPolicy, staff: KnownIdentity | None = None, tagger: Tagger | None = None) -> None:
        self.policy = policy
        self.staff = KnownMatcher(staff) if staff is not None else None
        self._tagger = tagger if tagger is not None else _own_tagger() if policy.tagger else None
        self._site_tagger = _site_tagger(policy.recognizers) if policy.recognizers else None
        self._keep = words.pattern(policy.keep_words)
        self._extra = {fold(extra.word).norm: extra.type for extra in policy.remove_words}
        self._extra_pattern = words.pattern(self._extra)
        self._date_action = policy.actions.get("DATE", "tag")
        self._shift: int | None = None
        self._pieces, self._phrases, self._terms = (Recent[Found](PIECES, PIECE_LENGTH) for _ in range(3))
        self._last: tuple[KnownIdentity | None, KnownMatcher | None] = (None, None)

    def clean(self, text: str, known: KnownIdentity | None, lang: str | None, shift_days: int | None) -> CleanText:
        """`text` without what identifies a person. Spans are in code points of `text`, sorted, apart, each naming its rule.

        known: what is known of this patient, searched for first. lang: "zh" or "en", a hint only (mixed text is usual).
        shift_days: whole days the patient's dates move by; None: dates become [DATE].
        """
        folded = fold(text)
        found, norm, self._shift = self._known(folded, known), folded.norm, shift_days
        guessed = self._guessed(norm)
        if self._site_tagger is not None:
            guessed += _candidates(self._site_tagger(norm), self._guarded(norm))
        if guessed:
            found += guessed
            found += [*again(norm, found), *given_names(norm, found)]
        return self._written(folded, found)

    def clean_term(self, text: str, known: KnownIdentity | None) -> CleanText:
        """A coded term's display or another short standard phrase: known identities and telling forms only, no guessing."""
        folded = fold(text)
        told = self._terms.get(folded.norm)
        if told is None:
            told = _term(folded.norm)
            self._terms.put(folded.norm, told)
        return self._written(folded, [*self._known(folded, known), *told])

    def clean_phrase(self, text: str, known: KnownIdentity | None, shift_days: int | None) -> CleanText:
        """A short phrase out of a list (a diagnosis, an examination): known identities, forms and labels, no guessing.

        A capital or a surname means nothing in such a phrase, so the tagger and the weak name forms stay out of it.
        """
        folded = fold(text)
        self._shift = shift_days
        told = self._phrases.get(folded.norm)
        if told is None:
            told = self._phrase(folded.norm)
            self._keep_for_everyone(self._phrases, folded.norm, told)
        return self._written(folded, [*self._known(folded, known), *told])

    def matcher_of(self, known: KnownIdentity | None) -> KnownMatcher | None:
        """The matcher of `known`; the last one is at hand, because a record's texts come patient by patient."""
        if known is not self._last[0]:
            self._last = (known, matcher(known) if known is not None else None)
        return self._last[1]

    # ------------------------------------------------------------ layers

    def _known(self, folded: Folded, known: KnownIdentity | None) -> list[Candidate]:
        found: list[Candidate] = []
        for rank, known_matcher in ((KNOWN, self.matcher_of(known)), (STAFF, self.staff)):
            if known_matcher is not None:
                places = known_matcher.places(folded.norm)
                found += [Candidate(start, end, kind, f"known.{kind.lower()}", rank) for start, end, kind in places]
        if self._extra:
            found += [
                Candidate(m.start(), m.end(), self._extra[m[0]], "policy.remove_words", KNOWN)
                for m in self._extra_pattern.finditer(folded.norm)
            ]
        return found

    def _guessed(self, norm: str) -> list[Candidate]:
        """What forms and tagger find, piece by piece; pieces met before are remembered, the others tagged together."""
        pieces = list(segments(norm, CJK.search(norm) is not None))
        told = {piece: self._pieces.get(piece) for _, piece in pieces}
        fresh = [piece for piece, found in told.items() if found is None]
        tagged = self._tag_many(fresh) if self._tagger is not None and fresh else [()] * len(fresh)
        for piece, guesses in zip(fresh, tagged, strict=True):
            guarded = self._guarded(piece)
            told[piece] = found = (*by_form(piece, self._shift, self._date_action, guarded), *_candidates(guesses, guarded))
            self._keep_for_everyone(self._pieces, piece, found)
        return [candidate.moved(start) if start else candidate for start, piece in pieces for candidate in told[piece] or ()]

    def _phrase(self, norm: str) -> Found:
        found = by_form(norm, self._shift, self._date_action, self._guarded(norm))
        return tuple(c for c in found if c.rank not in (WEAK_NAME, DIVISION, ORG))

    def _keep_for_everyone(self, memory: Recent[Found], norm: str, found: Found) -> None:
        """Remembers what would be found whoever the patient is; a moved date would not."""
        if self._date_action != "shift" or not any(candidate.type == "DATE" for candidate in found):
            memory.put(norm, found)

    def _tag_many(self, pieces: list[str]) -> Iterable[Iterable[tuple[int, int, str, str]]]:
        many = getattr(self._tagger, "many", None)
        return many(pieces) if many is not None else map(self._tagger, pieces)   # type: ignore[arg-type]

    def _guarded(self, norm: str) -> Guarded:
        guarded = words.clinical_cn().spans(norm)
        return guarded + [m.span() for m in self._keep.finditer(norm)] if self.policy.keep_words else guarded

    # ------------------------------------------------------------ writing

    def _written(self, folded: Folded, found: list[Candidate]) -> CleanText:
        if not found:
            return CleanText(folded.original, ())
        pieces: list[tuple[Span, str]] = []
        for candidate in resolve([c for c in found if self.policy.actions.get(c.type) != "keep"]):  # type: ignore[call-overload]
            start, end = folded.span(candidate.start, candidate.end)
            if not pieces or start >= pieces[-1][0].end:
                new = candidate.text if candidate.text is not None else f"[{candidate.type}]"
                pieces.append((Span(start, end, candidate.type, candidate.rule), new))
        return CleanText(replaced(folded.original, pieces), tuple(span for span, _ in pieces))


def _candidates(guesses: Iterable[tuple[int, int, str, str]], guarded: Guarded) -> Iterable[Candidate]:
    return (Candidate(start, end, kind, rule, TAGGED) for start, end, kind, rule in guesses if not inside(start, end, guarded))


def _term(norm: str) -> Found:
    sight = Sight(norm)
    return tuple(numbers(sight)) if sight.has("digit") or sight.has("net") else ()


def _own_tagger() -> Tagger:
    from pipelines.phi_zone.text.crf import own_tagger

    tagger: Tagger = own_tagger()
    return tagger


def _site_tagger(names: list[str]) -> Tagger:
    from pipelines.phi_zone.text.hosted import site_tagger

    return site_tagger(names)

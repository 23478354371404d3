"""The text cleaner: known identities, then forms and labels, then our tagger; eponyms, drugs and anatomy are left alone.

`TextCleaner.clean` is a pure function of its arguments and the policy; it needs no key (the shift comes in as days).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import attrgetter

from pipelines.phi_zone.text import words
from pipelines.phi_zone.text.document import again, given_names
from pipelines.phi_zone.text.fold import Folded, fold
from pipelines.phi_zone.text.forms import Guarded, by_form, inside, numbers
from pipelines.phi_zone.text.gates import Sight
from pipelines.phi_zone.text.known import KnownMatcher, matcher
from pipelines.phi_zone.text.segments import CJK, Recent, segments
from pipelines.phi_zone.text.spans import KNOWN, STAFF, TAGGED, Candidate, replaced, resolve
from schemas.deid import CleanText, KnownIdentity, Span
from schemas.shapes.text_policy import TextPolicy

Tagger = Callable[[str], Iterable[tuple[int, int, str, str]]]
"""Folded text → (start, end, type, rule) of what a statistical model finds."""
Found = tuple[Candidate, ...]
Asked = tuple[str, KnownIdentity | None, int | None]
"""(text, what is known of its patient, whole days the patient's dates move by), as for `TextCleaner.clean`."""
Pieces = list[tuple[int, str]]
Tagged = dict[str, Iterable[tuple[int, int, str, str]]]
_TYPE = attrgetter("type")
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
        self._kept = frozenset(kind for kind, action in policy.actions.items() if action == "keep")
        self._date_action = policy.actions.get("DATE", "tag")
        self._shift: int | None = None
        self._pieces, self._phrases, self._terms = (Recent[Found](PIECES, PIECE_LENGTH) for _ in range(3))
        self._sentences: Recent[tuple[tuple[int, int, str, str], ...]] = Recent(PIECES, PIECE_LENGTH)
        self._last: tuple[KnownIdentity | None, KnownMatcher | None] = (None, None)

    def clean(self, text: str, known: KnownIdentity | None, lang: str | None, shift_days: int | None) -> CleanText:
        """`text` without what identifies a person. Spans are in code points of `text`, sorted, apart, each naming its rule.

        known: what is known of this patient, searched for first. lang: "zh" or "en", a hint only (mixed text is usual).
        shift_days: whole days the patient's dates move by; None: dates become [DATE].
        """
        return self.clean_many([(text, known, shift_days)])[0]

    def clean_many(self, texts: Iterable[Asked]) -> list[CleanText]:
        """As `clean` for each text, in less time: all that is new among them is tagged together. A few dozen at a time are enough."""
        asked = [(fold(text), known, shift_days) for text, known, shift_days in texts]
        pieces = [list(segments(norm := folded.norm, not norm.isascii() and CJK.search(norm) is not None)) for folded, _, _ in asked]
        tagged = self._tagged({piece for some in pieces for _, piece in some if self._pieces.get(piece) is None})
        return [self._cleaned(folded, known, shift, some, tagged) for (folded, known, shift), some in zip(asked, pieces, strict=True)]

    def _cleaned(self, folded: Folded, known: KnownIdentity | None, shift: int | None, pieces: Pieces, tagged: Tagged) -> CleanText:
        found, norm, self._shift = self._known(folded, known), folded.norm, shift
        guessed = self._guessed(pieces, tagged)
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

    def _tagged(self, pieces: Collection[str]) -> Tagged:
        if self._tagger is None or not pieces:
            return {}
        many = getattr(self._tagger, "many", None)
        told = list(pieces)
        return dict(zip(told, many(told, self._sentences) if many is not None else map(self._tagger, told), strict=True))

    def _guessed(self, pieces: Pieces, tagged: Tagged) -> list[Candidate]:
        """What forms and tagger find, piece by piece; pieces met before are remembered."""
        memory, guessed = self._pieces, list[Candidate]()
        for start, piece in pieces:
            found = memory.get(piece)
            if found is None:
                guarded = self._guarded(piece)
                found = (*by_form(piece, self._shift, self._date_action, guarded), *_candidates(tagged.get(piece, ()), guarded))
                self._keep_for_everyone(memory, piece, found)
            if found:
                guessed += [candidate.moved(start) for candidate in found] if start else found
        return guessed

    def _phrase(self, norm: str) -> Found:
        return tuple(by_form(norm, self._shift, self._date_action, self._guarded(norm), phrase=True))

    def _keep_for_everyone(self, memory: Recent[Found], norm: str, found: Found) -> None:
        """Remembers what would be found whoever the patient is; a moved date would not."""
        if self._date_action != "shift" or "DATE" not in map(_TYPE, found):
            memory.put(norm, found)

    def _guarded(self, norm: str) -> Guarded:
        guarded = words.clinical_cn().spans(norm)
        return guarded + [m.span() for m in self._keep.finditer(norm)] if self.policy.keep_words else guarded

    # ------------------------------------------------------------ writing

    def _written(self, folded: Folded, found: list[Candidate]) -> CleanText:
        if not found:
            return CleanText(folded.original, ())
        if self._kept and any(candidate.type in self._kept for candidate in found):
            found = [candidate for candidate in found if candidate.type not in self._kept]
        pieces: list[tuple[Span, str]] = []
        reach = 0
        for start, end, kind, rule, _, text in resolve(found):
            if folded.starts is not None:
                start, end = folded.span(start, end)
            if start >= reach:
                pieces.append((Span(start, end, kind, rule), f"[{kind}]" if text is None else text))
                reach = end
        return CleanText(replaced(folded.original, pieces), tuple(span for span, _ in pieces))


def _candidates(guesses: Iterable[tuple[int, int, str, str]], guarded: Guarded) -> Iterable[Candidate]:
    made = [Candidate(start, end, kind, rule, TAGGED) for start, end, kind, rule in guesses]
    return [one for one in made if not inside(one.start, one.end, guarded)] if guarded else made


def _term(norm: str) -> Found:
    sight = Sight(norm)
    return tuple(numbers(norm)) if sight.has("digit") or sight.has("net") else ()


def _own_tagger() -> Tagger:
    from pipelines.phi_zone.text.crf import own_tagger

    tagger: Tagger = own_tagger()
    return tagger


def _site_tagger(names: list[str]) -> Tagger:
    from pipelines.phi_zone.text.hosted import site_tagger

    return site_tagger(names)

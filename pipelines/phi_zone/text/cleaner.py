"""The text cleaner: known identities, then forms and labels, then our tagger; eponyms, drugs and anatomy are left alone.

`TextCleaner.clean` is a pure function of its arguments and the policy; it needs no key (the shift comes in as days).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from pipelines.phi_zone.text import forms_dates, forms_names, forms_numbers, forms_places, words
from pipelines.phi_zone.text.fold import Folded, fold
from pipelines.phi_zone.text.known import KnownMatcher, matcher
from pipelines.phi_zone.text.rules import Rule
from pipelines.phi_zone.text.spans import Candidate, replaced, resolve
from schemas.deid import CleanText, KnownIdentity, Span
from schemas.shapes.text_policy import TextPolicy

Tagger = Callable[[str], Iterable[tuple[int, int, str, str]]]
"""Folded text → (start, end, type, rule) of what a statistical model finds."""

QUIET_LENGTH, QUIET_TEXTS = 240, 20_000
KNOWN, STAFF, NUMBER, DATE, STRONG_NAME, PLACE, ORG, DIVISION, WEAK_NAME, TAGGED = range(10)
_DIGIT, _CJK, _LATIN = re.compile(r"\d"), re.compile("[\u3400-\u9fff]"), re.compile("[A-Za-z]{3}")
_CAPITAL = re.compile(r"[A-Z][a-z]|[A-Z]{3,}[,^ ]|\^|[A-Z]\. ?[A-Z]")
_DATE_HINT = re.compile(r"\d|[〇零一二三四五六七八九十]月|年", re.IGNORECASE)
_NINETY = re.compile(r"9\d|1[0-3]\d|九十|一百|ninet|hundred", re.IGNORECASE)
_WEAK = (
    "form.name_familiar",
    "form.name_gazetteer_en",
    "form.name_signed",
    "form.name_sex_age",
    "form.name_masked",
    "form.name_title",
    "form.name_comma_en",
    "form.name_pinyin",
    "line.name_comma_en",
    "form.name_pair_en",
)


class TextCleaner:
    """Cleans texts under one policy for one site. Holds the site's staff identities, so it lives in the PHI zone only."""

    def __init__(self, policy: TextPolicy, staff: KnownIdentity | None = None, tagger: Tagger | None = None) -> None:
        self.policy = policy
        self.staff = KnownMatcher(staff) if staff is not None else None
        taggers = [tagger] if tagger is not None else [_own_tagger()] if policy.tagger else []
        self.taggers = [*taggers, *([_site_tagger(policy.recognizers)] if policy.recognizers else [])]
        self.keep = words.trie_pattern(policy.keep_words)
        self.extra = {fold(extra.word).norm: extra.type for extra in policy.remove_words}
        self.extra_pattern = words.trie_pattern(self.extra)
        self._forms_of_term = lru_cache(maxsize=1 << 13)(self._term_candidates)
        self._quiet_phrases: set[str] = set()
        self._quiet: set[str] = set()
        """Short texts in which nothing but a known identity could be found: most of a record's words repeat."""
        self._last: tuple[KnownIdentity | None, KnownMatcher | None] = (None, None)

    def clean(self, text: str, known: KnownIdentity | None, lang: str | None, shift_days: int | None) -> CleanText:
        """`text` without what identifies a person. Spans are in code points of `text`, sorted, apart, each naming its rule.

        known: what is known of this patient, searched for first. lang: "zh" or "en", a hint only (mixed text is usual).
        shift_days: whole days the patient's dates move by; None: dates become [DATE].
        """
        folded = fold(text)
        found = self._known(folded, known)
        if text not in self._quiet:
            guarded = _protected(folded.norm, self.keep)
            guessed = [*self._forms(folded.norm, shift_days, guarded), *self._tagged(folded.norm, guarded)]
            if guessed:
                found += guessed
                found += [*_again(folded.norm, found), *_given_names(folded.norm, found)]
            elif len(text) <= QUIET_LENGTH and len(self._quiet) < QUIET_TEXTS:
                self._quiet.add(text)
        return self._written(folded, found)

    def clean_term(self, text: str, known: KnownIdentity | None) -> CleanText:
        """A coded term's display or another short standard phrase: known identities and telling forms only, no guessing."""
        folded = fold(text)
        return self._written(folded, [*self._known(folded, known), *self._forms_of_term(folded.norm)])

    def clean_phrase(self, text: str, known: KnownIdentity | None, shift_days: int | None) -> CleanText:
        """A short phrase out of a list (a diagnosis, an examination): known identities, forms and labels, no guessing.

        A capital or a surname means nothing in such a phrase, so the tagger and the weak name forms stay out of it.
        """
        folded = fold(text)
        found = self._known(folded, known)
        if text not in self._quiet_phrases:
            guarded = _protected(folded.norm, self.keep)
            told = [c for c in self._forms(folded.norm, shift_days, guarded) if c.rank not in (WEAK_NAME, DIVISION, ORG)]
            found += told
            if not told and len(self._quiet_phrases) < QUIET_TEXTS:
                self._quiet_phrases.add(text)
        return self._written(folded, found)

    # ------------------------------------------------------------ layers

    def _known(self, folded: Folded, known: KnownIdentity | None) -> list[Candidate]:
        found: list[Candidate] = []
        plain = folded if folded.starts is None and folded.original is folded.norm else Folded(folded.norm, folded.norm, None)
        for rank, known_matcher in ((KNOWN, self._matcher(known)), (STAFF, self.staff)):
            if known_matcher is not None:
                found += [Candidate(s.start, s.end, s.type, s.rule, rank) for s in known_matcher.spans(plain)]
        if self.extra:
            found += [
                Candidate(m.start(), m.end(), self.extra[m[0]], "policy.remove_words", KNOWN)
                for m in self.extra_pattern.finditer(folded.norm)
            ]
        return found

    def _matcher(self, known: KnownIdentity | None) -> KnownMatcher | None:
        """The matcher of `known`; the last one is at hand, because a record's texts come patient by patient."""
        if known is not self._last[0]:
            self._last = (known, matcher(known) if known is not None else None)
        return self._last[1]

    def _term_candidates(self, norm: str) -> tuple[Candidate, ...]:
        return tuple(_numbers(norm)) if _DIGIT.search(norm) or "@" in norm or "://" in norm else ()

    def _forms(self, norm: str, shift_days: int | None, guarded: list[tuple[int, int]]) -> list[Candidate]:
        found = _numbers(norm) + _dates(norm, shift_days, self.policy.actions.get("DATE", "tag"))
        if _CJK.search(norm):
            found += _by_rules(norm, forms_places.place_rules(), PLACE, guarded)
            found += [
                Candidate(start, end, "ADDR", rule, DIVISION if rule == "gazetteer.division" else PLACE)
                for start, end, rule in forms_places.gazetteer(norm)
                if not _inside(start, end, guarded)
            ]
            found += _organisations(norm)
        elif _DIGIT.search(norm):
            found += _by_rules(norm, tuple(r for r in forms_places.place_rules() if r.hint == "digit"), PLACE, guarded)
        return found + _by_rules(norm, forms_names.name_rules(), STRONG_NAME, guarded)

    def _tagged(self, norm: str, guarded: list[tuple[int, int]]) -> list[Candidate]:
        return [
            Candidate(start, end, kind, rule, TAGGED)
            for tagger in self.taggers
            for start, end, kind, rule in tagger(norm)
            if not _inside(start, end, guarded)
        ]

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


def _own_tagger() -> Tagger:
    from pipelines.phi_zone.text.crf import own_tagger

    tagger: Tagger = own_tagger()
    return tagger


def _site_tagger(names: list[str]) -> Tagger:
    from pipelines.phi_zone.text.hosted import site_tagger

    return site_tagger(names)


def _numbers(norm: str) -> list[Candidate]:
    present = {
        "digit": _DIGIT.search(norm) is not None,
        "cjk": _CJK.search(norm) is not None,
        "at": "@" in norm,
        "latin": _LATIN.search(norm) is not None,
        "": True,
    }
    present["word digit"] = present["digit"] and present["latin"]
    found = [candidate for rule in forms_numbers.NUMBER_RULES if present[rule.hint] for candidate in _matches(norm, rule, NUMBER)]
    return found


def _matches(norm: str, rule: Rule, rank: int) -> Iterable[Candidate]:
    grouped = "v" in rule.pattern.groupindex
    for match in rule.pattern.finditer(norm):
        value = match["v"] if grouped else match[0]
        if value and (rule.holds is None or rule.holds(value)):
            start, end = match.span("v") if grouped else match.span()
            yield Candidate(start, end, rule.type, rule.name, rank)


def _by_rules(norm: str, rules: tuple[Rule, ...], rank: int, guarded: list[tuple[int, int]]) -> list[Candidate]:
    present = {
        "digit": _DIGIT.search(norm) is not None,
        "cjk": _CJK.search(norm) is not None,
        "latin": _CAPITAL.search(norm) is not None,
        "": True,
        "at": True,
    }
    found = []
    for rule in rules:
        if present[rule.hint]:
            weak = WEAK_NAME if rule.name in _WEAK else rank
            found += [c for c in _matches(norm, rule, weak) if not _inside(c.start, c.end, guarded)]
    return found


def _dates(norm: str, shift_days: int | None, action: str) -> list[Candidate]:
    found: list[Candidate] = []
    latin = _LATIN.search(norm) is not None
    for form in forms_dates.DATE_FORMS if _DATE_HINT.search(norm) else ():
        if form.name in forms_dates.ENGLISH and not latin:
            continue
        for match in form.pattern.finditer(norm):
            new = None
            if action == "shift" and shift_days is not None:
                new = forms_dates.moved(match, form, shift_days)
            elif action == "year":
                parts = form.parts(match)
                new = str(parts[0]) if parts else None
            found.append(Candidate(match.start(), match.end(), "DATE", form.name, DATE, new))
    if _NINETY.search(norm):
        for match in forms_dates.AGE.finditer(norm):
            found.append(Candidate(*forms_dates.age_span(match), "AGE", "form.age_over_89", DATE))
    return found


def _organisations(norm: str) -> list[Candidate]:
    found = []
    for rule in forms_places.org_rules():
        for candidate in _matches(norm, rule, ORG):
            trimmed = forms_places.trim_organisation(norm[candidate.start : candidate.end])
            if trimmed is not None:
                found.append(Candidate(candidate.start + trimmed, candidate.end, "ORG", rule.name, ORG))
    return found


def _protected(norm: str, keep: re.Pattern[str]) -> list[tuple[int, int]]:
    return [m.span() for pattern in (words.clinical_cn(), keep) for m in pattern.finditer(norm) if m[0]]


def _inside(start: int, end: int, guarded: list[tuple[int, int]]) -> bool:
    """Does a guarded clinical word begin where the candidate begins, or hold it whole?"""
    return any(a <= start < b and (a == start or b >= end) for a, b in guarded)


_BEFORE = re.compile(r"(?:[A-Z][a-z]+(?:-|\s))+\Z")


def _given_names(norm: str, found: list[Candidate]) -> list[Candidate]:
    """Capitalised given names directly before a name that was found belong to it: Jorge [Luis Escobedo]."""
    more = []
    for candidate in found:
        if candidate.type == "NAME" and candidate.start and norm[candidate.start].isascii() and norm[candidate.start].isupper():
            match = _BEFORE.search(norm, max(0, candidate.start - 40), candidate.start)
            tokens = re.findall("[A-Z][a-z]+", match[0]) if match else []
            if (
                match
                and tokens
                and all(t in words.given_us() or (t.lower() not in words.no_name_en() and match.start() > 0) for t in tokens)
                and not any(t in forms_names.HEADINGS or t in words.eponyms_en() or t.lower() in words.COMMON_NAME_WORDS for t in tokens)
            ):
                more.append(Candidate(match.start(), candidate.start - 1, "NAME", "form.given_before_name", WEAK_NAME))
    return more


def _again(norm: str, found: list[Candidate]) -> list[Candidate]:
    """A name with strong evidence at one place of a document is the same name at every other place."""
    names = {norm[c.start : c.end] for c in found if c.type == "NAME" and c.rank in (STRONG_NAME, TAGGED)}
    cjk = {name for name in names if _CJK.search(name) and len(name) >= 3}
    latin = {
        part
        for name in names
        if not _CJK.search(name) and " " in name.strip()
        for part in (name, name.split()[-1])
        if len(part) > 3 and part.lower() not in words.COMMON_NAME_WORDS and part not in words.eponyms_en()
    }
    repeated = {name for name in cjk | latin if norm.count(name) > 1}
    return [
        Candidate(m.start(), m.end(), "NAME", "document.name", STRONG_NAME)
        for name in sorted(repeated)
        for m in re.finditer(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", norm)
    ]

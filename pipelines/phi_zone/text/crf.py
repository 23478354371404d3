"""Our own tagger: two small conditional random fields (Chinese by character, English by word) for persons, places, organisations.

The models are ours, trained from made-up sentences (training/), and committed with their digests; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal
from pipelines.phi_zone.text import features, plausible, plausible_en
from pipelines.phi_zone.text.best_path import BestPath, Places, Scores
from pipelines.phi_zone.text.model_weights import Weights
from pipelines.phi_zone.text.scores_en import EnglishScores
from pipelines.phi_zone.text.scores_zh import ChineseScores
from pipelines.phi_zone.text.segments import Recent
from pipelines.phi_zone.text.standing import made_once
from schemas.messages import messages

MODELS = Path(__file__).parent / "models"
_CJK = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^\n。！？!?;；]+[\n。！？!?;；]?")
_LINE_EN = re.compile(r"[^\n]+")
_CAPITAL = re.compile(r"[A-Z]")
_SHORTEST = {"zh": 2, "en": 1}
"""So many characters or words a guess has at least."""
Guess = tuple[int, int, str, str]
"""(start, end, type, rule)."""
Found = tuple[Guess, ...]
_Sentence = tuple[int, int, str]
"""(number of its text, where it starts in it, the sentence)."""


class CrfTagger:
    """Calls give (start, end, type, rule) over a folded text. One per process; a tagger is not shared between threads."""

    @made_once()
    def __init__(self) -> None:
        weights = {language: Weights.read(model_file(language)) for language in ("zh", "en")}
        self._chinese, self._english = ChineseScores(weights["zh"]), EnglishScores(weights["en"])
        self._paths = {language: BestPath(one.labels, one.transitions) for language, one in weights.items()}
        self._kinds = {language: [label[2:] for label in one.labels[1 : one.width // 2 + 1]] for language, one in weights.items()}

    def __call__(self, text: str) -> list[Guess]:
        return self.many([text])[0]

    def many(self, texts: Sequence[str], memory: Recent[Found] | None = None) -> list[list[Guess]]:
        """As a call for each text, in far less time than one after another.

        memory: what was found in sentences met before, their places in the sentence; asked for texts of more than one.
        """
        found: list[list[Guess]] = [[] for _ in texts]
        fresh: dict[bool, list[_Sentence]] = {True: [], False: []}
        for number, text in enumerate(texts):
            for sentence, start, chinese in sentences(text):
                told = memory.get(sentence) if memory is not None and len(sentence) < len(text) - 1 else None
                if told is None:
                    fresh[chinese].append((number, start, sentence))
                elif told:
                    found[number] += _moved(told, start)
        for chinese, label in ((True, self._chinese_guesses), (False, self._english_guesses)):
            for (number, start, sentence), guesses in zip(fresh[chinese], label([one[2] for one in fresh[chinese]]), strict=True):
                if memory is not None and len(sentence) < len(texts[number]) - 1:
                    memory.put(sentence, tuple(guesses))
                if guesses:
                    found[number] += _moved(guesses, start)
        return found

    def _chinese_guesses(self, told: list[str]) -> list[list[Guess]]:
        found: list[list[Guess]] = [[] for _ in told]
        for unit, kind, start, end in self._runs("zh", self._chinese(told)) if told else ():
            sentence = told[unit]
            if (span := _trimmed(sentence, start, end)) and _holds_cn(sentence, kind, *span):
                if kind == "NAME":
                    span = plausible.with_family_cn(sentence, *span)
                elif kind == "ADDR":
                    span = span[0], plausible.place_end_cn(sentence, span[1])
                found[unit].append((*span, kind, "tagger.zh"))
        return found

    def _english_guesses(self, lines: list[str]) -> list[list[Guess]]:
        found: list[list[Guess]] = [[] for _ in lines]
        told = [(line, spelled, guesses) for line, guesses in zip(lines, found, strict=True)
                if plausible_en.worth_tagging_en(spelled := features.WORD.findall(line), line)]
        unit, word, stop = -1, 0, 0
        for number, kind, first, end in self._runs("en", self._english([spelled for _, spelled, _ in told])) if told else ():
            line, spelled, guesses = told[number]
            if number != unit:
                unit, word, stop = number, 0, 0
            for token in spelled[word:first]:   # nothing but white space stands between words
                stop = line.index(token, stop) + len(token)
            start = line.index(spelled[first], stop)
            stop = start + len(spelled[first])
            for token in spelled[first + 1 : end]:
                stop = line.index(token, stop) + len(token)
            word = end
            if plausible_en.guess_en(line[start:stop], kind, line[stop : stop + 24], line[max(0, start - 12) : start]):
                guesses.append((start, stop, kind, "tagger.en"))
        return found

    def _runs(self, language: str, scored: tuple[Scores, Places, Places]) -> Iterator[tuple[int, str, int, int]]:
        """(sentence, type, start, end) of each B-…I-… run."""
        kinds, firsts = self._kinds[language], scored[1].tolist()
        firsts.append(scored[2][-1] + 1)
        unit = 0
        for place, path in self._paths[language](*scored, shortest=_SHORTEST[language]):
            while firsts[unit + 1] <= place:
                unit += 1
            base = place - firsts[unit]
            for start, end, kind in runs(path, len(kinds)):
                yield unit, kinds[kind], base + start, base + end


def _moved(guesses: Iterable[Guess], by: int) -> Iterable[Guess]:
    """The same guesses in a text that has `by` more characters before them."""
    return [(start + by, end + by, kind, rule) for start, end, kind, rule in guesses] if by else guesses


def _holds_cn(sentence: str, kind: str, start: int, end: int) -> bool:
    if kind == "ADDR":
        return plausible.place_cn(sentence[start:end], sentence[start - 1 : start], sentence[end : end + 1])
    return (plausible.name_cn if kind == "NAME" else plausible.organisation_cn)(sentence[start:end])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without a bracket or a comma at an end; None when less than two characters are left."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum() and text[end - 1] not in ")]":
        end -= 1
    return (start, end) if end - start >= _SHORTEST["zh"] else None


def sentences(text: str) -> Iterator[tuple[str, int, bool]]:
    """(sentence, where it starts, is it Chinese) of what is worth tagging: a line without Chinese needs a capital."""
    mixed = not text.isascii() and _CJK.search(text) is not None
    for sentence in (_SENTENCE if mixed else _LINE_EN).finditer(text):
        chinese = mixed and _CJK.search(sentence[0]) is not None
        if chinese or _CAPITAL.search(sentence[0]):
            yield sentence[0], sentence.start(), chinese


def runs(path: list[int], kinds: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, type) of each run of labels: 0 is O, 1 to `kinds` begin a type, the next `kinds` go on with it."""
    begun = -1
    for place, label in enumerate(path):
        if label <= kinds:
            if begun >= 0:
                yield begun, place, path[begun] - 1
            begun = place if label else -1
    if begun >= 0:
        yield begun, len(path), path[begun] - 1


def model(language: str) -> Any:
    """The committed model opened by python-crfsuite. Raises Terminal TXT-005 when it is missing or its digest is not the recorded one."""
    import pycrfsuite

    model_file(language)
    tagger = pycrfsuite.Tagger()
    tagger.open(str(MODELS / f"{language}.crfsuite"))
    return tagger


def model_file(language: str) -> bytes:
    """The committed model. Raises Terminal TXT-005 when it is missing or its digest is not the recorded one."""
    path = MODELS / f"{language}.crfsuite"
    try:
        data, record = path.read_bytes(), json.loads((MODELS / "models.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise Terminal(messages().issue("TXT-005", path.name, model=path.name)) from error
    if hashlib.sha256(data).hexdigest() != record[language]["sha256"]:
        raise Terminal(messages().issue("TXT-005", path.name, model=path.name))
    return data


@cache
def own_tagger() -> CrfTagger:
    return CrfTagger()

"""Our own tagger: two small conditional random fields (Chinese by character, English by word) for persons, places, organisations.

The models are ours, trained from made-up sentences (training/), and committed with their digests; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal
from pipelines.phi_zone.text import features, plausible
from pipelines.phi_zone.text.best_path import BestPath, Places, Scores
from pipelines.phi_zone.text.model_weights import Weights
from pipelines.phi_zone.text.scores_en import EnglishScores
from pipelines.phi_zone.text.scores_zh import ChineseScores
from schemas.messages import messages

MODELS = Path(__file__).parent / "models"
_CJK = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^\n。！？!?;；]+[\n。！？!?;；]?")
_LINE_EN = re.compile(r"[^\n]+")
_CAPITAL = re.compile(r"[A-Z]")
Found = tuple[int, int, str, str]
"""(start, end, type, rule)."""


class CrfTagger:
    """Calls give (start, end, type, rule) over a folded text. One per process; a tagger is not shared between threads."""

    def __init__(self) -> None:
        weights = {language: Weights.of(model(language)) for language in ("zh", "en")}
        self._chinese, self._english = ChineseScores(weights["zh"]), EnglishScores(weights["en"])
        self._paths = {language: BestPath(one.labels, one.transitions) for language, one in weights.items()}
        self._labels = {language: one.labels for language, one in weights.items()}

    def __call__(self, text: str) -> list[Found]:
        return self.many([text])[0]

    def many(self, texts: Sequence[str]) -> list[list[Found]]:
        """As a call for each text, in far less time than one after another."""
        found: list[list[Found]] = [[] for _ in texts]
        chinese: list[tuple[int, int, str]] = []
        english: list[tuple[int, int, str]] = []
        for number, text in enumerate(texts):
            for sentence, start, is_chinese in sentences(text):
                (chinese if is_chinese else english).append((number, start, sentence))
        if chinese:
            for unit, kind, start, end in self._runs("zh", self._chinese([sentence for _, _, sentence in chinese])):
                number, base, sentence = chinese[unit]
                if (span := _trimmed(sentence, start, end)) and _holds_cn(sentence, kind, *span):
                    found[number].append((base + span[0], base + span[1], kind, "tagger.zh"))
        told = [(number, base, line, spelled) for number, base, line in english
                if plausible.worth_tagging_en(spelled := features.WORD.findall(line)) or plausible.ORG_OR_STREET.search(line)]
        if told:
            places: dict[int, list[tuple[int, int]]] = {}
            for unit, kind, first, end in self._runs("en", self._english([spelled for *_, spelled in told])):
                number, base, line, _ = told[unit]
                if unit not in places:
                    places[unit] = [match.span() for match in features.WORD.finditer(line)]
                start, stop = places[unit][first][0], places[unit][end - 1][1]
                if plausible.guess_en(line[start:stop], kind, line[stop : stop + 24]):
                    found[number].append((base + start, base + stop, kind, "tagger.en"))
        return found

    def _runs(self, language: str, scored: tuple[Scores, Places, Places]) -> Iterator[tuple[int, str, int, int]]:
        """(sentence, type, start, end) of each B-…I-… run."""
        labels, firsts = self._labels[language], scored[1].tolist()
        for place, path in self._paths[language](*scored):
            unit = bisect_right(firsts, place) - 1
            for start, end, kind in runs([labels[label] for label in path]):
                yield unit, kind, place - firsts[unit] + start, place - firsts[unit] + end


def _holds_cn(sentence: str, kind: str, start: int, end: int) -> bool:
    if kind == "ADDR":
        return plausible.place_cn(sentence[start:end], sentence[start - 1 : start], sentence[end : end + 1])
    return kind != "NAME" or plausible.name_cn(sentence[start:end])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without a bracket or a comma at an end; None when less than two characters are left."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum() and text[end - 1] not in ")]":
        end -= 1
    return (start, end) if end - start >= 2 else None


def sentences(text: str) -> Iterator[tuple[str, int, bool]]:
    """(sentence, where it starts, is it Chinese) of what is worth tagging: a line without Chinese needs a capital."""
    mixed = _CJK.search(text) is not None
    for sentence in (_SENTENCE if mixed else _LINE_EN).finditer(text):
        chinese = mixed and _CJK.search(sentence[0]) is not None
        if chinese or _CAPITAL.search(sentence[0]):
            yield sentence[0], sentence.start(), chinese


def runs(labels: list[str]) -> Iterator[tuple[int, int, str]]:
    """(start, end, type) of each B-…I-… run."""
    start, kind = 0, ""
    for place, label in enumerate([*labels, "O"]):
        if kind and (label == "O" or label[0] == "B" or label[2:] != kind):
            yield start, place, kind
            kind = ""
        if label != "O" and not kind:
            start, kind = place, label[2:]


def model(language: str) -> Any:
    """The committed model. Raises Terminal TXT-005 when it is missing or its digest is not the recorded one."""
    import pycrfsuite

    path = MODELS / f"{language}.crfsuite"
    try:
        data, record = path.read_bytes(), json.loads((MODELS / "models.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise Terminal(messages().issue("TXT-005", path.name, model=path.name)) from error
    if hashlib.sha256(data).hexdigest() != record[language]["sha256"]:
        raise Terminal(messages().issue("TXT-005", path.name, model=path.name))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return tagger


@cache
def own_tagger() -> CrfTagger:
    return CrfTagger()

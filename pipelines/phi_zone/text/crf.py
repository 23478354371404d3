"""Our own tagger: two small conditional random fields (Chinese by character, English by word) for persons, places, organisations.

The models are ours, trained from made-up sentences (training/), and committed with their digests; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal
from pipelines.phi_zone.text import features, plausible
from pipelines.phi_zone.text.weighed import eye
from schemas.messages import messages

MODELS = Path(__file__).parent / "models"
_CJK = re.compile("[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^\n。！？!?;；]+[\n。！？!?;；]?")
_LINE_EN = re.compile(r"[^\n]+")
_CAPITAL = re.compile(r"[A-Z]")


class CrfTagger:
    """Calls give (start, end, type, rule) over a folded text. One per process; a tagger is not shared between threads."""

    def __init__(self) -> None:
        self.models = {language: _model(language) for language in ("zh", "en")}
        self._eyes = {language: eye(language, model.info().attributes) for language, model in self.models.items()}

    def __call__(self, text: str) -> Iterable[tuple[int, int, str, str]]:
        for sentence, start, chinese in sentences(text):
            yield from self._chinese(sentence, start) if chinese else self._english(sentence, start)

    def _chinese(self, text: str, base: int) -> Iterator[tuple[int, int, str, str]]:
        labels = self.models["zh"].tag(self._eyes["zh"](text))
        for start, end, kind in runs(labels):
            while start < end and not text[start].isalnum():
                start += 1   # a bracket or a comma is no part of a name
            while end > start and not text[end - 1].isalnum() and text[end - 1] not in ")]":
                end -= 1
            if end - start < 2:
                continue
            if kind != "NAME" or plausible.name_cn(text[start:end]):
                yield base + start, base + end, kind, "tagger.zh"

    def _english(self, text: str, base: int) -> Iterator[tuple[int, int, str, str]]:
        tokens = list(features.WORD.finditer(text))
        spelled = [match[0] for match in tokens]
        if not (plausible.worth_tagging_en(spelled) or plausible.ORG_OR_STREET.search(text)):
            return
        labels = self.models["en"].tag(self._eyes["en"](spelled))
        for first, last, kind in runs(labels):
            start, end = tokens[first].start(), tokens[last - 1].end()
            if plausible.guess_en(text[start:end], kind, text[end : end + 24]):
                yield base + start, base + end, kind, "tagger.en"


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


def _model(language: str) -> Any:
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

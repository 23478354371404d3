"""Text de-identification against a bare CRF pass, alternating runs in one process: python -m benchmarks.deid_text

Three passes that do nothing but find labels stand beside the whole cleaner. All of them fold the text, cut it into sentences (Chinese)
or lines (English) as the tagger cuts them, and label every one: no gate, no memory, no rules, nothing written.

bare_pass        python-crfsuite with our models; features as lists of strings, words and characters looked up in our word lists once and
                 remembered. This is the floor of `ratio`.
plain_pass       the same models as python-crfsuite's manual would have them used: a dictionary of named features for each word or
                 character, made anew each time, word lists asked each time.
own_tagger       our tagger alone, as the cleaner uses it (scores by table, best path only where something may be): what a CRF pass costs
                 with all that makes ours fast. `ratio_own` is what rules, known identities and writing leave of its speed.

The whole cleaner has a known patient: folding, known identities, forms, places, names, dates, the tagger, writing; a new cleaner for
each run, so that its memory of sentences starts empty. It gets texts as the door `touchstone deid text` hands them on, up to 64 at a
time; `alone` is the same one text after the other, as records and images are cleaned (`ratio_alone` says how much longer it takes).
Two sets of texts: reports, no two alike, with standing phrases as a reading room has them (report_texts.py; the share of characters in
repeated lines is printed), and sentences none of which comes twice and two in three of which hold an identity.
"""
from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from statistics import median
from typing import Any, TypeVar

from benchmarks.report_texts import repeated_share, reports
from pipelines.phi_zone.text import features, words
from pipelines.phi_zone.text.cleaner import Asked, TextCleaner
from pipelines.phi_zone.text.crf import model, own_tagger, sentences
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.lines import TOGETHER
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.training.generate import corpus
from schemas.deid import KnownIdentity

KNOWN = KnownIdentity(names=("闻人疏影", "令狐望舒"), ids=("ZY88012345", "310104197806123417"), phones=("13917246580",),
                      addresses=("沉香市月桥路88号602室",), birth_date="1978-06-12")
T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--sentences", type=int, default=6000)
    chosen = parser.parse_args()
    results = {}
    for language in ("zh", "en"):
        varied = reports(language, chosen.reports)
        results[language] = {
            "distinct_reports": {**measured(varied, chosen.runs), "repeated_share": round(repeated_share(varied), 3)},
            "distinct_sentences": measured(notes(language, chosen.sentences), chosen.runs),
        }
    sys.stdout.write(json.dumps({"python": platform.python_version(), "machine": platform.machine(), **results}, sort_keys=True) + "\n")
    return 0


def measured(texts: list[str], runs: int) -> dict[str, float]:
    """Characters a CPU second of the whole cleaner and of the passes, and median ratios to them."""
    tagger, policy = own_tagger(), load_text_policy("cn-gold")
    characters = sum(map(len, texts))
    for work in (bare_pass, plain_pass, tagger):
        work(texts[0])
    TextCleaner(policy, tagger=tagger).clean(texts[0], KNOWN, None, -100)   # word lists and patterns are made before the clock runs
    seconds: dict[str, list[float]] = {name: [] for name in ("bare_pass", "plain_pass", "own_tagger", "alone", "whole")}
    asked: list[Asked] = [(text, KNOWN, -100) for text in texts]
    some = [asked[start : start + TOGETHER] for start in range(0, len(asked), TOGETHER)]
    for _ in range(runs):
        alone, cleaner = (TextCleaner(policy, tagger=tagger) for _ in range(2))
        seconds["bare_pass"].append(timed(lambda: each(bare_pass, texts)))
        seconds["plain_pass"].append(timed(lambda: each(plain_pass, texts)))
        seconds["own_tagger"].append(timed(lambda: each(lambda text: tagger(fold(text).norm), texts)))
        seconds["alone"].append(timed(lambda c=alone: each(lambda text: c.clean(text, KNOWN, None, -100), texts)))   # type: ignore[misc]
        seconds["whole"].append(timed(lambda c=cleaner: each(c.clean_many, some)))   # type: ignore[misc]
    ratios = {name: round(median(b / w for b, w in zip(taken, seconds["whole"], strict=True)), 3) for name, taken in seconds.items()}
    others = [name for name in seconds if name != "whole"]
    return {"characters": characters, "characters_per_cpu_s": round(characters / median(seconds["whole"])),
            **{f"{name}_per_cpu_s": round(characters / median(seconds[name])) for name in others}, "ratio": ratios["bare_pass"],
            **{f"ratio_{name}": ratios[taken] for name, taken in (("plain", "plain_pass"), ("own", "own_tagger"), ("alone", "alone"))}}


def bare_pass(text: str) -> None:
    for sentence, _, chinese in sentences(fold(text).norm):
        made = features.chinese(sentence) if chinese else features.english(features.WORD.findall(sentence))
        if made:
            _model("zh" if chinese else "en").tag(made)


def plain_pass(text: str) -> None:
    for sentence, _, chinese in sentences(fold(text).norm):
        units = list(sentence) if chinese else features.WORD.findall(sentence)
        made = [plain_features(units, place, chinese) for place in range(len(units))]
        if made:
            _model("zh" if chinese else "en").tag(made)


def plain_features(units: list[str], place: int, chinese: bool) -> dict[str, str | bool]:
    """Some fifteen features of one character or word, as taggers are usually written."""
    word = units[place]
    found: dict[str, str | bool] = {"word": word.lower(), "is_digit": word.isdigit()}
    if chinese:
        rank = words.given_rank_cn().get(word, features.RARE_GIVEN)
        found |= {"surname": word in words.surname_letters_cn(), "given": rank < features.USUAL_GIVEN}
    else:
        found |= {"suffix": word[-3:], "is_title": word.istitle(), "is_upper": word.isupper(), "given": word.title() in words.given_us(),
                  "family": word.title() in words.surnames_us(), "drug": word.lower() in words.drugs_en()}
    for by in (-2, -1, 1, 2):
        if 0 <= place + by < len(units):
            other = units[place + by]
            found |= {f"{by}:word": other.lower(), f"{by}:is_title": other.istitle()}
    if place:
        found["pair"] = units[place - 1] + word
    if place + 1 < len(units):
        found["next_pair"] = word + units[place + 1]
    return found


@cache
def _model(language: str) -> Any:
    return model(language)


def notes(language: str, count: int) -> list[str]:
    """Sentences joined to notes of about twelve."""
    lines = list(dict.fromkeys(text for text, _ in corpus(language, count, 99)))
    return ["\n".join(lines[start:start + 12]) for start in range(0, len(lines), 12)]


def each(work: Callable[[T], object], texts: Iterable[T]) -> None:
    for text in texts:
        work(text)


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())

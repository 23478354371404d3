"""Text de-identification against a bare CRF pass, alternating runs in one process: python -m benchmarks.deid_text

The floor, "bare CRF pass": the same texts, folded, cut into sentences (Chinese) or lines (English) as the tagger cuts them, features
of every character or word, python-crfsuite's decoding of every one of them; no gate, no memory, no rules, nothing written. Its
features are those of the tagger as it stands, so whatever makes them faster makes the floor faster too. Ours is the whole cleaner with
a known patient: folding, known identities, forms, places, names, dates, the tagger, writing; a new cleaner for each run, so that
its memory of sentences starts empty. Two sets of texts: reports, no two alike, with standing phrases as a reading room has them
(report_texts.py; the share of characters in repeated lines is printed), and sentences none of which comes twice and two in three of
which hold an identity.
"""
from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from statistics import median

from benchmarks.report_texts import repeated_share, reports
from pipelines.phi_zone.text import features
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.crf import CrfTagger, own_tagger, sentences
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.training.generate import corpus
from schemas.deid import KnownIdentity

KNOWN = KnownIdentity(names=("闻人疏影", "令狐望舒"), ids=("ZY88012345", "310104197806123417"), phones=("13917246580",),
                      addresses=("沉香市月桥路88号602室",), birth_date="1978-06-12")


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
    """Characters a CPU second of the whole cleaner and of the bare pass, and the median ratio."""
    tagger, policy = own_tagger(), load_text_policy("cn-gold")
    characters = sum(map(len, texts))
    bare_pass(tagger, texts[0])
    TextCleaner(policy, tagger=tagger).clean(texts[0], KNOWN, None, -100)   # word lists and patterns are made before the clock runs
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(runs):
        cleaner = TextCleaner(policy, tagger=tagger)
        bare.append(timed(lambda: [bare_pass(tagger, text) for text in texts]))
        whole.append(timed(lambda c=cleaner: [c.clean(text, KNOWN, None, -100) for text in texts]))   # type: ignore[misc]
    return {"characters": characters, "characters_per_cpu_s": round(characters / median(whole)),
            "bare_pass_per_cpu_s": round(characters / median(bare)),
            "ratio": round(median(b / w for b, w in zip(bare, whole, strict=True)), 3)}


def bare_pass(tagger: CrfTagger, text: str) -> None:
    for sentence, _, chinese in sentences(fold(text).norm):
        made = features.chinese(sentence) if chinese else features.english([word[0] for word in features.WORD.finditer(sentence)])
        tagger.models["zh" if chinese else "en"].tag(made)


def notes(language: str, count: int) -> list[str]:
    """Sentences joined to notes of about twelve."""
    lines = list(dict.fromkeys(text for text, _ in corpus(language, count, 99)))
    return ["\n".join(lines[start:start + 12]) for start in range(0, len(lines), 12)]


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())

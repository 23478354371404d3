"""Text de-identification against a bare pass of the same tagger, alternating runs in one process: python -m benchmarks.deid_text

The floor is the tagger alone over every sentence of the corpus (features and decoding, nothing else). Ours is the whole cleaner: folding,
known identities, forms, places, names, dates, the tagger, writing. Corpus: made-up Chinese sentences, none twice.
"""
from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from statistics import median

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.crf import own_tagger
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.training.generate import corpus
from schemas.deid import KnownIdentity

KNOWN = KnownIdentity(names=("闻人疏影", "令狐望舒"), ids=("ZY88012345", "310104197806123417"), phones=("13917246580",),
                      addresses=("沉香市月桥路88号602室",), birth_date="1978-06-12")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sentences", type=int, default=6000)
    chosen = parser.parse_args()
    results = {language: measured(language, chosen.sentences, chosen.runs) for language in ("zh", "en")}
    sys.stdout.write(json.dumps({"python": platform.python_version(), "machine": platform.machine(), **results}, sort_keys=True) + "\n")
    return 0


def measured(language: str, sentences: int, runs: int) -> dict[str, float]:
    """Characters a CPU second of the whole cleaner and of the bare tagger, and the median ratio."""
    texts, tagger = notes(language, sentences), own_tagger()
    cleaner = TextCleaner(load_text_policy("cn-gold"), tagger=tagger)
    characters = sum(map(len, texts))
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(runs):
        bare.append(timed(lambda: [list(tagger(fold(text).norm)) for text in texts]))
        whole.append(timed(lambda: [cleaner.clean(text, KNOWN, None, -100) for text in texts]))
    return {"characters": characters, "characters_per_cpu_s": round(characters / median(whole)),
            "bare_tagger_per_cpu_s": round(characters / median(bare)),
            "ratio": round(median(b / w for b, w in zip(bare, whole, strict=True)), 3)}


def notes(language: str, sentences: int) -> list[str]:
    """Sentences joined to notes of about twelve."""
    lines = list(dict.fromkeys(text for text, _ in corpus(language, sentences, 99)))
    return ["\n".join(lines[start:start + 12]) for start in range(0, len(lines), 12)]


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())

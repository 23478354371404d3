"""Train the tagger: python -m pipelines.phi_zone.text.training.train. Same seed, same sentences, same model.

L-BFGS with L1 and L2 penalties (the L1 penalty is what keeps the file small). Writes models/<language>.crfsuite and their
digests into models/models.json.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from pipelines.phi_zone.text import features
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.training.generate import corpus

MODELS = Path(__file__).parent.parent / "models"
SEED, SENTENCES = 20261101, {"zh": 55_000, "en": 36_000}


def labelled(language: str, text: str, spans: list[tuple[int, int, str]]) -> tuple[list[list[str]], list[str]]:
    """Features and B-/I-/O labels of one sentence."""
    norm = fold(text).norm
    kinds = [""] * len(norm)
    starts = {start for start, _, _ in spans}
    for start, end, kind in spans:
        kinds[start:end] = [kind] * (end - start)
    if language == "zh":
        return features.chinese(norm), [("B-" if place in starts else "I-") + kind if kind else "O" for place, kind in enumerate(kinds)]
    tokens = list(features.WORD.finditer(norm))
    labels = [
        ("B-" if any(m.start() <= s < m.end() for s in starts) else "I-") + kinds[m.start()] if kinds[m.start()] else "O" for m in tokens
    ]
    return features.english([m[0] for m in tokens]), labels


def train(language: str) -> Path:
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for text, spans in corpus(language, SENTENCES[language], SEED):
        trainer.append(*labelled(language, text, spans))
    trainer.set_params({"c1": 0.25, "c2": 0.02, "max_iterations": 110, "feature.minfreq": 3, "feature.possible_transitions": True})
    path = MODELS / f"{language}.new"
    trainer.train(str(path))
    return path


def main() -> None:
    MODELS.mkdir(exist_ok=True)
    index = MODELS / "models.json"
    record = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    for language in sys.argv[1:] or ("zh", "en"):
        new = train(language)
        path = new.replace(MODELS / f"{language}.crfsuite")
        record[language] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
            "seed": SEED,
            "sentences": SENTENCES[language],
        }
        index.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()

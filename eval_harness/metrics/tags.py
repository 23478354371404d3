"""Entities in tagged text, and the character error rate.

- strict_iob2 (headline): an entity starts at B-x and goes on through I-x; an I- without its B- is no entity (seqeval strict).
- lenient: an I- may also start an entity, and a change of type starts a new one (seqeval's default, CoNLL rule).
The two differ when a prediction drops its B-, so the rule is always named. An entity counts when type, start and end agree.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval_harness.metrics.rows import FloatArray, TagRows, Weights, ratio

Entity = tuple[str, int, int]
"""(type, first token, last token)"""


def entities(tags: Sequence[str], strict: bool = True) -> set[Entity]:
    """Entities of one sequence. Prefixes B, I, O; the lenient rule also reads E and S."""
    return _strict(tags) if strict else _lenient(tags)


def _split(tag: str) -> tuple[str, str]:
    prefix, _, kind = tag.partition("-")
    return prefix, kind


def _strict(tags: Sequence[str]) -> set[Entity]:
    found, start, kind = set(), -1, ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, here = _split(tag)
        if start >= 0 and not (prefix == "I" and here == kind):
            found.add((kind, start, place - 1))
            start = -1
        if prefix == "B":
            start, kind = place, here
    return found


def _lenient(tags: Sequence[str]) -> set[Entity]:
    found, start, kind = set(), -1, ""
    before, kind_before = "O", ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, here = _split(tag)
        ends = before in ("E", "S") or (before in ("B", "I") and (prefix in ("B", "S", "O") or here != kind_before))
        if start >= 0 and ends:
            found.add((kind, start, place - 1))
            start = -1
        starts = prefix in ("B", "S") or (prefix in ("E", "I") and (before in ("E", "S", "O") or here != kind_before))
        if starts:
            start, kind = place, here
        before, kind_before = prefix, here
    return found


def edit_distance(reference: str, hypothesis: str) -> int:
    """Levenshtein distance in code points: insertions, deletions and substitutions cost 1 each."""
    if len(reference) < len(hypothesis):
        reference, hypothesis = hypothesis, reference
    right = np.array([ord(c) for c in hypothesis], np.int64)
    row = np.arange(len(right) + 1)
    steps = np.arange(len(right) + 1)
    for i, char in enumerate(reference, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (right != ord(char)))
        row = np.minimum.accumulate(np.r_[i, best] - steps) + steps   # insertions: a running minimum along the row
    return int(row[-1])


def count_tags(references: Sequence[Sequence[str]], predictions: Sequence[Sequence[str]], strict: bool = True,
               texts: Sequence[tuple[str, str]] = (), person: np.ndarray | None = None) -> TagRows:
    """Unit rows of tagged reports: entity counts by type, and (reference, hypothesis) texts for the error rate.

    Raises ValueError where a report's two tag lists differ in length.
    """
    if any(len(r) != len(p) for r, p in zip(references, predictions, strict=True)):
        raise ValueError("a report needs as many predicted tags as it has reference tags")
    pairs = [(entities(r, strict), entities(p, strict)) for r, p in zip(references, predictions, strict=True)]
    types = tuple(sorted({kind for pair in pairs for side in pair for kind, _, _ in side}))
    n = max(len(pairs), len(texts))
    counts = np.zeros((3, n, len(types)), np.intp)
    for row, (reference, predicted) in enumerate(pairs):
        for layer, side in enumerate((reference & predicted, predicted, reference)):
            for kind, _, _ in side:
                counts[layer, row, types.index(kind)] += 1
    edits = np.array([edit_distance(r.strip(), h.strip()) for r, h in texts] or [0] * n, np.intp)
    characters = np.array([len(r.strip()) for r, _ in texts] or [0] * n, np.intp)
    cluster = np.arange(n) if person is None else person
    return TagRows(counts[0], counts[1], counts[2], edits, characters, cluster.astype(np.intp),
                   int(cluster.max()) + 1 if n else 0, types)


def _by_type(rows: TagRows, weights: Weights) -> tuple[FloatArray, FloatArray, FloatArray]:
    """True, predicted and reference entities: float64[B, types] each."""
    w = weights[:, rows.person].astype(np.float64)
    return w @ rows.true, w @ rows.predicted, w @ rows.reference


def _zero(values: FloatArray) -> FloatArray:
    """seqeval's rule: a precision, recall or F1 without a denominator is 0."""
    return np.nan_to_num(values, nan=0.0)


def entity_precision(rows: TagRows, weights: Weights) -> FloatArray:
    """Micro precision over all types."""
    true, predicted, _ = _by_type(rows, weights)
    return _zero(ratio(true.sum(axis=1), predicted.sum(axis=1)))


def entity_recall(rows: TagRows, weights: Weights) -> FloatArray:
    """Micro recall over all types; NaN when the draw has no reference entity."""
    true, _, reference = _by_type(rows, weights)
    return ratio(true.sum(axis=1), reference.sum(axis=1))


def entity_f1(rows: TagRows, weights: Weights) -> FloatArray:
    """Micro F1: 2 true / (predicted + reference)."""
    true, predicted, reference = _by_type(rows, weights)
    return ratio(2 * true.sum(axis=1), predicted.sum(axis=1) + reference.sum(axis=1))


def entity_macro_f1(rows: TagRows, weights: Weights) -> FloatArray:
    """Mean F1 over the types seen in the whole sample."""
    true, predicted, reference = _by_type(rows, weights)
    if not rows.types:
        return np.full(len(weights), np.nan)
    out: FloatArray = _zero(ratio(2 * true, predicted + reference)).mean(axis=1)
    return out


def character_error_rate(rows: TagRows, weights: Weights) -> FloatArray:
    """Edits / reference characters, summed over reports."""
    w = weights[:, rows.person].astype(np.float64)
    return ratio(w @ rows.edits, w @ rows.characters)

"""Our reading of the models against python-crfsuite's own: the same scores, the same best labels where those are well formed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hardcases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.text import features
from pipelines.phi_zone.text.best_path import BestPath
from pipelines.phi_zone.text.crf import model, own_tagger
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.model_weights import Weights
from pipelines.phi_zone.text.scores_en import EnglishScores
from pipelines.phi_zone.text.scores_zh import ChineseScores
from pipelines.phi_zone.text.training.generate import corpus

MODELS = {language: model(language) for language in ("zh", "en")}
WEIGHTS = {language: Weights.of(one) for language, one in MODELS.items()}
SCORES = {"zh": ChineseScores(WEIGHTS["zh"]), "en": EnglishScores(WEIGHTS["en"])}
ODD = ["<>", "１ Ａé²王", "_ | _ A_b |", "O'Neil’s 3.5 mg", "\U0001f600好", "王" * 60, "a_b__c |x|"]


def units(language):
    texts = [text for text, _ in corpus(language, 500, 31)]
    texts += [case.text for name in ("hard", "wards") for case in cases(f"{name}_{language}.txt")] + ODD
    lines = [line for text in texts for line in fold(text).norm.split("\n") if line]
    return lines if language == "zh" else [words for line in lines if (words := features.WORD.findall(line))]


def rows(language, unit):
    return features.chinese(unit) if language == "zh" else features.english(unit)


def well_formed(labels):
    return all(label[0] != "I" or before[1:] == label[1:] for before, label in zip(["O", *labels], labels, strict=False))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_scores_are_the_sums_of_the_weights_of_the_features(language):
    rows_of, labels = WEIGHTS[language].rows, len(WEIGHTS[language].labels)
    for start in range(0, 240, 6):
        some = units(language)[start : start + 6]
        scores, first, last = SCORES[language](some)
        for unit, begin, end in zip(some, first, last, strict=True):
            wanted = [sum((rows_of.get(feature, np.zeros(labels)) for feature in row), np.zeros(labels)) for row in rows(language, unit)]
            assert np.allclose(scores[begin : end + 1], wanted)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_labels_are_those_python_crfsuite_finds(language):
    weights, some = WEIGHTS[language], units(language)
    labels = decoded(BestPath(weights.labels, weights.transitions), weights.labels, *SCORES[language](some))
    apart = 0
    for unit, ours in zip(some, labels, strict=True):
        theirs = MODELS[language].tag(rows(language, unit))
        if well_formed(theirs):
            assert ours == theirs, unit
        else:
            apart += 1
    assert apart <= len(some) // 100


LABELS = ("O", "B-A", "B-B", "I-A", "I-B")
NUMBERS = st.floats(-4, 4).map(lambda number: round(number, 2))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=5), st.lists(NUMBERS, min_size=25, max_size=25))
def test_no_well_formed_labels_score_better_than_the_path_found(rows, ways):
    ways = np.array(ways).reshape(5, 5)
    scores = np.vstack((np.zeros((2, 5)), rows, np.zeros((2, 5))))
    (found,) = decoded(BestPath(LABELS, ways), LABELS, scores, np.array([2]), np.array([len(rows) + 1]))
    best = max(total(path, rows, ways) for path in paths(len(rows)))
    assert total([LABELS.index(label) for label in found], rows, ways) == pytest.approx(best)


def paths(count):
    if count == 0:
        return [[]]
    before = paths(count - 1)
    return [[*path, label] for path in before for label in range(5) if label < 3 or (path and path[-1] in (label, label - 2))]


def total(path, rows, ways):
    return sum(row[label] for row, label in zip(rows, path, strict=True)) + sum(ways[a][b] for a, b in pairwise(path))


def decoded(best_path, names, scores, first, last):
    labels = np.zeros(len(scores), dtype=int)
    for place, path in best_path(scores, first, last):
        labels[place : place + len(path)] = path
    return [[names[label] for label in labels[begin : end + 1]] for begin, end in zip(first, last, strict=True)]


def test_texts_tagged_together_are_tagged_as_one_after_another():
    texts = [case.text for name in ("wards_zh.txt", "wards_en.txt") for case in cases(name)][:200]
    tagger = own_tagger()
    assert tagger.many(texts) == [tagger(text) for text in texts]

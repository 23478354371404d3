"""Our reading of the models against python-crfsuite's own: the same scores, the same best labels where those are well formed."""

from __future__ import annotations

import shutil
import struct
from itertools import pairwise

import numpy as np
import pytest
from hardcases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.base import Terminal
from pipelines.phi_zone.text import best_path, crf, features
from pipelines.phi_zone.text.best_path import BestPath, padding
from pipelines.phi_zone.text.crf import model, model_file, own_tagger
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.model_weights import Weights
from pipelines.phi_zone.text.scores_en import EnglishScores
from pipelines.phi_zone.text.scores_zh import ChineseScores
from pipelines.phi_zone.text.training.generate import corpus

MODELS = {language: model(language) for language in ("zh", "en")}
WEIGHTS = {language: Weights.read(model_file(language)) for language in MODELS}
SCORES = {"zh": ChineseScores(WEIGHTS["zh"]), "en": EnglishScores(WEIGHTS["en"])}
ODD = ["<>", "１ Ａé²王", "_ | _ A_b |", "O'Neil’s 3.5 mg", "\U0001f600好", "王" * 60, "a_b__c |x|"]


def units(language):
    texts = [text for text, _ in corpus(language, 500, 31)]
    texts += [case.text for name in ("hard", "wards", "fresh") for case in cases(f"{name}_{language}.txt")] + ODD
    lines = [line for text in texts for line in fold(text).norm.split("\n") if line]
    return lines if language == "zh" else [words for line in lines if (words := features.WORD.findall(line))]


def rows(language, unit):
    return features.chinese(unit) if language == "zh" else features.english(unit)


def named(weights):
    return [(template + rest, row) for template, of_it in weights.rows.items() for rest, row in of_it.items()]


def well_formed(labels):
    return all(label[0] != "I" or before[1:] == label[1:] for before, label in zip(["O", *labels], labels, strict=False))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_model_file_says_what_python_crfsuite_reads_in_it(language):
    weights, info = WEIGHTS[language], MODELS[language].info()
    place = {label: number for number, label in enumerate(weights.labels)}
    transitions, rows = np.zeros_like(weights.transitions), {name: np.zeros(len(place)) for name in info.attributes}
    for (before, after), weight in info.transitions.items():
        transitions[place[before], place[after]] = weight
    for (feature, label), weight in info.state_features.items():
        rows[feature][place[label]] = weight
    assert weights.labels[0] == "O"
    assert set(weights.labels) == set(info.labels)
    assert np.allclose(weights.transitions, transitions, atol=1e-6)
    assert {name for name, _ in named(weights)} == set(rows)
    for name, row in named(weights):
        assert np.allclose(weights.matrix[row], rows[name][1:] - rows[name][0], atol=2e-6), name


@pytest.mark.parametrize("data", [b"", b"lCRF", bytes(100)])
def test_what_is_no_model_is_not_read_as_one(data):
    with pytest.raises((ValueError, struct.error)):
        Weights.read(data)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_scores_are_the_sums_of_the_weights_of_the_features(language):
    weights, labels = WEIGHTS[language], WEIGHTS[language].width
    rows_of = {name: weights.matrix[row] for name, row in named(weights)}
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


LETTERS = st.sampled_from("王李欧阳建国婷省市区路号院科肝CTa1.，。-'’|_<> ") | st.characters(exclude_categories=("Cs",))
SPELLED = "John Smith Mary Dr Mr . , of Boston General Hospital MRI the 12 Main Street - | _ O'Neil de la St"
LINES = {"zh": st.text(LETTERS, min_size=1, max_size=30), "en": st.lists(st.sampled_from(SPELLED.split()), min_size=1, max_size=14)}


@pytest.mark.parametrize("language", ["zh", "en"])
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_lines_get_the_labels_python_crfsuite_finds(language, data):
    some, weights = data.draw(st.lists(LINES[language], min_size=1, max_size=4)), WEIGHTS[language]
    labels = decoded(BestPath(weights.labels, weights.transitions), weights.labels, *SCORES[language](some))
    for unit, ours in zip(some, labels, strict=True):
        theirs = MODELS[language].tag(rows(language, unit))
        assert ours == theirs or not well_formed(theirs)


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\x7f")])
def test_a_model_that_is_missing_or_not_the_recorded_one_is_refused(tmp_path, monkeypatch, harm):
    shutil.copytree(crf.MODELS, tmp_path / "models")
    harm(tmp_path / "models" / "zh.crfsuite")
    monkeypatch.setattr(crf, "MODELS", tmp_path / "models")
    with pytest.raises(Terminal) as refused:
        model_file("zh")
    assert refused.value.issue.code == "TXT-005"
    assert model_file("en")


LABELS = ("O", "B-A", "B-B", "I-A", "I-B")
NUMBERS = st.floats(-4, 4).map(lambda number: round(number, 2))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=5), st.lists(NUMBERS, min_size=25, max_size=25))
def test_no_well_formed_labels_score_better_than_the_path_found(rows, ways):
    ways = np.array(ways).reshape(5, 5)
    pads = np.vstack((padding(4), padding(4)))
    scores = np.vstack((pads, [[score - row[0] for score in row[1:]] for row in rows], pads))
    (found,) = decoded(BestPath(LABELS, ways), LABELS, scores, np.array([2]), np.array([len(rows) + 1]))
    best = max(total(path, rows, ways) for path in paths(len(rows)))
    assert total([LABELS.index(label) for label in found], rows, ways) == pytest.approx(best)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_stretches_decoded_together_have_the_labels_they_have_one_after_another(data):
    language = data.draw(st.sampled_from(["zh", "en"]))
    some, weights = data.draw(st.lists(LINES[language], min_size=1, max_size=12)), WEIGHTS[language]
    labels = []
    for many in (1, 10_000):
        best_path._MANY, kept = many, best_path._MANY
        try:
            labels.append(decoded(BestPath(weights.labels, weights.transitions), weights.labels, *SCORES[language](some)))
        finally:
            best_path._MANY = kept
    assert labels[0] == labels[1]


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

"""Entities and the character error rate."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.metrics.tags import character_error_rate, count_tags, edit_distance, entities, entity_f1
from eval_harness.stats import bootstrap as bs

TEXT = st.text(alphabet="肺结节右上叶ab ", max_size=12)
TAGS = st.lists(st.sampled_from(["O", "B-NAME", "I-NAME", "B-DATE", "I-DATE"]), max_size=12)


def test_an_inside_tag_without_its_beginning_is_an_entity_only_for_the_lenient_rule():
    tags = ["O", "I-NAME", "I-NAME", "O"]
    assert entities(tags, strict=True) == set()
    assert entities(tags, strict=False) == {("NAME", 1, 2)}


def test_a_change_of_type_ends_an_entity_under_both_rules():
    tags = ["B-NAME", "I-DATE", "I-DATE"]
    assert entities(tags, strict=True) == {("NAME", 0, 0)}
    assert entities(tags, strict=False) == {("NAME", 0, 0), ("DATE", 1, 2)}


def test_two_entities_side_by_side_stay_two():
    assert entities(["B-NAME", "B-NAME", "I-NAME"]) == {("NAME", 0, 0), ("NAME", 1, 2)}


@settings(deadline=None)
@given(TAGS)
def test_well_formed_tags_mean_the_same_under_both_rules(tags):
    clean, before = [], "O"
    for tag in tags:
        if tag.startswith("I-") and before[2:] != tag[2:]:
            tag = "B-" + tag[2:]
        clean.append(tag)
        before = tag
    assert entities(clean, True) == entities(clean, False)


def plain_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


@settings(deadline=None)
@given(TEXT, TEXT)
def test_the_edit_distance_is_levenshteins(a, b):
    assert edit_distance(a, b) == plain_distance(a, b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_the_error_rate_pools_reports_by_length():
    rows = count_tags([], [], texts=[("abcd", "abcd"), ("ab", "xx")])
    assert character_error_rate(rows, bs.ones(2))[0] == pytest.approx(2 / 6)


def test_a_perfect_tagger_scores_one_and_a_silent_one_zero():
    references = [["B-NAME", "I-NAME", "O"], ["O", "B-DATE"]]
    assert entity_f1(count_tags(references, references), bs.ones(2))[0] == 1
    assert entity_f1(count_tags(references, [["O"] * 3, ["O"] * 2]), bs.ones(2))[0] == 0


def test_seqeval_agrees_where_it_is_installed():
    seqeval = pytest.importorskip("seqeval.metrics")
    references = [["B-NAME", "I-NAME", "O", "I-DATE"], ["O", "B-DATE", "O"]]
    predictions = [["I-NAME", "I-NAME", "O", "B-DATE"], ["B-DATE", "I-DATE", "O"]]
    mine = entity_f1(count_tags(references, predictions, strict=False), bs.ones(2))[0]
    assert mine == pytest.approx(seqeval.f1_score(references, predictions))

"""Folding: the form rules search in, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.phi_zone.text.fold import fold

ODD = st.sampled_from("王，：（）；。Ａ１é²ﬁ①µ㎜\u200b\ufeff\u0301\u3000\u2014 aB1-\n") | st.characters(exclude_categories=("Cs",))


@pytest.mark.parametrize(("written", "searched"), [
    ("（ＺＹ１２３）；", "(ZY123);"), ("Quiñones", "Quinones"), ("5µm", "5μm"), ("ﬁve", "five"), ("陈\u200b婷", "陈婷"),
    ("a\u3000b—c", "a b-c"), ("陈婷。", "陈婷。"), ("歐陽，病歷號", "欧阳,病历号"),
])
def test_full_width_compatible_and_invisible_characters_are_folded(written, searched):
    assert fold(written).norm == searched


def test_a_stretch_leads_back_to_the_characters_it_came_from():
    folded = fold("患者ﬁ陈\u200b婷\u200b来")
    start = folded.norm.index("陈婷")
    assert folded.original[slice(*folded.span(start, start + 2))] == "陈\u200b婷\u200b"


@given(st.text(ODD, max_size=40))
def test_any_text_folds_character_by_character(text):
    folded = fold(text)
    assert folded.norm == "".join(fold(char).norm for char in text)
    for place in range(len(folded.norm)):
        start, end = folded.span(place, place + 1)
        assert folded.norm[place] in fold(text[start:end]).norm

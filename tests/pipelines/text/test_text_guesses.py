"""What of the tagger's guesses is believed: names no list has, and what only looks like one."""

from __future__ import annotations

import pytest

from pipelines.phi_zone.text.plausible import name_cn
from pipelines.phi_zone.text.plausible_en import guess_en


@pytest.mark.parametrize(
    "name", ["Brzezicki", "O'Dowdall", "Thiruvasagam", "MacGillivary", "Nkosazana's", "WIJEWARDENE", "Zdravko Petrunov"]
)
def test_a_name_that_no_list_and_no_dictionary_has_may_be_one(name):
    assert guess_en(name, "NAME", " today")


@pytest.mark.parametrize(
    "word", ["QTc", "SpO", "GeneXpert", "PEEP", "Tolerating", "Nepali", "IV PPI", "SOP Class UID", "Botox", "Wheelchair"]
)
def test_words_of_the_clinic_and_of_the_dictionary_are_no_names(word):
    assert not guess_en(word, "NAME", " today")


@pytest.mark.parametrize("name", ["程门雪", "武大海", "茅以宁", "敖日格勒", "扈月娘", "霍秉文", "欧阳修远"])
def test_chinese_names_with_a_letter_seldom_used_in_names_are_believed(name):
    assert name_cn(name)


@pytest.mark.parametrize("word", ["曾静滴", "西丁静滴", "阿维巴坦", "贵科", "其妹", "钟摆样", "武汉新冠", "大学", "高血压"])
def test_words_that_begin_as_a_family_name_does_are_not(word):
    assert not name_cn(word)

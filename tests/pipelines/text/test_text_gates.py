# ruff: noqa: E501 - sentences stand whole

"""What saves work finds the same: gates, starting places, literal words, pieces of a text and the memory of them."""

from __future__ import annotations

import re

import pytest
from hardcases import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.text import forms_called, forms_dates, forms_names, forms_numbers, forms_places, forms_sites
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.gate_words import KEYS
from pipelines.phi_zone.text.gates import GATES, Sight
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.scan import Words
from pipelines.phi_zone.text.segments import CJK, Recent, segments
from pipelines.phi_zone.text.training.generate import corpus

RULES = [*forms_numbers.NUMBER_RULES, *forms_places.place_rules(), *forms_sites.site_rules(), *forms_places.org_rules(), *forms_sites.institution_rules(),
         *forms_names.name_rules(), *forms_called.called_rules(), *forms_dates.DATE_FORMS]
HARD = [fold(case.text).norm for name in ("hard_zh.txt", "hard_en.txt", "wards_zh.txt", "wards_en.txt") for case in cases(name)]
TAUGHT = [fold(text).norm for language in ("zh", "en") for text, _ in corpus(language, 400, 31)]
SEEN = [fold(text).norm for text in (
    "Mercy Hospital in Springfield, IL 62704.", "Portland, OR  97201-1234 today", "账号: 123456789012", "电话1 3 9 0 5 7 1 2 3 4 5", "139 057 12345",
    "Abbott774 Jane12 came", "DOE^JANE^Q", "23年5月6日复查", "自2023-05 起", "in 05/2023 again", "2023-05-06至05-09", "seen 3/14 with", "生日:3-14",
    "微信尾号,手机尾号7788", "发动机号:1TR8830021", "Nightingale RN spoke", "infant Okonedo fed", "JDOE electronically signed", "last 4 of SSN 7788", "Truck 5YJSA1E26JF272233",
    "在和睦家住院", "中山会诊意见", "via Highway 61 south", "near Lake Placid last week", "Drs. Ito and Sato came")]
"""Texts for the rules that nothing else here matches."""
PIECES = ["身份证号", "公民身份号码", "住院号:", "MRN", "病案号", "tel:", "Phone:", "call", "手机", "护照号", "E12345678", "银行卡", "6222020200112230000", "310104197806123417", "138-1234-5678", "(021)", "51234567", "SSN", "123-45-6789", "+1", "555-806-9773", "2024-03-05", "3/5/2024", "二〇二四年三月五日", "Jan", "3,", "2020", "on", "3/4", "in", "2019", "姓名:", "王建国", "李某", "张**", "老王", "小李", "之子", "医师", "术者", "患者", "Dr.", "Smith", "John", "Q.", "Public,", "MD", "Patient:", "Mary", "Ann", "husband", "Tom's", "wife", "O'Neil", "DOE,", "JANE", "DOE^JANE", "新华路100号", "2栋301室", "家住", "上海市浦东新区", "人民医院", "12", "Main", "Street", "P.O.", "Box", "12", "微信", "abc_12345", "QQ", "123456", "沪A12345", "车牌", "邮编", "200000", "Springfield,", "VIN", "1HGCM82633A004352", "小名", "豆豆", "昵称", "goes", "by", "Goes by", "J.", "Rodriguez", "NP", "van", "der", "Berg", "Baby", "Room", "412", "Chan", "Tai", "Man", "12床", "协和", "二院", "在", "泰国", "旅游", "from", "Peru", "General", "Lake", "County", "College", "Route", "username", "@tookie", "pager", "8841", "腊月初八", "尾号", "欧阳", "见证人", "IL", "62704", "OR 97201-1234", "a@b.cn", "https://x.cn/a?b=1;c=2", "九十岁", "91岁", "Zhang", "Wei", "，", "。", ";", ":", "\n", ".", "(", ")"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_behind_its_gates_what_it_finds_without_them(rule):
    for text in (*HARD, *TAUGHT, *SEEN):
        assert gated(rule, text) == [m.span() for m in rule.pattern.finditer(text)], text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_put_to_the_proof(rule):
    assert any(rule.pattern.search(text) for text in (*HARD, *TAUGHT, *SEEN))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_so_it_is_in_any_mixture_of_labels_numbers_and_names(pieces, joint):
    text = fold(joint.join(pieces)).norm
    for rule in RULES:
        assert gated(rule, text) == [m.span() for m in rule.pattern.finditer(text)], (rule.name, text)


def gated(rule, text):
    """Places where `rule` matches behind its gates; a match its own second look refuses counts as none."""
    sight = Sight(text)
    reached = all(sight.has(gate) for gate in rule.hint.split())
    found = [m.span() for m in sight.matches(rule.pattern, rule.starts)] if reached else []
    return found if reached or any(accepted(rule, m) for m in rule.pattern.finditer(text)) else [m.span() for m in rule.pattern.finditer(text)]


def accepted(rule, match):
    holds = getattr(rule, "holds", None)
    return holds is None or holds(match["v"] if "v" in rule.pattern.groupindex else match[0])


def test_every_gate_a_rule_names_exists_and_every_gate_is_named():
    named = {gate for rule in RULES for gate in rule.hint.split()}
    assert named <= set(GATES)
    assert set(GATES) - named == {"ninety", "net"}
    assert set(KEYS) <= set(GATES)


@settings(max_examples=300, deadline=None)
@given(st.sets(st.text("上海市北京浦东新区", min_size=2, max_size=5), max_size=8), st.text("上海市北京浦东新区，", max_size=40))
def test_literal_words_are_found_as_an_alternation_of_them_finds_them(words, text):
    pattern = re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)")
    assert Words(words).spans(text) == [m.span() for m in pattern.finditer(text)]


@pytest.mark.parametrize("text", ["\n".join(HARD[start : start + 9]) for start in range(0, len(HARD), 9)])
def test_the_pieces_of_a_text_are_the_text(text):
    pieces = list(segments(text, CJK.search(text) is not None))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, start) for start, piece in pieces)


@pytest.mark.parametrize(
    "text",
    ["姓名：\n王建国\n", "电话\n13817654321", "2024年\n3月5日", "https://x.cn/a?b=1;c=2", "Patient:\nMary Jane", "call at the number.\n555-806-9773", "Seen by Dr.\nSmith"],
)
def test_nothing_is_cut_where_a_label_reaches_over(text):
    assert len(list(segments(fold(text).norm, CJK.search(text) is not None))) == 1


def test_a_sentence_met_again_is_answered_from_memory_and_says_the_same():
    cleaner = TextCleaner(load_text_policy("cn-gold"))
    report = "双肺纹理清晰。报告医师：王建国。复查日期2024-03-05。双肺纹理清晰。"
    first, second = (cleaner.clean(report, None, None, -30) for _ in range(2))
    assert first == second
    assert cleaner.clean(report, None, None, -31).text == first.text.replace("2024-02-04", "2024-02-03")


def test_the_memory_is_bounded_and_forgets_the_oldest():
    recent = Recent(entries=2, longest=8)
    for text in ("a", "b", "c"):
        recent.put(text, text.upper())
    assert recent.get("a") == "A"
    for text in ("d", "e"):
        recent.put(text, text.upper())
    assert [recent.get(text) for text in ("a", "b", "e")] == ["A", None, "E"]
    recent.put("far too long", "X")
    assert recent.get("far too long") is None

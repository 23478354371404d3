# ruff: noqa: E501 - cases stand whole

"""Faults that were found in use, each with what must go and the near miss beside it that must stay."""

from __future__ import annotations

import pytest

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.rules import vehicle_number_valid

CLEANER = TextCleaner(load_text_policy("cn-gold"))

GONE = {
    "initials and a degree": [
        ("Discussed w/ J. Rodriguez NP", "J. Rodriguez"), ("consulted by R.J. Whitfield, PA-C", "R.J. Whitfield"), ("per K. Ng, DO", "K. Ng"),
        ("S. Patel MD notified", "S. Patel"), ("T. Nakamura DPT cleared her", "T. Nakamura"), ("signed Lindqvist RN", "Lindqvist")],
    "vehicles": [
        ("VIN 1HGCM82633A004352 noted", "1HGCM82633A004352"), ("found 1HGCM82633A004352 on a slip", "1HGCM82633A004352"), ("车架号：LSGPC52U6AF102554", "LSGPC52U6AF102554"),
        ("车辆识别代号LGBH52E01NY123456已登记", "LGBH52E01NY123456"), ("Vehicle identification number: WVWZZZ1JZXW000001", "WVWZZZ1JZXW000001")],
    "small words in family names": [
        ("Hendrik van den Heuvel is NPO", "van den Heuvel"), ("Rosa de la Vega called", "de la Vega"), ("Mr. von Trapp refuses", "von Trapp"),
        ("Sofia della Robbia called", "della Robbia"), ("Omar bin Khalid was seen", "bin Khalid"), ("Ms. de los Reyes left", "de los Reyes")],
    "what somebody is called": [
        ("小名豆豆", "豆豆"), ("乳名毛毛，两岁", "毛毛"), ("曾用名：李秀兰", "李秀兰"), ("外号叫二胖", "二胖"), ("昵称：老顽童", "老顽童"), ("英文名Jason", "Jason"),
        ("Goes by Junie.", "Junie"), ("a.k.a. Slim", "Slim"), ("Maiden name: Wojcik", "Wojcik")],
    "a bed and who lies in it": [("12床张大爷要出院", "12"), ("35床疼痛", "35")],
}  # fmt: skip
STAYS = [
    "EBL 2.1 L given", "2.1 L", "Thoracentesis removed 1.8 L from the left.", "Bolus 1.0 L over 1 hr", "PA and RN aware", "NP notified", "DO NOT give", "E. coli grew",
    "Type A. Patient fine.", "Discussed w/ family", "VIN 3 excised", "sequence ACDEFGHKLMNPRSTVW", "lot 12345678901234567", "van transport arranged", "de novo mutation",
    "von Willebrand disease type 2", "de Quervain release", "别名单列如下", "花名册已交", "小名词解释", "学名药物", "曾用名贵药材", "共12床", "每12床一组", "Room 3 clean", "Goes by car",
]  # fmt: skip


@pytest.mark.parametrize("text, name", [pair for pairs in GONE.values() for pair in pairs])
def test_what_was_left_goes(text, name):
    result = CLEANER.clean(text, None, None, None)
    gone = {place for span in result.spans for place in range(span.start, span.end)}
    start = text.index(name)
    assert all(place in gone for place in range(start, start + len(name)) if text[place].isalnum()), result.text


@pytest.mark.parametrize("text", STAYS)
def test_the_near_miss_stays(text):
    assert CLEANER.clean(text, None, None, None).text == text


@pytest.mark.parametrize("mail", ["p.x@inbox.example.com. SSN 401-55-9023", "jane@hospital.org. MRN 12345678"])
def test_the_label_of_the_next_sentence_is_no_part_of_an_address(mail):
    label = mail.split(". ")[1].split()[0]
    assert CLEANER.clean(mail, None, None, None).text == f"[EMAIL]. {label} [{label}]"


def test_the_check_character_of_a_vehicle():
    assert vehicle_number_valid("1HGCM82633A004352")
    assert not vehicle_number_valid("1HGCM82643A004352")
    assert not vehicle_number_valid("11111111111111111")

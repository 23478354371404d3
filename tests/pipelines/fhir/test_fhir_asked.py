"""Answers whose question asks for an identity go, whatever they look like; those beside them stay."""

from __future__ import annotations

import pytest
from fhir_world import about, observation, other, policy, released, tree

from pipelines.phi_zone.fhir.questions import asks_for

LOINC = "http://loinc.org"
ASKED = {
    "NAME": "What is your name?|Patient's last name|Emergency contact name|Next of kin|Spouse first name|her maiden name|Surname|"
    "PatientName|Collected by|Primary care physician|姓名|您的姓名|联系人姓名|接诊医师|医生签名|"
    "报告医师|主刀医生|监护人|请填写您的姓名（必填）",
    "PHONE": "Phone|Phone number|Home phone|Cell phone number|Contact number|phoneNumber|联系电话|手机号|家属电话",
    "ADDR": "Your home address|City|Birthplace|现住址|籍贯|家庭住址|村/居委会",
    "MRN": "Medical record number|Specimen accession|Lot number|Device serial number|床号|病理号|CT号|住院号|标本号|设备序列号",
    "ACCT": "Insurance member ID|Policy number|微信号|QQ号|医保卡号",
    "ORG": "Employer|Name of school|Preferred pharmacy|工作单位|送检医院",
    "DATE": "Date of birth|D.O.B.|出生日期|出生年月",
    "ZIP": "Zip code|Postal code|邮编",
    "SSN": "Social Security Number",
    "IDCARD": "NHS number|身份证号码|身份证",
    "EMAIL": "E-mail address",
}
NOT_ASKED = (
    "Drug name|Name of medication|Number of children|Test name|Heart rate|Comment|Occupation|Age|Pain location|Gestational age|Sample type|"
    "Blood group|Date of diagnosis|Contact dermatitis|Contact|PCP (phencyclidine)|Device|Gene name|Group A strep|Hospital course|"
    "Surgery|Laboratory|Room temperature|Number of surgeries|Birth weight|Relationship to patient|Cell count|Bed mobility|备注|主诉|既往史|"
    "孕周|职业|性别|超声所见|T2信号|型号|血型|单位|药品名称|检查名称|诊断名称|病灶编号|标本类型|样本质量|检查方法|医嘱|民族"
)


@pytest.mark.parametrize("kind, questions", ASKED.items())
def test_a_question_for_an_identity_is_known(kind, questions):
    assert {question: asks_for(question) for question in questions.split("|")} == dict.fromkeys(questions.split("|"), kind)


@pytest.mark.parametrize("question", NOT_ASKED.split("|"))
def test_a_question_for_something_else_is_let_through(question):
    assert asks_for(question) is None


@pytest.mark.parametrize(
    "code, value, told",
    [
        ({"text": "Phone"}, "6085557171", "[PHONE]"),
        ({"coding": [{"system": LOINC, "code": "45401-7"}]}, "53711-9087", "[ZIP]"),
        ({"coding": [{"system": LOINC, "code": "1", "display": "Medical record number"}]}, "MR 44 19 02", "[MRN]"),
        ({"text": "微信号"}, "ruoxi_wx", "[ACCT]"),
        ({"text": "床号"}, "12病区-36床", "[MRN]"),
        ({"text": "医师"}, "高原", "[NAME]"),
    ],
)
def test_an_observation_coded_as_an_identity_keeps_its_code_and_loses_its_value(code, value, told):
    for resource in (observation(code=code, valueString=value), observation(component=[{"code": code, "valueString": value}])):
        out = tree(released(resource))
        part = out["component"][0] if "component" in resource else out
        assert part["valueString"] == told
        assert part["code"]


@pytest.mark.parametrize("value", [{"valueInteger": 771920}, {"valueDecimal": 7719.0}, {"valueQuantity": {"value": 77192}}])
def test_a_number_under_a_question_for_a_number_of_somebody_goes(value):
    assert tree(released(observation(code={"text": "病案号"}, **value)))["valueString"] == "[MRN]"


@pytest.mark.parametrize(
    "code, value",
    [
        ({"text": "Phone"}, {"valueString": "no"}),
        ({"text": "紧急联系人"}, {"valueString": "女儿"}),
        ({"text": "Mobile"}, {"valueString": "yes, with a frame"}),
        ({"text": "Employer"}, {"valueString": "retired"}),
        ({"text": "Serum sodium"}, {"valueString": "140 mmol/L"}),
        ({"text": "Patient"}, {"valueQuantity": {"value": 7719, "unit": "mL"}}),
        ({"text": "住院号"}, {"valueBoolean": True}),
    ],
)
def test_an_answer_that_tells_nothing_of_a_person_stays(code, value):
    assert tree(released(observation(code=code, **value))).items() >= value.items()


def test_answers_of_a_form_go_by_their_question_and_by_a_code_for_a_link_id():
    mobile = {"linkId": "3.1", "text": "您的手机", "answer": [{"valueString": "13800138126"}]}
    items = [
        {"linkId": "1", "text": "Insurance member ID", "answer": [{"valueString": "WXM 552 0198 A"}]},
        {"linkId": "/45394-4", "answer": [{"valueString": "Hope"}]},
        {"linkId": "of", "item": [{"linkId": "2.1", "text": "School", "answer": [{"valueCoding": {"display": "Larkspur Elementary"}}]}]},
        {"linkId": "3", "text": "Do you smoke?", "answer": [{"valueString": "quit, 20 pack years", "item": [mobile]}]},
    ]
    out = tree(released(about("QuestionnaireResponse", status="completed", item=items)))["item"]
    assert out[0]["answer"] == [{"valueString": "[ACCT]"}]
    assert out[1]["answer"] == [{"valueString": "[NAME]"}]
    assert out[2]["item"][0]["answer"] == [{"valueString": "[ORG]"}]
    assert out[3]["answer"][0]["valueString"] == "quit, 20 pack years"
    assert out[3]["answer"][0]["item"][0]["answer"] == [{"valueString": "[PHONE]"}]


@pytest.mark.parametrize("answer", [{"valueDate": "1931-06-19"}, {"valueDateTime": "1978-06-12T03:04:05Z"}, {"valueString": "06/12/78"}])
def test_a_birth_date_in_an_answer_goes_whatever_its_type_and_another_date_moves(answer):
    items = [
        {"linkId": "1", "text": "Date of birth", "answer": [answer]},
        {"linkId": "2", "text": "Date of last visit", "answer": [{"valueDate": "2024-03-05"}]},
    ]
    out = tree(released(about("QuestionnaireResponse", status="completed", item=items)))["item"]
    assert out[0]["answer"] == [{"valueString": "[DATE]"}]
    assert list(out[1]["answer"][0]) == ["valueDate"]


def test_what_a_task_was_given_goes_by_its_type():
    task = other("Task", status="requested", intent="order", **{"for": {"reference": "Patient/p-1"}},
                 input=[{"type": {"text": "phone"}, "valueString": "6085551717"}, {"type": {"text": "reason"}, "valueString": "复查血脂"}])
    out = tree(released(task))["input"]
    assert [part["valueString"] for part in out] == ["[PHONE]", "复查血脂"]


@pytest.mark.parametrize(
    "answer, told",
    [
        ({"valueHumanName": {"text": "Ludovic Hartigan"}}, "[NAME]"),
        ({"valueContactPoint": {"value": "6085551717"}}, "[PHONE]"),
        ({"valueIdentifier": {"value": "7719"}}, "[OTHER]"),
    ],
)
def test_an_answer_of_a_type_that_is_somebodys_keeps_its_place(answer, told):
    whose = {"for": {"reference": "Patient/p-1"}}
    task = other("Task", status="requested", intent="order", **whose, output=[{"type": {"text": "x"}, **answer}])
    assert tree(released(task))["output"] == [{"type": {"text": "x"}, "valueString": told}]


@pytest.mark.parametrize("odd", [None, 7, [], ["x"], {"x": 1}, {"coding": [3, {"code": {}, "display": []}], "text": {}}])
def test_a_question_of_a_wrong_shape_stops_nothing(odd):
    form = about("QuestionnaireResponse", item=[{"text": odd, "linkId": odd, "answer": odd}])
    for resource in (observation(code=odd, valueString="7"), form):
        assert released(resource).status in ("released", "quarantined")


def test_every_policy_that_ships_treats_answers_so():
    for name in ("cn-gold", "cn-practice", "us-safe-harbor"):
        assert policy(name)
        assert tree(released(observation(code={"text": "Phone"}, valueString="6085557171"), name))["valueString"] == "[PHONE]"

"""Ages over 89 by whatever unit or question, and numbers that only look like them."""

from __future__ import annotations

import pytest
from fhir_world import about, observation, other, released, tree

LOINC_AGE = {"coding": [{"system": "http://loinc.org", "code": "30525-0", "display": "Age"}]}
AGE = {"text": "年龄"}
NINETY = {"value": 90, "comparator": ">=", "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}


@pytest.mark.parametrize(
    "unit, value, told",
    [("岁", 95, 90), ("歲", 95, 90), ("月", 1160, 1080), ("天", 35000, 32872), ("weeks", 4800, 4696), ("Years", 91.5, 90)],
)
def test_an_age_over_the_cap_is_told_as_at_least_ninety_years_in_its_own_unit(unit, value, told):
    assert tree(released(observation(valueQuantity={"value": value, "unit": unit})))["valueQuantity"] == {
        "value": told,
        "comparator": ">=",
        "unit": unit,
    }


@pytest.mark.parametrize("unit, value", [("岁", 64), ("月", 96), ("天", 280), ("周", 96), ("mmHg", 121), ("mg", 35000), ("次", 95)])
def test_other_amounts_stay(unit, value):
    assert tree(released(observation(valueQuantity={"value": value, "unit": unit})))["valueQuantity"] == {"value": value, "unit": unit}


@pytest.mark.parametrize("code", [LOINC_AGE, AGE, {"text": "Patient age"}])
@pytest.mark.parametrize("value", [{"valueInteger": 95}, {"valueString": "95"}, {"valueQuantity": {"value": 95}}, {"valueDecimal": 95.5}])
def test_a_bare_number_under_a_code_of_age_is_capped(code, value):
    for resource in (observation(code=code, **value), observation(component=[{"code": code, **value}])):
        out = tree(released(resource))
        assert (out if "component" not in resource else out["component"][0])["valueQuantity"] == NINETY


@pytest.mark.parametrize(
    "code, value",
    [(AGE, {"valueInteger": 64}), ({"text": "评分"}, {"valueInteger": 95}), ({"text": "Gestational age"}, {"valueInteger": 196})],
)
def test_a_bare_number_that_is_no_great_age_stays(code, value):
    assert tree(released(observation(code=code, **value))).items() >= value.items()


def test_an_answer_to_the_question_for_the_age_is_capped_and_the_next_one_stays():
    items = [
        {"linkId": "1", "text": "您的年龄", "answer": [{"valueInteger": 93}]},
        {"linkId": "2", "text": "步数", "item": [{"linkId": "2.1", "text": "Age of your mother", "answer": [{"valueInteger": 97}]}]},
        {"linkId": "3", "text": "每日支数", "answer": [{"valueInteger": 95}]},
    ]
    out = tree(released(about("QuestionnaireResponse", status="completed", item=items)))["item"]
    assert out[0]["answer"] == [{"valueQuantity": NINETY}]
    assert out[1]["item"][0]["answer"] == [{"valueQuantity": NINETY}]
    assert out[2]["answer"] == [{"valueInteger": 95}]


@pytest.mark.parametrize("born, kept", [("1925-03-01", False), ("1960-03-01", True)])
def test_a_relative_over_the_cap_loses_the_birth_date_as_a_patient_does(born, kept):
    person = {"patient": {"reference": "Patient/p-1"}, "relationship": {"text": "母亲"}, "bornDate": born}
    out = tree(released(other("FamilyMemberHistory", status="completed", **person)))
    assert ("bornDate" in out) is kept
    assert out["relationship"] == {"text": "母亲"}


@pytest.mark.parametrize("unit", [["岁"], {"a": 1}, 7, None, True])
def test_a_unit_that_is_no_word_stops_nothing(unit):
    for quantity in ({"value": 95, "unit": unit}, {"value": 95, "code": unit}, {"value": unit}):
        assert released(observation(code=AGE, valueQuantity=quantity, component=[{"valueQuantity": quantity}])).status in (
            "released",
            "quarantined",
        )


@pytest.mark.parametrize("odd", [{"a": [1]}, [["x"]], 7, None])
def test_a_code_that_is_no_word_stops_nothing(odd):
    for code in ({"coding": [{"code": odd, "display": odd}]}, {"coding": odd, "text": odd}, odd):
        assert released(observation(code=code, valueInteger=95)).status in ("released", "quarantined")


@pytest.mark.parametrize(
    "age, told",
    [
        ({"value": 92}, 90),
        ({"value": 117, "unit": "Jahre"}, 90),
        ({"value": 95, "unit": "winters"}, 90),
        ({"value": 95, "comparator": ">"}, 90),
        ({"value": 88}, 88),
        ({"value": 1000, "unit": "d"}, 1000),
        ({"value": 120, "unit": "h", "code": "h"}, 120),
    ],
)
def test_an_element_that_is_an_age_counts_years_where_its_unit_says_nothing_else(age, told):
    condition = other("Condition", subject={"reference": "Patient/p-1"}, code={"text": "肺炎"}, onsetAge=age)
    assert tree(released(condition))["onsetAge"]["value"] == told
    assert tree(released({**condition, "onsetRange": {"low": age}}))["onsetRange"]["low"]["value"] == told


@pytest.mark.parametrize("code", ["21611-9", "39016-1"])
def test_an_age_is_known_by_its_code_alone(code):
    out = tree(released(observation(code={"coding": [{"system": "http://loinc.org", "code": code}]}, valueQuantity={"value": 119})))
    assert out["valueQuantity"] == NINETY


@pytest.mark.parametrize("text", ["Weight-for-age percentile", "BMI for age z-score", "身高百分位（年龄）"])
def test_a_percentile_for_an_age_is_no_age(text):
    assert tree(released(observation(code={"text": text}, valueQuantity={"value": 97.3})))["valueQuantity"] == {"value": 97.3}

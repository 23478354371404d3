"""The subject spine: which number makes the subject, what is known of a patient, and which numbers join hospitals."""

from __future__ import annotations

import pytest

from pipelines.phi_zone.identity import SubjectIndex, added, identity_of_patient, normal_national_id, nothing, with_check_digit
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.known_people import known_of
from schemas.deid import KnownIdentity
from schemas.shapes.site import Site

KEY = ProjectKey(bytes(32), "t")
SITE = Site.bare("east")
ID18 = with_check_digit("11010519491231002")


def patient(*identifiers, **members):
    return {"resourceType": "Patient", "id": "p9", "identifier": list(identifiers), **members}


def mrn(resource, site=SITE):
    found = identity_of_patient(resource, site)
    assert found is not None
    return found.mrn


DECLARED = {"system": "http://east.example/mrn", "value": " 77001 "}
TYPED = {"type": {"coding": [{"code": "MR"}]}, "value": "MR-5"}
LABELLED = {"type": {"text": "住院号"}, "value": "ZY1"}
OUTPATIENT = {"type": {"text": "门诊号"}, "value": "MZ1"}
NATIONAL = {"type": {"text": "居民身份证"}, "value": ID18}


def test_the_declared_system_comes_first_then_the_type_then_the_label_then_the_id():
    declared = SITE.model_copy(update={"identifiers": SITE.identifiers.model_copy(update={"mrn": "http://east.example/mrn"})})
    assert mrn(patient(NATIONAL, LABELLED, TYPED, DECLARED), declared) == "77001"
    assert mrn(patient(NATIONAL, LABELLED, TYPED, DECLARED)) == "MR-5"
    assert mrn(patient(NATIONAL, OUTPATIENT, LABELLED)) == "ZY1"
    assert mrn(patient(NATIONAL, OUTPATIENT)) == "MZ1"
    assert mrn(patient(NATIONAL)) == "p9"


def test_the_subject_is_the_one_dicom_gives_the_same_patient_id():
    found = identity_of_patient(patient(LABELLED), SITE)
    assert found.subject(KEY, SITE) == KEY.subject("east", SITE.patient_id_issuer, "ZY1")
    assert found.subject(KEY, SITE) != KEY.subject("west", "west", "ZY1")


def test_every_way_another_resource_may_name_the_patient_is_a_key():
    index = SubjectIndex(KEY, SITE)
    subject = index.add_patient(identity_of_patient(patient(DECLARED, LABELLED), SITE, "urn:uuid:ABC"))
    for token in (
        "Patient/p9",
        "urn:uuid:p9",
        "urn:uuid:abc",
        "Patient?identifier=http://east.example/mrn|77001",
        "Patient?identifier=|ZY1",
    ):
        assert index.resolve([token]) == subject
    assert index.resolve(["Patient/p8"]) is None


def test_a_fifteen_digit_number_joins_its_eighteen_digit_form_and_a_wrong_check_digit_joins_nobody():
    old = ID18[:6] + ID18[8:17]
    assert normal_national_id("resident_id", old) == normal_national_id("resident_id", ID18) == ID18
    assert normal_national_id("resident_id", "１１０１０５１９４９１２３１００２" + ID18[-1]) == ID18
    wrong = ID18[:-1] + ("1" if ID18[-1] != "1" else "2")
    assert normal_national_id("resident_id", wrong) is None
    assert normal_national_id("resident_id", "111111111111111111") is None
    assert normal_national_id("ssn", "000-12-3456") is None
    assert normal_national_id("ssn", "219-09-9999") == "219099999"


def test_tokens_of_one_person_are_equal_in_two_hospitals_and_carry_no_number():
    east, west = identity_of_patient(patient(NATIONAL), SITE), identity_of_patient({**patient(NATIONAL), "id": "w1"}, Site.bare("west"))
    assert east.national_tokens(KEY) == west.national_tokens(KEY)
    assert ID18 not in "".join(east.national_tokens(KEY))
    assert east.subject(KEY, SITE) != west.subject(KEY, Site.bare("west"))


def test_relatives_and_maiden_names_are_known_identities():
    known = known_of(
        {
            "resourceType": "Patient",
            "id": "1",
            "name": [{"family": "王", "given": ["建国"]}],
            "contact": [{"name": {"text": "李秀英"}, "telecom": [{"value": "tel:021-51234567"}]}],
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Dolores Prieto"}],
        }
    )
    assert known.names == ("王建国", "李秀英", "Dolores Prieto")
    assert known.phones == ("021-51234567",)


def test_a_new_alias_is_seen_and_nothing_new_is_nothing():
    before = KnownIdentity(names=("王建国",))
    assert added(before, KnownIdentity(names=("王建国", "王爱国"))).names == ("王爱国",)
    assert nothing(added(before, before))


def test_a_related_person_waits_for_its_patient():
    index = SubjectIndex(KEY, SITE)
    index.add_related({"resourceType": "RelatedPerson", "id": "r", "patient": {"reference": "Patient/p9"}, "name": [{"text": "李秀英"}]})
    subject = index.add_patient(identity_of_patient(patient(LABELLED), SITE))
    index.settle()
    assert "李秀英" in index.known[subject].names


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"id": 7},
        {"id": "x", "identifier": "ZY1"},
        {"id": "x", "identifier": [None, 3, {"value": 5}]},
        {"id": "x", "name": "王", "telecom": 3, "address": [None], "contact": [[]]},
    ],
)
def test_a_patient_of_a_wrong_shape_never_raises(broken):
    found = identity_of_patient({"resourceType": "Patient", **broken}, SITE)
    assert found is None or found.mrn == "x"

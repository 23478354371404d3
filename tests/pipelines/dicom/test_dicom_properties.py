"""What holds for every study: references stay consistent, intervals stay, sites never meet, and a second run changes no identity."""
from __future__ import annotations

import datetime as dt

import pydicom
from dicom_build import BIG, DEFLATED, EXPLICIT, IMPLICIT, ct, part10
from dicom_door import KEY, deidentify, read, released
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.dicom import identities_of, subject_of
from pipelines.phi_zone.keys import ProjectKey
from schemas.dicom_columns import HEADER_COLUMNS
from schemas.shapes.site import Site


@settings(max_examples=40, deadline=None)
@given(uid=st.from_regex(r"\A[12](\.(0|[1-9][0-9]{0,8})){3,6}\Z"))
def test_a_reference_points_where_the_instance_went(uid: str) -> None:
    there = read(released(part10(ct(SOPInstanceUID=uid)), text=False))
    here = read(released(part10(ct(SOPInstanceUID="1.2.9", ReferencedImageSequence=[{"ReferencedSOPInstanceUID": uid}])), text=False))
    assert here.ReferencedImageSequence[0].ReferencedSOPInstanceUID == there.SOPInstanceUID == there.file_meta.MediaStorageSOPInstanceUID
    assert here.StudyInstanceUID == there.StudyInstanceUID


@settings(max_examples=40, deadline=None)
@given(first=st.dates(dt.date(1990, 1, 2), dt.date(2024, 12, 31)), days=st.integers(0, 3000))
def test_intervals_between_dates_of_a_patient_stay(first: dt.date, days: int) -> None:
    second = first + dt.timedelta(days=days)
    out = read(released(part10(ct(StudyDate=f"{first:%Y%m%d}", SeriesDate=f"{second:%Y%m%d}",
                                  AcquisitionDateTime=f"{second:%Y%m%d}101530")), text=False))
    if {first.strftime("%m%d"), second.strftime("%m%d")} & {"0101", "1230"}:
        return     # the sentinels of unknown dates are emptied
    study, series = (dt.datetime.strptime(str(value), "%Y%m%d").date() for value in (out.StudyDate, out.SeriesDate))
    assert (series - study).days == days
    assert str(out.AcquisitionDateTime)[:8] == str(out.SeriesDate)
    assert study != first


def test_the_same_input_gives_the_same_bytes() -> None:
    assert released(part10(ct())).content == released(part10(ct())).content


def test_every_encoding_of_a_file_gives_the_same_data_set() -> None:
    outs = {released(part10(ct(), syntax), text=False).content for syntax in (EXPLICIT, IMPLICIT, BIG, DEFLATED)}
    assert len(outs) == 1


def test_two_sites_and_two_keys_never_share_a_subject_or_a_uid() -> None:
    data, seen = part10(ct()), set()
    for site in ("sh-east", "sh-west"):
        for secret in (b"a" * 32, b"b" * 32):
            outcome = released(data, key=ProjectKey(secret, "x"), site=Site.bare(site), text=False)
            seen.add((outcome.subject, outcome.study_instance_uid, outcome.sop_instance_uid))
    assert len({one[0] for one in seen}) == len({one[1] for one in seen}) == len({one[2] for one in seen}) == 4


def test_the_subject_is_the_one_every_other_command_gives() -> None:
    data = part10(ct())
    assert released(data).subject == subject_of(data, KEY, Site.bare("sh-east")) == KEY.subject("sh-east", "sh-east", "ZY20240188")


def test_running_on_the_output_again_changes_no_identity_bearing_bytes() -> None:
    first = released(part10(ct(StudyDescription="Chest CT Wang Jianguo")))
    assert first.content is not None
    again = read(released(first.content))
    once = read(first)
    for keyword in ("StudyDescription", "PatientAge", "PatientSex", "KVP", "InstitutionName", "PatientBirthDate", "ReferringPhysicianName"):
        assert again.get(keyword) == once.get(keyword)
    assert "WANG" not in str(again).upper()


def test_a_missing_patient_id_makes_the_study_a_subject_of_its_own() -> None:
    one, other = (released(part10(ct(PatientID="", StudyInstanceUID=uid)), text=False) for uid in ("1.2.3.4.51", "1.2.3.4.52"))
    assert one.subject != other.subject
    assert [issue.code for issue in one.issues] == ["DCM-307"]


def test_the_header_row_has_every_column_and_no_other() -> None:
    header = released(part10(ct()), text=False).header
    assert list(header) == [name for name, _ in HEADER_COLUMNS]
    assert (header["rows"], header["kvp"], header["pixel_spacing"], header["patient_age"]) == (8, 120.0, [0.7, 0.7], "063Y")
    assert header["image_type"] == ["ORIGINAL", "PRIMARY", "AXIAL"]


def test_known_identities_come_from_every_name_group_and_level() -> None:
    known = identities_of(part10(ct(PatientName="Wang^Jianguo=王^建国", SpecificCharacterSet="ISO_IR 192",
                                    OtherPatientIDsSequence=[{"PatientID": "OLD-99812"}], PatientTelephoneNumbers="13816643905")))
    assert {"Wang Jianguo", "王建国", "LI NA"} <= set(known.names)
    assert {"ZY20240188", "OLD-99812", "ACC778812"} <= set(known.ids)
    assert known.phones == ("13816643905",)
    assert known.birth_date == "1960-05-07"


def test_the_output_says_what_was_done_to_it() -> None:
    out = read(released(part10(ct()), text=False))
    assert (out.PatientIdentityRemoved, out.LongitudinalTemporalInformationModified) == ("YES", "MODIFIED")
    assert out.SpecificCharacterSet == "ISO_IR 192"
    codes = {one.CodeValue for one in out.DeidentificationMethodCodeSequence}
    assert "113100" in codes
    assert "113101" not in codes     # nobody looked at the pixels
    assert out.DeidentificationMethod[0] == "PS3.15 2026d"


def test_other_pixels_under_one_uid_have_another_digest() -> None:
    one, same = released(part10(ct()), text=False), released(part10(ct(PatientName="X^Y")), text=False)
    other = released(part10(ct() | {("PixelData", "OW"): bytes(128)}), text=False)
    assert one.pixel_sha256 == same.pixel_sha256 != other.pixel_sha256
    assert one.source_sop_token == other.source_sop_token


def test_reports_and_documents_are_rejected_where_the_policy_does_not_take_them() -> None:
    outcome = deidentify(part10({**{key: value for key, value in ct().items() if key in (
        "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID")}, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1",
        ("EncapsulatedDocument", "OB"): b"%PDF Wang Jianguo"}))
    assert (outcome.status, [issue.code for issue in outcome.issues]) == ("rejected", ["DCM-401"])


def test_pydicom_reads_back_every_number_unchanged() -> None:
    out = read(released(part10(ct()), text=False))
    source = pydicom.dcmread(__import__("io").BytesIO(part10(ct())))
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept", "PixelData"):
        assert out[keyword].value == source[keyword].value


def test_a_mapped_file_gives_the_same_as_its_bytes() -> None:
    data = part10(ct(ReferencedImageSequence=[{"ReferencedSOPInstanceUID": "1.2.3.8"}]))
    assert released(memoryview(data), text=False).content == released(data, text=False).content


def test_something_unexpected_is_an_issue_that_names_a_place_and_no_value() -> None:
    class Broken:
        def clean(self, *_: object) -> None:
            raise RuntimeError("ZY20240188")

    outcome = deidentify(part10(ct()), text=False, pixels=Broken())
    assert (outcome.status, outcome.issues[0].code) == ("quarantined", "DCM-145")
    assert "ZY20240188" not in str(outcome.issues[0])

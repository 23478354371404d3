"""Links say which record is about which study and why, and never cross subjects."""
from __future__ import annotations

import pytest

from pipelines.deid_zone.link import link
from pipelines.deid_zone.tabulate import tabulate
from schemas.tables import IMAGING_LINK

IMAGING = {"resourceType": "ImagingStudy", "id": "img", "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:2.25.21"}],
           "basedOn": [{"reference": "ServiceRequest/req"}]}
REPORT = {"resourceType": "DiagnosticReport", "id": "rep"}


def links(lake):
    tabulate(lake.engine, "east", "run", lake.commit_id())
    link(lake.engine, "east", "run", lake.commit_id())
    return {(row["resource_type"], row["resource_id"]): row["basis"] for row in lake.rows(IMAGING_LINK)}


@pytest.mark.parametrize("names, basis", [
    ({"imagingStudy": [{"reference": "ImagingStudy/img"}]}, "imaging_study"),
    ({"basedOn": [{"reference": "ServiceRequest/req"}]}, "based_on"),
    ({"identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": "tok"}]}, "accession"),
    ({"imagingStudy": [{"reference": "ImagingStudy/img"}], "basedOn": [{"reference": "ServiceRequest/req"}]}, "imaging_study"),
])
def test_a_report_is_linked_by_what_it_names(lake, names, basis):
    lake.instances({"accession_number": "tok"})
    lake.resources(IMAGING, REPORT | names)
    assert links(lake) == {("ImagingStudy", "img"): "study_uid", ("DiagnosticReport", "rep"): basis}


@pytest.mark.parametrize("names", [{}, {"imagingStudy": [{"reference": "ImagingStudy/other"}]},
                                   {"basedOn": [{"reference": "ServiceRequest/other"}]}])
def test_a_report_that_names_something_else_is_not_linked(lake, names):
    lake.instances({"accession_number": "tok"})
    lake.resources(IMAGING, REPORT | names)
    assert ("DiagnosticReport", "rep") not in links(lake)


def test_a_report_of_another_subject_is_not_linked(lake):
    lake.instances({})
    lake.resources(IMAGING)
    lake.resources(REPORT | {"imagingStudy": [{"reference": "ImagingStudy/img"}]}, subject="s2")
    assert links(lake) == {("ImagingStudy", "img"): "study_uid"}


def test_linking_again_makes_no_version_and_a_lost_reason_takes_the_link_away(lake):
    lake.instances({})
    lake.resources(IMAGING, REPORT | {"imagingStudy": [{"reference": "ImagingStudy/img"}]})
    assert len(links(lake)) == 2
    before = lake.engine.version(IMAGING_LINK)
    assert len(links(lake)) == 2
    assert lake.engine.version(IMAGING_LINK) == before
    lake.resources(REPORT)
    assert links(lake) == {("ImagingStudy", "img"): "study_uid"}


def test_studies_without_a_report_are_counted(lake):
    lake.instances({"sop_instance_uid": "2.25.1"}, {"sop_instance_uid": "2.25.2", "series_instance_uid": "2.25.12",
                                                    "study_instance_uid": "2.25.22"})
    lake.resources(IMAGING, REPORT | {"imagingStudy": [{"reference": "ImagingStudy/img"}]})
    tabulate(lake.engine, "east", "run", "t")
    assert link(lake.engine, "east", "run", "l").studies_without_report == 1

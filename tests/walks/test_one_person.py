"""The same person in records, images, report texts and two hospitals: one person, a subject a hospital, one shift a subject."""
from __future__ import annotations

import base64
import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

from pipelines import flows
from pipelines.engines import jars
from pipelines.phi_zone.identity import with_check_digit
from schemas.tables import IMAGING_LINK, INSTANCE, PERSON_LINK, fhir_table
from tests.pipelines.flow.conftest import NIGHT, Lake

SITES = ("north", "south")
DCM = "http://dicom.nema.org/resources/ontology/DCM"
ROOT = "1.2.826.0.1.3680043.10.1593.7"
DATES = re.compile(r"(\d{4})[-年](\d{1,2})[-月](\d{1,2})")
Row = dict[str, Any]


@dataclass(frozen=True)
class Visit:
    """One examination of one person at one hospital."""

    person: int
    site: str
    admitted_on: dt.date
    later: tuple[int, int, int]
    """Days from the admission to the study, the report, and the follow-up its text asks for."""

    @property
    def mrn(self) -> str:
        return f"ZY{self.site[0].upper()}{7_000_000 + 31 * self.person}"

    @property
    def name(self) -> str:
        return ["令狐若霁", "东方琬晗", "上官羽珂", "欧阳沅煦"][self.person]

    @property
    def national(self) -> str:
        return with_check_digit(f"11010519{50 + self.person}0203{100 + self.person}")

    @property
    def study_uid(self) -> str:
        return f"{ROOT}.{1 + SITES.index(self.site)}.{self.person}"

    @property
    def size(self) -> str:
        """What tells the reports of a hospital apart once nothing identifying is left of them."""
        return f"{11 + self.person}mm"

    def day(self, step: int) -> dt.date:
        return self.admitted_on + dt.timedelta(days=sum(self.later[:step]))

    def text(self) -> str:
        followed = self.day(3)
        return (f"姓名：{self.name} 住院号：{self.mrn} 入院日期：{self.admitted_on.isoformat()}，检查日期：{self.day(1).isoformat()}。"
                f"右肺上叶见{self.size}磨玻璃结节，建议{followed.year}年{followed.month}月{followed.day}日复查。")

    def resources(self) -> Iterator[Row]:
        ident, subject = f"{self.site}-{self.person}", {"reference": f"Patient/{self.site}-{self.person}", "display": self.name}
        yield {"resourceType": "Patient", "id": ident, "name": [{"text": self.name}],
               "identifier": [{"system": "http://x.example/mrn", "value": self.mrn},
                              {"system": "urn:oid:2.16.156.10011.1.3", "value": self.national}]}
        yield {"resourceType": "Encounter", "id": f"e-{ident}", "status": "finished", "class": {"code": "IMP"}, "subject": subject,
               "period": {"start": f"{self.admitted_on}T08:15:00+08:00", "end": f"{self.day(3)}T17:40:00+08:00"}}
        yield {"resourceType": "ImagingStudy", "id": f"i-{ident}", "status": "available", "subject": subject,
               "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{self.study_uid}"}],
               "started": f"{self.day(1)}T09:50:00+08:00",
               "series": [{"uid": f"{self.study_uid}.1", "modality": {"system": DCM, "code": "CR"},
                           "instance": [{"uid": f"{self.study_uid}.1.1", "sopClass": {"system": "urn:ietf:rfc:3986",
                                         "code": f"urn:oid:{ComputedRadiographyImageStorage}"}}]}]}
        yield {"resourceType": "DiagnosticReport", "id": f"r-{ident}", "status": "final", "code": {"text": "胸部正位片"},
               "subject": subject, "encounter": {"reference": f"Encounter/e-{ident}"},
               "imagingStudy": [{"reference": f"ImagingStudy/i-{ident}"}],
               "effectiveDateTime": f"{self.day(2)}T10:00:00+08:00", "conclusion": self.text(),
               "presentedForm": [{"contentType": "text/plain", "data": base64.b64encode(self.text().encode("gb18030")).decode()}]}

    def image(self) -> bytes:
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID, ds.SOPInstanceUID = ComputedRadiographyImageStorage, f"{self.study_uid}.1.1"
        ds.StudyInstanceUID, ds.SeriesInstanceUID = self.study_uid, f"{self.study_uid}.1"
        ds.SpecificCharacterSet, ds.PatientName, ds.PatientID, ds.PatientSex = "ISO_IR 192", self.name, self.mrn, "F"
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = self.day(1).strftime("%Y%m%d")
        ds.StudyTime, ds.Modality, ds.SeriesNumber, ds.InstanceNumber = "095000", "CR", 1, 1
        ds.Rows = ds.Columns = 16
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PixelRepresentation = 1, "MONOCHROME2", 0
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
        ds.PixelData = (np.arange(256, dtype=np.uint16) * 7).tobytes()
        out = io.BytesIO()
        pydicom.dcmwrite(out, ds, enforce_file_format=True)
        return out.getvalue()


VISITS = st.lists(st.tuples(st.dates(dt.date(2019, 1, 1), dt.date(2025, 12, 31)), st.tuples(*[st.integers(0, 400)] * 3)),
                  min_size=4, max_size=8).map(
                      lambda drawn: [Visit(number // 2, SITES[number % 2], *one) for number, one in enumerate(drawn)])
"""Two to four persons; every second visit is the same person at the other hospital (the last may know one of them only)."""


def pulled(root: Path, visits: list[Visit], engine: str = "embedded") -> Lake:
    lake: Lake | None = None
    for site in SITES:
        folder = root / site
        folder.mkdir(parents=True)
        own = [visit for visit in visits if visit.site == site]
        lines = [json.dumps(resource, ensure_ascii=False) for visit in own for resource in visit.resources()]
        (folder / "records.ndjson").write_text("".join(line + "\n" for line in reversed(lines)), encoding="utf-8")
        for visit in own:
            (folder / f"{visit.person}.dcm").write_bytes(visit.image())
        described = {"site_id": site, "name": {"zh": site, "en": site}, "tier": "community", "patient_id_issuer": f"{site}-mpi",
                     "identifiers": {"mrn": "http://x.example/mrn", "resident_id": "urn:oid:2.16.156.10011.1.3"},
                     "folder": {"path": str(folder)}}
        if lake is None:
            lake = Lake(root / "home", described)
        else:
            lake.add(described)
        receipt = flows.ingest(replace(lake.settings, engine=engine), site, as_of=NIGHT)
        assert (receipt.state, receipt.counts["released"], receipt.counts["quarantined"]) == ("closed", 5 * len(own), 0)
    assert lake is not None
    return lake


def of(rows: list[Row], site: str, subject: str) -> Row:
    """The one row of this subject."""
    found = [row for row in rows if (row["site_id"], row["subject"]) == (site, subject)]
    assert len(found) == 1
    return json.loads(found[0]["resource"]) if "resource" in found[0] else found[0]


def days(text: str) -> list[dt.date]:
    return [dt.date(*map(int, match)) for match in DATES.findall(text)]


def told_of(lake: Lake, visits: list[Visit]) -> None:
    """Everything that must hold of what was released of these visits."""
    kinds = {kind: lake.rows(fhir_table(kind)) for kind in ("Patient", "Encounter", "ImagingStudy", "DiagnosticReport")}
    instances, links = lake.rows(INSTANCE), {row["subject"]: row for row in lake.rows(PERSON_LINK)}
    imaging = {(row["resource_type"], row["resource_id"], row["study_instance_uid"]) for row in lake.rows(IMAGING_LINK)}
    study_of = {row["study_instance_uid"]: row for row in instances}
    subjects, shifts = {}, {}
    for visit in visits:
        report = next(body for row in kinds["DiagnosticReport"] if row["site_id"] == visit.site
                      for body in [json.loads(row["resource"])] if visit.size in body["conclusion"])
        subject = report["subject"]["reference"].removeprefix("Patient/")
        patient, encounter = of(kinds["Patient"], visit.site, subject), of(kinds["Encounter"], visit.site, subject)
        study, image = of(kinds["ImagingStudy"], visit.site, subject), of(instances, visit.site, subject)
        assert patient["id"] == subject                                      # image, record and report under one pseudonym
        moved = {days(encounter["period"]["start"])[0] - visit.day(0), days(encounter["period"]["end"])[0] - visit.day(3),
                 days(study["started"])[0] - visit.day(1), days(report["effectiveDateTime"])[0] - visit.day(2),
                 dt.datetime.strptime(image["study_date"], "%Y%m%d").date() - visit.day(1),
                 *(new - old for text in (report["conclusion"], base64.b64decode(report["presentedForm"][0]["data"]).decode())
                   for new, old in zip(days(text), (visit.day(0), visit.day(1), visit.day(3)), strict=True))}
        assert len(moved) == 1                                               # so every interval is as in the source
        assert (encounter["period"]["start"][10:], image["study_time"]) == ("T08:15:00+08:00", "095000")
        # a study and its ImagingStudy still join, and the report still points at it
        assert {one["value"] for one in study["identifier"]} >= {f"urn:oid:{image['study_instance_uid']}"}
        assert study["series"][0]["uid"] == image["series_instance_uid"]
        assert study["series"][0]["instance"][0]["uid"] == image["sop_instance_uid"]
        assert report["imagingStudy"] == [{"reference": f"ImagingStudy/{study['id']}"}]
        assert report["encounter"] == {"reference": f"Encounter/{encounter['id']}"}
        for kind, body in (("ImagingStudy", study), ("DiagnosticReport", report)):
            assert (kind, body["id"], image["study_instance_uid"]) in imaging
        subjects[visit.person, visit.site], shifts[subject] = subject, moved.pop().days
    assert len(study_of) == len(visits) == len(set(subjects.values())) == len(links)
    for person in {visit.person for visit in visits}:
        own = [subjects[key] for key in subjects if key[0] == person]
        assert len({links[subject]["person"] for subject in own}) == 1       # two subjects, one person
        for one in own:
            assert links[one]["day_offset"] - links[own[0]]["day_offset"] == shifts[one] - shifts[own[0]]
    assert len({row["person"] for row in links.values()}) == len({visit.person for visit in visits})
    whole = b"".join(data for _, data in lake.bytes_outside_phi())
    planted = [value for visit in visits for value in (visit.name, visit.mrn, visit.national, visit.study_uid)]
    assert [value for value in planted if value.encode() in whole] == []


@pytest.mark.slow
@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(visits=VISITS)
def test_one_person_two_subjects_one_shift_a_subject_and_every_interval_as_it_was(visits: list[Visit]) -> None:
    with TemporaryDirectory() as folder:
        told_of(pulled(Path(folder), visits), visits)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("TOUCHSTONE_LONG"), reason="two nights on Spark take minutes: TOUCHSTONE_LONG=1 runs them")
def test_the_same_holds_on_spark(tmp_path: Path) -> None:
    if lacking := jars.missing():
        pytest.skip(f"the Spark engine cannot start here: {'; '.join(lacking)}")
    visits = [Visit(0, site, dt.date(2024, 2, 28), (1, 2, 366)) for site in SITES]
    told_of(pulled(tmp_path, visits, "spark"), visits)

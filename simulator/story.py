"""What each hospital holds on each of two nights: the first pull, then a night that brings new, changed, late and deleted records.

Night 1 closes at 22:00 on 2 March 2026, night 2 a day later (China Standard Time). The clock of the simulated servers is the
close of the current night; a replay passes it as `--as-of`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pydicom

from simulator import dicom_documents, dicom_files, dicom_images, images, reports, resources
from simulator.dicom_files import Instance, Place, Study
from simulator.images import Nodule
from simulator.people import SITES, Chart, Population, populate
from simulator.reports import Finding
from simulator.resources import Resource
from simulator.words import HOSPITALS

CST = dt.timezone(dt.timedelta(hours=8))
CLOSE = {1: dt.datetime(2026, 3, 2, 22, 0, tzinfo=CST), 2: dt.datetime(2026, 3, 3, 22, 0, tzinfo=CST)}
ROOT = "1.2.826.0.1.3680043.10.1593"
# studies per site and night: (CT, DR, US, ECG, SR, PDF); the second night adds to the first
PLAN = {
    "sh-east": {1: (9, 21, 2, 1, 1, 1), 2: (2, 3, 0, 0, 0, 0)},
    "cd-west": {1: (6, 16, 1, 1, 1, 0), 2: (1, 3, 1, 0, 0, 0)},
    "xj-south": {1: (5, 12, 1, 0, 1, 1), 2: (1, 2, 0, 1, 0, 0)},
}
SHARED_EXAMINATIONS = 3
TITLES = {"CT": "胸部CT平扫", "DX": "胸部正位片", "US": "上腹部超声", "ECG": "12导联心电图", "SR": "肺结节测量报告", "DOC": "出院小结"}


@dataclass(frozen=True)
class PlannedTruth:
    """What was planted in one study; the simulated readers look at this."""

    site_id: str
    task: str  # lung-nodule-ct | chest-dr
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str  # first instance
    positive: bool
    nodules: tuple[Nodule, ...] = ()
    first_z_mm: float = 0.0


@dataclass
class Shelf:
    """The holdings of one hospital at one moment."""

    resources: dict[str, Resource] = field(default_factory=dict)  # "Type/id" -> resource
    deleted: dict[str, dt.datetime] = field(default_factory=dict)  # "Type/id" -> when
    instances: dict[str, Instance] = field(default_factory=dict)  # SOP Instance UID -> object

    def copy(self) -> Shelf:
        return Shelf(dict(self.resources), dict(self.deleted), dict(self.instances))

    def put(self, resource: Resource, when: dt.datetime) -> None:
        """Store a new version of a resource, stamped with `when`."""
        key = f"{resource['resourceType']}/{resource['id']}"
        version = int(self.resources[key]["meta"]["versionId"]) + 1 if key in self.resources else 1
        self.resources[key] = resources.stamp(resource, when, version)

    def delete(self, key: str, when: dt.datetime) -> None:
        del self.resources[key]
        self.deleted[key] = when


@dataclass
class Story:
    people: Population
    nights: dict[str, dict[int, Shelf]]  # site -> night -> shelf
    truths: list[PlannedTruth]
    subject_dates: dict[str, set[dt.date]]  # person key -> days their records mention
    studies: list[Study]
    papers: dict[str, str] = field(default_factory=dict, compare=False)
    extra: dict[str, list[str]] = field(default_factory=dict)  # further planted values by kind (a changed phone)


def tell(seed: int = 7) -> Story:
    """The whole story from a seed. About 60 radiographs, 24 CT, a few of everything else; some 30 MB, a few seconds."""
    # one chart a CT or radiograph; three people have both, one more comes late
    charts = {site: sum(sum(PLAN[site][night][:2]) for night in (1, 2)) - SHARED_EXAMINATIONS + 1 for site in SITES}
    story = Story(populate(seed, charts), {}, [], {}, [])
    for site_id in SITES:
        _Writer(story, site_id, seed).write()
    return story


@lru_cache(maxsize=2)
def told(seed: int = 7) -> Story:
    """The story of a seed, told once a process. Nobody may change it: hospitals work on copies of its shelves."""
    return tell(seed)


class _Writer:
    """Fills the shelves of one hospital."""

    def __init__(self, story: Story, site_id: str, seed: int) -> None:
        self.story, self.site_id = story, site_id
        self.rng, self.pixels = random.Random(f"story/{seed}/{site_id}"), np.random.default_rng([seed, SITES.index(site_id)])
        self.doctors, self.charts = story.people.doctors[site_id], story.people.charts[site_id]
        self.number, self.next_chart = 0, 0
        self.shelf = Shelf()
        self.late: list[Instance] = []

    def write(self) -> None:
        start = CLOSE[1] - dt.timedelta(days=1)
        self.shelf.put(resources.organization(self.site_id), start)
        for doctor in self.doctors:
            self.shelf.put(resources.practitioner(doctor), start)
        self._admit(1)
        late = self._late_study()
        self.story.nights[self.site_id] = {1: self.shelf.copy()}
        self._admit(2)
        self._second_night(late)
        self.story.nights[self.site_id][2] = self.shelf

    def _admit(self, night: int) -> None:
        for modality, count in zip(("CT", "DX", "US", "ECG", "SR", "DOC"), PLAN[self.site_id][night], strict=True):
            for index in range(count):
                # people of US, ECG, SR and documents were here before; 3 of the radiographs are of people with a CT
                known = modality not in ("CT", "DX") or (night == 1 and modality == "DX" and index < SHARED_EXAMINATIONS)
                chart = self.charts[index] if known else self.charts[self.next_chart]
                self.next_chart += not known
                days = self.rng.randint(1, 240) if night == 1 else 0
                self._examine(chart, modality, index, CLOSE[night] - dt.timedelta(days=days, minutes=self.rng.randint(150, 700)), night)

    def _examine(self, chart: Chart, modality: str, index: int, when: dt.datetime, night: int) -> list[Instance]:
        """One examination with everything that is written about it."""
        self.number += 1
        site_number, key = SITES.index(self.site_id) + 1, f"{self.site_id[:2]}{self.number:04d}"
        referring, author, reviewer = self.rng.sample(self.doctors, 3)
        charset = dicom_files.CHARSETS[index % 4] if modality == "DX" and index % 7 < 4 and night == 1 else "ISO_IR 192"
        study = Study(
            f"{ROOT}.{site_number}.{self.number}",
            f"S{self.number:05d}",
            f"{self.site_id[:2].upper()}{when:%y%m%d}{self.number:04d}",
            when.replace(microsecond=0),
            modality,
            TITLES[modality],
            chart,
            referring,
            author,
            charset,
        )
        if charset in ("ISO 2022 IR 58", "GBK as ISO_IR 100"):
            study = replace(study, description="CHEST PA")
        instances, finding = self._acquire(study, index)
        updated = max(when + dt.timedelta(hours=2), CLOSE[night] - dt.timedelta(hours=20)) if night == 2 else when + dt.timedelta(hours=2)
        for instance in instances:
            self.shelf.instances[instance.sop_instance_uid] = instance
        patient_key = f"Patient/{chart.patient_id}"
        if patient_key not in self.shelf.resources:
            self.shelf.put(resources.patient(chart), updated)
        self.shelf.put(resources.encounter(chart, key, when, referring), updated)
        self.shelf.put(resources.service_request(study, key), updated)
        self.shelf.put(resources.imaging_study(study, key, instances), updated)
        text = reports.radiology_report(chart, finding, when, study.accession_number, author, reviewer)
        conclusion = next(line for line in text.split("\n") if line.startswith(("诊断意见", "Impression"))).split(
            "：" if "诊断意见" in text else ": ", 1
        )[1]
        self.shelf.put(resources.diagnostic_report(study, key, text, conclusion, author), updated)
        self.shelf.put(resources.document_reference(chart, key, when, reports.admission_note(chart, when, referring), referring), updated)
        if finding.positive:
            code = (
                ("R91.1", "肺结节", "Solitary pulmonary nodule")
                if modality == "CT"
                else ("J18.9", "肺炎", "Pneumonia, unspecified organism")
            )
            self.shelf.put(resources.condition(chart, key, when, code), updated)
        self.shelf.put(
            resources.laboratory(chart, key, when, ("6690-2", "白细胞计数", "10*9/L"), round(self.rng.uniform(4, 15), 2)), updated
        )
        self.shelf.put(resources.laboratory(chart, key, when, ("1988-5", "C反应蛋白", "mg/L"), round(self.rng.uniform(1, 90), 1)), updated)
        self.story.studies.append(study)
        days = self.story.subject_dates.setdefault(chart.person.key, {chart.person.birth_date})
        days.update({when.date(), (when - dt.timedelta(days=5)).date()})
        return instances

    def _acquire(self, study: Study, index: int) -> tuple[list[Instance], Finding]:
        def place(series: int, number: int) -> Place:
            return Place(f"{study.study_instance_uid}.{series}", series, f"{study.study_instance_uid}.{series}.{number}", number)

        first = place(1, 1)
        if study.modality == "CT":
            volume = images.chest_ct(self.pixels, 0 if index % 3 == 2 else 1 + index % 3 + index % 2)
            self._remember("lung-nodule-ct", study, first, bool(volume.nodules), volume.nodules, volume.origin_mm[2])
            largest = max((nodule.diameter_mm for nodule in volume.nodules), default=0.0)
            places = [place(1, number) for number in range(1, images.CT_SLICES + 1)]
            return dicom_images.ct_series(study, places, volume), Finding("ct", bool(volume.nodules), size_mm=largest)
        if study.modality == "DX":
            positive = index % 2 == 0
            self._remember("chest-dr", study, first, positive)
            return [dicom_images.chest_radiograph(study, first, images.chest_dr(self.pixels, positive))], Finding("dr", positive)
        if study.modality == "US":
            return [
                dicom_images.ultrasound_image(
                    study, first, images.ultrasound(self.pixels, self._burned_in(study), "ABD  C5-1  MI 1.2  增益 62")
                )
            ], Finding("us", False)
        if study.modality == "ECG":
            return [dicom_documents.ecg_waveform(study, first, self.pixels)], Finding("ecg", False)
        if study.modality == "SR":
            return [dicom_documents.measurement_report(study, first, 8.5)], Finding("other", False)
        person = study.chart.person
        letter = f"Discharge letter {study.when:%Y-%m-%d}: {person.latin}, MRN {study.chart.mrn}, phone {person.phone}"
        return [dicom_documents.encapsulated_pdf(study, first, letter)], Finding("other", False)

    def _burned_in(self, study: Study) -> list[str]:
        person, hospital = study.chart.person, HOSPITALS[self.site_id]
        if self.rng.random() < 0.4 or person.language == "en":
            return [
                f"{hospital['en']}  {study.when:%Y-%m-%d}",
                f"{person.latin_family.upper()}, {person.latin_given.upper()}  ID {study.chart.mrn}",
            ]
        return [f"{hospital['zh']}  {study.when:%Y-%m-%d}", f"姓名：{person.name}  住院号：{study.chart.mrn}"]

    def _remember(
        self, task: str, study: Study, place: Place, positive: bool, nodules: tuple[Nodule, ...] = (), first_z_mm: float = 0.0
    ) -> None:
        self.story.truths.append(
            PlannedTruth(
                self.site_id,
                task,
                study.study_instance_uid,
                place.series_instance_uid,
                place.sop_instance_uid,
                positive,
                nodules,
                first_z_mm,
            )
        )

    def _late_study(self) -> dict[str, Instance]:
        """A radiograph made two days before the first night that the PACS shows three days after it was made."""
        taken = CLOSE[1] - dt.timedelta(days=2, hours=5)
        instances = self._examine(self.charts[self.next_chart], "DX", 1, taken, 1)
        self.next_chart += 1
        return {instance.sop_instance_uid: self.shelf.instances.pop(instance.sop_instance_uid) for instance in instances}

    def _second_night(self, late: dict[str, Instance]) -> None:
        """Late images arrive; a phone number changes; a result is corrected; three records are deleted; a name is edited in the PACS."""
        when = CLOSE[2] - dt.timedelta(hours=6)
        self.shelf.instances |= late
        chart = self.charts[3]
        phone = f"1770000{9900 + SITES.index(self.site_id)}"
        self.story.extra.setdefault("phones", []).append(phone)
        self.shelf.put(resources.patient(chart, phone), when)
        observation = next(key for key in self.shelf.resources if key.startswith("Observation/"))
        corrected = {**self.shelf.resources[observation], "status": "corrected"}
        self.shelf.put({**corrected, "valueQuantity": {**corrected["valueQuantity"], "value": 7.77}}, when)
        known = list(self.story.nights[self.site_id][1].resources)
        for resource_type in ("Observation", "DocumentReference", "Condition"):
            self.shelf.delete([key for key in known if key.startswith(f"{resource_type}/")][5], when)
        recent = max(
            (i for i in self.story.nights[self.site_id][1].instances.values() if i.modality == "DX"), key=lambda i: i.query["StudyDate"]
        )
        self.shelf.instances[recent.sop_instance_uid] = _renamed(recent)


def pixel_digest(instance: Instance) -> str:
    """SHA-256 of the value of Pixel Data."""
    return hashlib.sha256(pydicom.dcmread(io.BytesIO(instance.data)).PixelData).hexdigest()


def _renamed(instance: Instance) -> Instance:
    """The same pixels under the same UID after a clerk filled in a comment: routine in a PACS."""
    ds = pydicom.dcmread(io.BytesIO(instance.data))
    ds.PatientComments = "demographics verified"
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return replace(instance, data=buffer.getvalue())

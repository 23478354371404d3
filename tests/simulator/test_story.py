"""What the made-up hospitals hold: valid, seeded, planted as the answer key says."""
from __future__ import annotations

import base64
import io
import json

import numpy as np
import pydicom
import pytest

from simulator.answer_key import answer_key
from simulator.images import CT_SLICE_MM, CT_SPACING_MM
from simulator.people import check_digit, populate
from simulator.readers import as_csv, marks
from simulator.story import Story, tell, told


@pytest.fixture(scope="module")
def story() -> Story:
    return told(7)


def instances(story: Story, modality: str, night: int = 2) -> list[pydicom.Dataset]:
    return [pydicom.dcmread(io.BytesIO(each.data)) for nights in story.nights.values() for each in nights[night].instances.values()
            if each.modality == modality]


def test_the_check_digit_is_that_of_gb_11643() -> None:
    assert check_digit("11010519491231002") == "X"          # the standard's own example
    assert check_digit("44052418800101001") == "4"


def test_every_resident_number_is_valid_and_no_two_persons_share_one(story: Story) -> None:
    numbers = [person.resident_id for person in story.people.persons]
    assert len(set(numbers)) == len(numbers)
    assert all(check_digit(number[:17]) == number[17] for number in numbers)


def test_one_person_is_known_to_two_hospitals_and_one_number_names_two_persons(story: Story) -> None:
    charts = [chart for members in story.people.charts.values() for chart in members]
    at: dict[str, set[str]] = {}
    for chart in charts:
        at.setdefault(chart.person.key, set()).add(chart.site_id)
    assert sum(len(sites) == 2 for sites in at.values()) == 2
    holders: dict[str, set[str]] = {}
    for chart in charts:
        holders.setdefault(chart.mrn, set()).add(chart.person.key)
    assert sorted(map(len, holders.values()))[-2:] == [1, 2]


def test_names_of_every_kind_are_there(story: Story) -> None:
    names = [person.name for person in story.people.persons]
    assert any("·" in name for name in names)
    assert any(name.startswith(("欧阳", "司马", "上官", "诸葛", "慕容", "尉迟")) for name in names)
    assert any(name.isascii() for name in names)
    assert len(set(names)) == len(names)


def test_there_are_sixty_radiographs_half_of_them_positive_and_twenty_four_ct(story: Story) -> None:
    chest = [truth.positive for truth in story.truths if truth.task == "chest-dr"]
    scans = [truth for truth in story.truths if truth.task == "lung-nodule-ct"]
    assert (len(chest), sum(chest), len(scans)) == (60, 30, 24)
    assert 4 <= sum(not truth.positive for truth in scans) <= 10


def test_a_planted_nodule_is_bright_where_the_reference_standard_says(story: Story) -> None:
    truth = next(truth for truth in story.truths if truth.nodules)
    shelf = story.nights[truth.site_id][2].instances.values()
    slices = sorted((pydicom.dcmread(io.BytesIO(each.data)) for each in shelf if each.series_instance_uid == truth.series_instance_uid),
                    key=lambda ds: float(ds.ImagePositionPatient[2]))
    first = [float(value) for value in slices[0].ImagePositionPatient]
    for nodule in truth.nodules:
        ds = slices[round((nodule.z_mm - first[2]) / CT_SLICE_MM)]
        column, row = round((nodule.x_mm - first[0]) / CT_SPACING_MM), round((nodule.y_mm - first[1]) / CT_SPACING_MM)
        hu = ds.pixel_array.astype(int) * int(ds.RescaleSlope) + int(ds.RescaleIntercept)
        assert hu[row, column] > -450
        assert np.median(hu[row - 6:row + 7, column - 6:column + 7]) < -700


def test_a_local_brightening_tells_pneumonia_and_the_mean_grey_level_does_not(story: Story) -> None:
    truth_of = {truth.sop_instance_uid: truth.positive for truth in story.truths if truth.task == "chest-dr"}
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    lungs = ((np.abs(np.abs(x) - 0.43) / 0.16) ** 2 + ((y + 0.08) / 0.5) ** 2) < 1
    local, mean, label = [], [], []
    for ds in instances(story, "DX"):
        pixels = ds.pixel_array.astype(float)
        local.append((blurred(pixels, 25) - blurred(pixels, 61))[lungs].max() / pixels.mean())
        mean.append(pixels.mean())
        label.append(truth_of[str(ds.SOPInstanceUID)])
    assert auc(local, label) > 0.85
    assert 0.3 < auc(mean, label) < 0.7


def blurred(pixels: np.ndarray, width: int) -> np.ndarray:
    """Box blur, twice, along both axes."""
    for axis in (0, 1, 0, 1):
        pixels = np.apply_along_axis(np.convolve, axis, pixels, np.full(width, 1 / width), mode="same")
    return pixels


def auc(scores: list[float], labels: list[bool]) -> float:
    positive, negative = ([s for s, is_positive in zip(scores, labels, strict=True) if is_positive == wanted] for wanted in (True, False))
    return float(np.mean([(a > b) + 0.5 * (a == b) for a in positive for b in negative]))


@pytest.mark.parametrize("charset", ["ISO_IR 192", "GB18030"])
def test_chinese_names_read_back_in_the_character_sets_pydicom_knows(story: Story, charset: str) -> None:
    found = [ds for ds in instances(story, "DX") if ds.SpecificCharacterSet == charset and "=" in str(ds.PatientName)]
    names = {f"{person.family}^{person.given}" for person in story.people.persons}
    assert found
    assert all(str(ds.PatientName).split("=")[1] in names for ds in found)


def test_the_awkward_character_sets_are_as_devices_send_them(story: Story) -> None:
    escaped = [each.data for nights in story.nights.values() for each in nights[2].instances.values() if b"ISO 2022 IR 58" in each.data]
    assert escaped
    assert all(b"\x1b$)A" in data for data in escaped)
    lying = [ds for ds in instances(story, "DX") if ds.get("SpecificCharacterSet") == "ISO_IR 100"]
    assert lying
    assert any(str(ds.InstitutionName).encode("latin-1").decode("gbk") == "申浦东岸医院" for ds in lying)


def test_every_planted_value_of_the_key_stands_in_what_a_hospital_gives_out(story: Story) -> None:
    key = answer_key(story, 7)
    texts = []
    for nights in story.nights.values():
        for shelf in nights.values():
            for resource in shelf.resources.values():
                texts.append(json.dumps(resource, ensure_ascii=False))
                forms = resource.get("presentedForm", []) + [item["attachment"] for item in resource.get("content", [])]
                texts += [base64.b64decode(form["data"]).decode() for form in forms]
            texts += [each.data[:4000].decode("latin-1") + json.dumps(each.query, ensure_ascii=False) for each in shelf.instances.values()]
    everything = "\n".join(texts)
    for kind in ("resident_ids", "mrns", "phones", "addresses", "accession_numbers", "relatives", "resource_ids", "sop_instance_uids"):
        missing = [value for value in key["values"][kind] if value not in everything]
        assert not missing, (kind, len(missing))


def test_readers_disagree_but_the_majority_is_mostly_right(story: Story) -> None:
    rows = marks(story, 7)
    assert as_csv(rows).count("\n") == len(rows) + 1
    votes: dict[str, list[str]] = {}
    for row in rows:
        if row["task"] == "chest-dr":
            votes.setdefault(row["sop_instance_uid"], []).append(row["label"])
    assert any(len(set(three)) == 2 for three in votes.values())
    right = [(three.count("positive") >= 2) == truth.positive for truth in story.truths if truth.task == "chest-dr"
             for three in [votes[truth.sop_instance_uid]]]
    assert np.mean(right) > 0.93


def test_the_same_seed_tells_the_same_story_and_another_seed_another(story: Story) -> None:
    again, others = tell(7), populate(8, {site: len(charts) for site, charts in story.people.charts.items()})
    assert all(again.nights[site][2] == story.nights[site][2] for site in story.nights)
    assert {person.resident_id for person in others.persons} != {person.resident_id for person in story.people.persons}


def test_the_second_night_brings_new_changed_late_and_deleted_records(story: Story) -> None:
    for site, nights in story.nights.items():
        one, two = nights[1], nights[2]
        assert set(two.instances) > set(one.instances), site
        assert any(two.instances[uid].data != one.instances[uid].data for uid in one.instances), site
        assert any(two.resources[key] != one.resources[key] for key in one.resources if key in two.resources), site
        assert len(two.deleted) == 3, site
        assert set(two.deleted) <= set(one.resources), site
        late = [each for uid, each in two.instances.items() if uid not in one.instances and each.query["StudyDate"] <= "20260228"]
        assert len(late) == 1, site


def test_image_headers_and_resources_name_the_same_study(story: Story) -> None:
    for nights in story.nights.values():
        uids = {each.study_instance_uid for each in nights[2].instances.values()}
        named = {resource["identifier"][0]["value"].removeprefix("urn:oid:") for resource in nights[2].resources.values()
                 if resource["resourceType"] == "ImagingStudy"}
        assert uids == named


def test_the_key_counts_what_each_night_brings(story: Story) -> None:
    rows = {(row["site_id"], row["night"], row["kind"]): row for row in answer_key(story, 7)["expected"]}
    for (site, night, kind), row in rows.items():
        if night == 1:
            assert row["held"] == row["put"] > 0
        elif kind == "instance":
            assert (row["edited"], row["put"]) == (1, row["held"] - rows[site, 1, kind]["held"])
        elif kind == "resource":
            assert (row["delete"], row["put"] > 20) == (3, True)

"""What holds over a whole study of any shape, over every trap and over every reference file."""
from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from dicom_build import EXPLICIT, IMPLICIT, ct, part10
from dicom_door import KEY, deidentify, read, released
from dicom_traps import traps
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import UID_dictionary
from test_dicom_reference_files import files

from pipelines.phi_zone.dicom import engine, front, load_policy
from pipelines.phi_zone.dicom.memory import SeriesMemory
from pipelines.phi_zone.dicom.plan import compiled
from pipelines.phi_zone.keys import ProjectKey
from schemas.shapes.site import Site

UIDS = st.from_regex(r"\A[12](\.(0|[1-9][0-9]{0,7})){3,5}\Z").filter(lambda uid: uid not in UID_dictionary)
DAYS = st.dates(dt.date(1990, 1, 2), dt.date(2024, 12, 31)).filter(lambda day: f"{day:%m%d}" not in ("0101", "1230"))
SEQUENCES = ("ReferencedImageSequence", "SourceImageSequence", "ReferencedInstanceSequence")


@st.composite
def studies(draw: st.DrawFn) -> list[bytes]:
    """Some series of one study; instances point at each other, each by another sequence, at another depth, with dates beside it."""
    study, frame, *uids = draw(st.lists(UIDS, min_size=8, max_size=8, unique=True))
    series, instances, out = uids[:2], uids[2:], list[bytes]()
    for number, sop in enumerate(instances):
        other, day, hour = draw(st.sampled_from(instances)), draw(DAYS), draw(st.integers(0, 23))
        reference: dict[Any, Any] = {"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "ReferencedSOPInstanceUID": other,
                                     "ContentDate": f"{day:%Y%m%d}", "ContentTime": f"{hour:02d}1530"}
        for _ in range(draw(st.integers(0, 3))):
            reference = {"ReferencedSeriesSequence": [{"SeriesInstanceUID": draw(st.sampled_from(series)), SEQUENCES[0]: [reference]}]}
        out.append(part10(ct(
            StudyInstanceUID=study, SeriesInstanceUID=series[number % 2], SOPInstanceUID=sop, FrameOfReferenceUID=frame,
            StudyDate=f"{day:%Y%m%d}", AcquisitionDateTime=f"{day:%Y%m%d}{hour:02d}0203.5", AcquisitionTime=f"{hour:02d}0203.5",
            **{draw(st.sampled_from(SEQUENCES)): [reference]}), draw(st.sampled_from((EXPLICIT, IMPLICIT)))))
    return out


def leaves(dataset: pydicom.Dataset, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str, str]]:
    """(place, VR, value) of every plain value at every level."""
    for one in dataset:
        if one.VR == "SQ":
            for number, item in enumerate(one.value):
                yield from leaves(item, (*path, int(one.tag), number))
        elif one.VR not in ("OB", "OW", "UN"):
            yield (*path, int(one.tag)), one.VR, str(one.value)


@settings(max_examples=60, deadline=None)
@given(studies())
def test_uids_references_and_intervals_hold_together_over_a_study_at_every_level(study: list[bytes]) -> None:
    uids, shifts, times = dict[str, str](), set[int](), 0
    for data in study:
        outcome = released(data, text=False)
        source, out = pydicom.dcmread(io.BytesIO(data)), read(outcome)
        assert out.file_meta.MediaStorageSOPInstanceUID == out.SOPInstanceUID
        before = {place: value for place, _, value in leaves(source)}
        for place, vr, value in leaves(out):
            if vr == "UI" and place in before and before[place] not in UID_dictionary:
                assert uids.setdefault(before[place], value) == value
            elif vr in ("DA", "DT") and place in before and value:
                moved, was = (dt.datetime.strptime(text[:8], "%Y%m%d") for text in (value, before[place]))
                shifts.add((moved - was).days)
                assert value[8:] == before[place][8:]
            elif vr == "TM" and place in before:
                times += 1
                assert value == before[place]
    assert len(set(uids.values())) == len(uids) >= 4
    assert not set(uids) & set(uids.values())
    assert len(shifts) == 1
    assert shifts != {0}
    assert times >= 2 * len(study)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from("ABZY0123456789-王"), min_size=1, max_size=12).map(str.strip).filter(bool), min_size=1, max_size=6,
                unique=True))
def test_two_sites_and_two_keys_never_share_a_subject_or_a_uid(patients: list[str]) -> None:
    seen: list[tuple[set[str | None], set[str | None]]] = []
    for site, key in (("sh-east", KEY), ("cd-west", KEY), ("sh-east", ProjectKey(b"z" * 32, "other"))):
        outcomes = [released(part10(ct(PatientID=one, SpecificCharacterSet="ISO_IR 192")), site=Site.bare(site), key=key, text=False)
                    for one in patients]
        seen.append(({one.subject for one in outcomes}, {one.sop_instance_uid for one in outcomes}))
        assert len(seen[-1][0]) == len(patients)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not seen[one][0] & seen[other][0]
        assert not seen[one][1] & seen[other][1]


def forgotten() -> None:
    """As a process that met no file yet."""
    engine.MEMORY = SeriesMemory()
    front._PATIENTS.clear()
    compiled(load_policy("cn-gold")).shared.clear()


@settings(max_examples=40, deadline=None)
@given(studies(), st.randoms())
def test_the_same_input_gives_the_same_bytes_in_any_order_and_after_any_other_file(study: list[bytes], chance: Any) -> None:
    forgotten()
    once = {data: deidentify(data).content for data in study}
    shuffled = study * 2
    chance.shuffle(shuffled)
    for data in shuffled:
        assert deidentify(data).content == once[data]
    for data in study:
        forgotten()
        assert deidentify(data).content == once[data]


STAND_INS = {0x00100010, 0x00100020, 0x00080050, 0x00200010, 0x00400253, 0x00401001, 0x00400009, 0x00402016, 0x00402017}
"""Subject and tokens: keyed anew, as UIDs are."""


def changed_by_a_second_run(first: bytes) -> list[tuple[Any, ...]]:
    second = deidentify(first)
    assert second.status == "released", [issue.code for issue in second.issues]
    once, again = pydicom.dcmread(io.BytesIO(first)), pydicom.dcmread(io.BytesIO(second.content or b""))
    before, after = ({place: (vr, value) for place, vr, value in leaves(one)} for one in (once, again))
    assert once.get("PixelData") == again.get("PixelData")
    return [(place, before.get(place), after.get(place)) for place in sorted(before.keys() | after.keys(), key=str)
            if before.get(place) != after.get(place) and not (
                place[-1] in STAND_INS or (place in before and place in after and before[place][0] == after[place][0] and (
                    before[place][0] in ("UI", "DA", "DT"))))]


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.name.replace(" ", "-"))
def test_running_on_the_output_again_changes_nothing_but_stand_ins(trap: Any) -> None:
    first = released(trap.file).content
    assert first is not None
    assert changed_by_a_second_run(first) == []


@pytest.mark.data
def test_running_on_the_output_of_every_reference_file_again_changes_nothing_but_stand_ins(reference_data: Path) -> None:
    changed = {}
    for path in files(reference_data):
        first = deidentify(path.read_bytes()).content
        if first is not None:
            found = changed_by_a_second_run(first)
            if found:
                changed[path.name] = found
    assert changed == {}

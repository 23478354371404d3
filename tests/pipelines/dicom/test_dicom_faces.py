"""Faces in head volumes: removed, refused or declared as the policy says, and never the head of a femur."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dicom_build import ct, part10
from dicom_door import deidentify, read, released

from pipelines.phi_zone.dicom.engine import deidentify_instance
from pipelines.phi_zone.dicom.faces import may_show_a_face
from pipelines.phi_zone.dicom.part10 import read_part10
from pipelines.phi_zone.pixels.cleaner import OcrCleaner
from pipelines.phi_zone.pixels.surface import DEPTH_MM, can_remove, without_surface

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
SIDE, MM = 128, 2.0


def head() -> Any:
    """An axial slice in HU: skin, bone, brain, and a nose that points to row 0."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    radius = np.hypot(y - 70, x - 64)
    image = np.full((SIDE, SIDE), -1000, np.int16)
    image[radius < 45] = 40
    image[(np.abs(x - 64) < 6) & (y > 12) & (y < 40)] = 60
    image[(radius < 41) & (radius > 37)] = 900
    image[radius <= 37] = 30
    return image


def slice_of(image: Any, **fields: Any) -> bytes:
    return part10(ct(Rows=SIDE, Columns=SIDE, PixelSpacing=f"{MM}\\{MM}", BitsStored=16, HighBit=15, PixelRepresentation=1,
                     RescaleIntercept="0", **fields) | {("PixelData", "OW"): image.astype("<i2").tobytes()})


@pytest.mark.parametrize(("fields", "expected"), [
    ({"BodyPartExamined": "HEAD"}, True), ({"StudyDescription": "CT BRAIN W/O"}, True),
    ({"SeriesDescription": "颅脑平扫", "SpecificCharacterSet": "ISO_IR 192"}, True), ({"BodyPartExamined": "CHEST"}, False),
    ({"StudyDescription": "hip, femoral head necrosis"}, False), ({}, False)])
def test_a_head_is_told_from_the_head_of_a_femur(fields: dict[str, Any], expected: bool) -> None:
    assert may_show_a_face(read_part10(part10(ct(**fields))), CT_CLASS) is expected


def test_the_surface_goes_and_the_brain_stays() -> None:
    image, part = head(), read_part10(slice_of(head(), BodyPartExamined="HEAD"))
    assert can_remove(part, CT_CLASS)
    out = without_surface(image, part)
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    brain = np.hypot(y - 70, x - 64) <= 37
    depth = DEPTH_MM / MM
    assert (out[brain & (np.hypot(y - 70, x - 64) < 45 - depth - 2)] == 30).all()
    assert (out[:26, 58:71] == -1000).all()                                  # the nose
    assert (out[100:] == image[100:]).all()                                  # the back of the head
    front_before, front_after = (np.flatnonzero(one[:, 64] > -300)[0] for one in (image, out))
    assert (front_after - front_before) * MM >= DEPTH_MM


def test_the_practice_policy_removes_and_declares_it() -> None:
    from dicom_door import KEY, SITE

    from pipelines.phi_zone.dicom import load_policy

    data = slice_of(head(), BodyPartExamined="HEAD")
    outcome = deidentify_instance(data, load_policy("cn-practice"), KEY, SITE, None, OcrCleaner("skip"))
    assert outcome.status == "released", [issue.code for issue in outcome.issues]
    out = read(outcome)
    assert out.RecognizableVisualFeatures == "NO"
    assert "113102" in {one.CodeValue for one in out.DeidentificationMethodCodeSequence}
    assert (out.pixel_array[:26, 58:71] == -1000).all()


def test_what_cannot_be_removed_is_refused_where_it_must_not_leave() -> None:
    outcome = deidentify(slice_of(head(), BodyPartExamined="HEAD"), "cn-practice", text=False)
    assert (outcome.status, outcome.issues[0].code) == ("quarantined", "DCM-150")


def test_the_gold_policy_declares_it() -> None:
    outcome = released(slice_of(head(), BodyPartExamined="HEAD"), text=False)
    assert read(outcome).RecognizableVisualFeatures == "YES"
    assert "DCM-152" in [issue.code for issue in outcome.issues]

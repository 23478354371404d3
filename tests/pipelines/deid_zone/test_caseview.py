"""A series becomes a volume whose every voxel lies where DICOM says; what does not fit is refused by name."""
from __future__ import annotations

import numpy as np
import pytest
from images_planted import GAP, ORIGIN, SHAPE, SPACING, ct_slices, radiograph, volume

from eval_harness.tasks.spec import SocketSpec, Words
from eval_harness.testset.layout import CaseInput
from pipelines.deid_zone.caseview import NoView, image_view, volume_view

CT = SocketSpec(name="ct", kind="volume", dtype="int16", values=Words(zh="亨氏单位", en="HU"))
DR = SocketSpec(name="dr", kind="image", dtype="uint16", values=Words(zh="灰度", en="counts"))


def array(given: CaseInput) -> np.ndarray:
    import io

    return np.load(io.BytesIO(given.data), allow_pickle=False)


def world(given: CaseInput, k: int, j: int, i: int) -> tuple[float, ...]:
    meta = given.meta
    return tuple(meta["origin_mm"][axis] + index * meta["spacing_mm"][axis] for axis, index in ((2, i), (1, j), (0, k)))


def test_an_axial_series_keeps_its_voxels_and_its_place():
    made = volume_view(ct_slices(volume(1), "2.25.1")[::-1], CT)
    np.testing.assert_array_equal(array(made), volume(1))
    assert array(made).dtype == np.dtype("<i2")
    assert made.meta["spacing_mm"] == [GAP, *SPACING]
    assert world(made, 0, 0, 0) == pytest.approx(ORIGIN)


@pytest.mark.parametrize("orientation", [
    (1, 0, 0, 0, 1, 0), (-1, 0, 0, 0, 1, 0), (1, 0, 0, 0, -1, 0), (0, 1, 0, 0, 0, -1), (1, 0, 0, 0, 0, -1), (0, 1, 0, 1, 0, 0)])
def test_every_orthogonal_orientation_lands_on_the_same_world_positions(orientation):
    """A voxel's value must be found where PS3.3 C.7.6.2.1.1 puts it, whatever way the slices were cut."""
    pixels, (row, column) = volume(2), (np.array(orientation[:3]), np.array(orientation[3:]))
    across = np.cross(row, column)
    positions = [(np.array(ORIGIN) + across * GAP * k).tolist() for k in range(SHAPE[0])]
    made = volume_view(ct_slices(pixels, "2.25.2", orientation, positions), CT)
    for k, j, i in ((0, 0, 0), (5, 7, 9), (2, 3, 4), (0, 7, 0)):
        place = np.array(ORIGIN) + across * GAP * k + row * SPACING[1] * i + column * SPACING[0] * j
        at = [round((place[axis] - made.meta["origin_mm"][2 - axis]) / made.meta["spacing_mm"][2 - axis]) for axis in (2, 1, 0)]
        assert world(made, *at) == pytest.approx(tuple(place))
        assert array(made)[tuple(at)] == pixels[k, j, i]


def planted(change):
    files = ct_slices(volume(3), "2.25.3")
    return change(files) or files


@pytest.mark.parametrize("change, code", [
    (lambda files: files[:2] + files[3:], "DST-031"),
    (lambda files: [*files, ct_slices(volume(4)[:1], "2.25.9")[0]], "DST-032"),
    (lambda files: setattr(files[1], "PixelSpacing", [0.5, 0.9]), "DST-030"),
    (lambda files: delattr(files[0], "ImageOrientationPatient"), "DST-036"),
    (lambda files: [setattr(file, "ImageOrientationPatient", [0.999, 0.0447, 0, -0.0447, 0.999, 0]) for file in files] and None, "DST-033"),
    (lambda files: setattr(files[2], "PixelData", b"\0\0"), "DST-035"),
    (lambda files: files[:1], "DST-036"),
])
def test_a_series_that_is_no_volume_is_refused_by_name(change, code):
    with pytest.raises(NoView) as refusal:
        volume_view(planted(change), CT)
    assert refusal.value.issue.code == code


def test_positions_rounded_by_the_scanner_still_make_a_volume():
    positions = [[ORIGIN[0], ORIGIN[1], ORIGIN[2] + k * GAP + (0.01 if k % 2 else 0)] for k in range(SHAPE[0])]
    assert volume_view(ct_slices(volume(5), "2.25.5", positions=positions), CT).meta["spacing_mm"][0] == pytest.approx(GAP, abs=0.005)


def test_a_radiograph_has_dark_lungs_whichever_way_it_was_stored():
    pixels = np.arange(80).reshape(8, 10)
    plain = image_view([radiograph(pixels, "2.25.7")], DR)
    turned = image_view([radiograph(4095 - pixels, "2.25.7", PhotometricInterpretation="MONOCHROME1")], DR)
    np.testing.assert_array_equal(array(plain), pixels)
    np.testing.assert_array_equal(array(turned), pixels)
    assert plain.meta["spacing_mm"] == [0.2, 0.2]


def test_two_images_or_colour_are_no_radiograph():
    pixels = np.zeros((8, 10))
    with pytest.raises(NoView, match="DST-034"):
        image_view([radiograph(pixels, "2.25.7"), radiograph(pixels, "2.25.8")], DR)
    with pytest.raises(NoView, match="DST-035"):
        image_view([radiograph(pixels, "2.25.7", PhotometricInterpretation="PALETTE COLOR")], DR)

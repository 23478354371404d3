"""Surface distances against brute force, SimpleITK and, where installed, MONAI; empty masks by the policy."""
from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval_harness.metrics import surface as sf
from eval_harness.metrics import surfels as sv
from eval_harness.metrics.lesions import lesion_counts
from eval_harness.metrics.mask_measure import STATES, diagonal_mm, measure_mask
from eval_harness.metrics.overlap import overlap
from eval_harness.metrics.reader_ceiling import reader_ceiling
from eval_harness.metrics.skeleton import centreline_dice, skeleton
from eval_harness.metrics.staple import staple, votes

SPACING = (0.7, 1.1, 2.5)
SEEDS = st.integers(0, 10**6)


def masks(seed, shape=(9, 8, 7)):
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.05, 0.6)
    out = [rng.random(shape) < share for _ in range(2)]
    for mask in out:
        mask[tuple(rng.integers(0, n) for n in shape)] = True
    return out


def brute(reference, predicted, spacing):
    """Edge by looking at every neighbour, distance by looking at every other edge voxel."""
    found = []
    for mask in (reference, predicted):
        padded = np.pad(mask, 1)
        steps = [tuple(s if a == axis else 0 for a in range(mask.ndim)) for axis in range(mask.ndim) for s in (-1, 1)]
        found.append([voxel for voxel in np.argwhere(mask)
                      if not all(padded[tuple(voxel + 1 + np.array(step))] for step in steps)])
    ref, pred = (np.array(points) * spacing for points in found)
    gaps = np.sqrt(((ref[:, None] - pred[None]) ** 2).sum(axis=2))
    return gaps.min(axis=1), gaps.min(axis=0)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_distances_are_brute_force(seed):
    for shape, spacing in (((9, 8, 7), SPACING), ((11, 9), (0.5, 1.3))):
        reference, predicted = masks(seed, shape)
        d = sf.surface_distances(reference, predicted, spacing)
        there, back = brute(reference, predicted, spacing)
        assert np.sort(d.reference_to_predicted) == pytest.approx(np.sort(there), abs=1e-9)
        assert np.sort(d.predicted_to_reference) == pytest.approx(np.sort(back), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_distances_do_not_care_which_mask_is_whose_or_which_axis_is_first(seed):
    reference, predicted = masks(seed)
    d, swapped = sf.surface_distances(reference, predicted, SPACING), sf.surface_distances(predicted, reference, SPACING)
    turned = sf.surface_distances(reference.transpose(2, 0, 1), predicted.transpose(2, 0, 1), (SPACING[2], SPACING[0], SPACING[1]))
    for read in (sf.hausdorff, sf.hausdorff_percentile, sf.assd, sf.masd, lambda x: sf.nsd(x, 1.0)):
        assert read(swapped) == pytest.approx(read(d))
        assert read(turned) == pytest.approx(read(d))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_measures_order_as_they_must(seed):
    reference, predicted = masks(seed)
    d = sf.surface_distances(reference, predicted, SPACING)
    assert sf.assd(d) <= sf.hausdorff(d) + 1e-12
    assert sf.hausdorff_percentile(d) <= sf.hausdorff(d) + 1e-12
    assert sf.nsd(d, 0.5) <= sf.nsd(d, 1.0) <= sf.nsd(d, 5.0)
    assert sf.nsd(d, sf.hausdorff(d)) == 1
    assert sf.hausdorff(d) <= diagonal_mm(reference.shape, SPACING) + 1e-9
    counts = overlap(reference, predicted)
    assert counts.dice == pytest.approx(2 * counts.iou / (1 + counts.iou))


@pytest.mark.parametrize("seed", range(15))
def test_hausdorff_is_simpleitk(seed):
    sitk = pytest.importorskip("SimpleITK")
    reference, predicted = masks(seed)
    images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (reference, predicted)]
    for image in images:
        image.SetSpacing(SPACING[::-1])
    judged = sitk.HausdorffDistanceImageFilter()
    judged.Execute(*images)
    assert sf.hausdorff(sf.surface_distances(reference, predicted, SPACING)) == pytest.approx(judged.GetHausdorffDistance(), abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_every_distance_is_monai(seed):
    monai, torch = pytest.importorskip("monai.metrics"), pytest.importorskip("torch")
    reference, predicted = masks(seed)
    a, b = (torch.from_numpy(mask[None, None]) for mask in (predicted, reference))
    told = {"include_background": True, "spacing": list(SPACING)}
    d, elements = sf.surface_distances(reference, predicted, SPACING), sv.surfels(reference, predicted, SPACING)
    pairs = [(sf.hausdorff_percentile(d), monai.compute_hausdorff_distance(a, b, percentile=95, **told)),
             (sf.assd(d), monai.compute_average_surface_distance(a, b, symmetric=True, **told)),
             (sf.nsd(d, 1.0), monai.compute_surface_dice(a, b, [1.0], **told)),
             (sv.surface_dice(elements, 1.0), monai.compute_surface_dice(a, b, [1.0], use_subvoxels=True, **told))]
    for mine, theirs in pairs:
        assert mine == pytest.approx(float(theirs), abs=1e-5)


def test_surface_elements_close_the_surface_they_came_from():
    """A box of whole voxels: its flat sides, halved edges and cut corners, counted by hand."""
    one = np.zeros((3, 3, 3), bool)
    one[1, 1, 1] = True
    elements = sv.surfels(one, one, (1.0, 1.0, 1.0))
    assert elements.reference_size.sum() == pytest.approx(8 * math.sqrt(3) / 8)
    block = np.zeros((6, 6, 6), bool)
    block[1:5, 1:5, 1:5] = True
    size = sv.surfels(block, block, (1.0, 1.0, 1.0)).reference_size.sum()
    assert size == pytest.approx(6 * 9 + 12 * 3 * math.sqrt(0.5) + 8 * math.sqrt(3) / 8)


def test_an_element_size_does_not_change_when_its_cell_is_mirrored_or_inverted():
    sizes, corners = sv.element_sizes((1.0, 1.0, 1.0)), list(product((0, 1), repeat=3))
    for code in range(256):
        assert sizes[code] == pytest.approx(sizes[255 - code])
        mirrored = sum(1 << corners.index((1 - x, y, z)) for bit, (x, y, z) in enumerate(corners) if code >> bit & 1)
        assert sizes[code] == pytest.approx(sizes[mirrored])


def test_a_sphere_has_nearly_its_surface():
    grid = np.indices((50, 50, 50)) - 24.5
    ball = (grid**2).sum(axis=0) <= 20**2
    size = sv.surfels(ball, ball, (1.0, 1.0, 1.0)).reference_size.sum()
    assert size == pytest.approx(4 * math.pi * 20**2, rel=0.1)


def test_a_far_island_hides_from_hd95_and_not_from_hd_or_the_lesion_count():
    reference = np.zeros((40, 40, 40), bool)
    reference[5:25, 5:25, 5:25] = True
    predicted = reference.copy()
    predicted[38, 38, 38] = True
    found = measure_mask(reference, predicted, (1, 1, 1))["columns"]
    assert found["dice"] > 0.99
    assert found["hd95_mm"] == 0
    assert found["hd_mm"] > 20
    assert found["lesion_false"] == 1


@pytest.mark.parametrize(("reference", "predicted", "state", "dice", "hd95"), [
    (False, False, "empty_both", 1.0, 0.0), (True, False, "empty_prediction", 0.0, None), (False, True, "empty_reference", 0.0, None)])
def test_empty_masks_follow_the_written_policy(reference, predicted, state, dice, hd95):
    full = np.zeros((6, 6, 6), bool)
    full[2:4, 2:4, 2:4] = True
    found = measure_mask(full if reference else full & False, full if predicted else full & False, (1, 1, 2))
    assert found["columns"]["state"] == STATES[state]
    assert (found["columns"]["dice"], found["columns"]["hd95_mm"]) == (dice, hd95)
    assert found["diagonal_mm"] == pytest.approx(math.sqrt(25 + 25 + 100))


def test_masks_of_different_grids_are_refused():
    with pytest.raises(ValueError, match="different grids"):
        overlap(np.zeros((2, 2, 2), bool), np.zeros((2, 2, 3), bool))


def test_lesions_are_counted_by_the_any_voxel_rule():
    reference, predicted = np.zeros((20, 8, 4), bool), np.zeros((20, 8, 4), bool)
    reference[0:4, 0:4], reference[8:12, 0:4] = True, True
    predicted[3:6, 3:6] = True      # touches the first lesion in one column
    predicted[16:18, 6:8] = True    # touches nothing
    found = lesion_counts(reference, predicted)
    assert (found.found, found.false, found.missed) == (1, 1, 1)
    assert found.f1 == pytest.approx(0.5)


def test_staple_trusts_the_reader_who_agrees_with_the_others():
    rng = np.random.default_rng(0)
    truth = rng.random((12, 12, 6)) < 0.3
    readers = np.array([truth ^ (rng.random(truth.shape) < error) for error in (0.02, 0.03, 0.02, 0.35)])
    found = staple(readers)
    assert found.sensitivity[3] < found.sensitivity[:3].min()
    assert ((found.probability >= 0.5) == truth).mean() > 0.995
    assert set(np.unique(votes(readers))) <= {0, 1, 2}


def test_staple_is_simpleitk():
    sitk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(3)
    truth = rng.random((10, 9, 6)) < 0.4
    readers = np.array([truth ^ (rng.random(truth.shape) < 0.1) for _ in range(3)])
    judged = sitk.STAPLEImageFilter()
    judged.SetForegroundValue(1)
    image = judged.Execute([sitk.GetImageFromArray(r.astype(np.uint8)) for r in readers])
    found = staple(readers)
    assert found.probability == pytest.approx(sitk.GetArrayFromImage(image), abs=1e-5)
    assert found.sensitivity == pytest.approx(judged.GetSensitivity(), abs=1e-5)
    assert found.specificity == pytest.approx(judged.GetSpecificity(), abs=1e-5)


def test_the_ceiling_is_the_readers_dice_with_each_other():
    rng = np.random.default_rng(1)
    truth = rng.random((8, 8, 8)) < 0.4
    readers = np.array([truth ^ (rng.random(truth.shape) < error) for error in (0.02, 0.02, 0.2)])
    found = reader_ceiling(readers)
    assert found.pairs[0, 1] == overlap(readers[0], readers[1]).dice
    assert found.worst <= found.mean <= max(found.pairs.values())
    assert np.argmin(found.reader_to_rest) == 2
    assert reader_ceiling(np.zeros((2, 3, 3), bool)).mean == 1.0


def tube(shape=(24, 11, 11), shift=0):
    mask = np.zeros(shape, bool)
    mask[2:22, 4 + shift:7 + shift, 4:7] = True
    return mask


def test_a_tube_thins_to_one_line_inside_it_and_stays_in_one_piece():
    from scipy import ndimage

    line = skeleton(tube())
    assert line.any()
    assert not (line & ~tube()).any()
    assert line.any(axis=(1, 2)).sum() >= 15
    assert line.sum(axis=(1, 2)).max() <= 2
    assert ndimage.label(line, np.ones((3, 3, 3)))[1] == 1


def test_a_ring_keeps_its_hole():
    grid = np.indices((15, 15, 5)) - np.array([7, 7, 2]).reshape(3, 1, 1, 1)
    radius = np.sqrt(grid[0] ** 2 + grid[1] ** 2)
    ring = (radius > 3) & (radius < 6) & (np.abs(grid[2]) <= 1)
    line = skeleton(ring)
    assert line.sum() > 10
    assert not line[7, 7].any()
    for mask in (ring, line):
        holes = ~mask.any(axis=2)
        assert holes[7, 7]
        assert not np.array_equal(holes, np.ones_like(holes))


@pytest.mark.parametrize("seed", range(8))
def test_thinning_is_scikit_images(seed):
    morphology = pytest.importorskip("skimage.morphology")
    reference, _ = masks(seed, (12, 11, 10))
    assert np.array_equal(skeleton(reference), morphology.skeletonize(reference) > 0)


@pytest.mark.parametrize("seed", range(12))
def test_flat_thinning_is_scikit_images_down_to_single_pixels_and_at_the_edge_of_the_grid(seed):
    morphology = pytest.importorskip("skimage.morphology")
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    noise = rng.random((23, 17))
    for mask in (noise < 0.5, noise < 0.9, ndimage.gaussian_filter(noise, 1.5) > 0.5):
        assert np.array_equal(skeleton(mask), morphology.skeletonize(mask))


def test_a_flat_shape_thins_to_a_line_that_stays_in_one_piece():
    from scipy import ndimage

    bar = np.zeros((30, 12), bool)
    bar[3:27, 3:8], bar[12:17, 3:11] = True, True
    line = skeleton(bar)
    assert 10 < line.sum() < 40
    assert ndimage.label(line, np.ones((3, 3)))[1] == 1
    assert not (line & ~bar).any()


def test_centreline_dice_sees_a_missing_branch_that_dice_forgives():
    tree = tube()
    tree[11, 4:7, 4:11] = True
    assert overlap(tree, tube()).dice > 0.95
    assert centreline_dice(tree, tube()) < 0.97
    assert centreline_dice(tree, tree) == 1.0

"""What the metric code is timed against: the usual loops, written plainly, and MONAI where it is installed."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from eval_harness.metrics.froc_match import Points

Entries = list[list[tuple[float, int, bool]]]
"""By scan: (score, 1 lesion or 0 mark, missed)."""
POINTS = (0.125, 0.25, 0.5, 1, 2, 4, 8)


def luna_loop_match(marks: Points, lesions: Points, excluded: Points, n_scans: int) -> Entries:
    """Every mark of a scan against every finding of it, one at a time, as the challenge script goes about it."""
    by_scan: list[dict[str, list[tuple[float, float, float, float]]]] = [{"m": [], "l": [], "e": []} for _ in range(n_scans)]
    for key, points in (("m", marks), ("l", lesions), ("e", excluded)):
        for scan, (x, y, z), size in zip(points.scan.tolist(), points.xyz_mm.tolist(), points.size.tolist(), strict=True):
            by_scan[scan][key].append((x, y, z, size))
    out: Entries = []
    for scan in by_scan:
        entries: list[tuple[float, int, bool]] = []
        found = scan["m"]
        if len(found) > 100:
            limit = sorted((m[3] for m in found), reverse=True)[100]
            found = [m for m in found if m[3] > limit]
        remaining = set(range(len(found)))
        for x, y, z, diameter in scan["l"]:
            radius = (diameter if diameter >= 0 else 10.0) / 2
            hits = [i for i, m in enumerate(found) if (m[0] - x) ** 2 + (m[1] - y) ** 2 + (m[2] - z) ** 2 < radius**2]
            remaining -= set(hits)
            entries.append((max(found[i][3] for i in hits), 1, False) if hits else (-1e9, 1, True))
        for i in sorted(remaining):
            m = found[i]
            radii = [((d if d >= 0 else 10.0) / 2) ** 2 for *_, d in scan["e"]]
            apart = [(m[0] - x) ** 2 + (m[1] - y) ** 2 + (m[2] - z) ** 2 for x, y, z, _ in scan["e"]]
            if not any(gap < radius for gap, radius in zip(apart, radii, strict=True)):
                entries.append((m[3], 0, False))
        out.append(entries)
    return out


def luna_loop_bootstrap(entries: Entries, n_scans: int, draws: int) -> np.ndarray:
    """The challenge script's way: scans drawn with replacement, their entries joined to a growing array scan by scan, missed
    lesions taken out one by one, an ROC curve by scikit-learn, the FROC curve interpolated on its 10,000 points."""
    from sklearn.metrics import roc_curve

    rng = np.random.default_rng(0)
    by_scan = [np.array(scan, np.float64).reshape(-1, 3).T for scan in entries]
    grid = np.linspace(0.125, 8, 10000)
    out = np.empty((draws, len(POINTS)))
    for b in range(draws):
        joined = np.zeros((3, 0))
        for scan in rng.integers(n_scans, size=n_scans):
            joined = np.concatenate((joined, by_scan[scan]), axis=1)
        scores, truths = [], []
        for score, truth, missed in zip(*joined, strict=True):
            if not missed:
                scores.append(score)
                truths.append(truth)
        found, total = sum(truths), sum(joined[1])
        fpr, tpr, _ = roc_curve(truths, scores)
        curve = np.interp(grid, fpr * (len(truths) - found) / n_scans, tpr * found / total)
        out[b] = np.interp(POINTS, grid, curve)
    return out


def plain_midrank(x: np.ndarray) -> np.ndarray:
    """Mid-ranks by walking the sorted values."""
    order = np.argsort(x)
    ordered, n = x[order], len(x)
    ranks = np.zeros(n)
    i = 0
    while i < n:
        j = i
        while j < n and ordered[j] == ordered[i]:
            j += 1
        ranks[i:j] = 0.5 * (i + j - 1)
        i = j
    out = np.empty(n)
    out[order] = ranks + 1
    return out


def plain_delong(truth: np.ndarray, scores: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """AUCs and covariance from mid-ranks (Sun and Xu 2014)."""
    m, n = int(truth.sum()), int((~truth).sum())
    positive, negative = [s[truth] for s in scores], [s[~truth] for s in scores]
    tx = np.array([plain_midrank(x) for x in positive])
    ty = np.array([plain_midrank(y) for y in negative])
    tz = np.array([plain_midrank(np.concatenate([x, y])) for x, y in zip(positive, negative, strict=True)])
    aucs = tz[:, :m].sum(axis=1) / m / n - (m + 1.0) / 2.0 / n
    return aucs, np.cov((tz[:, :m] - tx) / n) / m + np.cov(1.0 - (tz[:, m:] - ty) / m) / n


def monai_hd95() -> tuple[Callable[[Any, Any, Sequence[float]], float], str, bool]:
    """(HD95 of two masks, what it is, whether it is MONAI itself). The floors speak of MONAI itself."""
    try:
        import torch
        from monai.metrics import compute_hausdorff_distance
    except ImportError:
        return _monai_steps, "peer: MONAI's own steps in numpy and scipy (MONAI is not installed), HD95 alone", False
    torch.set_num_threads(1)

    def monai(reference: Any, predicted: Any, spacing: Sequence[float]) -> float:
        a, b = (torch.from_numpy(mask[None, None]) for mask in (predicted, reference))
        return float(compute_hausdorff_distance(a, b, include_background=True, percentile=95, spacing=list(spacing))[0, 0])

    return monai, "peer: MONAI compute_hausdorff_distance(percentile=95), HD95 alone", True


def _monai_steps(reference: Any, predicted: Any, spacing: Sequence[float]) -> float:
    """Crop to the common box, edges by erosion, a Euclidean distance transform each way, the percentile."""
    from scipy import ndimage

    where = np.argwhere(reference | predicted)
    low, high = where.min(axis=0), where.max(axis=0) + 1
    box = tuple(slice(max(0, a - 1), b + 1) for a, b in zip(low, high, strict=True))
    edges = [mask[box] ^ ndimage.binary_erosion(mask[box]) for mask in (reference, predicted)]
    maps = [ndimage.distance_transform_edt(~edge, sampling=spacing) for edge in edges]
    return float(max(np.percentile(maps[0][edges[1]], 95), np.percentile(maps[1][edges[0]], 95)))

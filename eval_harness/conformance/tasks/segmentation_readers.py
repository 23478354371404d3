"""Task `segmentation_multi_reader`: masks[readers, ...] by key in an NPZ, meta list or mapping with spacing_mm in a JSON."""
from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_arrays, read_json
from eval_harness.conformance.masks import pair_values
from eval_harness.metrics.overlap import overlap, voxel_volume_mm3
from eval_harness.metrics.rows import BoolArray
from eval_harness.metrics.staple import at_least, staple, votes


def compute(case: Case) -> dict[str, Any]:
    arrays, meta = read_arrays(case.one(".npz")), read_json(case.one(".json"))
    listed = {row["key"]: row for row in meta} if isinstance(meta, list) else meta
    return {key: _nodule(masks != 0, listed[key]["spacing_mm"]) for key, masks in sorted(arrays.items())}


def _nodule(masks: BoolArray, spacing_mm: list[float]) -> dict[str, Any]:
    readers = len(masks)
    half = at_least(masks, (readers + 1) // 2)
    majority = readers // 2 + 1
    found, vote = staple(masks), votes(masks)
    consensus = found.probability >= 0.5
    return {
        "spacing_mm": list(spacing_mm), "volumes_mm3": [float(m.sum()) * voxel_volume_mm3(spacing_mm) for m in masks],
        "pairwise_dice": {f"{a}-{b}": overlap(masks[a], masks[b]).dice for a, b in combinations(range(readers), 2)},
        "consensus50_voxels": int(half.sum()), f"majority{majority}of{readers}_voxels": int(at_least(masks, majority).sum()),
        f"majority_ge{(readers + 1) // 2}of{readers}_voxels": int(half.sum()),
        f"pylidc_consensus50_equals_ge{(readers + 1) // 2}of{readers}": bool(np.array_equal(masks.mean(axis=0) >= 0.5, half)),
        "sitk_label_voting_undecided2": {str(v): int((vote == v).sum()) for v in np.unique(vote)},
        "staple": {"sensitivity": found.sensitivity.tolist(), "specificity": found.specificity.tolist(),
                   "iterations": found.iterations, "prob_sum": float(found.probability.sum()),
                   "voxels_ge_0_5": int(consensus.sum()), "dice_with_consensus50": overlap(half, consensus).dice},
        "reader0_vs_consensus50": pair_values(half, masks[0], spacing_mm),
        "reader1_vs_reader2": pair_values(masks[1], masks[2], spacing_mm) if readers > 2 else None,
    }

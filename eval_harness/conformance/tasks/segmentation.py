"""Task `segmentation_distance`: <name>__gt and <name>__pred masks in an NPZ, spacing in mm by name in a JSON."""
from __future__ import annotations

from typing import Any

from eval_harness.conformance.casefiles import Case, read_arrays, read_json, refuse
from eval_harness.conformance.masks import pair_values

REFERENCE, PREDICTED = ("__gt", "__reference", "__ref"), ("__pred", "__prediction")


def compute(case: Case) -> dict[str, Any]:
    arrays = read_arrays(case.one(".npz"))
    spacing = read_json(case.one(".json"))
    pairs = {name.rsplit("__", 1)[0] for name in arrays if name.endswith(REFERENCE)}
    if not pairs:
        raise refuse("CNF-002", case.name, wanted="<name>__gt and <name>__pred", found=0)
    out: dict[str, Any] = {}
    for name in sorted(pairs):
        reference = next(arrays[name + end] for end in REFERENCE if name + end in arrays) != 0
        predicted = next((arrays[name + end] for end in PREDICTED if name + end in arrays), None)
        if predicted is None:
            raise refuse("CNF-002", case.name, wanted=f"{name}__pred", found=0)
        mm = (spacing.get(name) or spacing.get("spacing_mm")) if isinstance(spacing, dict) else spacing
        if mm is None or predicted.shape != reference.shape:
            raise refuse("CNF-002", case.name, wanted=f"{name}: spacing_mm, masks of one grid", found=0)
        out[name] = pair_values(reference, predicted != 0, mm)
    return out

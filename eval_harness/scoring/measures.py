"""One case against its truth: the only step that sees truth (layer one to layer two, design/evaluation).

A failed case becomes a worst-case measurement by the task's failure rule; it is never dropped, because AUC and CPM
improve when hard cases time out and vanish. A pack may bring its own `measure(truth, output_or_none, spec)`.
numpy and the standard library only: a regulator re-computes measurements with these lines.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import CaseKey, Measurement, Result, Terminal, Truth, eval_messages
from eval_harness.metrics.froc_match import UNKNOWN_DIAMETER_MM
from eval_harness.scoring import measures_outlines as outlines
from eval_harness.scoring.answers import OpenBlob, answer_of, no_blobs

Measure = Callable[[Truth, Any, Mapping[str, Any]], Any]
MARK_CAP = 100


def measure_run(results: Sequence[Result], keys: Sequence[CaseKey], truths: Mapping[str, Truth], pack: Mapping[str, Any],
                own: Measure | None = None, open_blob: OpenBlob = no_blobs) -> list[Measurement]:
    """A measurement for every case of the set, in token order; a case without a result is a failed one.

    open_blob: bytes of a declared output file by digest. Raises Terminal SCO-010 for a measure kind that is not known where
    no measure function was given, BlobMissing for a file that is not here.
    """
    kind = str(pack["measure"]["kind"])
    chosen = own or BY_KIND.get(kind)
    if chosen is None:
        raise Terminal(eval_messages().issue("SCO-010", str(pack["task"]), kind=kind, known=", ".join(sorted(BY_KIND))))
    answers = {result.token: result for result in results}
    out = []
    for key in sorted(keys, key=lambda one: one.token):
        result, truth = answers.get(key.token), truths[key.token]
        ok = result is not None and result.status == "ok"
        rows = chosen(truth, answer_of(result, open_blob) if ok and result is not None else None, pack)
        status = result.status if result is not None else "missing"
        out.append(Measurement(key.token, key.person, rows, not ok, None if ok else f"{kind}:{status}"))
    return out


def binary(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """{"score", "truth"}; None where the reference standard is uncertain. A failed case has no score: worst of its class."""
    if truth.state != "defined":
        return None
    return {"score": None if output is None else float(output["score"]), "truth": int(truth.value["label"])}


def multilabel(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """{"scores", "truth"} by label; truth null where the readers were uncertain about that label."""
    if truth.state == "absent":
        return None
    labels = pack["measure"]["params"]["labels"]
    known = truth.value["labels"]
    return {"scores": {label: None if output is None else float(output["scores"][label]) for label in labels},
            "truth": {label: known.get(label) for label in labels}}


def froc_points(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """Marks matched to lesions of one scan: a mark hits where it is strictly nearer than the radius (mm).

    The best mark on a lesion is its score, its other marks count nowhere; marks on excluded findings count neither way.
    A failed scan: every lesion missed and as many false positives above every score as the mark cap allows.
    """
    if truth.state == "absent":
        return None
    lesions = [{"score": None, "size_mm": float(one["diameter_mm"]), "type": one.get("kind", "unknown")}
               for one in truth.value["nodules"]]
    cap = int(pack["measure"].get("params", {}).get("cap", MARK_CAP))
    if output is None:
        return {"lesions": lesions, "false": [], "aside": [], "false_above": cap}
    marks = sorted(output["marks"], key=lambda mark: -float(mark["score"]))
    if len(marks) > cap:
        marks = [mark for mark in marks if float(mark["score"]) > float(marks[cap]["score"])]
    places = _places(marks)
    on_lesion = _inside(places, truth.value["nodules"])
    on_excluded = _inside(places, list(truth.ignore))
    for number, lesion in enumerate(lesions):
        best = [float(marks[i]["score"]) for i in np.flatnonzero(on_lesion[:, number])]
        lesion["score"] = max(best) if best else None
    free = ~on_lesion.any(axis=1)
    aside = free & on_excluded.any(axis=1)
    scores = [float(mark["score"]) for mark in marks]
    return {"lesions": lesions, "false": [scores[i] for i in np.flatnonzero(free & ~aside)],
            "aside": [scores[i] for i in np.flatnonzero(aside)], "false_above": 0}


def _places(rows: Sequence[Mapping[str, Any]]) -> Any:
    return np.array([[float(row[axis]) for axis in "xyz"] for row in rows], np.float64).reshape(len(rows), 3)


def _inside(places: Any, findings: Sequence[Mapping[str, Any]]) -> Any:
    """bool[marks, findings]."""
    sizes = np.array([float(one["diameter_mm"]) for one in findings], np.float64)
    radius = np.where(sizes < 0, UNKNOWN_DIAMETER_MM, sizes) / 2
    gaps = places[:, None, :] - _places(findings)[None, :, :]
    return (gaps * gaps).sum(axis=2) < radius * radius


BY_KIND: dict[str, Measure] = {"binary": binary, "multilabel": multilabel, "froc.points": froc_points, "mask": outlines.mask,
                               "froc.masks": outlines.instances, "froc.clips": outlines.clips,
                               "boxes": outlines.boxes, "tags": outlines.tags}

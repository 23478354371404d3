"""LUNA16 matching of marks to nodules, as the challenge's official script decides (Setio et al. 2017).

- A mark hits a nodule when its squared distance is strictly below the squared radius (world mm); on the radius is a miss.
- A negative diameter means 10 mm.
- The best score among a nodule's marks is its hit; its other marks are repeats: neither hits nor false positives.
- One mark inside two nodules counts for both.
- Marks inside an excluded (irrelevant) finding and in no nodule are ignored.
- Mark cap: with more than `cap` marks in a scan only those strictly above the (cap + 1)th score stay, so ties at the cut go.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray, FloatArray, FrocRows, IntArray

UNKNOWN_DIAMETER_MM = 10.0


@dataclass(frozen=True)
class Points:
    """Marks or findings. scan[m]; xyz_mm[m, 3] world; size[m]: score of a mark, diameter in mm of a finding."""

    scan: IntArray
    xyz_mm: FloatArray
    size: FloatArray

    def of(self, keep: BoolArray) -> Points:
        return Points(self.scan[keep], self.xyz_mm[keep], self.size[keep])


@dataclass(frozen=True)
class Match:
    rows: FrocRows
    best: FloatArray
    """Score of each nodule's best mark; NaN where it was missed. In the order of `lesions`."""
    candidates: int
    """Marks left after the cap."""
    ignored_excluded: int
    repeats: int


def match_points(marks: Points, lesions: Points, excluded: Points, n_scans: int, cap: int | None = 100,
                 person_of_scan: IntArray | None = None) -> Match:
    """Match every scan's marks. person_of_scan[n_scans] gives the cluster of each scan (default: the scan itself)."""
    persons = np.arange(n_scans) if person_of_scan is None else person_of_scan
    n_persons = int(persons.max()) + 1 if n_scans else 0
    marks = cap_marks(marks, n_scans, cap) if cap is not None else marks
    hit_mark, hit_lesion = _inside(marks, lesions, n_scans)
    best = np.full(len(lesions.scan), -np.inf)
    np.maximum.at(best, hit_lesion, marks.size[hit_mark])
    found = np.bincount(hit_lesion, minlength=len(best)) > 0
    on_lesion = np.zeros(len(marks.scan), bool)
    on_lesion[hit_mark] = True
    on_excluded = np.zeros(len(marks.scan), bool)
    on_excluded[_inside(marks, excluded, n_scans)[0]] = True
    false = ~on_lesion & ~on_excluded
    # what counts: one row a found nodule, one a false positive; the rest is carried as ignored
    aside = ~on_lesion & on_excluded
    score = np.concatenate([best[found], marks.size[false], marks.size[aside]])
    hit = np.r_[np.ones(found.sum(), bool), np.zeros(false.sum() + aside.sum(), bool)]
    ignored = np.r_[np.zeros(found.sum() + false.sum(), bool), np.ones(aside.sum(), bool)]
    person = np.concatenate([persons[lesions.scan[found]], persons[marks.scan[false]], persons[marks.scan[aside]]])
    rows = FrocRows(score, hit, ignored, person.astype(np.intp),
                    np.bincount(persons[lesions.scan], minlength=n_persons),
                    np.bincount(persons, minlength=n_persons), n_persons)
    return Match(rows, np.where(found, best, np.nan), len(marks.scan), int(aside.sum()), len(hit_mark) - int(found.sum()))


def cap_marks(marks: Points, n_scans: int, cap: int) -> Points:
    """Drop, in scans with more than `cap` marks, every mark not strictly above the (cap + 1)th largest score."""
    counts = np.bincount(marks.scan, minlength=n_scans)
    if counts.max(initial=0) <= cap:
        return marks
    order = np.lexsort((-marks.size, marks.scan))
    first = np.r_[0, np.cumsum(counts)[:-1]]
    limit = np.full(n_scans, -np.inf)
    full = np.flatnonzero(counts > cap)
    limit[full] = marks.size[order[first[full] + cap]]
    return marks.of((counts[marks.scan] <= cap) | (marks.size > limit[marks.scan]))


def _inside(marks: Points, findings: Points, n_scans: int) -> tuple[IntArray, IntArray]:
    """Pairs (mark, finding) of one scan with the mark strictly inside the finding's sphere."""
    order = np.argsort(marks.scan, kind="stable")
    counts = np.bincount(marks.scan, minlength=n_scans)
    first = np.r_[0, np.cumsum(counts)[:-1]] if n_scans else np.zeros(0, np.intp)
    many = counts[findings.scan] if len(findings.scan) else np.zeros(0, np.intp)
    finding = np.repeat(np.arange(len(many)), many)
    place = np.arange(len(finding)) - np.repeat(np.cumsum(many) - many, many)
    mark = order[first[findings.scan[finding]] + place]
    radius = np.where(findings.size < 0, UNKNOWN_DIAMETER_MM, findings.size) / 2.0
    offset = marks.xyz_mm[mark] - findings.xyz_mm[finding]
    inside = offset[:, 0] ** 2 + offset[:, 1] ** 2 + offset[:, 2] ** 2 < (radius**2)[finding]
    return mark[inside], finding[inside]


"""Speed of the metric code against its peers, as ratios of one run: python -m benchmarks.metrics [--quick] [--json]

Median of five alternating runs (ours, peer, ours, peer ...) on one core, in seconds of processor time, so that a busy machine
does not change a ratio. A peer's loop is timed over a share of its draws
and scaled, which is said beside it. Floors, aims and measured ratios are printed; exit 1 when a ratio is under its floor.
MONAI is used when it is installed; otherwise its own steps in numpy and scipy stand in for it, and the line says so.
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - after the thread limits

Timed = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    name: str
    ours_s: float
    peer_s: float
    floor: float
    aim: float
    note: str

    @property
    def ratio(self) -> float:
        return self.peer_s / self.ours_s

    def line(self) -> str:
        verdict = "ok" if self.ratio >= self.floor else "UNDER ITS FLOOR"
        return (f"{self.name}: ours {self.ours_s:.4f} s, peer {self.peer_s:.3f} s, {self.ratio:.1f}x "
                f"(floor {self.floor:g}x, aim {self.aim:g}x) {verdict}; {self.note}")


def alternate(ours: Timed, peer: Timed, scale: float, runs: int) -> tuple[float, float]:
    """Medians of alternating runs in seconds; the peer's is multiplied by `scale`."""
    mine, theirs = [], []
    for _ in range(runs):
        for times, work in ((mine, ours), (theirs, peer)):
            begun = time.process_time()
            work()
            times.append(time.process_time() - begun)
    return statistics.median(mine), statistics.median(theirs) * scale


def froc(runs: int) -> Result:
    """888 scans, 1,186 nodules, about 55,700 marks: match and 1,000 scan-level bootstraps of CPM."""
    from benchmarks.peers import luna_loop_bootstrap, luna_loop_match
    from eval_harness.metrics.froc import sensitivity_at_fp
    from eval_harness.metrics.froc_match import Points, match_points
    from eval_harness.stats.bootstrap import draw

    rng = np.random.default_rng(1)
    n_scans, n_lesions, n_marks = 888, 1186, 55_700
    lesion_scan, mark_scan = rng.integers(0, n_scans, n_lesions), rng.integers(0, n_scans, n_marks)
    lesions = Points(lesion_scan, rng.uniform(-150, 150, (n_lesions, 3)), rng.uniform(4, 25, n_lesions))
    places = rng.uniform(-150, 150, (n_marks, 3))
    on = rng.random(n_marks) < 0.03
    chosen = rng.integers(0, n_lesions, n_marks)
    places[on], mark_scan[on] = lesions.xyz_mm[chosen[on]] + rng.normal(0, 2, (on.sum(), 3)), lesion_scan[chosen[on]]
    marks = Points(mark_scan, places, np.round(rng.random(n_marks), 4))
    excluded = Points(rng.integers(0, n_scans, 5000), rng.uniform(-150, 150, (5000, 3)), rng.uniform(3, 8, 5000))

    def ours() -> Any:
        rows = match_points(marks, lesions, excluded, n_scans).rows
        return sensitivity_at_fp(rows, draw(n_scans, 1000, 0))

    share = 20

    def peer() -> float:
        begun = time.process_time()
        entries = luna_loop_match(marks, lesions, excluded, n_scans)
        matched = time.process_time() - begun
        begun = time.process_time()
        luna_loop_bootstrap(entries, n_scans, share)
        return matched + (time.process_time() - begun) * 1000 / share

    mine, theirs = [], []
    for _ in range(runs):
        begun = time.process_time()
        ours()
        mine.append(time.process_time() - begun)
        theirs.append(peer())
    return Result("LUNA16 FROC, match + 1000 bootstraps", statistics.median(mine), statistics.median(theirs), 100, 250,
                  f"peer: the official script's loop (one mark, one scan at a time), {share} of 1000 draws scaled; our weights take 1.8 MB")


def auc_bootstrap(runs: int) -> Result:
    """Stratified bootstrap of AUC, 100,000 cases, B = 2000."""
    from sklearn.metrics import roc_auc_score

    from eval_harness.metrics.auc import auc_midrank
    from eval_harness.metrics.rows import BinaryRows
    from eval_harness.stats.bootstrap import draw_blocks

    rng = np.random.default_rng(2)
    n = 100_000
    truth = rng.random(n) < 0.2
    score = np.round(rng.normal(size=n) + truth, 3)
    rows = BinaryRows(score, truth, np.arange(n), n)
    positives, negatives = np.flatnonzero(truth), np.flatnonzero(~truth)
    share = 20

    def ours() -> Any:
        return np.concatenate([auc_midrank(rows, block) for block in draw_blocks(n, 2000, 0, truth)])

    def peer() -> None:
        for _ in range(share):
            pick = np.r_[rng.choice(positives, len(positives)), rng.choice(negatives, len(negatives))]
            roc_auc_score(truth[pick], score[pick])

    mine, theirs = alternate(ours, peer, 2000 / share, runs)
    return Result("AUC stratified bootstrap, 1e5 cases x 2000", mine, theirs, 20, 30,
                  f"peer: scikit-learn's roc_auc_score in a loop, {share} of 2000 draws timed and scaled; weights in 64 MiB blocks")


def paired_delong(runs: int) -> Result:
    """Two models, 100,000 cases with ties."""
    from benchmarks.peers import plain_delong
    from eval_harness.metrics.delong import delong

    rng = np.random.default_rng(3)
    n = 100_000
    truth = rng.random(n) < 0.3
    scores = [np.round(rng.normal(size=n) + truth, 2) for _ in range(2)]
    mine, theirs = alternate(lambda: delong(truth, *scores), lambda: plain_delong(truth, scores), 1, runs)
    return Result("paired DeLong, 1e5 tied cases", mine, theirs, 2.5, 3, "peer: fast DeLong with a plain mid-rank loop; 8 MB")


def surfaces(runs: int) -> list[Result]:
    """HD95, ASSD and NSD in one pass against HD95 alone, on a lung and on an 8 mm nodule in 512 x 512 x 160."""
    from benchmarks.peers import monai_hd95
    from eval_harness.metrics import surface as sf

    peer, note, installed = monai_hd95()
    out, spacing = [], (0.7, 0.7, 1.0)
    for name, centre, radii, floor, aim in (("lung", (256, 180, 80), (150, 95, 68), 1.3, 1.5),
                                            ("8 mm nodule", (300, 200, 70), (6, 6, 4), 20, 40)):
        reference = _ellipsoid((512, 512, 160), centre, radii)
        predicted = _ellipsoid((512, 512, 160), tuple(c + d for c, d in zip(centre, (1, 2, 1), strict=True)), radii)

        def ours(reference: Any = reference, predicted: Any = predicted) -> tuple[float, ...]:
            d = sf.surface_distances(reference, predicted, spacing)
            return sf.hausdorff_percentile(d), sf.assd(d), sf.nsd(d, 1.0)

        def theirs_of(reference: Any = reference, predicted: Any = predicted) -> float:
            return peer(reference, predicted, spacing)

        if abs(ours()[0] - theirs_of()) > 1e-4:
            raise ValueError(f"{name}: the two HD95 differ, so their times compare nothing")
        mine, theirs = alternate(ours, theirs_of, 1, runs)
        out.append(Result(f"HD95 + ASSD + NSD, {name}", mine, theirs, floor if installed else 1.0, aim if installed else 1.0, note))
    return out


def _ellipsoid(shape: tuple[int, ...], centre: tuple[int, ...], radii: tuple[int, ...]) -> np.ndarray:
    parts = [((np.arange(n) - c) / r) ** 2 for n, c, r in zip(shape, centre, radii, strict=True)]
    return np.asarray(parts[0][:, None, None] + parts[1][None, :, None] + parts[2][None, None, :] <= 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run of each instead of five")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    runs = 1 if chosen.quick else 5
    results = [paired_delong(runs), *surfaces(runs), froc(runs), auc_bootstrap(runs)]
    for one in results:
        sys.stderr.write(one.line() + "\n")
    if chosen.json:
        sys.stdout.write(json.dumps({one.name: {"ours_s": one.ours_s, "peer_s": one.peer_s, "ratio": one.ratio, "floor": one.floor,
                                                "aim": one.aim, "note": one.note} for one in results}) + "\n")
    return int(any(one.ratio < one.floor for one in results))


if __name__ == "__main__":
    sys.exit(main())

"""DICOM de-identification against its peers and floors, in alternating runs on one core: python -m benchmarks.deid_dicom

Header pass: 512 x 512 CT slices of some 262 elements, each another file, from file to file, in CPU seconds; against deid, dicognito
(its own environment: $TOUCHSTONE_PEERS, a python) and Orthanc (where installed), and against a plain copy. Twice: the slices of one
series, as scanners write them, and the worst case, in which every file is another patient's. Pixels: a fresh 480 x 640 frame against
the bare detector; a cine, per frame. Memory: peak RSS of the command at --files and at ten times as many. A peer that is not here is
skipped by name.
"""
from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import deid_dicom_sides as sides
from benchmarks.deid_dicom_files import slices
from benchmarks.deid_dicom_memory import memory

CT = "dicom/cornerstone3D/CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"
RUNS = 5
FILES_A_RUN = 100
PARTS = ("header", "pixels", "memory")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--files", type=int, default=500, help="memory: RSS at this many files and at ten times as many; 0 skips it")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part, or some")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    parts = chosen.only or PARTS
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    say(f"CPU: {cpu()}; Python {platform.python_version()}; " + ", ".join(f"{name} {told(name)}" for name in (
        "pydicom", "deid", "rapidocr-onnxruntime", "onnxruntime")))
    results: dict[str, Any] = {"cpu": cpu()}
    if "header" in parts and (data / CT).is_file():
        results["header"] = header(data / CT, chosen.runs)
    elif "header" in parts:
        say("header pass: skipped, the reference data of TOUCHSTONE_DATA is not here")
    if "pixels" in parts:
        results["pixels"] = pixels(chosen.runs)
    if "memory" in parts and chosen.files:
        results["memory"] = memory(chosen.files, say)
    if chosen.json:
        sys.stdout.write(json.dumps(results) + "\n")
    return 0


def header(source: Path, runs: int) -> dict[str, Any]:
    """CPU milliseconds a file, median of alternating runs."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})      # children and the server too
    results = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:     # the disk is nobody's merit
        folder = Path(name)
        chosen: list[Callable[[Path, Path, list[Path]], sides.Seconds]] = [sides.copy, sides.touchstone]
        for label, side, there in (("deid", sides.deid, told("deid")), ("dicognito", sides.dicognito, sides.dicognito_version())):
            say(f"peer {label} {there}" if there else f"peer {label}: skipped, not installed here")
            if there:
                chosen.append(side)
        server = sides.Orthanc(folder) if shutil.which("Orthanc") else None
        say(f"peer Orthanc {server.version}" if server else "peer Orthanc: skipped, not installed here")
        try:
            for case in ("one series", "every file another patient"):
                files = slices(source, folder / case.replace(" ", "-"), FILES_A_RUN, case != "one series")
                if server is not None:
                    server.put(files)
                results[case] = _compared(case, [*chosen, *([server] if server else [])], folder, source, files, runs)
        finally:
            if server is not None:
                server.stop()
            os.sched_setaffinity(0, cores)
    return results


def _compared(case: str, chosen: list[Callable[[Path, Path, list[Path]], sides.Seconds]], folder: Path, warm: Path, files: list[Path],
              runs: int) -> dict[str, Any]:
    times: dict[str, list[float]] = {}
    for _ in range(runs):
        for side in chosen:
            for label, seconds in side(folder / "out", warm, files).items():
                times.setdefault(label, []).append(seconds)
    ms = {label: median(values) * 1e3 for label, values in times.items()}
    for label, value in ms.items():
        say(f"header pass, {case}: {label:40s} {value:9.3f} ms CPU a file")
    peers = {label: value for label, value in ms.items() if label in ("deid", "dicognito", "orthanc")}
    fastest = min(peers, key=peers.__getitem__) if peers else None
    ours, result = ms["touchstone"], {"ms": ms, "times_copy": ms["touchstone"] / ms["copy"], "fastest_peer": fastest}
    say(f"header pass, {case}: {ours / ms['copy']:.2f} x a plain copy of the file (target 3, aim 1.5)")
    if fastest:
        result["times_faster"] = peers[fastest] / ours
        say(f"header pass, {case}: {peers[fastest] / ours:.1f} x as fast as {fastest}, from file to file (target 4, aim 8)"
            f"; the copy itself is {peers[fastest] / ms['copy']:.1f} x as fast")
    if "orthanc, the server alone" in ms:
        alone = ms["orthanc, the server alone"] / ms["touchstone, bytes to bytes"]
        result["times_faster_in_memory"] = alone
        say(f"header pass, {case}: {alone:.1f} x as fast as Orthanc's server alone, from bytes to bytes")
    return result


def each(work: Callable[[], object], times: int) -> float:
    """CPU seconds a call."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def pixels(runs: int) -> dict[str, Any]:
    """Ratios to the bare detector (rapidocr's own TextDetector, one thread) on the same frame, in CPU seconds."""
    import cv2
    import numpy as np
    from rapidocr_onnxruntime import RapidOCR

    from benchmarks.deid_pixels_cases import backdrop
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.dicom.identity import matcher
    from pipelines.phi_zone.pixels.cleaner import look_at_all
    from pipelines.phi_zone.pixels.decode import Decoded
    from pipelines.phi_zone.pixels.look import look
    from pipelines.phi_zone.pixels.ocr import Reader
    from schemas.deid import KnownIdentity

    bare = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1).text_det
    rng, nobody, eyes, policy = np.random.default_rng(0), matcher(KnownIdentity()), Reader(), load_policy("cn-gold")
    quiet = np.repeat(rng.integers(0, 70, (480, 640, 1), np.uint8), 3, 2)
    marked = quiet.copy()
    for place, text in enumerate(("MI 1.2", "TIs 0.4", "Gn 60")):
        cv2.putText(marked, text, (520, 60 + 30 * place), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (220, 220, 220), 1, cv2.LINE_AA)
    tissue = np.repeat(np.rint(backdrop(rng, "ultrasound", 480, 640)).astype(np.uint8)[:, :, None], 3, 2)
    moving = [np.maximum(marked, np.repeat(rng.integers(0, 70, (480, 640, 1), np.uint8), 3, 2)) for _ in range(64)]
    living = [np.repeat(np.rint(backdrop(rng, "ultrasound", 480, 640)).astype(np.uint8)[:, :, None], 3, 2) for _ in range(64)]

    def through(cine: list[Any]) -> float:
        return each(lambda: look_at_all(iter(cine), Decoded("RGB", None, False), nobody, policy, None), 1) / len(cine)

    sides: dict[str, Callable[[], float]] = {
        "bare": lambda: each(lambda: bare(quiet), 1), "fresh, no text": lambda: each(lambda: look(quiet, eyes, nobody), 1),
        "fresh, three technique texts": lambda: each(lambda: look(marked, Reader(), nobody), 1) - each(Reader, 1),
        "fresh, speckled tissue without text": lambda: each(lambda: look(tissue, eyes, nobody), 1),
        "cine of 64 in noise, a frame": lambda: through(moving), "cine of 64 in tissue, a frame": lambda: through(living)}
    times: dict[str, list[float]] = {label: [] for label in sides}
    for side in sides.values():
        side()
    for _ in range(runs):
        for label, side in sides.items():
            times[label].append(side())
    medians = {label: median(values) for label, values in times.items()}
    ratios = {label: seconds / medians["bare"] for label, seconds in medians.items() if label != "bare"}
    say(f"pixels       bare detector {medians['bare'] * 1e3:.0f} ms CPU a 480 x 640 frame")
    for label, ratio in ratios.items():
        say(f"pixels       {label}: {ratio:.2f} x the bare detector (target {0.15 if 'cine' in label else 1.1})")
    return {"bare_ms": medians["bare"] * 1e3, "ratios": ratios}


def told(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def cpu() -> str:
    try:
        names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        return f"{names[0]} x {len(names)}" if names else platform.processor()
    except OSError:
        return platform.processor()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

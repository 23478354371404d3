"""DICOM de-identification against its peers and floors, in alternating runs of one process tree: python -m benchmarks.deid_dicom

Header pass: a 512 x 512 CT from file to file, against deid, dicognito (its own environment: $TOUCHSTONE_PEERS, a python) and Orthanc
(if installed), and against a plain copy. Pixels: a fresh 480 x 640 frame against the bare detector; a cine, per frame. Memory: peak
RSS of the whole tree at one and at ten times the files. A peer that is not here is skipped by name.
"""
from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

CT = "dicom/cornerstone3D/CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"
RUNS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--files", type=int, default=500, help="memory: RSS at this many files and at ten times as many; 0 skips it")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    say(f"CPU: {cpu()}; Python {platform.python_version()}; " + ", ".join(f"{name} {told(name)}" for name in (
        "pydicom", "deid", "rapidocr-onnxruntime", "onnxruntime")))
    results: dict[str, Any] = {"cpu": cpu()}
    if (data / CT).is_file():
        results["header"] = header(data / CT, chosen.runs)
    else:
        say("header pass: skipped, the reference data of TOUCHSTONE_DATA is not here")
    results["pixels"] = pixels(chosen.runs)
    if chosen.files:
        results["memory"] = memory(chosen.files)
    if chosen.json:
        sys.stdout.write(json.dumps(results) + "\n")
    return 0


def header(source: Path, runs: int) -> dict[str, Any]:
    """Milliseconds a file, median of alternating runs."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:     # the disk is nobody's merit
        folder = Path(name)
        source = Path(shutil.copy(source, folder / "source.dcm"))
        sides: dict[str, Callable[[], float]] = {"copy": copying(source, folder / "copy"), "touchstone": ours(source, folder / "ours")}
        for label, side in (("deid", deid(source, folder)), ("dicognito", dicognito(source, folder)), ("orthanc", orthanc(source, folder))):
            if side is None:
                say(f"peer {label}: skipped, not installed here")
            else:
                sides[label] = side
        times: dict[str, list[float]] = {label: [] for label in sides}
        for _ in range(runs):
            for label, side in sides.items():
                times[label].append(side())
        stop = getattr(sides.get("orthanc"), "stop", None)
        if stop is not None:
            stop()
    medians = {label: median(values) * 1e3 for label, values in times.items()}
    peers = {label: ms for label, ms in medians.items() if label not in ("copy", "touchstone")}
    for label, ms in medians.items():
        say(f"header pass  {label:11s} {ms:9.3f} ms a file")
    fastest = min(peers, key=peers.__getitem__) if peers else None
    ratio = medians["touchstone"] / medians["copy"]
    say(f"header pass  {ratio:.2f} x a plain copy (target 3, aim 1.5)" + (
        f"; {peers[fastest] / medians['touchstone']:.1f} x as fast as {fastest} (target 4, aim 8)" if fastest else ""))
    return {"ms": medians, "times_copy": ratio, "fastest_peer": fastest,
            "times_faster": peers[fastest] / medians["touchstone"] if fastest else None}


def each(work: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def copying(source: Path, target: Path) -> Callable[[], float]:
    return lambda: each(lambda: shutil.copyfile(source, target), 200)


def ours(source: Path, target: Path) -> Callable[[], float]:
    from pipelines.phi_zone.dicom import deidentify_instance, load_policy
    from pipelines.phi_zone.keys import ProjectKey
    from schemas.shapes.site import Site

    policy, key, site = load_policy("cn-gold"), ProjectKey(b"b" * 32, "bench"), Site.bare("bench")

    def once() -> None:
        outcome = deidentify_instance(source.read_bytes(), policy, key, site)
        target.write_bytes(outcome.content or b"")

    once()
    return lambda: each(once, 200)


def deid(source: Path, folder: Path) -> Callable[[], float] | None:
    """deid's header pass with the recipe that our own policy exports."""
    if told("deid") is None:
        return None
    import contextlib
    import io

    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.recipes import export_recipe

    recipe_file = folder / "recipe.deid"
    recipe_file.write_text(export_recipe(load_policy("cn-gold")), encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from deid.config import DeidRecipe
        from deid.dicom import get_identifiers, replace_identifiers

        recipe = DeidRecipe(deid=str(recipe_file))

    def once() -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            known = get_identifiers([str(source)])
            for values in known.values():
                values.update(subject="x", jitter=-10, new_uid=lambda **_: "2.25.1", token=lambda **_: "t", capped_age=lambda **_: "000Y")
            replace_identifiers([str(source)], deid=recipe, ids=known, save=True, output_folder=str(folder), overwrite=True,
                                strip_sequences=False)

    return lambda: each(once, 2)


DICOGNITO = """
import sys, time, warnings
warnings.simplefilter("ignore")
import pydicom
from dicognito.anonymizer import Anonymizer
source, target = sys.argv[1:]
anonymizer = Anonymizer(seed="bench")
def once():
    dataset = pydicom.dcmread(source)
    anonymizer.anonymize(dataset)
    dataset.save_as(target)
once()
began = time.perf_counter()
for _ in range(20):
    once()
print((time.perf_counter() - began) / 20)
"""


def dicognito(source: Path, folder: Path) -> Callable[[], float] | None:
    python = os.environ.get("TOUCHSTONE_PEERS")
    if not python or subprocess.run([python, "-c", "import dicognito"], capture_output=True, check=False).returncode:
        return None
    ask = "from importlib.metadata import version; print(version('dicognito'))"
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    say(f"peer dicognito {found}")
    command = [python, "-c", DICOGNITO, str(source), str(folder / "dicognito.dcm")]
    return lambda: float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


class Orthanc:
    """A server on loopback with one instance; each call anonymises it and fetches the file."""

    def __init__(self, source: Path, folder: Path, port: int) -> None:
        storage = folder / "orthanc"
        storage.mkdir()
        config = folder / "orthanc.json"
        config.write_text(json.dumps({"HttpPort": port, "DicomServerEnabled": False, "StorageDirectory": str(storage), "Plugins": [],
                                      "IndexDirectory": str(storage), "RemoteAccessAllowed": False, "AuthenticationEnabled": False}))
        self.target = folder / "orthanc.dcm"
        self.process = subprocess.Popen(["Orthanc", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                say(f"peer Orthanc {json.loads(self.ask('/system'))['Version']}")
                break
            except OSError:
                time.sleep(0.1)
        self.instance = json.loads(self.ask("/instances", source.read_bytes()))["ID"]

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data=body), timeout=30) as answer:
            content: bytes = answer.read()
            return content

    def __call__(self) -> float:
        return each(lambda: self.target.write_bytes(self.ask(f"/instances/{self.instance}/anonymize", b"{}")), 20)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def orthanc(source: Path, folder: Path) -> Callable[[], float] | None:
    if shutil.which("Orthanc") is None:
        return None
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    return Orthanc(source, folder, port)


def pixels(runs: int) -> dict[str, Any]:
    """Ratios to the bare detector (rapidocr's own TextDetector, one thread) on the same frame."""
    import cv2
    import numpy as np
    from rapidocr_onnxruntime import RapidOCR

    from pipelines.phi_zone.dicom.identity import matcher
    from pipelines.phi_zone.pixels.cine import chunks
    from pipelines.phi_zone.pixels.look import look
    from pipelines.phi_zone.pixels.ocr import Reader
    from schemas.deid import KnownIdentity

    bare = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1).text_det
    rng, nobody, eyes = np.random.default_rng(0), matcher(KnownIdentity()), Reader()
    quiet = np.repeat(rng.integers(0, 70, (480, 640, 1), np.uint8), 3, 2)
    marked = quiet.copy()
    for place, text in enumerate(("MI 1.2", "TIs 0.4", "Gn 60")):
        cv2.putText(marked, text, (520, 60 + 30 * place), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (220, 220, 220), 1, cv2.LINE_AA)
    cine = [np.maximum(marked, np.repeat(rng.integers(0, 70, (480, 640, 1), np.uint8), 3, 2)) for _ in range(64)]

    def through_cine() -> None:
        for chunk in chunks(iter(cine)):
            for view in chunk.views():
                look(view, eyes, nobody)

    sides: dict[str, Callable[[], float]] = {
        "bare": lambda: each(lambda: bare(quiet), 1), "fresh, no text": lambda: each(lambda: look(quiet, eyes, nobody), 1),
        "fresh, three technique texts": lambda: each(lambda: look(marked, Reader(), nobody), 1) - each(Reader, 1),
        "cine of 64, a frame": lambda: each(through_cine, 1) / len(cine)}
    times: dict[str, list[float]] = {label: [] for label in sides}
    for side in sides.values():
        side()
    for _ in range(runs):
        for label, side in sides.items():
            times[label].append(side())
    medians = {label: median(values) for label, values in times.items()}
    ratios = {label: seconds / medians["bare"] for label, seconds in medians.items() if label != "bare"}
    say(f"pixels       bare detector {medians['bare'] * 1e3:.0f} ms a 480 x 640 frame")
    for label, ratio in ratios.items():
        say(f"pixels       {label}: {ratio:.2f} x the bare detector (target {0.15 if 'cine' in label else 1.1})")
    return {"bare_ms": medians["bare"] * 1e3, "ratios": ratios}


def memory(files: int) -> dict[str, Any]:
    """Peak RSS of the command and its children over `files` and ten times as many small files, without pixels."""
    peaks = {count: peak_of(count) for count in (files, files * 10)}
    small, large = peaks[files], peaks[files * 10]
    say(f"memory       peak RSS {small >> 20} MB at {files} files, {large >> 20} MB at {files * 10}: {large / small:.2f} x (target 1.1)")
    return {"files": files, "peak_bytes": small, "peak_bytes_tenfold": large, "ratio": large / small}


def peak_of(count: int) -> int:
    """Largest sum of RSS over the process tree, sampled."""
    import psutil

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = subprocess.run([sys.executable, "-c", MAKE_FILES, str(folder / "in"), str(count)], check=True, capture_output=True)
        del made
        command = [sys.executable, "-m", "benchmarks.deid_dicom_batch", str(folder)]
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            try:
                peak = max(peak, sum(one.memory_info().rss for one in (process, *process.children(recursive=True))))
            except psutil.Error:
                continue
            time.sleep(0.05)
        return peak


MAKE_FILES = """
import sys
from pathlib import Path
from pydicom.dataset import Dataset, FileMetaDataset
folder, count = Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(parents=True)
dataset = Dataset()
dataset.SOPClassUID, dataset.StudyInstanceUID, dataset.Modality, dataset.PatientName = "1.2.840.10008.5.1.4.1.1.7", "1.2.3", "OT", "A^B"
dataset.Rows = dataset.Columns = 32
dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.BitsAllocated, dataset.BitsStored = 1, "MONOCHROME2", 8, 8
dataset.HighBit, dataset.PixelRepresentation, dataset.PixelData = 7, 0, bytes(1024)
dataset.file_meta = FileMetaDataset()
dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
for number in range(count):
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = f"1.2.3.{number // 50}.{number}", f"1.2.3.{number // 50}"
    dataset.PatientID = f"P{number // 100}"
    dataset.save_as(folder / f"{number:06d}", enforce_file_format=True)
"""


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
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

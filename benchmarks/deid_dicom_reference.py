"""`touchstone deid dicom` over all real files of the reference data, pixels and texts on: python -m benchmarks.deid_dicom_reference

Says, and ends with 1 where it does not hold: no file crashed; every file has one line, and no other reason than KNOWN_REASONS; dciodvfy
(Debian dicom3tools) finds no more errors in an output than in its input; a second run into another folder gives the same bytes; a
third into the same folder changes none. Then the same over what the simulator's hospitals hold: nothing that was planted is found in
what was written or said, in any encoding, also inside packed streams.
"""
from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
KNOWN_REASONS = frozenset((
    "DCM-101", "DCM-104", "DCM-105", "DCM-107", "DCM-109", "DCM-111", "DCM-120", "DCM-122", "DCM-130", "DCM-132", "DCM-133", "DCM-134",
    "DCM-135", "DCM-136", "DCM-137", "DCM-138", "DCM-140", "DCM-160", "DCM-401", "DCM-402", "DCM-403", "DCM-405"))
"""What may be wrong with a real file. DCM-142, DCM-143 and DCM-145 (crash, too slow, unexpected) are not among them."""


def main() -> int:
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    with (data / "dicom" / "index.csv").open(encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    with tempfile.TemporaryDirectory() as name:
        root, wrong = Path(name), list[str]()
        (root / "in").mkdir()
        for number, one in enumerate(names):     # the index's files alone, in its order, whatever else lies beside them
            (root / "in" / f"{number:03d}-{Path(one).name}").symlink_to(data / one)
        subprocess.run([TOUCHSTONE, "key", "new", str(root / "key")], check=True, capture_output=True)
        first = deidentified(root / "in", root / "one", root / "key")
        lines = [json.loads(line) for line in (root / "one" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
        codes = Counter(line["issues"][0]["code"] for line in lines if line["status"] != "released")
        print(f"{len(lines)} files: {first['status']}; not released: {dict(sorted(codes.items()))}; boxes {first['pixels']}", flush=True)
        wrong += [f"{code}: not a reason that a real file has" for code in codes if code not in KNOWN_REASONS]
        wrong += [] if len(lines) == len(names) else ["not every file has a line"]
        wrong += worse(root, names, lines, data)
        deidentified(root / "in", root / "two", root / "key")
        before = digests(root / "one")
        wrong += [] if before == digests(root / "two") else ["a second run gave other bytes"]
        deidentified(root / "in", root / "one", root / "key")
        wrong += [] if before == digests(root / "one") else ["running again changed bytes"]
        print(f"three runs: {len(before)} released files and the manifest byte for byte the same", flush=True)
        wrong += planted(root)
    for one in wrong:
        print(f"WRONG: {one}")
    return 1 if wrong else 0


def deidentified(source: Path, out: Path, key: Path) -> Any:
    command = [TOUCHSTONE, "deid", "dicom", str(source), "--out", str(out), "--site", "bench", "--key-file", str(key), "--jobs", "2",
               "--text-policy", "cn-gold", "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    (out / "log").write_bytes(done.stdout + done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def digests(out: Path) -> dict[str, str]:
    kept = [out / "manifest.jsonl", *sorted((out / "released").rglob("*.dcm"))]
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def worse(root: Path, names: list[str], lines: list[dict[str, Any]], data: Path) -> list[str]:
    """Files in which dciodvfy finds more errors than in their source."""
    if shutil.which("dciodvfy") is None:
        print("dciodvfy: skipped, Debian's dicom3tools is not installed")
        return []
    total, rose = [0, 0], []
    for name, line in zip(names, lines, strict=True):
        if line["output"] is not None:
            was, now = errors(data / name), errors(root / "one" / line["output"])
            total = [total[0] + was, total[1] + now]
            rose += [f"{name}: dciodvfy finds {now} errors, {was} in the source"] if now > was else []
    print(f"dciodvfy: {total[0]} errors in the sources, {total[1]} in the outputs, more in {len(rose)} files", flush=True)
    return rose


def errors(path: Path) -> int:
    found = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True, errors="replace", check=False)
    return sum(line.startswith("Error") for line in (found.stderr + found.stdout).splitlines())


def planted(root: Path) -> list[str]:
    """The simulator's hospitals through the same command, and what of its planted values is found in the output."""
    from simulator.answer_key import answer_key
    from simulator.drop import write_drop
    from simulator.needles import Needles
    from simulator.story import told

    needles, folder = Needles(answer_key(told(7), 7)["values"]), root / "hospitals"
    for site, nights in told(7).nights.items():
        (folder / site).mkdir(parents=True)
        write_drop(folder / site, nights[max(nights)])
    there = len({found.needle for found in needles.in_folder(folder)})
    summary = deidentified(folder, root / "simulated", root / "key")
    left = sorted({(found.file, found.kind) for found in needles.in_folder(root / "simulated")})
    print(f"simulator: {there} planted values in the source, {summary['status']}, {len(left)} found in the output, its log and its names")
    return [f"planted {kind} in {file}" for file, kind in left]


if __name__ == "__main__":
    sys.exit(main())

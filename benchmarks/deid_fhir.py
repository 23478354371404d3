"""FHIR de-identification against cumulus-etl, alternating runs on one core: python -m benchmarks.deid_fhir

Both read the same NDJSON folder (the reference Synthea export, copied under new ids, encounters and times of day) and write
NDJSON; what is compared is CPU seconds of the whole command (`touchstone deid fhir`, `cumulus-etl etl`), start included, and once
without what each needs for one resource of a type. cumulus-etl lives in its own environment: $TOUCHSTONE_CUMULUS names its
command; it is skipped by name when it is not there. Our text rules, tagger, canaries and residual scan are on; theirs masks notes.
Memory: peak RSS at one size and at ten times that size.
"""
from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from pipelines.phi_zone.keys import new_key_file

TYPES = ("Patient", "Encounter", "Condition", "Procedure", "Observation")
RUN = """
import sys
from pathlib import Path
from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
from pipelines.phi_zone.fhir.folder import deidentify_folder
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.shapes.site import Site
key = ProjectKey(bytes(32), "bench")
deidentify_folder([Path(sys.argv[1])], Path(sys.argv[2]), Site.bare("bench"), key, load_fhir_policy("cn-gold"), load_text_policy("cn-gold"))
"""
ETL = ("--output-format=ndjson", "--export-group=bench", "--export-timestamp=2024-01-01T00:00:00Z", "--allow-missing-resources",
       "--task=patient,encounter,condition,procedure,observation")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--copies", type=int, default=3, help="times the reference export is repeated")
    parser.add_argument("--memory", type=int, default=50_000, help="resources of the small memory run; 0 skips it")
    chosen = parser.parse_args()
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data")) / "fhir" / "synthea-r4"
    if not data.is_dir():
        sys.stdout.write("skipped: TOUCHSTONE_DATA/fhir/synthea-r4 is not here\n")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        results = speed(data, Path(scratch), chosen.runs, chosen.copies)
        if chosen.memory:
            results["peak_rss_mb"] = memory(data, Path(scratch), chosen.memory)
    sys.stdout.write(json.dumps({"python": platform.python_version(), "machine": platform.machine(), **results}, sort_keys=True) + "\n")
    return 0


def speed(data: Path, scratch: Path, runs: int, copies: int) -> dict[str, Any]:
    """CPU seconds of each, in turns, and the median ratio of resources per CPU second."""
    source, count = repeated(data, scratch / "in", copies)
    few, _ = repeated(data, scratch / "few", None, 1)
    peer = os.environ.get("TOUCHSTONE_CUMULUS")
    cpu_of_ours(few, scratch)   # the modules of both are compiled before the clock runs
    if peer:
        cpu_of_theirs(peer, few, scratch)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        ours.append(cpu_of_ours(source, scratch))
        if peer:
            theirs.append(cpu_of_theirs(peer, source, scratch))
    found: dict[str, Any] = {"resources": count, "ours_per_cpu_s": round(count / median(ours))}
    if not theirs:
        return found | {"cumulus": "skipped: $TOUCHSTONE_CUMULUS names no command"}
    ratio = round(median(t / o for o, t in zip(ours, theirs, strict=True)), 2)
    started = cpu_of_ours(few, scratch), cpu_of_theirs(str(peer), few, scratch)
    return found | {
        "cumulus_per_cpu_s": round(count / median(theirs)),
        "ratio": ratio,
        "start_cpu_s": {"ours": round(started[0], 2), "cumulus": round(started[1], 2)},
        "ratio_without_start": round((median(theirs) - started[1]) / (median(ours) - started[0]), 2),
    }


def cpu_of_ours(source: Path, scratch: Path) -> float:
    key = scratch / "key.json"
    if not key.exists():
        new_key_file(key)
    options = ["--out", str(scratch / "ours"), "--site", "bench", "--key-file", str(key), "--policy", "cn-gold"]
    return cpu_seconds([sys.executable, "-c", "from pipelines.cli.main import run; run()", "deid", "fhir", str(source), *options])


def cpu_of_theirs(peer: str, source: Path, scratch: Path) -> float:
    for name in ("theirs", "phi"):
        shutil.rmtree(scratch / name, ignore_errors=True)
    return cpu_seconds([peer, "etl", str(source), str(scratch / "theirs"), str(scratch / "phi"), *ETL])


def memory(data: Path, scratch: Path, small: int) -> dict[str, float]:
    """Peak RSS in MB at `small` resources and at ten times as many (the same patients, more of everything else)."""
    out: dict[str, float] = {}
    for size in (small, 10 * small):
        source, _ = repeated(data, scratch / f"mem{size}", None, size)
        code = RUN + "\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        command = [sys.executable, "-c", code, str(source), str(scratch / "memout")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        out[str(size)] = round(int(done.stdout.split()[-1]) / 1024, 1)
        shutil.rmtree(source)
    out["ratio"] = round(out[str(10 * small)] / out[str(small)], 3)
    return out


def repeated(data: Path, folder: Path, copies: int | None, size: int | None = None) -> tuple[Path, int]:
    """The export's resources again and again under new ids, encounters and times of day, the Patients once.

    size: resources in all, most of them Observations; 1: one of each type, to see what starting costs.
    """
    folder.mkdir(parents=True)
    count = 0
    limit = size if size is not None and size > 1 else 10**12
    for kind in TYPES:
        lines = (data / f"{kind}.ndjson").read_bytes().splitlines()
        lines = lines[:1] if size == 1 else lines
        share = limit if size is None else size if kind == "Observation" else len(lines)
        with (folder / f"{kind}.ndjson").open("wb") as out:
            turn = written = 0
            while written < share and count < limit and (turn == 0 or kind != "Patient") and (copies is None or turn < copies):
                for line in lines:
                    out.write((line if turn == 0 else again(line, turn)) + b"\n")
                    written += 1
                    count += 1
                    if count >= limit:
                        break
                turn += 1
    return folder, count


def again(line: bytes, turn: int) -> bytes:
    """The resource as another one: its id, its encounter and its minutes differ from copy to copy."""
    line = line.replace(b'"id":"', b'"id":"c%d-' % turn, 1).replace(b'"Encounter/', b'"Encounter/c%d-' % turn)
    return re.sub(rb"(?<=T\d\d:)\d\d(?=:\d\d)", lambda found: b"%02d" % ((int(found[0]) + turn) % 60), line)


def cpu_seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    raise SystemExit(main())

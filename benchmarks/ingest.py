"""A folder's night against its floor, as ratios of one run: `python -m benchmarks.ingest [--records N] [--images N]`.

    records   processor seconds for N records, from the disk to released rows   against  reading, parsing, digesting, writing them once
    images    the same for N small CT slices                                    against  reading, digesting, writing them once
    again     a second night with nothing new                                   against  the first night
    memory    peak resident memory of a night of 4 N records           against  that of N records (flat: near 1)

Each night is a process of its own, so that its peak is its own; processor time counts its children, and does not mind other work
on the machine. The start (libraries, check suites, tagger, OCR) is in `start`, and taken off the others. Pixels are looked at.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import yaml

NIGHT = ("import sys; from pipelines.settings import settings; from pipelines import flows; "
         "flows.ingest(settings(sys.argv[1]), 'bench')")


def records(folder: Path, count: int) -> None:
    """One patient in fifty records; all of one kind, so that figures compare."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "records.ndjson").open("wb") as out:
        for number in range(count // 50 + 1):
            out.write(orjson.dumps({"resourceType": "Patient", "id": f"p{number}", "name": [{"text": f"测试{number}"}]}) + b"\n")
        for number in range(count):
            out.write(orjson.dumps({"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "FEV1"},
                                    "subject": {"reference": f"Patient/p{number // 50}"}, "effectiveDateTime": "2026-01-02",
                                    "valueQuantity": {"value": number / 7, "unit": "L"}}) + b"\n")


def images(folder: Path, count: int) -> None:
    from simulator.story import tell

    folder.mkdir(parents=True, exist_ok=True)
    found = [one for site in tell(7).nights.values() for one in site[1].instances.values() if one.modality == "CT"]
    for number, one in enumerate(found[:count]):
        (folder / f"{number:05d}").write_bytes(one.data)


def floor(folder: Path) -> float:
    """Seconds to read every byte, parse the records, digest and write everything once."""
    started = time.process_time()
    with tempfile.TemporaryFile() as out:
        for path in sorted(folder.rglob("*")):
            data = path.read_bytes()
            for line in data.splitlines() if path.suffix == ".ndjson" else [data]:
                line = orjson.dumps(orjson.loads(line)) if path.suffix == ".ndjson" else line
                hashlib.sha256(line).digest()
                out.write(line)
        out.flush()
        os.fsync(out.fileno())
    return time.process_time() - started


def night(home: Path, folder: Path) -> tuple[float, float]:
    """(processor seconds with children, peak MiB of the parent process) of one night over `folder`."""
    if not home.exists():
        from governance import registry
        from governance.store import open_store
        from pipelines.settings import open_home, settings
        from schemas.shapes.site import Site

        config = settings(home)
        open_home(config)
        site = yaml.safe_load("{site_id: bench, name: {zh: 测, en: B}, tier: community, patient_id_issuer: bench, "
                              "limits: {max_quarantined_share: 1.0}}")
        registry.add_site(open_store(config.store_url), Site.model_validate(site | {"folder": {"path": str(folder)}}))
    process = subprocess.Popen([sys.executable, "-c", NIGHT, str(home)], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError("a night failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--records", type=int, default=5_000)
    options.add_argument("--images", type=int, default=60)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        records(root / "n", chosen.records)
        records(root / "4n", chosen.records * 4)
        images(root / "ct", chosen.images)
        records(root / "one", 1)
        images(root / "one", 1)
        start, _ = night(root / "home-one", root / "one")
        first, small = night(root / "home-n", root / "n")
        again, _ = night(root / "home-n", root / "n")
        fourfold, large = night(root / "home-4n", root / "4n")
        pictures, _ = night(root / "home-ct", root / "ct")
        figures: dict[str, Any] = {
            "start_cpu_s": round(start, 2),
            "records": {"n": chosen.records, "cpu_s": round(first, 2), "per_cpu_s": round(3 * chosen.records / max(fourfold - first, 0.01)),
                        "floor_ratio": round((fourfold - start) / floor(root / "4n"), 1)},
            "images": {"n": chosen.images, "cpu_s": round(pictures, 2), "per_cpu_s": round(chosen.images / max(pictures - start, 0.01), 1),
                       "floor_ratio": round((pictures - start) / floor(root / "ct"), 1)},
            "again": {"cpu_s": round(again, 2), "ratio": round(again / first, 2)},
            "memory": {"peak_mib": round(small), "peak_mib_4n": round(large), "ratio": round(large / small, 2)},
            "machine": {"processors": os.cpu_count(), "load": os.getloadavg()[0]},
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

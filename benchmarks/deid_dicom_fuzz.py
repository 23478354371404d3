"""Damage real files at random for as long as one likes: python -m benchmarks.deid_dicom_fuzz [--seconds 600] [--seed 1]

Nothing unexpected may be raised, nothing may take longer than SLOWEST_S, and what is released must be readable by our parser and by
pydicom. Ends with 1 at the first file that breaks this, and says the seed and the number that make it again.
"""
from __future__ import annotations

import argparse
import csv
import io
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

LARGEST_BYTES = 120_000
SLOWEST_S = 20.0
_TELLING = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0", b"SQ\0\0",
            b"UN\0\0", b"\x7f\xff\xff\xff", b"OW", b"\x08\x00\x05\x00CS", b"\xe0\x7f\x10\x00", b"\\", b"\x1b$)A")


def damaged(source: bytes, chance: random.Random) -> bytes:
    """One to six changes: a byte, a telling pattern, a piece cut, doubled, moved from elsewhere, or the end cut off."""
    data = bytearray(source)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data)) if chance.random() < 0.3 else chance.randrange(min(len(data), 4000))
        kind, size = chance.randrange(6), chance.choice((1, 2, 4, 8, 30))
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            pattern = chance.choice(_TELLING)
            data[at:at + len(pattern)] = pattern
        elif kind == 2:
            del data[at:at + size]
        elif kind == 3:
            data[at:at] = data[at:at + size]
        elif kind == 4:
            other = chance.randrange(len(data))
            data[at:at] = data[other:other + size]
        elif chance.random() < 0.2:
            del data[at:]
        if len(data) < 140:
            return bytes(data) + bytes(140)
    return bytes(data)


def main() -> int:
    import pydicom

    from pipelines.phi_zone.dicom import deidentify_instance, load_policy
    from pipelines.phi_zone.dicom.part10 import read_part10
    from pipelines.phi_zone.keys import ProjectKey
    from schemas.shapes.site import Site

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    data = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    with (data / "dicom" / "index.csv").open(encoding="utf-8") as file:
        sources = [data / row["file"] for row in csv.DictReader(file) if int(row["bytes"]) <= LARGEST_BYTES]
    held = [path.read_bytes() for path in sources]
    policy, key, site = load_policy("cn-gold"), ProjectKey(b"f" * 32, "fuzz"), Site.bare("fuzz")
    counts, number, slowest, end = Counter[str](), 0, 0.0, time.monotonic() + chosen.seconds
    while time.monotonic() < end:
        case = damaged(held[number % len(held)], random.Random(f"{chosen.seed} {number}"))
        began = time.process_time()
        outcome = deidentify_instance(case, policy, key, site)
        slowest = max(slowest, time.process_time() - began)
        codes = [issue.code for issue in outcome.issues]
        counts[outcome.status if outcome.status == "released" else codes[0]] += 1
        wrong = "DCM-145" in codes or slowest > SLOWEST_S
        if outcome.content is not None and not wrong:
            read_part10(outcome.content)
            list(pydicom.dcmread(io.BytesIO(outcome.content)).iterall())
        if wrong:
            print(f"seed {chosen.seed}, number {number}, {sources[number % len(held)].name}: {codes}, slowest {slowest:.1f} s")
            return 1
        number += 1
    print(f"{number} damaged files of {len(held)} sources, 0 crashes, slowest {slowest:.2f} CPU s: {dict(counts.most_common())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

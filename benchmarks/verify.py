"""Speed of verification against floors of one run: python -m benchmarks.verify [--quick] [--json]

- V0 of a vendor edition against the floor of any check: unzip with the standard library and hash every member
- a regulator edition, every number again, against the scoring that made it (it has to do that work once more)
- opening sealed tables in numpy against the compiled ChaCha20-Poly1305 of `cryptography`
Median of alternating runs in seconds of processor time. Aims are upper limits of a ratio; exit 1 when one is passed.
"""
from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

SIGNER, READER = b"\x01" * 32, b"\x02" * 32
CASES, SEALED_BYTES = 1000, 8_000_000


@dataclass(frozen=True)
class Result:
    name: str
    ours_s: float
    floor_s: float
    aim: float
    note: str

    @property
    def ratio(self) -> float:
        return self.ours_s / self.floor_s

    def line(self) -> str:
        return f"{self.name}: {self.ours_s:.3f} s, floor {self.floor_s:.3f} s, ratio {self.ratio:.2f} (aim ≤ {self.aim:g}); {self.note}"


def alternate(ours: Callable[[], Any], floor: Callable[[], Any], runs: int) -> tuple[float, float]:
    spent: list[list[float]] = [[], []]
    for _ in range(runs):
        for place, work in enumerate((ours, floor)):
            start = time.process_time()
            work()
            spent[place].append(time.process_time() - start)
    return statistics.median(spent[0]), statistics.median(spent[1])


def measured(runs: int) -> list[Result]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from eval_harness.protocol.plan import default_plan
    from eval_harness.report import hpke, write_edition
    from eval_harness.scoring import pack_json, score
    from eval_harness.scoring.synthetic import made_evidence
    from eval_harness.tasks import load_pack
    from eval_harness.verify import verify_pack

    def plan(pack: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
        return {**default_plan(pack, dataset), "B": 1000}

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        evidence, telemetry = made_evidence(pack_json(load_pack("lung-nodule-ct")), plan, n=CASES, visibility="sealed")
        made = score(evidence, folder / "score", telemetry=telemetry)
        vendor = write_edition(made, "vendor", folder / "V.zip", SIGNER, pdf=False).read_bytes()
        reader = hpke.public_key(READER)
        regulator = write_edition(made, "regulator", folder / "R.zip", SIGNER, regulator_key=reader, pdf=False).read_bytes()
        trust = Ed25519PrivateKey.from_private_bytes(SIGNER).public_key().public_bytes_raw()
        if not verify_pack(regulator, trust, key=READER).ok:
            raise ValueError("the evidence does not verify, so its times compare nothing")
        v0 = alternate(lambda: verify_pack(vendor, trust), lambda: hashed(vendor), runs)
        whole = alternate(lambda: verify_pack(regulator, trust, key=READER), lambda: score(evidence, folder / "again"), runs)
    sealed = alternate(*sealing(), runs)
    return [Result("V0 of a vendor edition", *v0, 60, f"{len(vendor) / 1e6:.2f} MB; floor: unzip and SHA-256"),
            Result(f"a regulator edition, {CASES} scans", *whole, 2.0, f"{len(regulator) / 1e6:.2f} MB; floor: scoring it"),
            Result(f"opening {SEALED_BYTES / 1e6:.0f} MB in numpy", *sealed, 250, "floor: compiled ChaCha20-Poly1305")]


def hashed(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return [hashlib.sha256(held.read(name)).hexdigest() for name in held.namelist()]


def sealing() -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from eval_harness.report import hpke

    plain = os.urandom(SEALED_BYTES)
    box = hpke.seal(plain, hpke.public_key(READER), b"bench", b"")
    library, nonce = ChaCha20Poly1305(b"\x05" * 32), b"\x06" * 12
    other = library.encrypt(nonce, plain, b"")
    return lambda: hpke.unseal(box, READER, b"bench", b""), lambda: library.decrypt(nonce, other, b"")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run of each instead of five")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    results = measured(1 if chosen.quick else 5)
    for one in results:
        sys.stderr.write(one.line() + "\n")
    if chosen.json:
        sys.stdout.write(json.dumps({one.name: {"ours_s": one.ours_s, "floor_s": one.floor_s, "ratio": one.ratio, "aim": one.aim,
                                                "note": one.note} for one in results}) + "\n")
    return int(any(one.ratio > one.aim for one in results))


if __name__ == "__main__":
    sys.exit(main())

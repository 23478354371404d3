"""Evidence files of a small sealed and a small practice set, made once a session."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eval_harness.protocol.plan import default_plan
from eval_harness.report import hpke, write_edition
from eval_harness.scoring import ScoreDir, pack_json, score
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack

SIGNER, READER = b"\x01" * 32, b"\x02" * 32


def quick(pack, dataset):
    return {**default_plan(pack, dataset), "B": 200}


@dataclass(frozen=True)
class Filed:
    folder: Path
    score: ScoreDir
    vendor: bytes
    regulator: bytes
    trust: bytes
    key: bytes = READER


def filed(folder: Path, visibility: str, task: str = "chest-dr", **kwargs) -> Filed:
    pack = pack_json(load_pack(task))
    evidence, telemetry = made_evidence(pack, quick, visibility=visibility, repeats=2, variants=12, failed=1, **kwargs)
    other, _ = made_evidence(pack, quick, visibility=visibility, repeats=2, variants=12, model_seed=9, quality=0.5, **kwargs)
    made = score(evidence, folder / "score", telemetry=telemetry, baseline=(score(other, folder / "other"), "poor 1.0"))
    reader = hpke.public_key(READER) if visibility == "sealed" else None
    files = [write_edition(made, edition, folder / f"{edition}.zip", SIGNER, regulator_key=reader, pdf=False).read_bytes()
             for edition in ("vendor", "regulator")]
    trust = Ed25519PrivateKey.from_private_bytes(SIGNER).public_key().public_bytes_raw()
    return Filed(folder, made, *files, trust)


@pytest.fixture(scope="session")
def sealed(tmp_path_factory) -> Filed:
    return filed(tmp_path_factory.mktemp("sealed"), "sealed", n=120)


@pytest.fixture(scope="session")
def practice(tmp_path_factory) -> Filed:
    return filed(tmp_path_factory.mktemp("practice"), "practice", task="lung-nodule-ct", n=40)

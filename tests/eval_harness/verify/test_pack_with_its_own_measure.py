"""A pack outside the package that measures in its own way: what its verifier needs, and what it refuses."""
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eval_harness import tasks
from eval_harness.protocol.plan import default_plan
from eval_harness.report import write_edition
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.verify import verify_pack
from eval_harness.verify.own import own_pack, pack_digest

SIGNER = b"\x01" * 32
OWN = '''

def measure(truth, output, spec):
    """Scores in tenths."""
    return {"score": None if output is None else round(output["score"], 1), "truth": truth.value["label"]}
'''


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "own-dr"
    shutil.copytree(Path(tasks.__file__).parent / "chest-dr", folder, ignore=shutil.ignore_patterns("__pycache__", "golden.json"))
    (folder / "task.yaml").write_text((folder / "task.yaml").read_text().replace("task: chest-dr", "task: own-dr"))
    with (folder / "task.py").open("a") as code:
        code.write(OWN)
    return tasks.load_pack(folder)


@pytest.fixture
def evidence(pack, tmp_path):
    found, _ = made_evidence(pack_json(pack), lambda p, d: {**default_plan(p, d), "B": 200}, n=40)
    made = score(found, tmp_path / "score", own_measure=pack.hook("measure"))
    return write_edition(made, "vendor", tmp_path / "V.zip", SIGNER, pdf=False)


@pytest.fixture
def trust():
    return Ed25519PrivateKey.from_private_bytes(SIGNER).public_key().public_bytes_raw()


def test_estimates_are_verified_without_the_pack_and_measurements_with_it(pack, evidence, trust):
    assert pack_digest(pack.folder) == pack.digest
    without = verify_pack(evidence, trust)
    assert without.ok
    assert (without.levels["V1"], without.levels["V2"]) == ("done", "not_here")
    assert {issue.code for issue in without.issues} == {"VER-022"}
    with_it = verify_pack(evidence, trust, own=own_pack(pack.folder))
    assert with_it.ok
    assert with_it.levels["V2"] == "done"


def test_another_pack_of_the_same_name_is_refused_before_it_measures(pack, evidence, trust):
    with (pack.folder / "task.py").open("a") as code:
        code.write("\n# changed\n")
    report = verify_pack(evidence, trust, own=own_pack(pack.folder))
    assert "VER-024" in {issue.code for issue in report.issues}
    assert not report.ok

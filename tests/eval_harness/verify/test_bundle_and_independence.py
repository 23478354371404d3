"""The verifier on a PC that has Python and numpy and nothing else; and a checker that shares no line with it."""
import hashlib
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from eval_harness.report import archive
from eval_harness.verify.bundle import bundle, wheel

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "docs" / "verify_independently.py"
NOT_THERE = ("pydantic", "yaml", "scipy", "typer", "click", "rich", "cryptography", "jsonschema_rs", "onnx", "onnxruntime", "typst",
             "jinja2")
BARE = """
import sys
import warnings
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
sys.path = [{wheel!r}] + [part for part in sys.path if {root!r} != part]
import eval_harness
assert eval_harness.__file__.startswith({wheel!r}), eval_harness.__file__
from eval_harness.verify.__main__ import main
sys.argv = ["verify", *{args!r}]
sys.exit(main())
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    path = bundle(folder, "0.0.1")
    with zipfile.ZipFile(path) as held:
        held.extractall(folder)
    name = next(folder.glob("*.whl"))
    with zipfile.ZipFile(name) as held:
        held.extractall(folder / "installed")
    return folder


def run_bare(unpacked, *args):
    code = BARE.format(names=set(NOT_THERE), wheel=str(unpacked / "installed"), root=str(ROOT), args=[str(arg) for arg in args])
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=unpacked, check=False)


def keys(folder, held):
    (folder / "trust.pub").write_text(held.trust.hex())
    (folder / "reader.key").write_text(held.key.hex())
    return folder / "trust.pub", folder / "reader.key"


def test_the_bundles_verifier_runs_with_numpy_alone_and_matches_every_number(unpacked, sealed, tmp_path):
    trust, key = keys(tmp_path, sealed)
    (tmp_path / "R.zip").write_bytes(sealed.regulator)
    done = run_bare(unpacked, tmp_path / "R.zip", "--trust", trust, "--key", key, "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "DIFFERS 0  COMMITTED 0" in done.stdout
    assert "核验通过" in done.stdout


def test_the_bare_verifier_says_what_is_wrong_and_ends_with_one(unpacked, sealed, tmp_path):
    trust, _ = keys(tmp_path, sealed)
    broken = bytearray(sealed.vendor)
    broken[len(broken) // 2] ^= 1
    (tmp_path / "V.zip").write_bytes(bytes(broken))
    done = run_bare(unpacked, tmp_path / "V.zip", "--trust", trust)
    assert done.returncode == 1
    assert "VER-001" in done.stdout
    assert run_bare(unpacked, tmp_path / "nowhere.zip").returncode == 2


def test_the_bundle_lists_its_digests_and_is_the_same_every_time(unpacked, tmp_path):
    again = bundle(tmp_path, "0.0.1")
    assert again.read_bytes() == (unpacked / again.name).read_bytes()
    for line in (unpacked / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((unpacked / name).read_bytes()).hexdigest() == digest
    assert len(wheel("0.0.1")[1]) < 3_000_000


def independently(path, *args):
    return subprocess.run([sys.executable, "-I", str(SCRIPT), str(path), *map(str, args)], capture_output=True, text=True, check=False)


def test_the_independent_script_is_short_and_imports_nothing_of_ours():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    assert "eval_harness" not in text.replace("touchstone-eval", "")
    assert "import numpy" not in text


def test_the_independent_script_agrees_on_signature_and_roots(practice, sealed, tmp_path):
    trust, _ = keys(tmp_path, practice)
    for held, name in ((practice, "practice"), (sealed, "sealed")):
        for edition in ("vendor", "regulator"):
            path = tmp_path / f"{name}-{edition}.zip"
            path.write_bytes(getattr(held, edition))
            done = independently(path, "--trust", trust)
            assert done.returncode == 0, done.stdout
            assert "WRONG" not in done.stdout
    done = independently(tmp_path / "sealed-regulator.zip", "--trust", trust, "--tables", sealed.score.path)
    assert done.returncode == 0, done.stdout
    assert "reference root" in done.stdout


def test_the_independent_script_finds_a_changed_member_a_changed_row_and_a_wrong_key(practice, tmp_path):
    trust, _ = keys(tmp_path, practice)
    members = archive.unpack(practice.vendor)
    (tmp_path / "V.zip").write_bytes(archive.pack({**members, "facts.json": members["facts.json"].replace(b"0.", b"1.", 1)}))
    done = independently(tmp_path / "V.zip", "--trust", trust)
    assert done.returncode == 1
    assert "facts.json" in next(line for line in done.stdout.splitlines() if line.startswith("WRONG"))
    rows = members["open/measurements.jsonl"].replace(b'"imputed":false', b'"imputed":true', 1)
    (tmp_path / "W.zip").write_bytes(archive.pack({**members, "open/measurements.jsonl": rows}))
    assert "WRONG measurements root" in independently(tmp_path / "W.zip", "--trust", trust).stdout
    (tmp_path / "other.pub").write_text("11" * 32)
    assert independently(tmp_path / "V.zip", "--trust", tmp_path / "other.pub").returncode == 1
    assert independently(tmp_path / "V.zip").returncode == 1


@pytest.mark.parametrize("change", ["more behind", "more before", "a member twice", "cut off", "not a ZIP"])
def test_the_independent_script_finds_bytes_and_members_that_do_not_belong(sealed, tmp_path, change):
    forged, trust = tmp_path / "V.zip", tmp_path / "platform.pub"
    trust.write_text(sealed.trust.hex())
    forged.write_bytes({"more behind": sealed.vendor + b"x", "more before": b"#!" + sealed.vendor, "cut off": sealed.vendor[:-30],
                        "not a ZIP": b"no"}.get(change, sealed.vendor))
    if change == "a member twice":
        with warnings.catch_warnings(), zipfile.ZipFile(forged, "a") as held:
            warnings.simplefilter("ignore")
            held.writestr("facts.json", held.read("facts.json"))
    done = independently(forged, "--trust", trust)
    assert done.returncode == 1
    assert "WRONG" in done.stdout
    assert "Traceback" not in done.stderr

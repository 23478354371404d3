"""What is signed at the end of an evaluation: both editions of the evidence, or the Ladder value of a validation try."""
from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from eval_harness.base import dsse
from eval_harness.report import write_edition
from governance import registry
from governance.desk import Desk
from governance.protocols import set_of
from governance.signing import load_public_key

RELEASE = "https://touchstone.example/predicates/ladder-release/v1"


def editions(desk: Desk, row: dict[str, Any], out: Path, regulator_key: Path | None) -> dict[str, Path]:
    """Write the editions and give their files by name: the vendor's, and the regulator's where there is a public key to seal it to."""
    heads, folder, key = row["facts"]["heads"], desk.score_folder(row["evaluation_id"]), desk.signing_key
    files = {"vendor": write_edition(folder, "vendor", out / "V.zip", key.private, heads=heads)}
    reader = regulator_key or desk.home.keys / "regulator.pub"
    if reader.exists() or regulator_key is not None:
        files["regulator"] = write_edition(folder, "regulator", out / "R.zip", key.private, heads=heads,
                                           regulator_key=load_public_key(reader))
    _unpack_pages(files["vendor"], out)
    return files


def signed_release(desk: Desk, row: dict[str, Any], out: Path) -> Path:
    """The Ladder value of a validation try as a signed statement: everything the vendor gets."""
    submission, held = registry.submission(desk.store, row["submission_id"]), set_of(desk, row)
    body = {"evaluation": row["evaluation_id"], "set": held.manifest.scope, "task": held.manifest.task,
            "device": {"legal_entity": submission["legal_entity"], "family": submission["device_family"],
                       "version": submission["device_version"]}, "estimate": row["facts"]["release"]}
    path = out / "release.dsse.json"
    path.write_bytes(dsse.sign(dsse.statement(RELEASE, {"submission": submission["digest"]}, body), desk.signing_key.private))
    return path


def _unpack_pages(pack: Path, out: Path) -> None:
    """The pages beside the ZIP, for a click."""
    with zipfile.ZipFile(pack) as held:
        for name in held.namelist():
            if name.startswith("report."):
                (out / name).write_bytes(held.read(name))

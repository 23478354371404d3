"""The acts of the demo, in order; `demo.py` says when, this says what is typed and what must hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from simulator.driver import Driver
from simulator.hospitals import Hospitals
from simulator.needles import Needles
from simulator.story import CLOSE

SETS = {"lung-nodule-ct": ("ct-nodule", "CPM"), "chest-dr": ("dr-pneumonia", "AUC")}
MODELS = ("poor", "decent", "endless")   # decent is compared with poor, so poor comes first


def nights(driver: Driver, hospitals: Hospitals) -> None:
    """Connect three hospitals, pull night one, let a day pass, pull night two, and look at the ledger."""
    for site_id in hospitals.sites:
        driver.run("touchstone", "site", "add", str(hospitals.site_file(site_id)))
    for night in (1, 2):
        if night > 1:
            hospitals.advance(night)
            driver.say("a day passes: new, changed, late and deleted records 第二夜：新增、变更、迟到、删除")
        driver.run("touchstone", "ingest", *hospitals.sites, "--as-of", CLOSE[night].isoformat(), allowed=(0, 1))
    rows = driver.run("touchstone", "ledger", allowed=(0, 1))["rows"]
    show_ledger(driver, rows)
    driver.promise(bool(rows) and all(row["difference"] == 0 for row in rows), "ledger: difference 0 for every hospital and night")
    driver.promise(all(row["settled"] and row["unlisted"] == 0 and row["in_flight"] == 0 for row in rows),
                   "ledger: settled, nothing unlisted, nothing in flight")


def show_ledger(driver: Driver, rows: list[dict[str, Any]]) -> None:
    columns = ("site_id", "day", "kind", "expected", "released", "quarantined", "rejected", "difference")
    lines = ["  ".join(f"{name:>11}" for name in columns)]
    lines += ["  ".join(f"{row[name]!s:>11}" for name in columns) for row in rows]
    driver.closing += ["Ledger 台账", *lines]
    for line in lines:
        print("          " + line)


def freeze_sets(driver: Driver, hospitals: Path) -> dict[str, str]:
    """Build and freeze one test set a task; gives task → id@version."""
    frozen = {}
    for task, (name, _) in SETS.items():
        spec = hospitals / f"{name}.yaml"
        spec.write_text(specification(task, name), encoding="utf-8")
        driver.run("touchstone", "dataset", "build", str(spec), "--out", name, allowed=(0, 1))
        driver.run("touchstone", "readings", "import", name, str(hospitals / "readings.csv"), allowed=(0, 1))
        made = driver.run("touchstone", "dataset", "freeze", name, "--leave-out", allowed=(0, 1))
        sealed = next(one for one in made["sets"] if one["visibility"] == "sealed")
        frozen[task] = f"{sealed['set_id']}@{sealed['version']}"
        checked = driver.run("touchstone", "dataset", "verify", frozen[task], allowed=(0, 1))
        driver.promise(checked["exit"] == 0, f"frozen set {frozen[task]}: {sealed['cases']} cases, root {sealed['merkle_root'][:16]}…")
        driver.closing.append(f"Frozen set 冻结测试集 {frozen[task]}: {sealed['cases']} cases, Merkle root {sealed['merkle_root']}")
    return frozen


def evaluate(driver: Driver, sets: dict[str, str]) -> list[Path]:
    """Three models a task, submitted, approved, run in the sandbox, scored and reported; gives the files to open."""
    regulator = X25519PrivateKey.generate()   # the regulator's own key pair: the platform gets the public half only
    (driver.folder / "regulator.key").write_text(regulator.private_bytes_raw().hex() + "\n", encoding="ascii")
    (driver.folder / "regulator.pub").write_text(regulator.public_key().public_bytes_raw().hex() + "\n", encoding="ascii")
    models = driver.folder / "models"
    subprocess.run([sys.executable, "-m", "simulator.models", "--out", str(models)], check=True, stdout=subprocess.DEVNULL)
    reports: list[Path] = []
    for task, dataset in sets.items():
        done: dict[str, dict[str, Any]] = {}
        for name in MODELS:
            submitted = driver.run("touchstone", "model", "submit", str(models / task / name), "--task", task, "--vendor", f"Vendor {name}",
                                   "--name", f"{name} {task}", "--version", "1.0")
            compare = ["--compare", done["poor"]["evaluation_id"]] if name == "decent" else []
            if (task, name) == ("chest-dr", "decent"):
                compare += ["--dispatch", "ray"]   # one run through a Ray cluster on loopback; results are the same bytes either way
            done[name] = driver.run("touchstone", "model", "evaluate", submitted["submission_id"], "--dataset", dataset, *compare,
                                    "--regulator-key", str(driver.folder / "regulator.pub"), allowed=(0, 1))
        reports += judge(driver, task, done)
    return reports


def judge(driver: Driver, task: str, done: dict[str, dict[str, Any]]) -> list[Path]:
    """Compare what came out with what must: decent above poor by a paired interval, endless failed and scored by rule."""
    label = SETS[task][1]
    for name, result in done.items():
        line = f"{task:15} {name:8} {label} {shown(result['primary'])}  {result['end_state']}"
        driver.say(line)
        driver.closing.append(line)
    difference = done["decent"]["comparison"]
    driver.promise(difference["value"] > 0 and excludes_zero(difference),
                   f"{task}: decent minus poor, paired: {shown(difference)} excludes 0")
    endless = done["endless"]
    driver.promise(endless["end_state"] != "scored" and endless["n_imputed"] > 0,
                   f"{task}: the endless model failed ({endless['end_state']}) and was scored by rule")
    return [Path(path) for path in done["decent"]["files"]]


def shown(estimate: dict[str, Any]) -> str:
    interval = estimate["interval"]
    value = estimate["value"]
    if isinstance(value, dict):
        return f"absent ({value['absent']})"
    bounds = f"absent ({interval['absent']})" if "absent" in interval else f"{interval['lower']:.3f} to {interval['upper']:.3f}"
    return f"{value:.3f} [95 % {bounds}]" + (f" n={estimate['n']}" if "n" in estimate else "")


def excludes_zero(estimate: dict[str, Any]) -> bool:
    interval = estimate["interval"]
    return "absent" not in interval and (interval["lower"] > 0 or interval["upper"] < 0)


def verify(driver: Driver, reports: list[Path]) -> None:
    """Check both editions with the vendor's own command: nothing DIFFERS."""
    key = driver.home / "keys" / "signing.pub"
    opening = driver.folder / "regulator.key"
    for pack in [path for path in reports if path.suffix == ".zip"]:
        regulator = pack.name.startswith("R") or "regulator" in pack.name
        words = ["verify", str(pack), "--trust", str(key), *(["--key", str(opening)] if regulator else [])]
        counts = driver.run("touchstone-eval", *words)["counts"]
        whole = counts["DIFFERS"] == 0 and counts["MATCH"] > 0 and (not regulator or counts["COMMITTED"] == 0)
        line = f"verify {pack.name}: " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        driver.promise(whole, line)
        driver.closing.append(line)


def search(driver: Driver, answer_key: Path) -> None:
    """Look for everything identifying that was planted, in the whole home except `phi/` and `keys/`."""
    planted = json.loads(answer_key.read_text(encoding="utf-8"))["values"]
    needles = Needles(planted)
    driver.say(f"searching the home for {needles.count} planted identifiers 搜索全部植入的身份信息")
    hits = list(needles.in_folder(driver.home, [driver.home / "phi", driver.home / "keys"]))
    for hit in hits[:10]:
        driver.say(f"    {hit.kind}: …{re.sub('.', '•', hit.needle)[:20]} in {hit.file}")
    line = f"{needles.count} planted identifiers searched outside phi/ and keys/: {len(hits)} found"
    driver.promise(not hits, line)
    driver.closing.append(line)


def specification(task: str, name: str) -> str:
    modality = "CT" if task == "lung-nodule-ct" else "DX"
    return f"""dataset_id: {name}
task: {task}
title: {{zh: 演示测试集 {name}, en: Demonstration set {name}}}
select: {{modalities: [{modality}]}}
strata: [site, sex, age_band]
"""

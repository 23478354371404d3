"""The sides of the header pass: each takes files, writes new ones, and gives its CPU seconds a file. All run on one core.

Touchstone, dicognito and deid run in an interpreter of their own that has met no file of the run; Orthanc is a server on loopback
that holds the instances already, so that its storing them is not counted.
"""
from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

Seconds = dict[str, float]
"""CPU seconds a file, by what is counted."""

_LOOP = """
import sys, time
def each(work, files):
    began = time.process_time()
    for number, name in enumerate(files):
        work(name, folder + "/%d.dcm" % (number % 4))
    return (time.process_time() - began) / len(files)
folder, warm, *files = sys.argv[1:]
"""
_OURS = _LOOP + """
import os
from pathlib import Path
from pipelines.phi_zone.dicom import deidentify_instance, load_policy
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.shapes.site import Site
policy, key, site = load_policy("cn-gold"), ProjectKey(b"b" * 32, "bench"), Site.bare("bench")
text = TextCleaner(load_text_policy("cn-gold"))
def once(name, target):
    with open(name, "rb", buffering=0) as file:
        outcome = deidentify_instance(file.read(), policy, key, site, text=text)
    with open(target, "wb", buffering=0) as out:
        for chunk in outcome.chunks:
            out.write(chunk)
once(warm, folder + "/warm.dcm")
print(each(once, files))
"""
_OURS_BYTES = _OURS.replace("once(warm", """
held = {name: Path(name).read_bytes() for name in files}
def once(name, target):
    deidentify_instance(held[name] if name in held else Path(name).read_bytes(), policy, key, site, text=text)
once(warm""")
_COMMAND = _LOOP + """
import os
from pathlib import Path
from pipelines.phi_zone.dicom.batch.worker import Listed, Task, Unit, Worker
from pipelines.phi_zone.keys import KeyRef, load_key_file, new_key_file
from schemas.shapes.site import Site
new_key_file(Path(folder, "key"))
os.mkdir(folder + "/.work")
key = load_key_file(Path(folder, "key"))
worker = Worker(Task(KeyRef(key.key_id, "file", folder + "/key"), Site.bare("bench"), "cn-gold", "cn-gold", False, folder))
listed = [Listed(number, key.seal("path", os.fsencode(name))) for number, name in enumerate(files)]
list(worker.work(Unit([Listed(0, key.seal("path", os.fsencode(warm)))], [])))
began = time.process_time()
found = list(worker.work(Unit(listed, [], survey=True)))
list(worker.work(Unit([one._replace(sha256=seen.sha256, stamp=seen.stamp) for one, seen in zip(listed, found)], [])))
print((time.process_time() - began) / len(files))
"""
_DICOGNITO = _LOOP + """
import warnings
warnings.simplefilter("ignore")
import pydicom
from dicognito.anonymizer import Anonymizer
anonymizer = Anonymizer(seed="bench")
def once(name, target):
    dataset = pydicom.dcmread(name)
    anonymizer.anonymize(dataset)
    dataset.save_as(target)
once(warm, folder + "/warm.dcm")
print(each(once, files))
"""
_DEID = _LOOP + """
import contextlib, io
from pathlib import Path
from pipelines.phi_zone.dicom import load_policy
from pipelines.phi_zone.recipes import export_recipe
Path(folder, "recipe.deid").write_text(export_recipe(load_policy("cn-gold")), encoding="utf-8")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from deid.config import DeidRecipe
    from deid.dicom import get_identifiers, replace_identifiers
    recipe = DeidRecipe(deid=folder + "/recipe.deid")
    def once(name, target):
        known = get_identifiers([name])
        for values in known.values():
            values.update(subject="x", jitter=-10, new_uid=lambda **_: "2.25.1", token=lambda **_: "t", capped_age=lambda **_: "000Y")
        replace_identifiers([name], deid=recipe, ids=known, save=True, output_folder=folder, overwrite=True, strip_sequences=False)
    once(warm, "")
    found = each(once, files[:4])
print(found)
"""


def _in_python(python: str, script: str, folder: Path, warm: Path, files: list[Path]) -> float:
    folder.mkdir()
    command = [python, "-c", script, str(folder), str(warm), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})
    shutil.rmtree(folder)
    return float(done.stdout.split()[-1])


def copy(folder: Path, warm: Path, files: list[Path]) -> Seconds:
    """shutil.copyfile."""
    folder.mkdir()
    began = time.process_time()
    for number, path in enumerate(files):
        shutil.copyfile(path, folder / f"{number % 4}.dcm")
    seconds = (time.process_time() - began) / len(files)
    shutil.rmtree(folder)
    return {"copy": seconds}


def touchstone(folder: Path, warm: Path, files: list[Path]) -> Seconds:
    """deidentify_instance with text cleaner, and, apart, the whole of what the command does to a file (two passes, SHA-256, manifest)."""
    return {"touchstone": _in_python(sys.executable, _OURS, folder, warm, files),
            "touchstone, bytes to bytes": _in_python(sys.executable, _OURS_BYTES, folder, warm, files),
            "touchstone, both passes of the command": _in_python(sys.executable, _COMMAND, folder, warm, files)}


def deid(folder: Path, warm: Path, files: list[Path]) -> Seconds:
    """With the recipe that our own policy exports."""
    return {"deid": _in_python(sys.executable, _DEID, folder, warm, files)}


def dicognito(folder: Path, warm: Path, files: list[Path]) -> Seconds:
    """In its own environment: $TOUCHSTONE_PEERS, a python."""
    return {"dicognito": _in_python(os.environ["TOUCHSTONE_PEERS"], _DICOGNITO, folder, warm, files)}


def dicognito_version() -> str | None:
    python = os.environ.get("TOUCHSTONE_PEERS")
    ask = "from importlib.metadata import version; print(version('dicognito'))"
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False) if python else None
    return found.stdout.strip() if found is not None and found.returncode == 0 else None


class Orthanc:
    """A server on loopback. `put` stores instances; a call anonymises each and fetches the file."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        storage, config = folder / "orthanc", folder / "orthanc.json"
        storage.mkdir()
        config.write_text(json.dumps({"HttpPort": port, "DicomServerEnabled": False, "StorageDirectory": str(storage), "Plugins": [],
                                      "IndexDirectory": str(storage), "RemoteAccessAllowed": False, "AuthenticationEnabled": False}))
        self.process = subprocess.Popen(["Orthanc", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base, self.ids = f"http://127.0.0.1:{port}", dict[Path, str]()
        for _ in range(100):
            try:
                self.version = json.loads(self.ask("/system"))["Version"]
                break
            except OSError:
                time.sleep(0.1)

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data=body), timeout=30) as answer:
            content: bytes = answer.read()
            return content

    def put(self, files: list[Path]) -> None:
        for path in files:
            self.ids[path] = json.loads(self.ask("/instances", path.read_bytes()))["ID"]

    def __call__(self, folder: Path, warm: Path, files: list[Path]) -> Seconds:
        folder.mkdir()
        began, before = time.process_time(), self.spent()
        for number, path in enumerate(files):
            (folder / f"{number % 4}.dcm").write_bytes(self.ask(f"/instances/{self.ids[path]}/anonymize", b"{}"))
        ours, theirs = time.process_time() - began, self.spent() - before
        shutil.rmtree(folder)
        return {"orthanc": (ours + theirs) / len(files), "orthanc, the server alone": theirs / len(files)}

    def spent(self) -> float:
        """CPU seconds of the server's threads, to the nanosecond."""
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")) / 1e9

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

"""Make a fresh machine ready: virtual environment, Python packages, Debian packages, jars. Runs on Python 3.11 alone.

    python3 infra/setup.py lean     what `make demo` needs: the platform, the embedded engine, Ray
    python3 infra/setup.py all      what `make test` needs: Spark, Airflow, the test tools, a browser

Safe to run again: a stamp in the environment says what is there. Ends by saying plainly what could not be installed and
what is therefore skipped; only a missing Python environment stops it.
"""
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
EXTRAS = {"lean": "ray", "all": "ray,airflow,spark,dev"}
DEBIAN = {   # command that shows it is there: (package, what is skipped without it)
    "lean": {"bwrap": ("bubblewrap", "models run under Landlock + seccomp instead of bubblewrap")},
    "all": {"bwrap": ("bubblewrap", "the bubblewrap sandbox tests"),
            "java": ("openjdk-17-jre-headless", "the Spark suite"), "mvn": ("maven", "the Spark suite"),
            "chromium": ("chromium", "the tests that look at pages"), "pdftoppm": ("poppler-utils", "the tests that look at PDFs"),
            "dciodvfy": ("dicom3tools", "the DICOM conformance comparison"), "strace": ("strace", "a sandbox test")},
}


def main(wanted: str) -> int:
    if sys.version_info[:2] != (3, 11):
        return stop(f"Python 3.11 is needed; this is {sys.version.split()[0]}. Type: make PYTHON=python3.11 ...")
    started, missing = time.monotonic(), debian(wanted)
    if not environment():
        return stop("no virtual environment could be made. On Debian or Ubuntu, as root: apt-get install python3.11-venv")
    if not packages(wanted):
        return stop("the Python packages could not be installed; see the lines above. Check the network and run again.")
    if wanted == "all":
        missing += jars()
    for line in missing:
        say(f"NOT INSTALLED  {line}")
    say(f"ready ({wanted}) after {time.monotonic() - started:.0f} s, {size_mb(VENV)} MB in .venv")
    return 0


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def stop(text: str) -> int:
    say(text)
    return 3


def debian(wanted: str) -> list[str]:
    """Install the Debian packages whose command is missing; give a line for each that stayed away."""
    absent = {command: pair for command, pair in DEBIAN[wanted].items() if shutil.which(command) is None}
    if needs_venv_package():
        absent["venv"] = ("python3.11-venv", "everything")
    if not absent:
        return []
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return [f"{package}: not root or no apt-get; skipped: {skipped}" for package, skipped in absent.values()]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    say(f"Debian packages: {' '.join(package for package, _ in absent.values())}")
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    left = []
    for package, skipped in absent.values():   # one at a time, so that one missing package does not cost the others
        done = subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", package], check=False, **quiet)
        if done.returncode != 0:
            left.append(f"{package}: apt-get gave {done.returncode}; skipped: {skipped}")
    return left


def needs_venv_package() -> bool:
    if PYTHON.exists():
        return False
    return subprocess.run([sys.executable, "-c", "import ensurepip, venv"], check=False, stderr=subprocess.DEVNULL).returncode != 0


def environment() -> bool:
    if not PYTHON.exists():
        say("virtual environment .venv")
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            return False
    return True


def packages(wanted: str) -> bool:
    """Install our two distributions, editable, with the extras of `wanted`, at the versions of constraints.txt."""
    stamps = VENV / "touchstone-setup"
    stamps.mkdir(exist_ok=True)
    files = [ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "eval_harness" / "pyproject.toml"]
    mark = hashlib.sha256(b"".join(file.read_bytes() for file in files) + str(ROOT).encode()).hexdigest()
    done = {file.name for file in stamps.iterdir() if file.read_text() == mark}
    if wanted in done or "all" in done:
        return True
    say(f"Python packages ({wanted}); the first time this takes a minute or two ...")
    if not (VENV / "bin" / "uv").exists() and run("-m", "pip", "-q", "--disable-pip-version-check", "install", "uv") != 0:
        return False
    if run("-m", "uv", "-q", "pip", "install", "--python", str(PYTHON), "-c", "constraints.txt",
           "-e", "./eval_harness", "-e", f".[{EXTRAS[wanted]}]") != 0:
        return False
    (stamps / wanted).write_text(mark)
    return True


def run(*arguments: str) -> int:
    return subprocess.run([str(PYTHON), *arguments], check=False, cwd=ROOT).returncode


def jars() -> list[str]:
    if shutil.which("java") is None or shutil.which("mvn") is None:
        return ["Delta jars: Java or Maven is not here; skipped: the Spark suite"]
    return [] if run("-m", "pipelines.engines.jars") == 0 else ["Delta jars: Maven could not fetch them; skipped: the Spark suite"]


def size_mb(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir()) >> 20


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "lean"))

"""`python -m pipelines.engines.jars`: bring the delta-spark jars into .jars/ (infra/spark/pom.xml), once.

Needs Java 17 or later and Maven. On Debian or Ubuntu, as root, missing ones are installed with apt-get. What could not be had
is said plainly and the command ends with 3; the embedded engine needs none of this.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
POM = ROOT / "infra" / "spark" / "pom.xml"
GROUPS = "io.delta,io.unitycatalog"
"""What Spark lacks. Everything else delta-spark depends on comes with the pyspark wheel, in versions that fit it."""
MAIN_JAR = "delta-spark_4.2_2.13-4.4.0.jar"
JAVA_AT_LEAST = 17
PACKAGES = {"java": "default-jre-headless", "mvn": "maven"}


def folder() -> Path:
    """Where the jars are: $TOUCHSTONE_JARS, else .jars/ of the checkout."""
    return Path(os.environ.get("TOUCHSTONE_JARS") or ROOT / ".jars")


def jars() -> list[Path]:
    """The jars, or none when the main one is not there."""
    found = sorted(folder().glob("*.jar"))
    return found if any(jar.name == MAIN_JAR for jar in found) else []


def java_version() -> int | None:
    """Major version of the Java that would run, None without one."""
    command = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java") if os.environ.get("JAVA_HOME") else shutil.which("java")
    if not command or not Path(command).exists():
        return None
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else None


def missing() -> list[str]:
    """What the Spark engine lacks here, in words; empty when it can start."""
    import importlib.util

    version = java_version()
    found = [] if version and version >= JAVA_AT_LEAST else [f"Java {JAVA_AT_LEAST} or later (found: {version or 'none'})"]
    if importlib.util.find_spec("pyspark") is None:
        found.append("the Python package pyspark (pip install 'touchstone[spark]')")
    if not jars():
        found.append(f"{MAIN_JAR} in {folder()}")
    return found


def _install(commands: list[str]) -> None:
    """apt-get for missing commands, where that is possible."""
    wanted = [PACKAGES[name] for name in commands]
    if not wanted or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    print(f"installing {', '.join(wanted)} with apt-get", flush=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted], check=False, env=environment)


def _copy() -> int:
    """Run Maven into a folder beside the target and move it into place. Gives Maven's exit code."""
    target = folder()
    half = target.with_name(target.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    done = subprocess.run(["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={half.absolute()}",
                           f"-DincludeGroupIds={GROUPS}"], check=False)
    if done.returncode == 0 and (half / MAIN_JAR).exists():
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
    shutil.rmtree(half, ignore_errors=True)
    return done.returncode


def main() -> int:
    needed = [] if (java_version() or 0) >= JAVA_AT_LEAST else ["java"]
    if not jars() and not shutil.which("mvn"):
        needed.append("mvn")
    _install(needed)
    if not jars():
        if shutil.which("mvn") is None:
            print("Maven (mvn) is missing: install it, for example as root: apt-get install maven")
        elif (code := _copy()) != 0:
            print(f"Maven could not copy the jars (exit {code}): its words are above; a mirror goes into ~/.m2/settings.xml")
    lacking = missing()
    for what in lacking:
        print(f"missing: {what}")
    if not lacking:
        print(f"ready: Java {java_version()}, {len(jars())} jars in {folder()}")
    return 3 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())

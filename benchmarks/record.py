"""Runs one benchmark and keeps what it printed as a section of docs/measured.md, with day, CPU and peers' versions.

    python -m benchmarks.record metrics [its arguments]
"""
from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "measured.md"
HEAD = """# Measured 实测

Ratios to a named peer or a floor taken in the same run; machines are noisy, so single seconds mean little.
`make bench-<topic>` writes a section.
与同一次运行中的对照或下限相比的倍数；机器有噪声，单个秒数意义不大。每个 `make bench-<topic>` 写一节。
"""
PEERS = ("deid", "dicognito", "pydicom", "scikit-learn", "monai", "pycocotools", "duckdb", "deltalake", "pyspark", "onnxruntime", "numpy",
         "python-crfsuite", "cumulus-etl", "rapidocr-onnxruntime")


def cpu() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    return f"{found.group(1) if found else platform.processor()}, {os.cpu_count()} cores"


def versions() -> str:
    present = {name: version for name in PEERS if (version := _version(name))}
    return ", ".join(f"{name} {version}" for name, version in present.items())


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def section(topic: str, printed: str) -> str:
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return (f"<!-- {topic} -->\n## {topic}\n\n{day} · {cpu()} · Python {platform.python_version()} · {versions()}\n\n"
            f"```\n{printed.strip()}\n```\n<!-- /{topic} -->\n")


def keep(topic: str, printed: str) -> None:
    """Put the section in place of the one of the same topic, or at the end."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    fresh = section(topic, printed)
    pattern = re.compile(rf"<!-- {topic} -->.*?<!-- /{topic} -->\n", re.DOTALL)
    page = pattern.sub(lambda _: fresh, page) if pattern.search(page) else page.rstrip("\n") + "\n\n" + fresh
    PAGE.write_text(page, encoding="utf-8")


def main() -> int:
    topic = sys.argv[1]
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{topic}", *sys.argv[2:]], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    if done.stdout.strip():
        keep(topic, done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())

"""Runs one benchmark and keeps what it printed as a section of docs/measured.md, with day, CPU and peers' versions.

    python -m benchmarks.record metrics [its arguments]
"""
from __future__ import annotations

import datetime as dt
import fcntl
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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


def readable(printed: str) -> str:
    """JSON with its numbers at four significant digits; other text as it is."""
    try:
        return json.dumps(_rounded(json.loads(printed)), indent=1, ensure_ascii=False)
    except json.JSONDecodeError:
        return printed.strip()


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def section(topic: str, printed: str) -> str:
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return (f"<!-- {topic} -->\n## {topic}\n\n{day} · {cpu()} · Python {platform.python_version()} · {versions()}\n\n"
            f"```\n{readable(printed)}\n```\n<!-- /{topic} -->\n")


def keep(topic: str, printed: str) -> None:
    """Put the section in place of the one of the same topic, or at the end."""
    fresh = section(topic, printed)
    pattern = re.compile(rf"<!-- {topic} -->.*?<!-- /{topic} -->\n", re.DOTALL)
    with PAGE.open("a+", encoding="utf-8") as file:   # two benchmarks that end together each find the other's section
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        page = file.read() or HEAD
        page = pattern.sub(lambda _: fresh, page) if pattern.search(page) else page.rstrip("\n") + "\n\n" + fresh
        file.truncate(0)
        file.write(page)


def main() -> int:
    """Lines of figures come on standard error as they are measured, or all at once as JSON on standard output: either is kept."""
    topic, lines = sys.argv[1], list[str]()
    command = [sys.executable, "-m", f"benchmarks.{topic}", *sys.argv[2:]]
    with tempfile.TemporaryFile("w+") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            sys.stderr.write(line)
            lines.append(line)
        process.wait()
        out.seek(0)
        printed = out.read()
    print(printed, end="")
    found = printed if printed.strip() else "".join(lines)
    if found.strip() and "Traceback" not in found:
        keep(topic, found)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())

"""What the libraries below us raise when a table's files are damaged or the disk refuses, told as an issue of ours.

delta-rs, DuckDB and Arrow each have words of their own for the same two troubles. Only names of files and folders of a table are
taken from their texts: a text may quote a value.
"""
from __future__ import annotations

import errno
import itertools
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval_harness.base import TouchstoneError
from pipelines.engines.errors import DiskRefuses, TableDamaged
from schemas.messages import messages

REFUSALS = {errno.ENOSPC: "No space left on device", errno.EFBIG: "File too large", errno.EDQUOT: "Disk quota exceeded",
            errno.EROFS: "Read-only file system", errno.EACCES: "Permission denied", errno.EPERM: "Operation not permitted"}
FILE = re.compile(r"tables/((?:phi|deid|ledger)/\w+)/(?:\S*?/)?([\w.-]+\.(?:parquet|json))")
OF_A_FILE = re.compile(r"(?i)parquet|corrupt|deserializ|decompress|snappy|zstd|thrift|magic|footer")
FOLDER = re.compile(r"tables/((?:phi|deid|ledger)/\w+)")


@contextmanager
def told(where: str) -> Iterator[None]:
    """Run the block; what it raises about files becomes TableDamaged (ENG-014) or DiskRefuses (ENG-015).

    where: a table, or the text of a query (its tables are named). Anything else is a defect and passes through.
    """
    try:
        yield
    except TouchstoneError:
        raise
    except Exception as error:
        found = _ours(error, where)
        if found is None:
            raise
        raise found from error


def _ours(error: Exception, where: str) -> TouchstoneError | None:
    text = str(error)
    number = next((number for number, words in REFUSALS.items()
                   if words in text or f"os error {number})" in text or (isinstance(error, OSError) and error.errno == number)), None)
    if number is not None:
        return DiskRefuses(messages().issue("ENG-015", tables(text) or tables(where) or "tables", reason=os.strerror(number)))
    if not _about_files(error):
        return None
    named = FILE.search(text)
    if named:
        return damaged(named[1].replace("/", "."), named[2])
    return damaged(tables(text) or tables(where) or "tables", _log_file(text))


def _about_files(error: Exception) -> bool:
    """Whether this library says that a file is missing or not what it must be. Other errors of its own are defects of ours."""
    module, kind = type(error).__module__.partition(".")[0], type(error).__name__
    if module in ("_internal", "deltalake") or kind == "IOException" or isinstance(error, OSError):
        return True
    return module in ("duckdb", "_duckdb", "pyarrow") and bool(OF_A_FILE.search(str(error)))


def tables(text: str) -> str:
    """Tables whose folders a text names; the text itself where it is a plain name; else nothing."""
    found = sorted({name.replace("/", ".") for name in FOLDER.findall(text)})
    return ", ".join(found) if found else text if re.fullmatch(r"[\w.]+", text) else ""


def _log_file(text: str) -> str:
    named = re.search(r"\b(\d{20}\.(?:json|checkpoint\.parquet))", text)
    return f"_delta_log/{named[1]}" if named else "_delta_log"


def damaged(table: str, found: str) -> TableDamaged:
    return TableDamaged(messages().issue("ENG-014", table, found=found))


def whole_log(path: Path) -> None:
    """Refuse (ENG-014) a table folder whose log is gone while its data are there, or holds an empty file: a machine that lost its
    power, or a disk that was copied in part, leaves both, and readers take the first for a new table and the second for no change."""
    log = path / "_delta_log"
    if not any(log.glob("*.json")) and not any(log.glob("*.parquet")) and any(path.glob("**/*.parquet")):
        raise damaged(tables(str(path)), "_delta_log")
    for version in itertools.count(_checkpoint(log)):
        entry = log / f"{version:020d}.json"
        if not entry.exists():
            return
        if entry.stat().st_size == 0:
            raise damaged(tables(str(path)), f"_delta_log/{entry.name}")


def _checkpoint(log: Path) -> int:
    """The version from which on entries are read one by one."""
    try:
        return int(json.loads((log / "_last_checkpoint").read_text(encoding="utf-8"))["version"]) + 1
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0

"""`touchstone doctor`: what is installed, reachable, missing, and what to type."""
from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from eval_harness.base import TouchstoneError
from eval_harness.base.console import language, print_json
from pipelines.cli.common import HomeFlag, JsonFlag, LangFlag, table
from pipelines.settings import Settings, open_home, settings

FREE_BYTES_WANTED = 5 << 30
PACKAGES = {"deltalake": "", "duckdb": "", "pydicom": "", "rapidocr-onnxruntime": "", "python-gdcm": "", "pylibjpeg-openjpeg": "",
            "pyjpegls": "", "presidio-analyzer": "", "great-expectations": "", "ray": "ray", "pyspark": "spark",
            "apache-airflow": "airflow", "pynetdicom": "dimse", "fastapi": "portal"}
"""Distribution → the extra it belongs to (empty: always needed)."""


@dataclass(frozen=True)
class Check:
    name: str
    state: str
    """ok | missing | warning"""
    detail: str
    type_this: str = ""


def doctor(home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> int:
    """装了什么、缺什么、该输入什么 / what is installed, reachable, missing, and what to type."""
    config, zh = settings(home), language(lang) == "zh"
    checks = [check for group in (_python, _packages, _programs, lambda c: _home(c, zh)) for check in group(config)]
    if as_json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        print(table([asdict(check) for check in checks], [("name", "项目" if zh else "what"), ("state", "状态" if zh else "state"),
                    ("detail", "详情" if zh else "detail"), ("type_this", "输入" if zh else "type")]))
    return 1 if any(check.state == "missing" for check in checks) else 0


def _python(config: Settings) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", "ok" if sys.version_info[:2] == (3, 11) else "warning", version)
    yield Check("engine", "ok", f"{config.engine}, {config.jobs} processes")


def _packages(_: Settings) -> Iterator[Check]:
    for name, extra in PACKAGES.items():
        try:
            yield Check(name, "ok", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, "warning" if extra else "missing", f"extra [{extra}]" if extra else "",
                        f"pip install 'touchstone[{extra}]'" if extra else "make setup")


def _programs(config: Settings) -> Iterator[Check]:
    for program, wanted, hint in (("java", config.engine == "spark", "apt-get install openjdk-21-jre-headless"),
                                  ("bwrap", False, "apt-get install bubblewrap")):
        found = shutil.which(program)
        yield Check(program, "ok" if found else "missing" if wanted else "warning", found or "", "" if found else hint)


def _home(config: Settings, zh: bool) -> Iterator[Check]:
    home = config.home
    if not home.marker.exists():
        yield Check("home", "warning", str(home.root), "touchstone site add HOSPITAL.yaml")
        return
    for name, look in (("home", lambda: _open(config)), ("database", lambda: _database(config)), ("audit", lambda: _audit(config)),
                       ("keys", lambda: _keys(config, zh))):
        yield _guarded(name, look, zh)
    free = shutil.disk_usage(home.root).free
    yield Check("disk", "ok" if free >= FREE_BYTES_WANTED else "warning", f"{free >> 30} GiB free")
    shm = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
    yield Check("/dev/shm", "ok" if shm >= 64 << 20 else "warning", f"{shm >> 20} MiB free")


def _guarded(name: str, look: Callable[[], Check], zh: bool) -> Check:
    try:
        return look()
    except TouchstoneError as error:
        issue = error.issue
        words, hint = (issue.message_zh, issue.hint_zh) if zh else (issue.message_en, issue.hint_en)
        return Check(name, "missing", f"{issue.code} {words}", hint)


def _open(config: Settings) -> Check:
    return Check("home", "ok", str(open_home(config, create=False).root))


def _database(config: Settings) -> Check:
    from governance import registry
    from governance.store import open_store

    store = open_store(config.store_url)
    return Check("database", "ok", f"{len(registry.sites(store))} sites")


def _audit(config: Settings) -> Check:
    from governance.audit import Audit

    head = Audit(config.home.audit).head()
    return Check("audit", "ok", f"{head.seq} records, root {head.root[:16]}")


def _keys(config: Settings, zh: bool) -> Check:
    moved = config.home.keys != config.home.root / "keys"
    where = f"{config.home.keys} ($TOUCHSTONE_KEYS)" if moved else str(config.home.keys)
    if not config.home.project_key.exists():
        words = "第一次 ingest 时建立" if zh else "the project key is made by the first ingest"
        return Check("keys", "warning", f"{where}: {words}")
    mode = config.home.project_key.stat().st_mode & 0o777
    return Check("keys", "ok" if mode == 0o600 else "missing", where, "" if mode == 0o600 else f"chmod 600 {config.home.project_key}")

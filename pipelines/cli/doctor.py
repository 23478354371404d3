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
from pipelines.cli.common import HomeFlag, JsonFlag, LangFlag
from pipelines.cli.words import table
from pipelines.settings import Settings, open_home, settings

FREE_BYTES_WANTED = 5 << 30
PACKAGES = {"deltalake": "", "duckdb": "", "pydicom": "", "rapidocr-onnxruntime": "", "python-gdcm": "", "pylibjpeg-openjpeg": "",
            "pyjpegls": "", "presidio-analyzer": "", "great-expectations": "", "ray": "ray", "pyspark": "spark",
            "apache-airflow": "airflow"}
"""Distribution → the extra it belongs to (empty: always needed)."""


STATES_ZH = {"ok": "正常", "missing": "缺失", "warning": "注意"}


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
    checks = [check for group in (_python, _packages, _programs, _home) for check in group(config, zh)]
    if as_json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        words = STATES_ZH if zh else {}
        rows = [asdict(check) | {"what": check.name, "state": words.get(check.state, check.state)} for check in checks]
        print(table(rows, ["what", "state", "detail", "type_this"], "zh" if zh else "en"))
    return 1 if any(check.state == "missing" for check in checks) else 0


def _python(config: Settings, zh: bool) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", "ok" if sys.version_info[:2] == (3, 11) else "warning", version)
    yield Check("engine", "ok", f"{config.engine}，{config.jobs} 个进程" if zh else f"{config.engine}, {config.jobs} processes")


def _packages(_: Settings, zh: bool) -> Iterator[Check]:
    for name, extra in PACKAGES.items():
        try:
            yield Check(name, "ok", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, "warning" if extra else "missing", f"{'附加项' if zh else 'extra'} [{extra}]" if extra else "",
                        f"pip install 'touchstone[{extra}]'" if extra else "make setup")


def _programs(config: Settings, _: bool) -> Iterator[Check]:
    for program, wanted, hint in (("java", config.engine == "spark", "apt-get install openjdk-21-jre-headless"),
                                  ("bwrap", False, "apt-get install bubblewrap")):
        found = shutil.which(program)
        yield Check(program, "ok" if found else "missing" if wanted else "warning", found or "", "" if found else hint)


def _home(config: Settings, zh: bool) -> Iterator[Check]:
    home = config.home
    if not home.marker.exists():
        yield Check("home", "warning", str(home.root), "touchstone site add HOSPITAL.yaml")
        return
    for name, look in (("home", lambda: _open(config)), ("database", lambda: _database(config, zh)), ("audit", lambda: _audit(config, zh)),
                       ("tables", lambda: _tables(config, zh)),
                       ("keys", lambda: _keys(config, zh))):
        yield _guarded(name, look, zh)
    free = shutil.disk_usage(home.root).free
    yield Check("disk", "ok" if free >= FREE_BYTES_WANTED else "warning", f"{'可用' if zh else 'free'} {free >> 30} GiB")
    shm = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
    yield Check("/dev/shm", "ok" if shm >= 64 << 20 else "warning", f"{'可用' if zh else 'free'} {shm >> 20} MiB")


def _guarded(name: str, look: Callable[[], Check], zh: bool) -> Check:
    try:
        return look()
    except TouchstoneError as error:
        issue = error.issue
        words, hint = (issue.message_zh, issue.hint_zh) if zh else (issue.message_en, issue.hint_en)
        return Check(name, "missing", f"{issue.code} {words}", hint)


def _open(config: Settings) -> Check:
    return Check("home", "ok", str(open_home(config, create=False).root))


def _database(config: Settings, zh: bool) -> Check:
    from governance import registry
    from governance.store import open_store

    store = open_store(config.store_url)
    count = len(registry.sites(store))
    return Check("database", "ok", f"{count} 家医院" if zh else f"{count} sites")


def _audit(config: Settings, zh: bool) -> Check:
    from governance.audit import Audit

    head = Audit(config.home.audit).head()
    return Check("audit", "ok", f"{head.seq} 条记录，根 {head.root[:16]}" if zh else f"{head.seq} records, root {head.root[:16]}")


def _tables(config: Settings, zh: bool) -> Check:
    """Whether every table and the audit log are at least where the last finished nights left them, and every file is there whole."""
    from governance.store import open_store
    from pipelines import bookmark

    found = bookmark.missing(config.home, open_store(config.store_url)) or bookmark.unreadable(config.home)
    if not found:
        return Check("tables", "ok", "与上一个夜晚留下的一致" if zh else "as the last night left them")
    lost = [issue.where for issue in found]
    return Check("tables", "missing", f"{found[0].code} {', '.join(lost)}", found[0].hint_zh if zh else found[0].hint_en)


def _keys(config: Settings, zh: bool) -> Check:
    moved = config.home.keys != config.home.root / "keys"
    where = f"{config.home.keys} ($TOUCHSTONE_KEYS)" if moved else str(config.home.keys)
    if not config.home.project_key.exists():
        words = "第一次 ingest 时建立" if zh else "the project key is made by the first ingest"
        return Check("keys", "warning", f"{where}: {words}")
    mode = config.home.project_key.stat().st_mode & 0o777
    return Check("keys", "ok" if mode == 0o600 else "missing", where, "" if mode == 0o600 else f"chmod 600 {config.home.project_key}")

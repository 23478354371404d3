"""Engines against their floors, as ratios from one run: `python -m benchmarks.engines [--rows N] [--spark]`.

    append    insert_new of N new rows           against  write_deltalake of the same rows, unchecked
    again     upsert of the same N rows          against  reading their keys once (nothing may be written)
    change    upsert with 1 % changed rows       against  the append above
    step      a step over N rows in the pool     against  the bare logic in one process, divided by the processes
    crash     a step where one row in 1,000 kills its process, per killed row, in seconds
    pack      packing objects into parts         against  copying the same bytes
"""
from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.engine_steps import ROWS_IN, ROWS_OUT, digest_rows, open_digest, open_fragile
from pipelines.engines import open_engine
from pipelines.engines.base import Engine, Logic, Step, Worker
from pipelines.engines.objects import ObjectStore
from pipelines.engines.parts import Member, PartWriter
from pipelines.settings import Settings
from schemas.home import Home
from schemas.tables import STATE, TIME


def seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def states(count: int, changed: int = 0) -> pa.Table:
    """Rows of ledger.state; the first `changed` differ from the others' usual form."""
    at = pa.array([1_700_000_000_000_000] * count, TIME)
    text = {"site_id": "east", "kind": "instance", "op": "put", "basis": "ids", "m": "2026-11", "state": "released", "reason": None}
    columns: dict[str, Any] = {name: pa.array([value] * count, pa.utf8()) for name, value in text.items()}
    columns |= {"unit_token": pa.array([f"{number:032x}" for number in range(count)]), "seq": pa.array([1] * count, pa.int32()),
                "group_token": pa.array([f"{number // 300:032x}" for number in range(count)]), "changed_at": at,
                "expected_on": pa.array([20_000] * count, pa.date32()), "current": pa.array([n >= changed for n in range(count)])}
    return pa.table([columns[name] for name in STATE.columns.names], schema=STATE.columns)


def given(count: int) -> pa.Table:
    return pa.table([pa.array([number.to_bytes(16, "big") for number in range(count)], pa.binary(16)), pa.array(range(count))],
                    schema=ROWS_IN)


def step(name: str, opener: Callable[[Worker], Logic], isolate: bool) -> Step:
    return Step(name, "1", "", ROWS_IN, ROWS_OUT, opener, isolate=isolate, zone="deid", batch_rows=1000)


def commits(engine: Engine, folder: Path, count: int) -> dict[str, float]:
    from deltalake import DeltaTable, write_deltalake

    write_deltalake(str(folder / "warm"), states(10), partition_by=list(STATE.partition_by))      # imports are paid before the clock runs
    floor = seconds(lambda: write_deltalake(str(folder / "floor"), states(count), partition_by=list(STATE.partition_by)))
    reading = seconds(lambda: DeltaTable(str(folder / "floor")).to_pyarrow_dataset().to_table(columns=list(STATE.key)))
    append = seconds(lambda: engine.insert_new(STATE, states(count), commit_id="a"))
    version = engine.version(STATE)
    again = seconds(lambda: engine.upsert(STATE, states(count), commit_id="b"))
    assert engine.version(STATE) == version, "an unchanged night must not make a version"
    change = seconds(lambda: engine.upsert(STATE, states(count, changed=count // 100), commit_id="c"))
    return {"append_s": append, "append_over_floor": append / floor, "again_s": again, "again_over_reading": again / reading,
            "change_s": change, "change_over_append": change / append}


def steps(engine: Engine, count: int, jobs: int) -> dict[str, float]:
    frame = given(count)
    engine.map(engine.frame(given(1000 * jobs)), step("warm", open_digest, True), "bench")      # processes are up before the clock runs
    floor = seconds(lambda: [digest_rows(batch) for batch in frame.to_batches(1000)]) / jobs
    pool = seconds(lambda: engine.map(engine.frame(frame), step("digest", open_digest, True), "bench"))
    few = min(count, 3000)
    crash = seconds(lambda: engine.map(engine.frame(given(few)), step("fragile", open_fragile, True), "bench"))
    engine.discard("bench")
    return {"step_s": pool, "step_over_floor": pool / floor, "crash_s_per_killed_row": crash / max(1, few // 1000)}


def packing(folder: Path, megabytes: int) -> dict[str, float]:
    data = os.urandom(512 << 10)
    count = megabytes * 2
    store = ObjectStore(folder / "objects", "parts")

    def pack() -> None:
        writer = PartWriter(store)
        for number in range(count):
            writer.add(Member(f"2.25.{number}", len(data), lambda: io.BytesIO(data)))
        writer.write()

    def copy() -> None:
        with (folder / "copy").open("wb") as out:
            for _ in range(count):
                out.write(data)
            out.flush()
            os.fsync(out.fileno())

    copied, packed = seconds(copy), seconds(pack)
    return {"pack_mb_per_s": megabytes / packed, "pack_over_copy": packed / copied}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--spark", action="store_true", help="measure the Spark engine as well")
    args = parser.parse_args()
    found: dict[str, Any] = {"rows": args.rows, "processes": 2}
    for name in ("embedded", *(["spark"] if args.spark else [])):
        root = Path(tempfile.mkdtemp(prefix="bench-engines-"))
        home = Home(root / "home", root / "home" / "keys")
        for folder, mode in home.folders():
            folder.mkdir(parents=True, exist_ok=True, mode=mode)
        try:
            with contextlib.closing(open_engine(Settings(home, name, jobs=2))) as engine:
                found[name] = commits(engine, root, args.rows) | steps(engine, args.rows, 2)
            if name == "embedded":
                found["objects"] = packing(root, args.megabytes)
        finally:
            shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The model runner inside the sandbox: load a graph, then answer cases from standard input until it ends.

Everything it needs from outside is imported before the sandbox closes (`prepare`); after that it opens no file.
"""
from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import IO, Any

from eval_harness.inference.frames import read_frame, write_frame

INPUT_CAP_BYTES = 8 * 1024**3


def prepare() -> None:
    """Import what a graph and the steps need while files can still be opened; NumPy loads parts of itself on first use."""
    import_module("onnxruntime")
    import_module("eval_harness.inference.engine").warm_up()
    _used(0.0)


def serve(lock_down: Callable[[], dict[str, Any]]) -> None:
    """Speak frames on the standard streams. `lock_down` closes the sandbox and says what it closed.

    First message in: {"kind": "load", manifest} with part "model". Then {"kind": "case", case} with the sockets' bytes.
    Out: {"kind": "ready"|"answer"|"error", ...}. An error names the kind of failure, never a value.
    """
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)   # a library that prints must not break the frames
    prepare()
    closed = lock_down()
    engine = _load(source, sink, closed)
    while engine is not None and (message := read_frame(source, INPUT_CAP_BYTES)) is not None:
        header, files = message
        before_s = time.process_time()
        try:
            output = engine.answer(header["case"], files)
        except Exception as error:  # noqa: BLE001 - whatever a hostile graph raises is its result
            write_frame(sink, {"kind": "error", "cause": cause_of(error), "text": _plain(error), **_used(before_s)})
            return   # a graph that failed may have left anything behind
        write_frame(sink, {"kind": "answer", **_used(before_s)}, {"output.json": output})


def _used(before_s: float) -> dict[str, float]:
    """CPU seconds since `before_s` and this process's peak memory; for telemetry, limits are counted from outside."""
    try:
        import resource
    except ImportError:   # Windows
        return {"cpu_s": time.process_time() - before_s, "peak_bytes": 0}
    return {"cpu_s": time.process_time() - before_s, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def _load(source: IO[bytes], sink: IO[bytes], closed: dict[str, Any]) -> Any:
    from eval_harness.inference.engine import Engine

    message = read_frame(source, INPUT_CAP_BYTES)
    if message is None:
        return None
    header, files = message
    try:
        engine = Engine(files["model"], header["manifest"])
    except Exception as error:  # noqa: BLE001 - a graph that does not load is the vendor's result
        write_frame(sink, {"kind": "error", "cause": cause_of(error), "text": _plain(error)})
        return None
    write_frame(sink, {"kind": "ready", "closed": closed})
    return engine


def cause_of(error: BaseException) -> str:
    """A token for an exception out of a graph or a step."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or "bad_alloc" in text or "failed to allocate" in text or "out of memory" in text:
        return "oom"
    return "graph_failed" if type(error).__module__.startswith("onnxruntime") else f"step_failed:{type(error).__name__}"


def _plain(error: BaseException) -> str:
    return json.dumps(" ".join(str(error).split())[:2000])[1:-1]

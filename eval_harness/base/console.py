"""What both commands do at the terminal: language, progress, JSON as the last thing, errors with an exit code."""
from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sized
from pathlib import Path
from typing import Any, TypeVar

from eval_harness.base.issue import Issue, TouchstoneError, Words, eval_messages

T = TypeVar("T")
LINE_EVERY_S = 8.0
SEEN = Words("加上 TOUCHSTONE_DEBUG=1 再运行时所显示的内容", "what the same command shows with TOUCHSTONE_DEBUG=1 before it")
UNITS_ZH = {"files": "个文件", "resources": "条资源", "cases": "例"}


def language(flag: str | None = None) -> str:
    """zh or en: the flag, else $TOUCHSTONE_LANG, else $LANG."""
    for choice in (flag, os.environ.get("TOUCHSTONE_LANG"), os.environ.get("LANG")):
        if choice:
            return "zh" if choice.lower().startswith("zh") else "en"
    return "en"


def print_json(value: Any) -> None:
    """One JSON object on standard output, the last thing a command prints."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A line of progress or explanation, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class Progress:
    """A bar in a terminal; elsewhere a plain line at the start, at most every ten seconds, and at the end."""

    def __init__(self, label: str, total: int | None = None, unit: str = "") -> None:
        self.label, self.total, self.unit, self.done = label, total, unit, 0
        self.started = self.spoken = time.monotonic()
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress as Bar

            self.bar = Bar(console=Console(stderr=True), transient=False)
            self.bar.start()
            self.task = self.bar.add_task(self.label, total=self.total)
        else:
            say(f"{self.label} ...")
        return self

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.done += steps
        if self.bar is not None:
            self.bar.update(self.task, advance=steps, description=f"{self.label} {note}".strip())
        elif time.monotonic() - self.spoken >= LINE_EVERY_S:
            self.spoken = time.monotonic()
            say(self.line(note))

    def line(self, note: str = "") -> str:
        passed = time.monotonic() - self.started
        if language(_flag("--lang")) == "zh":
            return self._line_zh(passed, note)
        of = f"/{self.total}" if self.total else ""
        eta = f", ~{passed / self.done * (self.total - self.done):.0f} s left" if self.total and self.done else ""
        return f"{self.label}: {self.done}{of}{' ' + self.unit if self.unit else ''}, {passed:.0f} s{eta} {note}".rstrip()

    def _line_zh(self, passed: float, note: str) -> str:
        of = f"/{self.total}" if self.total else ""
        eta = f"，约剩 {passed / self.done * (self.total - self.done):.0f} 秒" if self.total and self.done else ""
        return f"{self.label}：{self.done}{of} {UNITS_ZH.get(self.unit, self.unit)}，{passed:.0f} 秒{eta} {note}".rstrip()

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
        else:
            say(self.line())


def tracked(items: Iterable[T], label: str, total: int | None = None, unit: str = "") -> Iterator[T]:
    """Yield `items` under a Progress."""
    with Progress(label, total if total is not None else _length(items), unit) as progress:
        for item in items:
            yield item
            progress.advance()


def _length(items: Iterable[object]) -> int | None:
    return len(items) if isinstance(items, Sized) else None


def run_app(app: Callable[..., Any], log: Path | None = None) -> None:
    """Run a typer app; turn our errors into two lines and an exit code, anything else into exit code 3."""
    lang = language(_flag("--lang"))
    try:
        app(standalone_mode=False)
    except TouchstoneError as error:
        if "--json" in sys.argv:
            print_json({"error": error.issue.to_dict()})
        say(error.issue.text(lang))
        sys.exit(error.exit_code)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - the outermost frame: everything must end in a code and words
        sys.exit(_unexpected(error, lang, log))


def _flag(name: str) -> str | None:
    for place, word in enumerate(sys.argv):
        if word == name and place + 1 < len(sys.argv):
            return sys.argv[place + 1]
        if word.startswith(name + "="):
            return word.partition("=")[2]
    return None


def _unexpected(error: BaseException, lang: str, log: Path | None) -> int:
    if isinstance(error, KeyboardInterrupt):
        say(eval_messages().issue("SYS-002", Path(sys.argv[0]).name).text(lang))
        return 3
    if isinstance(error, BrokenPipeError):     # whoever read our output has enough of it, as in `... | head`
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - what is still buffered goes there at the end
        return 3
    if os.environ.get("TOUCHSTONE_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.strerror:
        return _refused(error, lang)
    issue = unexpected(error, log)
    if "--json" in sys.argv:
        print_json({"error": issue.to_dict()})
    say(issue.text(lang))
    return 3


def unexpected(error: BaseException, log: Path | None) -> Issue:
    """SYS-001 for an error nobody thought of; where it came from is noted in `log`."""
    frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    if log is not None:   # places only: an exception's text may quote a value
        with contextlib.suppress(OSError):
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as out:
                out.write(f"{time.strftime('%FT%TZ', time.gmtime())} {type(error).__name__} {' < '.join(reversed(frames))}\n")
    return eval_messages().issue("SYS-001", frames[-1] if frames else "?", log=str(log) if log else SEEN)


def _refused(error: OSError, lang: str) -> int:
    """What the operating system refused. Only a path that was typed is named: others may hold a person's name."""
    typed = [word.partition("=")[2] if word.startswith("--") else word for word in sys.argv[1:]]
    place = next((word for word in typed if word and str(error.filename or "").startswith(word)), None)
    wrong_path = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError) and place == error.filename
    issue = eval_messages().issue("SYS-004" if wrong_path else "SYS-003", place or Path(sys.argv[0]).name, reason=error.strerror)
    if "--json" in sys.argv:
        print_json({"error": issue.to_dict()})
    say(issue.text(lang))
    return 2 if wrong_path else 3

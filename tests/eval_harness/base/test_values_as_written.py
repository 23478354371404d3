"""A file that people write is read as it is written: true is no number, a text is no number, a number is no text, and no encoding is
guessed. What is wrong with a value is told in words: no pattern, no name of Python's."""
from __future__ import annotations

import ast
import builtins
import datetime as dt
import json
import re
import tomllib
import zlib
from pathlib import Path

import pytest
from pydantic import Field

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.issue import KINDS
from eval_harness.base.json_text import json_text
from eval_harness.base.reasons import why
from eval_harness.base.record import Record
from eval_harness.base.yaml_file import read_yaml
from eval_harness.protocol import plan
from eval_harness.submission.manifest import Manifest
from eval_harness.tasks import spec
from governance import retention
from schemas.shapes import dataset, dicom_policy, fhir_policy, site, suite, text_policy, view

ROOT = Path(__file__).parents[3]
ROOMS = (plan, spec, retention, dataset, dicom_policy, fhir_policy, site, suite, text_policy, view)


class Bounds(Record):
    low: float = 0.0
    high: float | None = None


class Written(Record):
    count: int = 0
    share: float = 0.0
    on: bool = False
    word: str = ""
    points: dict[str, float] = Field(default_factory=dict)
    sizes: tuple[int, ...] = ()
    since: dt.date | None = None
    place: Path | None = None
    bounds: Bounds = Bounds()


@pytest.mark.parametrize(("entry", "zh", "en"), [
    ("count: true", "真假" , "true or false"), ("count: '3'", "不加引号", "without quotation marks"),
    ("count: 3.0", "整数", "a whole number"),
    ("share: true", "数", "a number"), ("share: '0.5'", "不加引号", "without quotation marks"),
    ("on: 'true'", "true 或 false", "true or false"),
    ("on: 1", "true 或 false", "true or false"), ("word: 1.10", "加引号", "in quotation marks"),
    ("word: true", "加引号", "in quotation marks"),
    ("word: 2026-01-01", "加引号", "in quotation marks"), ("points: {a: true}", "数", "a number"), ("points: {a: '1'}", "数", "a number"),
    ("sizes: [true]", "整数", "a whole number"), ("bounds: {low: '1'}", "数", "a number"), ("bounds: {high: false}", "数", "a number"),
    ("share: .nan", "有限", "finite"), ("share: .inf", "有限", "finite")])
def test_a_value_of_another_form_is_refused_with_what_was_found_and_what_is_right(tmp_path, entry, zh, en):
    file = tmp_path / "written.yaml"
    file.write_text(entry.replace("on:", '"on":') if entry.startswith("on") else entry, encoding="utf-8")
    with pytest.raises(WrongUsage) as caught:
        Written.from_file(file)
    issue = caught.value.issue
    assert en in issue.message_en + issue.hint_en
    assert zh.replace("真假", "true 或 false") in issue.message_zh + issue.hint_zh


def test_values_in_their_own_form_are_read(tmp_path):
    file = tmp_path / "written.yaml"
    file.write_text('count: 3\nshare: 1\n"on": true\nword: "1.10"\npoints: {a: 1, b: 1e-3}\nsizes: [1, 2]\nsince: 2026-01-01\n'
                    "place: a/b\nbounds: {low: -2, high: 2.5e3}\n", encoding="utf-8")
    read = Written.from_file(file)
    assert (read.count, read.share, read.on, read.word, read.sizes) == (3, 1.0, True, "1.10", (1, 2))
    assert (read.points, read.bounds.high, read.since, read.place) == ({"a": 1.0, "b": 0.001}, 2500.0, dt.date(2026, 1, 1), Path("a/b"))


@pytest.mark.parametrize("text", ["2e5x", "e5", "1e", "'1e5'", "sha-1e5"])
def test_only_a_number_with_an_exponent_is_one(tmp_path, text):
    (tmp_path / "x.yaml").write_text(f"a: {text}\n", encoding="utf-8")
    assert isinstance(read_yaml(tmp_path / "x.yaml")["a"], str)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "gb18030"])
def test_another_encoding_than_utf_8_is_refused_and_a_byte_order_mark_is_passed_over(encoding):
    with pytest.raises(UnicodeDecodeError):
        json_text('{"vendor": "东方"}'.encode(encoding))
    assert json.loads(json_text('{"vendor": "东方"}'.encode("utf-8-sig"))) == {"vendor": "东方"}


def records() -> list[type[Record]]:
    found = {one for module in ROOMS for one in vars(module).values() if isinstance(one, type) and issubclass(one, Record)}
    return sorted({*found, Manifest} - {Record}, key=lambda one: (one.__module__, one.__name__))


def test_no_record_of_any_room_takes_a_truth_value_or_a_text_for_a_number():
    """Asked of the compiled schemas: every plain value below every record is strict."""
    lax: list[str] = []

    def look(part: object, name: str) -> None:
        if isinstance(part, dict):
            if str(part.get("type")) in ("bool", "int", "float", "str") and not part.get("strict"):
                lax.append(name)
            for inner in part.values():
                look(inner, name)
        elif isinstance(part, list | tuple):
            for inner in part:
                look(inner, name)

    assert len(records()) > 40
    for one in records():
        look(one.__pydantic_core_schema__, one.__name__)
    assert lax == []


def test_every_pattern_that_a_record_asks_for_is_told_in_words():
    told = tomllib.loads((ROOT / "eval_harness/base/patterns.toml").read_text(encoding="utf-8"))
    asked: set[str] = set()

    def look(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "str" and part.get("pattern"):
                asked.add(part["pattern"])
            for inner in part.values():
                look(inner)
        elif isinstance(part, list | tuple):
            for inner in part:
                look(inner)

    for one in records():
        look(one.__pydantic_core_schema__)
    assert len(asked) > 10
    assert asked == set(told)
    assert all(zh != en and not re.search(r"[\[\]^$\\]{2}", zh + en) for zh, en in told.values())


NAMES = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)} | {"JSONDecodeError"}


@pytest.mark.parametrize("error", [
    ValueError("张伟"), KeyError("张伟"), TypeError("张伟"), RecursionError(), MemoryError(), EOFError(),
    zlib.error("张伟"), OSError("张伟"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "张伟"),
    json.JSONDecodeError("张伟", "{", 1), FileNotFoundError(2, "No such file or directory"),
    type("Odd", (Exception,), {})("张伟")], ids=lambda one: type(one).__name__)
def test_why_speaks_in_words_and_passes_nothing_of_the_error_on(error):
    words = why(error)
    assert words.zh != words.en
    assert re.search("[一-鿿]", words.zh)
    assert not any(name in words.zh + words.en for name in NAMES)
    assert "张伟" not in words.zh + words.en


MAKE_MESSAGES = ("issue", "refuse", "refused", "_refused", "_issue", "text", "note", "Words")


def test_no_message_of_these_rooms_is_given_the_name_of_a_python_exception():
    """`type(error).__name__` may stand in a log or a record; given to a message, a person reads it."""
    found = [f"{file.relative_to(ROOT)}:{call.lineno}" for room in ("eval_harness", "governance", "schemas")
             for file in sorted((ROOT / room).rglob("*.py")) for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
             if isinstance(call, ast.Call) and _callee(call) in MAKE_MESSAGES
             and "__name__" in ast.dump(call) and "type" in ast.dump(call)]
    assert found == []
    assert "{kind}" not in eval_messages().templates["SYS-001"].en
    assert {"ValueError", "KeyError", "BadZipFile", "TarError", "ConnectError"} <= set(KINDS)


def _callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")

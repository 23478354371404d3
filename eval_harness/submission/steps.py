"""The pre and post steps of an ONNX manifest: named in the closed lists, with the parameters they take, in the form they take them."""
from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.base.issue import Words
from eval_harness.submission.names import printable
from eval_harness.submission.read import MANIFEST, Submission


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _size(value: Any) -> bool:
    return _whole(value) and bool(value)


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(fits(one) for one in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


Form = tuple[Callable[[Any], bool], Words]
A_NUMBER: Form = (_number, Words("数，不加引号", "a number without quotation marks"))
A_SIZE: Form = (_size, Words("1 或更大的整数", "a whole number, 1 or more"))
A_TEXT: Form = (_text, Words("文字", "a text"))
FORMS: dict[str, Form] = {
    **dict.fromkeys(("low", "high", "mean", "std", "low_percent", "high_percent", "minimum", "threshold", "radius_mm"), A_NUMBER),
    "length": A_SIZE, "tensor": A_TEXT, "socket": A_TEXT,
    "index": (_whole, Words("0 或更大的整数", "a whole number, 0 or more")),
    "shape": (_list_of(_size), Words("整数的列表，例如 [64, 64]", "a list of whole numbers, such as [64, 64]")),
    "spacing_mm": (_list_of(lambda value: _number(value) and value > 0), Words("毫米数的列表，例如 [1.0, 0.7, 0.7]",
                                                                             "a list of millimetres, such as [1.0, 0.7, 0.7]")),
    "names": (_list_of(_text), Words("文字的列表", "a list of texts")),
    "dtype": (lambda value: value in ("float32", "int64", "float16"), Words("float32、int64 或 float16", "float32, int64 or float16")),
    "activation": (lambda value: value in ("sigmoid", "softmax"), Words("sigmoid 或 softmax", "sigmoid or softmax"))}
"""What each parameter of a step looks like, whichever step takes it."""


def inspect_steps(submission: Submission) -> list[Issue]:
    """What is wrong with pre and post: SUB-040 to SUB-044."""
    from eval_harness.inference import post, pre

    manifest = submission.manifest
    if submission.kind != "onnx":
        return [_issue("SUB-040", f"{MANIFEST}, pre/post", kind=submission.kind)] if manifest.pre or manifest.post else []
    found: list[Issue] = []
    sockets = [socket.name for socket in manifest.sockets]
    tables: tuple[tuple[str, tuple[dict[str, Any], ...], Mapping[str, Any]], ...] = (
        ("pre", manifest.pre, pre.STEPS), ("post", manifest.post, post.STEPS))
    for side, steps, known in tables:
        for place, step in enumerate(steps):
            where = f"{MANIFEST}, {side}[{place}]"
            found += (_named(where, step, known, {"op", "socket"} if side == "pre" else {"op"})
                      or _formed(where, step) or _socket(where, step, sockets))
    if not manifest.post:
        found.append(_issue("SUB-041", f"{MANIFEST}, post"))
    return found


def _issue(code: str, where: str, **params: object) -> Issue:
    return eval_messages().issue(code, where, **params)


def _named(where: str, step: Mapping[str, Any], known: Mapping[str, Any], always: set[str]) -> list[Issue]:
    """A step of the list, with all that it needs and nothing else."""
    name = str(step.get("op"))
    if name not in known:
        near = difflib.get_close_matches(name, list(known), 1, 0.3)
        return [_issue("SUB-042", where, found=printable(name), near=near[0] if near else ", ".join(known))]
    spec = known[name]
    allowed = always | set(spec.required) | set(spec.optional)
    wrong = sorted(set(step) - allowed)
    missing = [key for key in spec.required if key not in step]
    if wrong or missing:
        near = difflib.get_close_matches(wrong[0], sorted(allowed), 1, 0.4) if wrong else missing
        return [_issue("SUB-043", where, op=name, found=", ".join(map(printable, wrong)) or "-",
                       near=near[0] if near else ", ".join(sorted(allowed)))]
    return []


def _formed(where: str, step: Mapping[str, Any]) -> list[Issue]:
    return [_issue("SUB-044", f"{where}.{name}", op=step["op"], right=FORMS[name][1])
            for name, value in step.items() if name in FORMS and not FORMS[name][0](value)]


def _socket(where: str, step: Mapping[str, Any], sockets: list[str]) -> list[Issue]:
    """A step for an input that is not there would be passed over in silence."""
    if "socket" not in step or step["socket"] in sockets:
        return []
    named = ", ".join(map(printable, sockets)) or "-"
    return [_issue("SUB-044", f"{where}.socket", op=step["op"], right=Words(f"sockets 中的一个：{named}", f"one of sockets: {named}"))]

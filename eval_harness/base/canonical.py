"""Canonical JSON: one value, one byte string.

RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints
them, strings with the shortest escapes. NaN and infinities have no form and are refused, so they can never be signed.
Needs the standard library only: the verifier runs on it.
"""
from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any


def canonical(value: Any) -> bytes:
    """The canonical UTF-8 bytes of a JSON value (dict with str keys, list, tuple, str, int, float, bool, None).

    Raises TypeError for anything else and ValueError for NaN, infinities and integers that no double holds exactly.
    """
    return _encode(value).encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _encode(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{encode_basestring(key)}:{_encode(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return "[" + ",".join(_encode(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")


def _integer(value: int) -> str:
    if abs(value) <= 2**53:
        return str(value)
    if abs(value) < 10**21 and number(float(value)) == str(value):   # a large double read back from its shortest digits
        return str(value)
    raise ValueError("an integer beyond 2**53 has no exact JSON number; write it as a string")


def number(value: float) -> str:
    """A finite double as ECMAScript's Number::toString prints it (shortest digits that round-trip)."""
    if not math.isfinite(value):
        raise ValueError("NaN and infinities have no canonical JSON form; give an absence with a reason instead")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = f"{abs(float(value))!r}".partition("e")   # a NumPy float is a float whose repr has words in it
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + ("" if fraction == "0" else fraction)).lstrip("0")
    point = len(whole) + int(exponent_text or 0)
    if whole == "0":
        point = int(exponent_text or 0) - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0") or "0"
    n, k = point, len(digits)
    if k <= n <= 21:
        return sign + digits + "0" * (n - k)
    if 0 < n <= 21:
        return sign + digits[:n] + "." + digits[n:]
    if -6 < n <= 0:
        return sign + "0." + "0" * -n + digits
    tail = f"e{'+' if n > 0 else '-'}{abs(n - 1)}"
    return sign + digits[0] + ("." + digits[1:] if k > 1 else "") + tail

"""Canonical JSON: RFC 8785's own number cases, and laws that hold for any value."""
from __future__ import annotations

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval_harness.base import canonical, digest
from eval_harness.base.canonical import number

VALUES = st.recursive(st.none() | st.booleans() | st.integers(-2**53, 2**53) | st.floats(allow_nan=False, allow_infinity=False)
                      | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@pytest.mark.parametrize(("bits", "text"), [   # RFC 8785 appendix B
    ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"), ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"), ("4340000000000000", "9007199254740992"),
    ("4430000000000000", "295147905179352830000"), ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"), ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"), ("444b1ae4d6e2ef50", "1e+21"), ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"), ("41b3de4355555553", "333333333.3333332"), ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"), ("41b3de4355555556", "333333333.3333334"), ("becbf647612f3696", "-0.0000033333333333333333"),
])
def test_a_double_is_printed_as_the_rfc_prints_it(bits, text):
    assert number(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


@given(VALUES)
def test_the_bytes_read_back_to_an_equal_value_and_to_the_same_bytes(value):
    try:
        written = canonical(value)
    except UnicodeEncodeError:      # lone surrogates have no UTF-8 form and are refused
        return
    assert canonical(json.loads(written)) == written


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9)))
def test_the_order_of_keys_does_not_matter(value):
    assert digest(value) == digest(dict(reversed(list(value.items()))))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, {"a": math.nan}], 2**53 + 1])
def test_what_has_no_exact_number_cannot_be_signed(value):
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_what_is_no_json_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_keys_sort_by_utf16_code_units_as_the_rfc_wants():
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "1": 3}).decode() == '{"1":3,"\U0001f600":2,"\ufb33":1}'

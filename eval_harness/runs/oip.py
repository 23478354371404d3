"""A case as a request of the Open Inference Protocol (version 2, JSON tensors), and its reply as an answer.

In: `case` (BYTES [1], the text of case.json) and one tensor a socket, by its name: arrays in C order with their own datatype, null where
a float is not finite; texts as BYTES [1]. Out: one tensor `output`, BYTES [1], the text of output.json. The `id` is the case's opaque name.
"""
from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import canonical
from eval_harness.tasks.output import AnswerRefused, strict_json

MODEL, CASE, OUTPUT, SOCKET = "model", "case", "output", "oip.sock"
READY, INFER = "/v2/health/ready", f"/v2/models/{MODEL}/infer"
DATATYPES = {"bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64", "int8": "INT8",
             "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16", "float32": "FP32", "float64": "FP64"}
KEYS = {"model_name", "model_version", "id", "parameters", "outputs"}
BLOCK = 1 << 18
JSON_GROWTH, HEAD_BYTES = 6, 65536
"""A character may take six bytes inside a JSON string; what stands around the answer is small."""


def reply_cap_bytes(output_bytes: int) -> int:
    """Largest reply that can hold an answer of `output_bytes`."""
    return JSON_GROWTH * output_bytes + HEAD_BYTES


def request(case: Mapping[str, Any], files: Mapping[str, bytes]) -> list[bytes]:
    """Body of the request, in pieces. case: case.json as an object; files: bytes by socket."""
    pieces = [b'{"id":', canonical(case["token"]), b',"inputs":[', *_text(CASE, canonical(dict(case)).decode())]
    for name, held in sorted(case["sockets"].items()):
        pieces.append(b",")
        if held["media_type"] == "application/x-npy":
            pieces += _tensor(name, np.load(io.BytesIO(files[name]), allow_pickle=False))
        else:
            pieces += _text(name, files[name].decode("utf-8"))
    return [*pieces, b'],"outputs":[{"name":', canonical(OUTPUT), b"}]}"]


def read_reply(body: bytes, view: str) -> bytes:
    """The text of output.json. Raises AnswerRefused: not_json, not_finite, repeated_key, oip_fields, oip_id, oip_name,
    oip_datatype, oip_shape."""
    reply = strict_json(body, "reply")
    if not isinstance(reply, dict) or set(reply) - KEYS or not isinstance(reply.get("outputs"), list):
        raise AnswerRefused("oip_fields", "reply")
    if reply.get("id") != view or reply.get("model_name") != MODEL:
        raise AnswerRefused("oip_id", "reply: id and model_name")
    outputs = reply["outputs"]
    if len(outputs) != 1 or not isinstance(outputs[0], dict) or outputs[0].get("name") != OUTPUT:
        raise AnswerRefused("oip_name", f"outputs: one tensor named {OUTPUT}")
    if outputs[0].get("datatype") != "BYTES":
        raise AnswerRefused("oip_datatype", f"{OUTPUT}: BYTES")
    shape, data = outputs[0].get("shape"), outputs[0].get("data")
    if json.dumps(shape) != "[1]" or not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], str):
        raise AnswerRefused("oip_shape", f"{OUTPUT}: shape [1], one text")
    try:
        return data[0].encode("utf-8")
    except UnicodeEncodeError as error:
        raise AnswerRefused("not_json", OUTPUT) from error


def _text(name: str, text: str) -> Iterator[bytes]:
    yield canonical({"name": name, "shape": [1], "datatype": "BYTES", "data": [text]})


def _tensor(name: str, array: NDArray[Any]) -> Iterator[bytes]:
    facts = canonical({"name": name, "shape": list(array.shape), "datatype": DATATYPES[array.dtype.name]})
    yield facts[:-1] + b',"data":['
    flat = array.reshape(-1)
    for start in range(0, len(flat), BLOCK):
        block = flat[start:start + BLOCK]
        values = block.tolist()
        if block.dtype.kind == "f" and not np.isfinite(block).all():
            values = [value if np.isfinite(value) else None for value in values]
        yield (b"," if start else b"") + json.dumps(values, separators=(",", ":"))[1:-1].encode()
    yield b"]}"

"""The search for planted identifiers finds them wherever they hide, and does not find what is not there."""
from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.needles import Needles

NAME, PHONE = "阿依古丽·买买提", "13812345678"
NEEDLES = Needles({"names": [NAME, "欧阳娜娜"], "phones": [PHONE], "uids": ["1.2.826.0.1.3680043.10.1593.7"]})


def parquet(column: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": column}), out, compression="zstd")
    return out.getvalue()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("inner.txt", data)
    return out.getvalue()


TEXT = f"家属 {NAME} 陪同".encode()
HIDING = {
    "plain": TEXT, "gb18030": f"姓名{NAME}".encode("gb18030"), "utf16": NAME.encode("utf-16"), "odd offset": b"x" + TEXT,
    "gzip": gzip.compress(TEXT), "zip": zipped(TEXT), "pdf": b"%PDF-1.7\nstream\n" + zlib.compress(TEXT) + b"\nendstream",
    "base64 in json": json.dumps({"data": base64.b64encode(b"prefix " + TEXT).decode()}).encode(),
    "parquet": parquet(pa.array(["a", NAME])), "parquet struct": parquet(pa.array([{"b": NAME}])),
    "parquet list": parquet(pa.array([[NAME]])), "parquet of base64": parquet(pa.array([base64.b64encode(TEXT * 3).decode()])),
}


@pytest.mark.parametrize("place", HIDING)
def test_a_planted_name_is_found_wherever_it_hides(tmp_path, place):
    (tmp_path / "file").write_bytes(HIDING[place])
    assert {(hit.kind, hit.needle) for hit in NEEDLES.in_folder(tmp_path)} == {("names", NAME)}


def test_a_file_name_is_searched_and_a_folder_left_out_is_not(tmp_path):
    (tmp_path / "phi").mkdir()
    (tmp_path / "phi" / "a").write_bytes(TEXT)
    (tmp_path / f"{PHONE}.txt").write_bytes(b"")
    assert [(hit.file, hit.kind) for hit in NEEDLES.in_folder(tmp_path, [tmp_path / "phi"])] == [("(a file name)", "phones")]


def test_a_near_miss_is_let_through(tmp_path):
    (tmp_path / "file").write_bytes("阿依古丽·买买 1381234567 1.2.826.0.1.3680043.10.1594.7 欧阳".encode() + bytes(range(256)) * 40)
    assert list(NEEDLES.in_folder(tmp_path)) == []

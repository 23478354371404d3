"""What is unwrapped before it is cleaned, what stays as it is, and that the residual scan looks into wrappings too."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from traps_wrapped import ENTITIES, ESCAPES, NAME, QUOTED, RTF

from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.rtf import is_rtf, rtf_text
from pipelines.phi_zone.wrapped import unwrapped
from schemas.deid import KnownIdentity

AS_THEY_ARE = [
    "SpO2 95%，5%GS 250ml，浓度5%20ml",
    "WBC <LLN，K<5.5，eGFR>90",
    "AT&T P&G a&b",
    "c:\\users\\name \\x \\2",
    "pH=7.4 =12=34",
    "EGFR/ALK/ROS1 CT/MRI/PET HLA-B27 CYP2C19*2/*17",
    "NM_000059.3:c.68_69del rs1801133",
    "d41d8cd98f00b204e9800998ecf8427e",
    "ACGTACGTACGT" * 30,
    "Staphylococcus McDonaldsABC1 abcDEF123456",
    "C20H25N3O Ki67",
    "31095419821214686X 31067919901219685X ZY1234567890 E12345678",
    "https://loinc.org/2823-3",
]


@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_clinical_writing_is_not_taken_for_a_wrapping(text):
    assert unwrapped(text) is text or unwrapped(text) == text


def test_a_long_stretch_that_cannot_be_looked_into_is_taken_out():
    blob = base64.b64encode(bytes(range(256)) * 2).decode()
    assert unwrapped(f"图 {blob} 阴性") == "图 [OTHER] 阴性"


def test_wrappings_of_wrappings_end():
    text = NAME
    for _ in range(12):
        text = quote(text)
    assert len(unwrapped(text)) <= len(text)
    assert unwrapped("&amp;" * 10_000).startswith("&")


def test_rich_text_gives_its_words_and_nothing_of_its_properties():
    assert is_rtf(RTF)
    assert rtf_text(RTF) == f"{NAME} {NAME}\n右肺结节 5.1cm"
    assert rtf_text("{\\rtf1 \\u-10179?\\u-8704?{{{ \\'b2") is not None


WRITTEN = [NAME, quote(NAME), quote(NAME.encode("gbk")), ENTITIES, ESCAPES, QUOTED, f"闻{ESCAPES[6:]}"]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_residual_scan_looks_into_wrappings_and_points_to_the_right_row(written):
    scan = Residual.of_known([KnownIdentity(names=(NAME,))])
    rows = [json.dumps({"valueString": text}, ensure_ascii=False).encode() for text in ("\\u9634\\u6027" * 40, f"x {written} y", "阴性")]
    data = b"\n".join(rows)
    places = [place for place, _ in scan.findings(data, "released")]
    assert places
    assert all(len(rows[0]) < place <= len(rows[0]) + len(rows[1]) for place in places)


def test_a_name_that_is_a_word_counts_only_where_no_ideograph_stands_beside_it():
    scan = Residual.of_known([KnownIdentity(names=("高峰",), ids=("123456",))])
    assert scan.scan_bytes("审核：高峰，2024".encode(), "x")
    assert scan.scan_bytes("审核 高峰 ".encode("gb18030"), "x")
    assert scan.scan_bytes('{"display":"高峰"}'.encode(), "x")
    assert scan.scan_bytes("主动脉瓣高峰流速 2.1".encode(), "x") == []
    assert scan.scan_bytes("血压高峰值".encode("gb18030"), "x") == []


def test_a_short_number_inside_a_keyed_id_is_chance_and_elsewhere_it_counts():
    scan = Residual.of_known([KnownIdentity(ids=("123456",))])
    assert scan.scan_bytes(b'{"id":"aa01ce48b16d2101a123456bdbe77fb3"}', "x") == []
    assert scan.scan_bytes(b'{"text":"No. 123456"}', "x")
    assert scan.scan_bytes(b'{"text":"MRN123456a"}', "x")


def test_tags_that_are_cut_off_one_after_the_other_stall_nothing():
    assert unwrapped("<b>右肺结节</b>" + "<script" * 100_000) == "右肺结节"

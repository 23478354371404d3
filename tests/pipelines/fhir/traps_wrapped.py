"""Names inside another writing: percent signs, entities, escapes, base64, RTF, MIME, HL7 v2, CDA, each with what must survive."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

from fhir_world import MOBILE, MRN, NAME, attached, observation, report

RTF = (
    "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0 SimSun;}}{\\info{\\author "
    + NAME
    + "}}\\f0 "
    + "".join(f"\\u{ord(char)}?" for char in NAME)
    + " "
    + "".join(f"\\'{byte:02x}" for byte in NAME.encode("gbk"))
    + "\\par 右肺结节 5.1cm\\par}"
)
HL7 = f"MSH|^~\\&|HIS|EAST\rPID|1||{MRN}^^^EAST||闻人^疏影^^^||19780612|F|||{MOBILE}\rOBX|1|NM|718-7||110|g/L\r"
CDA = (
    f'<?xml version="1.0"?><ClinicalDocument><id extension="{MRN}"/><name><family>闻人</family><given>疏影</given></name>'
    "<text>右肺结节</text></ClinicalDocument>"
)
QUOTED = "".join(f"={byte:02X}" for byte in NAME.encode())
ENTITIES = "".join(f"&#{ord(char)};" for char in NAME)
PACKED = base64.b64encode(gzip.compress(NAME.encode(), mtime=0)).decode()
ESCAPES = "".join(f"\\u{ord(char):04x}" for char in NAME)


def b64(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


def said(text: str) -> dict[str, Any]:
    return observation(valueString=text)


WRAPPED: dict[str, tuple[dict[str, Any], str]] = {
    "percent signs": (said(f"患者 {quote(NAME)} 标本合格，SpO2 95%"), "SpO2 95%"),
    "percent signs of GBK": (said(f"name={quote(NAME.encode('gbk'))} 标本合格"), "标本合格"),
    "entities in a string": (said(f"{ENTITIES} K&lt;5.5 标本合格"), "K<5.5"),
    "hexadecimal entities in a note": (
        observation(note=[{"text": "".join(f"&#x{ord(c):X};" for c in NAME) + "标本合格"}]),
        "标本合格",
    ),
    "markup in a conclusion": (report(conclusion="<p>姓名：闻人<b>疏影</b></p><p>右肺结节 &lt;5mm</p>"), "右肺结节 <5mm"),
    "escapes in a string": (said(json.dumps({"name": NAME, "K": "5.1"})), "5.1"),
    "escapes half way": (said(f"闻人{ESCAPES[12:]} 标本合格"), "标本合格"),
    "base64 in a string": (said(f"附 {b64('姓名' + NAME)} 标本合格"), "标本合格"),
    "base64 of GBK in a string": (said(f"附 {b64(NAME, 'gbk')} 标本合格"), "标本合格"),
    "base64 of a pinyin name": (said(f"tag {b64('Wenren Shuying')} hemolysed"), "hemolysed"),
    "base64 of a compressed text": (said(f"附 {PACKED} 标本合格"), "标本合格"),
    "a data address": (said(f"见 data:text/plain;base64,{b64(NAME + '右肺结节')}"), "右肺结节"),
    "base64 within base64": (attached(b64(NAME + "右肺结节").encode()), "右肺结节"),
    "bytes as hexadecimal digits": (said(f"hex {NAME.encode().hex()} 标本合格"), "标本合格"),
    "a MIME word": (said(f"主题 =?utf-8?B?{b64(NAME)}?= 标本合格"), "标本合格"),
    "quoted-printable": (attached(f"{QUOTED} 5.1 mmol".encode()), "5.1 mmol"),
    "entities in plain text": (attached((ENTITIES + "右肺结节").encode(), "text/plain"), "右肺结节"),
    "RTF": (attached(RTF.encode(), "application/rtf"), "右肺结节 5.1cm"),
    "RTF called plain text": (attached(RTF.encode(), "text/plain"), "右肺结节 5.1cm"),
    "RTF in a string": (said(RTF), "右肺结节 5.1cm"),
    "HL7 version 2": (attached(HL7.encode(), "text/plain"), "718-7"),
    "CDA": (attached(CDA.encode(), "application/xml"), "右肺结节"),
    "a wrapped display": (
        observation(code={"coding": [{"system": "http://loinc.org", "code": "718-7", "display": f"Hemoglobin {ENTITIES}"}]}),
        "Hemoglobin",
    ),
    "a wrapped unit": (observation(valueQuantity={"value": 110, "unit": f"g/L {ENTITIES}"}), "110"),
}

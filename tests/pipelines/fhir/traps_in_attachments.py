"""Attachments in every encoding and disguise, each with what must survive."""

from __future__ import annotations

import base64
from typing import Any

from fhir_world import MRN, NAME, NOTE, attached, other, report

HTML = "<html><body><p>姓名：闻<b>人疏</b>影 &#20303;院号 ZY880<!-- x -->12345</p><p>右肺上叶见磨玻璃结节。</p></body></html>"
IN_ATTACHMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "attachment title and url": (
        attached("右肺上叶见磨玻璃结节。".encode(), title=f"{NAME}报告", url=f"http://pacs/{MRN}.pdf", creation="2024-01-10"),
        "磨玻璃结节",
    ),
    "attachment hash": (attached(NOTE.encode(), hash="AAAA", size=3), "磨玻璃结节"),
    "attachment gb18030 undeclared": (attached(NOTE.encode("gb18030")), "磨玻璃结节"),
    "attachment gb18030 declared utf-8": (attached(NOTE.encode("gb18030"), "text/plain; charset=utf-8"), "磨玻璃结节"),
    "attachment utf-16 with mark": (attached(NOTE.encode("utf-16")), "磨玻璃结节"),
    "attachment utf-16 without mark": (attached(NOTE.encode("utf-16-le"), "text/plain; charset=utf-16"), "磨玻璃结节"),
    "attachment html": (attached(HTML.encode(), "text/html"), "磨玻璃结节"),
    "attachment html comment": (attached(f"<p>右肺结节<!-- {NAME} --></p><a href='x?n={MRN}'>片</a>".encode(), "text/html"), "右肺结节"),
    "attachment entities": (attached("".join(f"&#x{ord(c):x};" for c in NAME).encode() + "右肺结节".encode(), "text/html"), "右肺结节"),
    "attachment pdf": (
        report(
            conclusion="右肺结节",
            presentedForm=[{"contentType": "application/pdf", "data": base64.b64encode(b"%PDF-1.4 " + NOTE.encode()).decode()}],
        ),
        "右肺结节",
    ),
    "attachment image called text": (
        report(
            conclusion="右肺结节",
            presentedForm=[
                {
                    "contentType": "text/plain",
                    "data": base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) + NAME.encode()).decode(),
                }
            ],
        ),
        "右肺结节",
    ),
    "binary": (
        other(
            "Binary",
            contentType="text/plain",
            securityContext={"reference": "Patient/p-1"},
            data=base64.b64encode(NOTE.encode("gb18030")).decode(),
        ),
        "磨玻璃结节",
    ),
}

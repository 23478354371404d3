# ruff: noqa: E501 - cases stand whole

"""Codes that no word tells go by their shape; numbers that measure, count, date or name a product stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.forms_codes import CODE_RULES
from pipelines.phi_zone.text.policy import load_text_policy

CLEANER = TextCleaner(load_text_policy("cn-gold"))
GONE = [
    ("Sending 40918827 for cross-match", "40918827"), ("红管 26090417733 已离心", "26090417733"), ("Old unit 55018-0047 swapped", "55018-0047"), ("代码7719-0382作废", "7719-0382"),
    ("Two jackets: 071-44-09 and another", "071-44-09"), ("see our 2025/0041877 for the images", "2025/0041877"), ("card back reads 4471 9920 31877", "4471 9920 31877"), ("卡上印 6618 0472 9913", "6618 0472 9913"),
    ("Tube says K31-220948, form says K31-220984", "K31-220984"), ("cf. R-25-07713 from spring", "R-25-07713"), ("barcoded MTH/2025/0338120", "MTH/2025/0338120"), ("条码糊了,手抄 TK0093518", "TK0093518"),
    ("battery pack ZQ-70318-0442 recalled", "ZQ-70318-0442"), ("红方 RZ-50981177 作废", "RZ-50981177"), ("D7730912 is the older chart", "D7730912"), ("memo QTE-77104", "QTE-77104"), ("police F/20250318/1907 filed", "F/20250318/1907"),
    ("随机号R-0392，第3周期", "R-0392"), ("受试者D07-114给药", "D07-114"), ("Nursery: band K41-5508 on", "K41-5508"), ("Sent 25K00731M by courier", "25K00731M"), ("股骨柄 H41K7702", "H41K7702"), ("蜡块 2509-BM-0447 取走", "2509-BM-0447"), ("token 3c9e-71bd-a440 expired", "3c9e-71bd-a440"), ("session 0b7c1f22-9a3d-4e51-8f60-77aa0c91de13", "0b7c1f22-9a3d-4e51-8f60-77aa0c91de13"),
]
STAYS = [
    "ABG 7.31/48/72/24, PEEP 5-10, HR 80-100, BP 120/80-140/90", "WBC12000, PLT150000, CRP128, BP120/80, HR88-102", "WBC 4000-10000, platelets 150000-450000, 1200-1500 ml",
    "clinic 0800-1600, theatre 0730-1630", "viral load 12345678 copies/mL, HBV-DNA 23400000 IU/mL", "收入 12345678元, 菌落 10000000个", "SNOMED CT 22298006, PMID 31234567, NCT04567890, ISO13485",
    "国药准字H20123456, 国械注准20153460123, 型号12345678", "AZD9291, BMS-986165, GSK2857916, JNJ-56021927, 18F-PSMA-1007", "CA19-9, CD34, BRAFV600E, EGFR T790M, IL-6, rs1801133", "T12-L1, C5-6, T2N0M0, 3-0 Vicryl",
    "urine output 1200 1350 1400, PEFR 350 380 400, glucose 120 145 160", "100-200-300 mg, 12-24-48 h, 1500-2000-2500 kcal", "FEV1 2.1/3.4, 1000/62.5 mcg, 25/100/200, 1/200000 adrenaline", "matrix 512x512, window 1500/-600, TR 4000/TE 80",
    "ICD S72.001A, J18.9, CPT 99213-25", "teeth 11-12-13-14, 16/26/36/46, apgar 8-9-10", "10000-12000 steps, 6000-7000 kcal, 3000-5000 IU", "REF 0580-1-441, SN60WF, HDT722, 18G, BNT162b2, mRNA-1273, COVID-19",
]


@pytest.mark.parametrize("text, code", GONE)
def test_a_code_without_a_label_goes(text, code):
    gone = {place for span in CLEANER.clean(text, None, None, None).spans for place in range(span.start, span.end)}
    start = text.index(code)
    assert set(range(start, start + len(code))) <= gone


@pytest.mark.parametrize("text", STAYS)
def test_what_measures_counts_or_names_a_product_is_no_code(text):
    assert [match["v"] for rule in CODE_RULES for match in rule.pattern.finditer(text) if rule.holds is None or rule.holds(match["v"])] == []


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[1-9]\d{6,14}[1-9]", fullmatch=True), st.sampled_from(["Please check {} again", "请再核对{}一次", "{}", "({})", "见{},已取走"]))
def test_no_long_number_stays_in_any_sentence(number, sentence):
    assert number not in CLEANER.clean(sentence.format(number), None, None, None).text


def test_a_date_and_a_label_count_before_a_code():
    spans = CLEANER.clean("seen 20260311, MRN 26-0091774, tel 020 7946 0018", None, None, None).spans
    assert [(span.type, span.rule.split(".")[0]) for span in spans] == [("DATE", "date"), ("MRN", "label"), ("PHONE", "form")]

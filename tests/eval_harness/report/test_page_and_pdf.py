"""What a person sees: the page in a browser, the PDF as text and in its structure."""
import re
import shutil
import subprocess

import pytest
from devtools_browser import CHROMIUM, Browser
from report_cases import CASES

from eval_harness.report.compose import compose
from eval_harness.report.pdf import covered, write_pdf

pytest.importorskip("typst")
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    made = Browser()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_page_loads_without_request_error_or_overflow_on_a_desk_and_a_phone(browser, reports, tmp_path, case, lang):
    page = tmp_path / f"report.{lang}.html"
    page.write_bytes(reports[case][page.name])
    for width in (1280, 390):
        seen = browser.open(page, width)
        assert seen["requests"] == [page.resolve().as_uri()]
        assert seen["errors"] == []
        assert seen["scroll_width"] <= width
        assert "�" not in seen["text"]


@pytest.fixture(scope="module")
def pdfs(documents):
    return {(case, lang): write_pdf(compose(documents[case], lang)) for case in CASES for lang in LANGUAGES}


@pytest.mark.parametrize("case", CASES)
def test_the_same_document_gives_the_same_pdf_bytes(documents, pdfs, case):
    assert write_pdf(compose(documents[case], "zh")) == pdfs[case, "zh"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_a_pdf_is_archival_tagged_speaks_its_language_and_embeds_its_font(pdfs, case, lang):
    data = pdfs[case, lang]
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in data
    assert b"/StructTreeRoot" in data
    assert b"/MarkInfo" in data
    assert re.search(rb"/Lang ?\((zh|en)", data)
    assert b"NotoSansSC" in data
    assert b"/JavaScript" not in data


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_and_pdf_hold_the_same_numbers(documents, pdfs, reports, tmp_path, lang):
    case = ("chest-dr", "practice")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdfs[case, lang])
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()
    page = re.sub(r"<[^>]+>", " ", reports[case][f"report.{lang}.html"].decode())
    for one in documents[case]["facts"]["estimates"]:
        shown = f"{one['value']:.3f}"
        assert shown in text
        assert shown in page
    assert "[U+" not in text


def test_a_character_that_the_font_lacks_is_named_not_hidden():
    assert covered("甲𠮷b") == "甲[U+20BB7]b"
    assert covered("睿晟鑫 ≥ 0.5 − µ") == "睿晟鑫 ≥ 0.5 − µ"

"""What a person sees: the page in a browser, the PDF as text and in its structure."""
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from devtools_browser import CHROMIUM, Browser
from report_cases import CASES

from eval_harness.report.compose import compose
from eval_harness.report.pdf import covered, write_pdf
from eval_harness.report.subset import FONT, subset

pytest.importorskip("typst")
LANGUAGES = ("zh", "en")
JARS = Path(__file__).parents[3] / ".jars" / "verapdf"
VERAPDF = JARS if shutil.which("java") and any(JARS.glob("greenfield-apps-*.jar")) else None


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


MISSING = """document.fonts.ready.then(() => {
  const canvas = document.createElement('canvas'), pen = canvas.getContext('2d', {willReadFrequently: true});
  canvas.width = canvas.height = 40;
  const drawn = letter => { pen.clearRect(0, 0, 40, 40); pen.font = '24px ' + getComputedStyle(document.body).fontFamily;
                            pen.fillText(letter, 4, 28); return canvas.toDataURL(); };
  const nothing = [drawn(' '), drawn('\\u0378'), drawn('\\u{10FFFF}')];
  return [...new Set(document.body.textContent)].filter(letter => letter.trim() && nothing.includes(drawn(letter)));
})"""


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_character_of_a_page_is_a_box_even_where_the_machine_has_no_chinese_font(browser, reports, tmp_path, lang):
    page = tmp_path / f"report.{lang}.html"
    page.write_bytes(reports["chest-dr", "practice"][page.name])
    browser.open(page, 1280)
    assert browser.evaluate(MISSING) == []
    own = "document.fonts.load('20px \"Touchstone SC\"', '睿').then(found => found.length)"
    assert browser.evaluate(own) == 1
    assert len(page.read_bytes()) < 600_000


def test_the_fonts_part_in_a_page_draws_the_same_outlines_as_the_font(reports):
    """Peer: fontTools reads both."""
    tools, pens = pytest.importorskip("fontTools.ttLib"), pytest.importorskip("fontTools.pens.recordingPen")
    text = "试金石睿影 ≥ − – … →é"
    data = subset(text)
    small, whole = tools.TTFont(io.BytesIO(data)), tools.TTFont(FONT)
    assert sorted(map(chr, small.getBestCmap())) == sorted(set(text) - set(" é"))
    for code in small.getBestCmap():
        found = []
        for font in (small, whole):
            pen, name = pens.RecordingPen(), font.getBestCmap()[code]
            font.getGlyphSet()[name].draw(pen)
            found.append((pen.value, font["hmtx"][name]))
        assert found[0] == found[1]
    assert data == subset(reversed(text))
    assert subset("plain é") == b""


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
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data


@pytest.mark.slow
@pytest.mark.skipif(VERAPDF is None, reason="veraPDF is not in .jars/verapdf (docs/evidence.md says how to get it), or there is no Java")
@pytest.mark.parametrize("profile", ["2b", "ua1"])
def test_a_validator_finds_every_pdf_archival_and_tagged(pdfs, tmp_path, profile):
    """Peer: veraPDF, PDF/A-2b and, for the tags, PDF/UA-1."""
    for place, data in enumerate(pdfs.values()):
        (tmp_path / f"{place}.pdf").write_bytes(data)
    words = ["java", "-cp", f"{VERAPDF}/*", "org.verapdf.apps.GreenfieldCliWrapper", "--flavour", profile, "--format", "text"]
    done = subprocess.run([*words, *map(str, sorted(tmp_path.glob("*.pdf")))], capture_output=True, text=True, check=False)
    verdicts = [line.split()[0] for line in done.stdout.splitlines() if line.startswith(("PASS", "FAIL"))]
    assert verdicts == ["PASS"] * len(pdfs), done.stdout + done.stderr
    (tmp_path / "0.pdf").write_bytes(pdfs[CASES[0], "zh"].replace(b"/StructTreeRoot", b"/StructTreeRoom"))
    broken = subprocess.run([*words, str(tmp_path / "0.pdf")], capture_output=True, text=True, check=False)
    assert profile == "2b" or "FAIL" in broken.stdout      # the validator would have said so

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

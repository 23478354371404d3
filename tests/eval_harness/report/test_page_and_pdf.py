"""What a person sees: the page in a browser, the PDF as text and in its structure."""
import io
import re
import shutil
import subprocess
from itertools import pairwise
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
def test_a_pdf_is_made_in_memory_so_that_a_kill_can_leave_nothing(documents, pdfs, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))   # whoever asked for a temporary folder would fail
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    assert write_pdf(compose(documents[CASES[0]], "en")) == pdfs[CASES[0], "en"]
    assert list(tmp_path.iterdir()) == []


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


def white(page: bytes) -> tuple[float, float]:
    """Of a page as a grey picture: the widest band without ink between two pieces of content, and the one above the foot line."""
    _, width, height, _, *_ = page.split(maxsplit=4)
    pixels = page[-int(width) * int(height):]
    inked = [y for y in range(int(height)) if min(pixels[y * int(width):(y + 1) * int(width)]) < 200]
    foot = next(place for place in range(len(inked) - 1, 0, -1) if inked[place] < 0.94 * int(height))
    bands = [(after - before) / int(height) for before, after in pairwise(inked[:foot + 1])]
    return max(bands), (inked[foot + 1] - inked[foot]) / int(height)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_no_page_of_the_pdf_but_the_last_is_left_half_empty(pdfs, tmp_path, case, lang):
    (tmp_path / "report.pdf").write_bytes(pdfs[case, lang])
    subprocess.run(["pdftoppm", "-r", "30", "-gray", str(tmp_path / "report.pdf"), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page-*.pgm"))
    assert len(pages) > 4
    found = {page.name: white(page.read_bytes()) for page in pages[:-1]}
    assert {name: bands for name, bands in found.items() if bands[0] > 0.12 or bands[1] > 0.22} == {}


SMALLEST = """[...document.querySelectorAll('figure')].map(figure => [figure.querySelector('svg').getAttribute('aria-label'),
  Math.min(...[...figure.querySelectorAll('text')].filter(text => text.getClientRects().length && text.getBoundingClientRect().width)
    .map(text => parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b)))])"""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_figure_says_can_be_read_on_a_phone_and_the_case_flow_at_the_size_of_the_text(browser, reports, tmp_path, lang, width):
    page = tmp_path / f"report.{lang}.html"
    page.write_bytes(reports["chest-dr", "practice"][page.name])
    browser.open(page, width)
    found = browser.evaluate(SMALLEST)
    assert len(found) >= 5
    assert all(size >= 9 for _, size in found), found
    flow = [size for label, size in found if label.startswith(("Case flow", "病例流程"))]
    assert [size >= 11 for size in flow] == [True]
    assert browser.evaluate("[...document.querySelectorAll('figure')].every(one => [...one.querySelectorAll('svg')]"
                            ".filter(svg => svg.getClientRects().length).length === 1)")      # of two drawings one is shown


SHADES = """[...document.querySelectorAll('.wide, .draw')].filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => getComputedStyle(box).backgroundImage.includes('gradient'))"""
CUT = """[...document.querySelectorAll('figure')].filter(figure => figure.querySelectorAll('text').length < 30)
  .map(figure => figure.querySelector('.draw')).filter(box => box.scrollWidth > box.clientWidth + 1).length"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_goes_on_beyond_a_phones_edge_shows_that_it_does(browser, reports, tmp_path, lang):
    page = tmp_path / f"report.{lang}.html"
    page.write_bytes(reports[CASES[0]][page.name])
    browser.open(page, 390)
    beyond = browser.evaluate(SHADES)
    assert beyond, "no table is wider than a phone: this test looks at nothing"
    assert all(beyond)
    assert browser.evaluate(CUT) == 0, "a curve, a flow or the primary interval is cut off"


def test_a_label_of_the_forest_plot_is_whole():
    from eval_harness.report.figures import Row, forest

    label = "Acquisition protocol: low dose"
    rows = [Row(label, "29", 0.9, 0.8, 1.0, "0.900 (0.800 – 1.000)"), Row("Sex: male", "31", 0.9, 0.8, 1.0, "0.900")]
    assert label in forest(rows, "alt", "x", None)
    assert "…" in forest([Row("x" * 60, "1", 0.9, 0.8, 1.0, "0.9")], "alt", "x", None)


@pytest.mark.parametrize(("lang", "said"), [("zh", "3 名读片者中 2 名一致: 20"), ("en", "consensus of 2 of 3 readers: 20")])
def test_the_card_of_a_set_is_told_in_words(lang, said):
    from types import SimpleNamespace

    from eval_harness.report.chapters.trust import card_rows
    from eval_harness.report.words import Words

    card = {"reference_standard": {"below_agreement": "ignore", "rule": "consensus", "sources": {"consensus of 2 of 3 readers": 20}},
            "split": {"unit": "person"}}
    told = " ".join(value for _, value in card_rows(SimpleNamespace(w=Words(lang), card=card, lang=lang)))
    assert said in told
    assert lang == "en" or not any(token in told for token in ("ignore", "person", "consensus"))

import re
import tomllib
from pathlib import Path

import pytest
from report_cases import CASES

from eval_harness.report import compose as compose_room
from eval_harness.report import figures
from eval_harness.report.chapters import appendix
from eval_harness.report.compose import compose, view_of
from eval_harness.report.document import Figure, Heading, Pairs, Table
from eval_harness.report.html import _table
from eval_harness.report.numbers import shown
from eval_harness.report.words import Words
from eval_harness.runs.book import LOST_CAUSE, STOPPED_CAUSE
from eval_harness.runs.outcome import TIME_LIMIT
from eval_harness.scoring.speed import scenarios
from eval_harness.stats import estimates, proportions

TEXTS = Path(compose_room.__file__).parent / "texts.toml"
LANGUAGES = ("zh", "en")


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.decode()))


def blocks(document, kind):
    return [block for block in document.blocks if isinstance(block, kind)]


def decimals(table):
    return [[re.findall(r"\d+\.\d+", cell) for cell in row] for row in table.rows]


def test_the_causes_that_a_run_writes_itself_have_words():
    said = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["cause"]
    assert {TIME_LIMIT, STOPPED_CAUSE, LOST_CAUSE, "oip_error", "oip_closed", "not_json", "no_output"} <= set(said)


@pytest.mark.parametrize("case", CASES)
def test_both_languages_show_the_same_numbers(documents, case):
    zh, en = (compose(documents[case], lang) for lang in LANGUAGES)
    assert [block.anchor for block in blocks(zh, Heading)] == [block.anchor for block in blocks(en, Heading)]
    assert [decimals(table) for table in blocks(zh, Table)] == [decimals(table) for table in blocks(en, Table)]


def test_every_text_stands_in_both_languages_with_the_same_places_to_fill():
    for section, entries in tomllib.loads(TEXTS.read_text(encoding="utf-8")).items():
        for key, texts in entries.items():
            assert len(texts) == 2, f"{section}.{key}"
            assert all(texts), f"{section}.{key}"
            fields = [set(re.findall(r"{(\w+)}", text)) for text in texts]
            assert fields[0] == fields[1], f"{section}.{key}"


def test_every_way_to_make_an_interval_has_words_in_the_report():
    made = re.findall(r'"((?:delong|obuchowski|exact)_[a-z_]+)"', Path(estimates.__file__).read_text(encoding="utf-8"))
    wanted = {*proportions.METHODS, "bootstrap_percentile", "bootstrap_bca", "no_true_positive", *made}
    assert {"delong_logit", "obuchowski_paired", "exact_pairs"} <= wanted
    assert sorted(wanted - set(tomllib.loads(TEXTS.read_text(encoding="utf-8"))["method"])) == []


def test_every_text_is_used():
    source = "\n".join(path.read_text(encoding="utf-8") for path in TEXTS.parent.rglob("*.py"))
    source += (TEXTS.parent.parent / "scoring" / "spoken.py").read_text(encoding="utf-8")
    spoken_by_token = ("absent", "counts", "cause", "units", "per", "strata", "env", "failrule", "accounting", "card", "design",
                       "failside", "point_source", "card_value", "method")
    for section, entries in tomllib.loads(TEXTS.read_text(encoding="utf-8")).items():
        for key in entries:
            said = f"{section}.{key}" in source or section in spoken_by_token or re.search(rf'["\']{section}\.[a-z_]*{{', source)
            assert said or re.search(rf'{section}\.{{', source) or f'"{key}"' in source, f"{section}.{key}"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_asks_for_nothing_and_carries_no_script(reports, case, lang):
    page = reports[case][f"report.{lang}.html"].decode()
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert set(re.findall(r'(?:src|href)="([^"#][^"]*)"', page)) == {"data:,", f"report.{'en' if lang == 'zh' else 'zh'}.html"}
    assert not re.findall(r'https?://(?!www\.w3\.org/2000/svg)', page)
    assert len(page.encode()) < 1_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_name_with_markup_is_shown_as_it_is(reports, lang):
    page = reports["chest-dr", "practice"][f"report.{lang}.html"].decode()
    assert "睿影 &lt;RY&gt; &amp; Co" in page
    assert "<RY>" not in page


@pytest.mark.parametrize(("visibility", "curves"), [("practice", 1), ("sealed", 0)])
def test_the_summary_comes_first_and_ends_with_the_curve_where_one_may_be_shown(documents, reports, visibility, curves):
    document = compose(documents["chest-dr", visibility], "zh")
    kinds = [type(block).__name__ for block in document.blocks]
    assert kinds[:2] == ["Heading", "Verdict"]
    places = {block.anchor: place for place, block in enumerate(document.blocks) if isinstance(block, Heading)}
    assert list(places)[:3 + curves] == ["summary", "flow", "cautions", *["curve"] * curves]
    assert list(places)[3 + curves] == "plan"
    page = reports["chest-dr", visibility]["report.zh.html"].decode()
    assert page.index('id="cautions"') < page.index("<nav>") < page.index('id="plan"')


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_curve_that_the_summary_shows_is_not_drawn_again_and_the_forest_may_float(documents, lang):
    told = compose(documents[("lung-nodule-ct", "practice")], lang)
    figures_ = [block for block in told.blocks if isinstance(block, Figure)]
    assert len({figure.svg for figure in figures_}) == len(figures_)
    assert [figure.floats for figure in figures_].count(True) == 1


def test_a_column_of_sentences_keeps_a_width_of_its_own_and_a_heading_is_never_set_in_the_code_font():
    text = "scanner of the first maker, thin slices, hospital of the third tier, woman"
    page = _table(Table("t", ["case", "n", "m", "strata"], [["ab12", "1", "2", text]], frozenset({1, 2}), frozenset({0})))
    assert f'<td class="t">{text}</td>' in page
    assert '<td class="m">ab12</td>' in page
    assert '<th scope="col">case</th>' in page
    narrow = _table(Table("t", ["item", "strata"], [["a", text]]))
    assert "class" not in narrow.partition("<thead>")[2]


@pytest.mark.parametrize("case", CASES)
def test_failed_cases_prior_runs_deviations_and_what_is_not_verifiable_are_said(reports, case):
    text = words(reports[case]["report.en.html"])
    for sentence in ("Failed cases: 1", "Earlier sealed runs of the legal entity on this set: 1", "One deviation.",
                     "What this file cannot prove", "That the reference standard is medically right", "Paired differences to poor 1.0"):
        assert sentence in text, sentence


def test_a_rehearsal_says_that_it_is_unofficial(documents):
    case = documents["chest-dr", "practice"]
    rehearsed = {**case, "facts": {**case["facts"], "official": False}}
    assert "非正式（自测）" in compose(rehearsed, "zh").marks
    assert "UNOFFICIAL" in compose(rehearsed, "en").marks
    bare = {**case, "sandbox": {"backend": "none"}}
    assert "UNISOLATED" in compose(bare, "en").marks


@pytest.mark.parametrize("case", CASES)
def test_every_checklist_pointer_leads_to_a_document_and_empty_evidence_is_not_called_given(documents, case):
    view = view_of(documents[case], "en")
    for one in appendix._lists():
        for item in one["items"]:
            assert item["zh"]
            assert item["en"]
            if "evidence" in item:
                assert item["evidence"].partition("#")[0].rpartition("/")[2].removesuffix(".json") in compose_room.SOURCES
    assert appendix.status(view, {"evidence": "facts.json#/tests"}) == "given"
    assert appendix.status(view, {"evidence": "facts.json#/nowhere"}) == "missing"
    assert appendix.status(view, {}) == "vendor"


def test_figures_of_a_sealed_vendor_page_say_that_their_grid_is_coarse(documents):
    case = documents["chest-dr", "sealed"]
    curve = {"kind": "roc", "label": None, "positive": 100, "negative": 120, "marks": [], "grid": 0.1,
             "points": [[0, 0], [0.1, 0.5], [0.2, 0.8], [1, 1]]}
    text = words_of(compose({**case, "facts": {**case["facts"], "curves": [curve]}}, "en"))
    assert "coarse grid (step 0.10)" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_speed_has_the_four_scenarios_by_name_and_says_which_one_is_computed(documents, lang):
    case = documents["chest-dr", "practice"]
    (table,) = [one for one in blocks(compose(case, lang), Table) if one.rows and one.rows[0][0] == "SingleStream"]
    assert [row[0] for row in table.rows] == ["SingleStream", "MultiStream", "Server", "Offline"]
    assert [row[2] for row in table.rows] == ["p90", "p99", "p99", "–"]
    held = case["speed"]["scenarios"]
    assert table.rows[1][3] == shown(held["MultiStream"]["latency_s"])
    assert (table.rows[3][3], table.rows[3][4]) == ("–", shown(held["Offline"]["samples_per_s"]))
    assert {"zh": "推算", "en": "computed"}[lang] in table.rows[2][1]


def test_a_run_too_short_for_a_query_of_eight_has_no_time_of_one(documents):
    case = documents["chest-dr", "practice"]
    speed = {**case["speed"], "scenarios": scenarios([0.5, 0.25])}
    (table,) = [one for one in blocks(compose({**case, "speed": speed}, "en"), Table) if one.rows and one.rows[0][0] == "SingleStream"]
    assert (table.rows[0][3], table.rows[1][3]) == ("0.500", "–")
    assert not any("SingleStream" in str(one) for one in compose({**case, "speed": {**speed, "scenarios": None}}, "en").blocks)


def test_a_sealed_vendor_page_names_the_declared_variants_and_gives_no_number_of_them(documents):
    case = documents["chest-dr", "sealed"]
    declared = [{"name": "noise", "op": "noise/1", "params": {"sd": 40}, "cases": 20}]
    text = words_of(compose({**case, "protocol": {**case["protocol"], "variants": declared}}, "en"))
    assert "Noise, SD 40 counts (20)" in text
    assert "The numbers are in the regulator edition" in text
    assert "were not run here" not in text
    assert "cases were shown twice" not in text
    sealed, practice = (view_of(documents["chest-dr", name], "en") for name in ("sealed", "practice"))
    for part in appendix.WITHHELD:
        assert part in sealed.facts
        assert not sealed.facts[part]
        assert appendix.status(sealed, {"evidence": f"facts.json#/{part}"}) == "withheld"
        assert appendix.status(practice, {"evidence": f"facts.json#/{part}"}) in ("given", "missing")


def words_of(document):
    return " ".join(str(block) for block in document.blocks)


def test_lines_of_a_figure_differ_without_colour():
    series = [figures.Series(str(i), [(0, 0), (1, i / 4)], i, marks=True) for i in range(4)]
    svg = figures.curve(series, "x", "y", "alt")
    assert len(set(re.findall(r'stroke-dasharray="([^"]*)"', svg))) == 3      # and one solid line


def test_svg_bytes_do_not_depend_on_the_last_bits_of_a_number():
    one = figures.curve([figures.Series("s", [(0.1, 0.2), (1 / 3, 0.5)])], "x", "y", "alt")
    two = figures.curve([figures.Series("s", [(0.1 + 1e-13, 0.2), (1 / 3 - 1e-13, 0.5)])], "x", "y", "alt")
    assert one == two


@pytest.mark.parametrize(("value", "text"), [(0.12345, "0.123"), (-0.5, "−0.500"), (-1e-9, "0.000"), (12.345, "12.35"), (123.4, "123.4"),
                                             (12345, "12\u00a0345"), (None, "–")])
def test_numbers_are_printed_one_way(value, text):
    assert shown(value) == text


def test_figures_can_be_told_apart_and_read_in_grey_print():
    """Neighbouring series differ in dash or mark, not in colour alone; words and lines stand out from white paper in grey."""
    def grey(colour):
        part = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in part]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert len(set(figures.DASHES)) == len(figures.DASHES) == len(figures.COLOURS)
    for colour in (figures.INK, figures.SOFT, figures.ACCENT):
        assert 1.05 / (grey(colour) + 0.05) >= 4.5
    assert all(1.05 / (grey(colour) + 0.05) >= 3 for colour in figures.COLOURS)
    drawn = figures.curve([figures.Series(str(i), [(0, 0), (1, 1)], i, True) for i in range(4)], "x", "y", "alt")
    lines = {tuple(sorted(re.sub(r'(stroke|fill)="#[0-9a-f]+"', "", part).split())) for part in re.findall(r"<polyline[^>]*>", drawn)}
    assert len(lines) == 4


@pytest.mark.parametrize(("lang", "said"), [
    ("en", "rule: consensus; Fleiss' kappa: 0.852 (n = 24); sources (both: 24)"),
    ("zh", "规则: 读片者一致; Fleiss κ: 0.852 (n = 24); 来源 (both: 24)")])
def test_a_card_is_told_in_words_and_what_is_empty_is_left_out(documents, lang, said):
    document = documents["chest-dr", "practice"]
    standard = {"rule": "consensus", "match_mm": None, "where": [], "fleiss_kappa": {"n": 24, "value": 0.85185}, "sources": {"both": 24}}
    told = compose({**document, "card": {"reference_standard": standard}}, lang)
    assert said in [value for block in told.blocks if isinstance(block, Pairs) for _, value in block.rows]


@pytest.mark.parametrize(("lang", "attempt", "way"), [
    ("zh", "连接本机的 TCP 端口", "不允许"), ("en", "connect to a TCP port of this machine", "not permitted")])
def test_what_the_sandbox_denied_is_told_in_words(reports, lang, attempt, way):
    page = next(iter(reports.values()))[f"report.{lang}.html"].decode()
    assert attempt in page
    assert way in page
    assert "PermissionError" not in page


@pytest.mark.parametrize(("token", "zh", "en"), [
    ("signal:9", "信号 9", "signal 9"), ("exit:3", "退出码 3", "exit code 3"),
    ("load:exit:3", "未能载入：进程以退出码 3", "did not load: process ended"),
    ("load:killed", "模型载入时被终止", "killed while"), ("step_failed:KeyError", "前后处理", "a step of pre or post failed"),
    ("platform:OSError", "平台原因", "platform"), ("graph_failed", "计算图", "the graph failed"),
    ("of_tomorrow:3", "of_tomorrow:3", "of_tomorrow:3")])
def test_a_cause_with_something_behind_its_colon_has_words_too(token, zh, en):
    told = {lang: Words(lang).cause(token) for lang in LANGUAGES}
    assert zh in told["zh"]
    assert en in told["en"]
    assert not any("Error" in text for text in told.values())

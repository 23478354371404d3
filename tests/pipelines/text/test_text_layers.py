"""Folding, known identities, dates and encodings, each with near misses."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.decode import decode, html_text
from pipelines.phi_zone.text.fold import fold
from pipelines.phi_zone.text.known import matcher
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.deid import KnownIdentity

KNOWN = KnownIdentity(
    names=("陈雅婷", "Andrew29 Goldner995", "阿依古丽·买买提"),
    ids=("ZY2024000", "310100193801031002"),
    phones=("13905285656", "555-806-9773", "021-51234567"),
    addresses=("示范省示范市示范区新华路100号1室", "847 Tremblay Crossroad"),
    birth_date="1938-01-03",
)
CLEANER = TextCleaner(load_text_policy("cn-gold"))


@pytest.mark.parametrize(
    "written",
    [
        "陈雅婷",
        "陈 雅 婷",
        "陈\u200b雅\u200b婷",
        "陈某",
        "陈××",
        "雅婷",
        "CHEN YATING",
        "Yating Chen",
        "chenyating",
        "Chen Y.T.",
        "Andrew29 Goldner995",
        "Goldner, Andrew",
        "A. Goldner",
        "Goldner A.",
        "Y. Chen",
        "陈女士",
        "GOLDNER^ANDREW",
        "阿依古丽",
        "ZY2024000",
        "ZY 2024 000",
        "３１０１００１９３８０１０３１００２",
        "139-0528-5656",
        "+86 13905285656",
        "5558069773",
        "51234567",
        "新华路100号1室",
        "示范区新华路100号",
        "847 tremblay  crossroad",
        "1938年1月3日",
        "1938/01/03",
        "Jan 3, 1938",
        "01/03/1938",
        "19380103",
    ],
)
def test_a_known_identity_is_found_however_it_is_written(written):
    text = f"记录：{written}，右肺结节"
    spans = matcher(KNOWN).spans(fold(text))
    assert spans, written
    kept = "".join(char for place, char in enumerate(text) if not any(s.start <= place < s.end for s in spans))
    assert not any(piece in kept for piece in ("雅", "Goldner", "oldner", "2024000", "5285656", "1938"))


@pytest.mark.parametrize(
    "near", ["陈旧性梗死", "雅思", "Andrews", "Goldners", "9ZY20240001", "139052856567", "新华社", "1938年", "chenyatings", "陈醋",
             "G. Andrews"]
)
def test_a_near_miss_of_a_known_identity_stays(near):
    assert matcher(KNOWN).spans(fold(f"记录：{near}。")) == []


def test_initials_without_a_dot_and_numbers_without_their_noughts_are_the_patients():
    known = KnownIdentity(names=("John Smith", "闻人疏影", "Adam Nkemelu"), ids=("00456789",))
    for text, cleaned in (("J Smith seen", "[NAME] seen"), ("Wenren S, bed", "[NAME], bed"), ("456789号标本", "[MRN]号标本"),
                          ("a nkemelu", "a [NAME]"), ("闻人女士复查", "[NAME]女士复查")):
        assert CLEANER.clean_term(text, known).text == cleaned


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="陈雅婷王患者，。12３Ａ\u200b\u200dabcﬁ① \n", max_size=40))
def test_spans_are_places_of_the_original_sorted_and_apart(text):
    result = CLEANER.clean(text, KNOWN, None, -100)
    place = 0
    for span in result.spans:
        assert place <= span.start < span.end <= len(text)
        place = span.end
    rebuilt, place = [], 0
    for span in result.spans:
        rebuilt.append(text[place : span.start])
        place = span.end
    rebuilt.append(text[place:])
    assert all(piece in result.text for piece in rebuilt)


@pytest.mark.parametrize("form", ["{y}年{m}月{d}日", "{y}-{m:02d}-{d:02d}", "{y}.{m}.{d}", "{m:02d}/{d:02d}/{y}"])
def test_dates_move_in_the_form_they_were_written_in(form):
    day = dt.date(2023, 11, 6)
    new = day + dt.timedelta(days=-400)
    text = "复查 " + form.format(y=day.year, m=day.month, d=day.day) + " 正常"
    assert CLEANER.clean(text, None, None, -400).text == "复查 " + form.format(y=new.year, m=new.month, d=new.day) + " 正常"
    assert CLEANER.clean(text, None, None, None).text == "复查 [DATE] 正常"


def test_numeral_dates_move_and_a_date_that_does_not_exist_is_tagged():
    assert CLEANER.clean("二〇二四年三月五日复查", None, None, -5).text == "二〇二四年二月二十九日复查"
    assert CLEANER.clean("2023年2月30日复查", None, None, -5).text == "[DATE]复查"


@pytest.mark.parametrize("near", ["血压120/80", "肌力5/5级", "3.5.7天换药", "比值1.12.3"])
def test_figures_that_are_no_dates_stay(near):
    assert CLEANER.clean(near, None, None, -5).text == near


NOTE = "姓名：陈雅婷，右肺上叶见磨玻璃结节。\n请随访。"


@pytest.mark.parametrize(
    "encoding, declared",
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("gb18030", ""),
        ("gb18030", "text/plain; charset=gbk"),
        ("gb18030", "text/plain; charset=utf-8"),
        ("gb18030", "text/plain; charset=iso-8859-1"),
        ("utf-16", ""),
        ("utf-16-le", "text/plain; charset=utf-16"),
        ("utf-16-be", ""),
        ("utf-8", "text/plain; charset=gb2312"),
    ],
)
def test_a_note_is_read_in_any_encoding_even_under_a_wrong_name(encoding, declared):
    assert decode(NOTE.encode(encoding), declared) == NOTE


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\x89PNG\r\n\x1a\n" + bytes(50), b"\xff\xd8\xff\xe0" + bytes(range(200)), b"%PDF\x00\x01\x02\x03" * 9]
)
def test_bytes_that_are_no_text_are_not_read(data):
    assert decode(data) is None


def test_latin_letters_with_accents_are_read():
    assert decode("Patient José Núñez à l'hôpital".encode("cp1252"), "text/plain; charset=iso-8859-1") == "Patient José Núñez à l'hôpital"


def test_html_is_what_a_reader_sees():
    page = (
        "<html><head><title>陈雅婷</title></head><body><p>姓名：陈<b>雅</b>婷</p><!-- ZY2024000 -->"
        "<script>var a='x'</script>&#38472;&nbsp;&amp;lt;b&amp;gt;</body></html>"
    )
    text = html_text(page)
    assert "陈雅婷" in text
    assert "ZY2024000" not in text
    assert "var a" not in text
    assert "<" not in text


def test_a_word_the_site_keeps_stays_and_one_it_names_goes():
    policy = load_text_policy("cn-gold")
    own = TextCleaner(
        type(policy).model_validate(
            {**policy.model_dump(), "keep_words": ["韩雪松"], "remove_words": [{"word": "红楼东区", "type": "ORG"}]}
        )
    )
    assert own.clean("韩雪松方案，转红楼东区", None, None, None).text == "韩雪松方案，转[ORG]"

"""Tables, foreign XML and narrative: what stands beside a question is treated as its answer, and clinical words stay."""

from __future__ import annotations

import pytest
from fhir_world import NAME, about, attached, everything, other, released, tree

from pipelines.phi_zone.fhir.markup import read_markup

ROW = (
    "<table><tr><td>患者</td><td>东郭倚楼</td><td>住院号</td><td>ZY5519283</td></tr>"
    "<tr><td>诊断</td><td>冠状动脉粥样硬化</td><td>单位</td><td>mmol/L</td></tr></table>"
)
HEADED = (
    "<table><thead><tr><th>Provider</th><th>Phone</th><th>Finding</th></tr></thead>"
    "<tr><td>Finch</td><td>608 555 1717</td><td>EF 25 %</td></tr></table>"
)
LISTED = "<dl><dt>Physician name</dt><dd>Cadwallader Finch</dd><dt>Finding</dt><dd>clear lungs</dd></dl>"
FOREIGN = (
    '<?xml version="1.0" encoding="GBK"?><EMR><病人 姓名="百里拾光"/><医生>东方既白</医生><PatientName>Isolde Trevelyan</PatientName>'
    "<诊断>慢阻肺急性加重</诊断></EMR>"
)
CDA = (
    '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><addr>17 Daisy Ct</addr><patient>'
    "<name><given>Isolde</given><family>Trevelyan</family></name></patient></patientRole></recordTarget><component><structuredBody><component><section><title>Assessment</title>"
    "<text><paragraph>EF <content>25%</content>, stable</paragraph></text><entry><observation><performer><assignedEntity>"
    "<assignedPerson><name><given>Octavian</given><family>Blythe</family></name></assignedPerson></assignedEntity></performer></observation></entry></section></component>"
    "</structuredBody></component></ClinicalDocument>"
)


@pytest.mark.parametrize(
    "markup, kind, gone, kept",
    [
        (ROW, "text/html", ("东郭倚楼", "5519283"), "冠状动脉粥样硬化"),
        (HEADED, "text/html", ("Finch", "1717"), "EF 25 %"),
        (LISTED, "text/html", ("Finch",), "clear lungs"),
        (FOREIGN, "application/xml", ("百里拾光", "东方既白", "Isolde", "Trevelyan"), "慢阻肺急性加重"),
        (CDA, "text/xml", ("Isolde", "Trevelyan", "Daisy", "Octavian", "Blythe"), "EF 25%, stable"),
    ],
)
def test_what_stands_beside_a_question_in_a_document_goes_and_the_rest_stays(markup, kind, gone, kept):
    seen = everything(released(attached(markup.encode("gbk" if "GBK" in markup else "utf-8"), kind)))
    assert [word for word in gone if word in seen] == []
    assert kept in seen


def test_a_table_of_measurements_is_read_as_before():
    markup = "<table><tr><th>Test</th><th>Value</th></tr><tr><td>HGB</td><td>120</td></tr></table>"
    assert read_markup(markup, "text/html").split() == ["Test", "Value", "HGB", "120"]


@pytest.mark.parametrize("begun", ["<table", "<ClinicalDocument><entry>", "<table><tr><td>姓名", "<dt>", "<?xml?><a>x", "<tr><th>"])
def test_markup_that_never_ends_is_read_all_the_same(begun):
    assert isinstance(read_markup(begun * 20_000, "text/xml"), str)


def test_a_column_of_names_of_things_stays():
    markup = "<table><tr><th>Name</th><th>Dose</th></tr><tr><td>Aspirin Enteric Coated</td><td>100 mg</td></tr></table>"
    assert "Aspirin Enteric Coated" in everything(released(attached(markup.encode(), "text/html")))


def document(div: str, **members: str) -> dict:
    section = {"title": "诊疗经过", "text": {"status": "generated", "div": div, **members}}
    return about("Composition", status="final", type={"text": "出院小结"}, section=[section])


def test_the_narrative_of_a_section_comes_back_cleaned_as_xhtml():
    out = tree(released(document(f'<div xmlns="http://www.w3.org/1999/xhtml" title="{NAME}">{ROW}<p>{NAME}血压&lt;90，予补液</p></div>')))
    assert out["section"][0]["text"]["status"] == "generated"
    div = out["section"][0]["text"]["div"]
    assert div.startswith('<div xmlns="http://www.w3.org/1999/xhtml"><p>')
    assert div.endswith("</p></div>")
    assert [word for word in ("血压&lt;90，予补液", "冠状动脉粥样硬化", "mmol/L") if word not in div] == []
    assert [word for word in (NAME, "东郭倚楼", "5519283") if word in div] == []


def test_where_notes_do_not_leave_no_narrative_does():
    out = tree(released(document("<div>予补液</div>"), "cn-practice"))
    assert out["section"] == [{"title": "诊疗经过"}]


def test_the_narrative_of_a_resource_does_not_leave():
    assert "text" not in tree(released(about("Condition", code={"text": "肺炎"}, text={"status": "generated", "div": "<div>肺炎</div>"})))


def test_what_a_drug_or_a_diagnosis_is_called_stays_beside_its_reference():
    why = {"reference": "Condition/7", "display": "急性心肌梗死"}
    drug = {"medicationReference": {"display": f"阿司匹林肠溶片 {NAME}"}, "reasonReference": [why]}
    out = tree(released(about("MedicationRequest", status="active", intent="order", requester={"display": "李医生"}, **drug)))
    assert out["medicationReference"] == {"display": "阿司匹林肠溶片 [NAME]"}
    assert out["reasonReference"][0]["display"] == "急性心肌梗死"
    assert out["reasonReference"][0]["reference"].startswith("Condition/")
    assert "display" not in out["requester"]


@pytest.mark.parametrize("display", [7, {"x": 1}, ["x"]])
def test_a_display_of_a_wrong_shape_is_refused(display):
    assert released(about("MedicationRequest", status="active", medicationReference={"display": display})).status == "quarantined"


def test_who_did_what_is_searched_for_names_as_free_text_is():
    role = {"performer": [{"function": {"text": "术者慕容寒江"}}], "code": {"text": "支架植入术"}}
    out = tree(released(about("Procedure", status="completed", **role)))
    assert out["performer"] == [{"function": {"text": "术者[NAME]"}}]
    came = {"hospitalization": {"admitSource": {"text": "由百花弄社区卫生服务中心转入"}, "dischargeDisposition": {"text": "Home"}}}
    out = tree(released(about("Encounter", status="finished", participant=[{"type": [{"text": "primary performer"}]}], **came)))
    assert "百花弄" not in str(out)
    assert out["hospitalization"]["dischargeDisposition"] == {"text": "Home"}
    assert out["participant"] == [{"type": [{"text": "primary performer"}]}]


def test_a_provenance_of_records_leaves_without_its_dates():
    made = {"recorded": "2024-01-10T00:00:00Z", "agent": [{"who": {"display": NAME}}]}
    out = tree(released(other("Provenance", target=[{"reference": "Condition/1"}], **made)))
    assert out["target"][0]["reference"].startswith("Condition/")
    assert "recorded" not in out
    assert "2024-01-10" not in str(out)

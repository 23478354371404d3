"""What only one type of resource has, and hides an identity, each with what must survive."""

from __future__ import annotations

from typing import Any

from fhir_world import HOME, MOBILE, MRN, NAME, PATIENT, about, encounter, other, report

BY_TYPE: dict[str, tuple[dict[str, Any], str]] = {
    "contained medication note": (
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p-1"},
            "contained": [{"resourceType": "Medication", "id": "k", "code": {"text": f"阿司匹林 {NAME}"}}],
            "medicationReference": {"reference": "#k"},
        },
        "阿司匹林",
    ),
    "dosage text": (
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p-1"},
            "dosageInstruction": [{"text": f"{NAME} 每日一次口服"}],
        },
        "每日一次口服",
    ),
    "conclusion": (report(conclusion=f"{NAME}，右肺结节，请随访。"), "右肺结节"),
    "imaging description": (
        about(
            "ImagingStudy",
            status="available",
            description=f"胸部CT {NAME}",
            series=[
                {
                    "uid": "1.2.3.4",
                    "description": f"薄层 {MRN}",
                    "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"},
                    "performer": [{"actor": {"display": NAME}}],
                }
            ],
        ),
        "胸部CT",
    ),
    "encounter provider": (
        encounter(
            serviceProvider={"display": "沉香市第一人民医院"}, location=[{"location": {"display": f"12床{NAME}"}, "status": "completed"}]
        ),
        "completed",
    ),
    "endpoint address": (
        other(
            "Endpoint",
            status="active",
            address=f"http://u:p@{MRN}.example",
            header=[f"Authorization: {NAME}"],
            connectionType={"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "dicom-wado-rs"},
        ),
        "dicom-wado-rs",
    ),
    "practitioner": (
        other("Practitioner", name=[{"text": NAME}], telecom=[{"value": MOBILE}], photo=[{"url": "http://x"}], gender="female"),
        "female",
    ),
    "organization": (other("Organization", name=f"{NAME}诊所", address=[{"text": HOME}], type=[{"text": "诊所"}]), "诊所"),
    "patient photo and link": (
        {**PATIENT, "photo": [{"data": "AAAA"}], "link": [{"other": {"reference": "Patient/p-1", "display": NAME}, "type": "seealso"}]},
        "seealso",
    ),
    "coverage": (
        other(
            "Coverage",
            status="active",
            beneficiary={"reference": "Patient/p-1"},
            subscriberId=MRN,
            policyHolder={"display": NAME},
            payor=[{"display": "医保局"}],
            relationship={"coding": [{"code": "self", "system": "http://terminology.hl7.org/CodeSystem/subscriber-relationship"}]},
        ),
        "self",
    ),
    "family history": (
        other(
            "FamilyMemberHistory",
            status="completed",
            patient={"reference": "Patient/p-1"},
            name="令狐望舒",
            relationship={"text": "配偶"},
            condition=[{"code": {"text": "高血压"}, "note": [{"text": "令狐望舒口述"}]}],
        ),
        "高血压",
    ),
    "questionnaire answers": (
        about(
            "QuestionnaireResponse",
            status="completed",
            item=[
                {"linkId": "1", "text": "姓名", "answer": [{"valueString": NAME}]},
                {
                    "linkId": "2",
                    "text": "吸烟",
                    "answer": [
                        {"valueBoolean": False, "item": [{"linkId": "2.1", "text": f"{NAME}的备注", "answer": [{"valueString": "无"}]}]}
                    ],
                },
            ],
        ),
        "吸烟",
    ),
    "communication": (
        about("Communication", status="completed", payload=[{"contentString": f"已告知{NAME}本人危急值血钾6.8"}]),
        "血钾6.8",
    ),
    "device serial": (
        other(
            "Device",
            patient={"reference": "Patient/p-1"},
            serialNumber=MRN,
            lotNumber=MOBILE,
            udiCarrier=[{"carrierHRF": MRN}],
            type={"text": "心脏起搏器"},
            contact=[{"value": MOBILE}],
        ),
        "心脏起搏器",
    ),
    "provenance signature": (
        other(
            "Provenance",
            target=[{"reference": "Patient/p-1"}],
            recorded="2024-01-10T00:00:00Z",
            agent=[{"who": {"display": NAME}}],
            signature=[{"who": {"display": NAME}, "data": "AAAA"}],
            activity={"text": "更新"},
        ),
        "更新",
    ),
    "specimen accession": (
        about("Specimen", accessionIdentifier={"value": MRN}, type={"text": "静脉血"}, collection={"collector": {"display": NAME}}),
        "静脉血",
    ),
    "composition title": (
        about(
            "Composition",
            status="final",
            title=f"{NAME}出院小结",
            section=[{"title": "诊断", "text": {"div": f"<div>{NAME}</div>"}, "section": [{"title": f"{NAME}随访"}]}],
        ),
        "诊断",
    ),
}

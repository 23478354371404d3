"""FHIR R4 resources as hospital interfaces give them out, identities and all."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from simulator.dicom_files import Instance, Study
from simulator.people import Chart, Doctor
from simulator.words import HOSPITALS

Resource = dict[str, Any]
RESIDENT_ID_SYSTEM = "urn:oid:2.16.156.10011.1.3"


def mrn_system(site_id: str) -> str:
    return f"http://{site_id}.example/mrn"


def stamp(resource: Resource, when: dt.datetime, version: int = 1) -> Resource:
    """The resource with meta.versionId and meta.lastUpdated set."""
    meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": when.isoformat(timespec="milliseconds")}
    return {
        "resourceType": resource["resourceType"],
        "id": resource["id"],
        "meta": meta,
        **{key: value for key, value in resource.items() if key not in ("resourceType", "id", "meta")},
    }


def organization(site_id: str) -> Resource:
    hospital = HOSPITALS[site_id]
    return {
        "resourceType": "Organization",
        "id": f"org-{site_id}",
        "name": hospital["zh"],
        "alias": [hospital["en"]],
        "telecom": [{"system": "phone", "value": hospital["phone"]}],
    }


def practitioner(doctor: Doctor) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": doctor.practitioner_id,
        "name": [{"use": "official", "text": doctor.name}, {"text": doctor.latin}],
    }


def patient(chart: Chart, phone: str | None = None) -> Resource:
    person = chart.person
    names: list[dict[str, Any]] = [{"use": "official", "text": person.name, "family": person.family, "given": [person.given]}]
    if person.language != "en":
        names.append({"use": "usual", "text": person.latin, "family": person.latin_family, "given": [person.latin_given]})
    relation = {"text": person.relative.relation_zh if person.language != "en" else person.relative.relation_en}
    return {
        "resourceType": "Patient",
        "id": chart.patient_id,
        "identifier": [
            {
                "use": "usual",
                "system": mrn_system(chart.site_id),
                "value": chart.mrn,
                "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}], "text": "住院号"},
            },
            {"use": "official", "system": RESIDENT_ID_SYSTEM, "value": person.resident_id, "type": {"text": "居民身份证号"}},
        ],
        "active": True,
        "name": names,
        "telecom": [{"system": "phone", "value": phone or person.phone, "use": "mobile"}],
        "gender": person.sex,
        "birthDate": person.birth_date.isoformat(),
        "address": [{"use": "home", "text": person.address, "country": "CN"}],
        "contact": [
            {
                "relationship": [relation],
                "name": {"text": person.relative.name},
                "telecom": [{"system": "phone", "value": person.relative.phone}],
            }
        ],
        "managingOrganization": {"reference": f"Organization/org-{chart.site_id}"},
    }


def encounter(chart: Chart, key: str, when: dt.datetime, doctor: Doctor) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": f"enc-{key}",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
        "subject": _subject(chart, display=True),
        "serviceProvider": {"reference": f"Organization/org-{chart.site_id}"},
        "participant": [{"individual": {"reference": f"Practitioner/{doctor.practitioner_id}", "display": doctor.name}}],
        "period": {"start": (when - dt.timedelta(days=1)).isoformat(), "end": (when + dt.timedelta(days=4)).isoformat()},
    }


def condition(chart: Chart, key: str, when: dt.datetime, code: tuple[str, str, str]) -> Resource:
    """`code` = ICD-10 code, Chinese and English words."""
    return {
        "resourceType": "Condition",
        "id": f"cond-{key}",
        "subject": _subject(chart),
        "encounter": {"reference": f"Encounter/enc-{key}"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code[0], "display": code[2]}], "text": code[1]},
        "recordedDate": when.isoformat(),
        "note": [{"text": f"{chart.person.name}，{code[1]}，已告知{chart.person.relative.relation_zh}。"}],
    }


def laboratory(chart: Chart, key: str, when: dt.datetime, code: tuple[str, str, str], value: float) -> Resource:
    """`code` = LOINC code, words, UCUM unit."""
    return {
        "resourceType": "Observation",
        "id": f"obs-{key}-{code[0]}",
        "status": "final",
        "subject": _subject(chart),
        "encounter": {"reference": f"Encounter/enc-{key}"},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code[0], "display": code[1]}], "text": code[1]},
        "effectiveDateTime": when.isoformat(),
        "valueQuantity": {"value": value, "unit": code[2], "system": "http://unitsofmeasure.org", "code": code[2]},
    }


def service_request(study: Study, key: str) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": f"sr-{key}",
        "status": "completed",
        "intent": "order",
        "subject": _subject(study.chart),
        "identifier": [_accession(study)],
        "code": {"text": study.description},
        "authoredOn": (study.when - dt.timedelta(hours=3)).isoformat(),
        "encounter": {"reference": f"Encounter/enc-{key}"},
        "requester": {"reference": f"Practitioner/{study.referring.practitioner_id}", "display": study.referring.name},
    }


def imaging_study(study: Study, key: str, instances: list[Instance]) -> Resource:
    """The FHIR twin of a DICOM study; its UIDs are the DICOM's."""
    series: dict[str, list[Instance]] = {}
    for instance in instances:
        series.setdefault(instance.series_instance_uid, []).append(instance)
    return {
        "resourceType": "ImagingStudy",
        "id": f"img-{key}",
        "status": "available",
        "subject": _subject(study.chart),
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study.study_instance_uid}"}, _accession(study)],
        "encounter": {"reference": f"Encounter/enc-{key}"},
        "started": study.when.isoformat(),
        "basedOn": [{"reference": f"ServiceRequest/sr-{key}"}],
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": study.modality}],
        "description": study.description,
        "numberOfSeries": len(series),
        "numberOfInstances": len(instances),
        "series": [
            {
                "uid": uid,
                "number": number,
                "numberOfInstances": len(members),
                "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": study.modality},
                "instance": [
                    {
                        "uid": member.sop_instance_uid,
                        "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{member.sop_class_uid}"},
                        "number": position,
                    }
                    for position, member in enumerate(members, 1)
                ],
            }
            for number, (uid, members) in enumerate(series.items(), 1)
        ],
    }


def diagnostic_report(study: Study, key: str, text: str, conclusion: str, author: Doctor) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": f"rep-{key}",
        "status": "final",
        "subject": _subject(study.chart, display=True),
        "identifier": [_accession(study)],
        "encounter": {"reference": f"Encounter/enc-{key}"},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        "code": {"text": study.description},
        "effectiveDateTime": study.when.isoformat(),
        "issued": (study.when + dt.timedelta(hours=2)).isoformat(),
        "imagingStudy": [{"reference": f"ImagingStudy/img-{key}"}],
        "resultsInterpreter": [{"reference": f"Practitioner/{author.practitioner_id}", "display": author.name}],
        "conclusion": conclusion,
        "presentedForm": [_attachment(text, study.chart)],
    }


def document_reference(chart: Chart, key: str, when: dt.datetime, text: str, author: Doctor) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "id": f"doc-{key}",
        "status": "current",
        "subject": _subject(chart),
        "type": {"coding": [{"system": "http://loinc.org", "code": "34117-2", "display": "History and physical note"}], "text": "入院记录"},
        "date": when.isoformat(),
        "author": [{"reference": f"Practitioner/{author.practitioner_id}", "display": author.name}],
        "content": [{"attachment": _attachment(text, chart)}],
        "context": {"encounter": [{"reference": f"Encounter/enc-{key}"}]},
    }


def _subject(chart: Chart, display: bool = False) -> dict[str, str]:
    return {"reference": f"Patient/{chart.patient_id}", **({"display": chart.person.name} if display else {})}


def _accession(study: Study) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]},
        "system": f"http://{study.chart.site_id}.example/accession",
        "value": study.accession_number,
    }


def _attachment(text: str, chart: Chart) -> dict[str, str]:
    return {
        "contentType": "text/plain; charset=utf-8",
        "language": "en" if chart.person.language == "en" else "zh-CN",
        "data": base64.b64encode(text.encode("utf-8")).decode("ascii"),
    }

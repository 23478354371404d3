"""DICOMweb (PS3.18): QIDO-RS with paging, WADO-RS as multipart/related, metadata.

WADO-RS answers end by closing the connection, with neither Content-Length nor chunks, as Orthanc does: whoever does not look for
the closing boundary takes a cut body for a whole one.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable
from typing import Any

import pydicom
from pydicom.datadict import tag_for_keyword

from simulator.dicom_files import Instance
from simulator.faults import FaultBook
from simulator.server import Request, Response, as_json, outcome
from simulator.story import Shelf

MAX_RESULTS = 20
STUDY_KEYS = (
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "StudyID",
    "StudyDescription",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
)
VR = {
    "StudyDate": "DA",
    "StudyTime": "TM",
    "AccessionNumber": "SH",
    "StudyID": "SH",
    "StudyDescription": "LO",
    "PatientID": "LO",
    "PatientName": "PN",
    "PatientBirthDate": "DA",
    "PatientSex": "CS",
    "SeriesNumber": "IS",
    "InstanceNumber": "IS",
    "StudyInstanceUID": "UI",
    "SeriesInstanceUID": "UI",
    "SOPInstanceUID": "UI",
    "SOPClassUID": "UI",
    "Modality": "CS",
    "ModalitiesInStudy": "CS",
    "NumberOfStudyRelatedSeries": "IS",
    "NumberOfStudyRelatedInstances": "IS",
    "NumberOfSeriesRelatedInstances": "IS",
}


class DicomWebServer:
    def __init__(self, shelf: Callable[[], Shelf], faults: FaultBook) -> None:
        self.shelf, self.faults = shelf, faults
        self.base = ""
        self._spoiled: dict[str, list[dict[str, Any]]] = {}

    def respond(self, request: Request) -> Response:
        """Answers paths below /dicom-web."""
        path = request.path.removeprefix("/dicom-web")
        if match := re.fullmatch(r"(?:/studies/([\d.]+))?(?:/series/([\d.]+))?/(studies|series|instances)", path):
            return self._query(request, match[1], match[2], match[3])
        if match := re.fullmatch(r"/studies/([\d.]+)(?:/series/([\d.]+))?(?:/instances/([\d.]+))?(/metadata)?", path):
            found = self._under(match[1], match[2], match[3])
            if not found:
                return outcome(404, "not here")
            return _metadata(found, self.base) if match[4] else self._retrieve(request, found)
        return outcome(404, "no such resource")

    def _under(self, study: str | None, series: str | None = None, instance: str | None = None) -> list[Instance]:
        return [
            each
            for each in self.shelf().instances.values()
            if study in (None, each.study_instance_uid)
            and series in (None, each.series_instance_uid)
            and instance in (None, each.sop_instance_uid)
        ]

    def _query(self, request: Request, study: str | None, series: str | None, level: str) -> Response:
        matching = [each for each in self._under(study, series) if _matches(each, request)]
        groups: dict[str, list[Instance]] = {}
        for each in matching:
            groups.setdefault(
                {"studies": each.study_instance_uid, "series": each.series_instance_uid, "instances": each.sop_instance_uid}[level], []
            ).append(each)
        answers = [_answer(level, members, self._under(members[0].study_instance_uid)) for _, members in sorted(groups.items())]
        answers = self._spoil(request, answers)
        offset, limit = int(request.one("offset") or 0), min(int(request.one("limit") or MAX_RESULTS), MAX_RESULTS)
        page = answers[offset : offset + limit]
        headers = (
            {"Warning": f'299 simulator "There are {len(answers) - offset - len(page)} additional results that can be requested"'}
            if len(answers) > offset + len(page)
            else {}
        )
        return as_json(page, media_type="application/dicom+json", headers=headers)

    def _spoil(self, request: Request, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers as ordered faults change them; later pages of a spoiled query stay spoiled."""
        key = request.path + repr([pair for pair in request.query if pair[0] not in ("offset", "limit")])
        if int(request.one("offset") or 0) > 0:
            return self._spoiled.get(key, answers)
        honest = answers
        if answers and (fault := self.faults.take("list_more", request.line)):
            study = answers[-1]["0020000D"]["Value"][0]
            ghosts = [f"{study}.999.{number}" for number in range(1, fault.count + 1)]
            answers = answers + [{**answers[-1], "00080018": {"vr": "UI", "Value": [uid]}} for uid in ghosts]
        if fault := self.faults.take("list_fewer", request.line):
            answers = answers[fault.count :]
        if fault := self.faults.take("duplicate", request.line):
            answers = answers[: fault.count] + answers
        self._spoiled.pop(key, None)
        if answers is not honest:
            self._spoiled[key] = answers
        return answers

    def _retrieve(self, request: Request, found: list[Instance]) -> Response:
        if "multipart/related" not in request.headers.get("accept", "*/*") and "*/*" not in request.headers.get("accept", "*/*"):
            return outcome(406, 'only multipart/related; type="application/dicom"')
        files = [each.data for each in found]
        if fault := self.faults.take("duplicate", request.line):
            files = files[: fault.count] + files
        if fault := self.faults.take("other_bytes", request.line):
            place = next((index for index, each in enumerate(found) if each.sop_instance_uid == fault.unit), 0)
            files[place] = files[place][:-2] + bytes([files[place][-2] ^ 1, files[place][-1]])
        boundary = secrets.token_hex(12)
        chunks: list[bytes] = []
        for data in files:
            chunks += [f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii"), data]
        chunks.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
        return Response(200, chunks, f'multipart/related; type="application/dicom"; boundary={boundary}', framing="close")


def _matches(each: Instance, request: Request) -> bool:
    for name, value in request.query:
        keyword = {"0020000D": "StudyInstanceUID", "00080020": "StudyDate", "00080061": "ModalitiesInStudy"}.get(name, name)
        if keyword == "StudyDate":
            first, _, last = value.partition("-")
            if not (first or "0") <= each.query["StudyDate"] <= ((last or "9") if "-" in value else first):
                return False
        elif keyword in ("ModalitiesInStudy", "Modality"):
            if each.modality not in re.split(r"[\\,]", value):
                return False
        elif keyword == "StudyInstanceUID":
            if each.study_instance_uid not in re.split(r"[\\,]", value):
                return False
        elif keyword in ("PatientID", "AccessionNumber") and each.query[keyword] != value:
            return False
    return True


def _answer(level: str, members: list[Instance], whole_study: list[Instance]) -> dict[str, Any]:
    first = members[0]
    values: dict[str, Any] = {"StudyInstanceUID": first.study_instance_uid, **{key: first.query[key] for key in STUDY_KEYS}}
    if level == "studies":
        values |= {
            "ModalitiesInStudy": sorted({each.modality for each in whole_study}),
            "NumberOfStudyRelatedInstances": len(whole_study),
            "NumberOfStudyRelatedSeries": len({each.series_instance_uid for each in whole_study}),
        }
    else:
        values |= {
            "SeriesInstanceUID": first.series_instance_uid,
            "Modality": first.modality,
            "SeriesNumber": int(first.query["SeriesNumber"]),
        }
    if level == "series":
        values["NumberOfSeriesRelatedInstances"] = len(members)
    if level == "instances":
        values |= {
            "SOPInstanceUID": first.sop_instance_uid,
            "SOPClassUID": first.sop_class_uid,
            "InstanceNumber": int(first.query["InstanceNumber"]),
        }
    return {
        f"{tag_for_keyword(key):08X}": {"vr": VR[key], "Value": _value(key, value)}
        for key, value in sorted(values.items(), key=lambda item: tag_for_keyword(item[0]) or 0)
    }


def _value(keyword: str, value: Any) -> list[Any]:
    if keyword == "PatientName":
        alphabetic, _, ideographic = value.partition("=")
        return [{"Alphabetic": alphabetic, **({"Ideographic": ideographic} if ideographic else {})}]
    return value if isinstance(value, list) else [value]


def _metadata(found: list[Instance], base: str) -> Response:
    """PS3.18 section 10.4.1.1.2: everything but the bulk data, as DICOM JSON."""
    answers = []
    for each in found:
        ds = pydicom.dcmread(io.BytesIO(each.data))
        uri = f"{base}/dicom-web/studies/{each.study_instance_uid}/series/{each.series_instance_uid}/instances/{each.sop_instance_uid}/bulk"
        answers.append(
            ds.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=lambda element, uri=uri: f"{uri}/{element.tag:08X}")
        )
    return as_json(answers, media_type="application/dicom+json")
